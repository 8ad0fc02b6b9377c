"""What fine-tuning says of the adapter that it keeps."""

from collections.abc import Callable

from tasks import cards, store
from tasks.fine_tune import fine_tune
from tasks.models import ModelFiles
from tasks.split import Data
from tasks.training.settings import Tune


def test_an_adapter_that_is_still_the_base_is_told(
    answers_of: Callable[[list[str]], store.Table], tiny_base: ModelFiles
) -> None:
    data = Data(train=answers_of(["tomatoes water roses"] * 4), validation=answers_of(["marble ships letters"]))
    told: list[str] = []
    with cards.listen(lambda event: told.append(event.text)):
        idle = fine_tune.fn(
            data, None, tiny_base, Tune(token_budget=400, batch_tokens=40, learning_rate=1e-30, threads=1)
        )
        assert idle.facts["chosen_step"] == 0
        assert "no step lowered validation loss, so this adapter is the base" in " ".join(told)
        told.clear()
        usual = fine_tune.fn(data, None, tiny_base, Tune(token_budget=400, batch_tokens=40, threads=1))
        assert usual.facts["chosen_step"] > 0
        assert "is the base" not in " ".join(told)
