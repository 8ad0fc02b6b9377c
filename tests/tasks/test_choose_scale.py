"""An adapter that forgot more than the budget is turned down to the scale that gains the most within it."""

from collections.abc import Callable

import pytest

from tasks import store
from tasks.choose_scale import choose_scale
from tasks.fine_tune import Trained, fine_tune
from tasks.general import GeneralText
from tasks.models import ModelFiles
from tasks.split import Data
from tasks.training.settings import Tune
from tasks.turn_down import turn_down, written

HOT = {"token_budget": 6_000, "batch_tokens": 200, "learning_rate": 3e-2, "rank": 4, "threads": 1}


@pytest.fixture
def texts(
    answers_of: Callable[[list[str]], store.Table], general_of: Callable[[list[str], list[str]], GeneralText]
) -> tuple[Data, GeneralText]:
    """Rows of a domain, and general ones that say something else."""
    domain = [f"tomatoes water roses {at}" for at in range(12)]
    other = [f"marble ships letters {at}" for at in range(12)]
    return (
        Data(train=answers_of(domain[:8]), validation=answers_of(domain[8:])),
        general_of(other[:8], other[8:]),
    )


def trained(texts: tuple[Data, GeneralText], base: ModelFiles, tune: Tune) -> Trained:
    return fine_tune.fn(*texts, base, tune)


def test_a_hot_adapter_is_turned_down_into_the_budget(texts, tiny_base: ModelFiles) -> None:
    told = {"budget": None}
    loose = trained(texts, tiny_base, Tune(**HOT, forgetting=told))
    lost = loose.facts["forgotten"]
    assert lost > 0.05
    tune = Tune(**HOT, forgetting={"budget": lost / 2, "on_breach": "tell"})
    found = choose_scale.fn(loose, *texts, tiny_base, tune)
    assert 0 < found.facts["chosen_scale"] < 1
    assert found.facts["forgotten"] <= lost / 2
    assert found.facts["validation_loss_after"] < loose.facts["validation_loss_before"]
    tried = {one["scale"]: one for one in found.facts["scales_tried"]}
    assert sorted(tried) == [0.75, 0.875, 1.0]
    assert tried[1.0]["forgotten"] == lost
    within = [one for one in tried.values() if one["forgotten"] <= lost / 2]
    assert found.facts["validation_loss_after"] == min(one["validation_loss"] for one in within)
    assert found.adapter == turn_down(loose, found.facts["chosen_scale"]).adapter
    assert written(found.adapter)["lora_alpha"] == pytest.approx(32 * found.facts["chosen_scale"])


@pytest.mark.parametrize("share", [0.7, 0.1])
def test_what_smaller_scales_would_show_is_not_measured_and_nothing_else_is_chosen(
    texts, tiny_base: ModelFiles, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    made = trained(texts, tiny_base, Tune(**HOT, forgetting={"budget": None}))
    # Scales may be written in any order, and twice.
    tune = Tune(**HOT, forgetting={"budget": made.facts["forgotten"] * share}, scales=[0.25, 0.75, 0.5, 0.125, 0.5])
    found = choose_scale.fn(made, *texts, tiny_base, tune).facts
    monkeypatch.setattr("tasks.choose_scale.settled", lambda *_: False)
    whole = choose_scale.fn(made, *texts, tiny_base, tune).facts
    assert len(whole["scales_tried"]) == 6
    assert len(found["scales_tried"]) < 6
    assert found | {"scales_tried": None} == whole | {"scales_tried": None}


def test_what_is_measured_at_scale_one_is_what_training_measured(texts, tiny_base: ModelFiles) -> None:
    from tasks.examine import loaded
    from tasks.training.engine import losses

    tune = Tune(**HOT, forgetting={"budget": None})
    found = trained(texts, tiny_base, tune)
    model, tokenizer = loaded(tiny_base, found.adapter, 1)
    data, general = texts
    loss, of_general = losses(model, tokenizer, *map(store.read_table, (data.validation, general.held)), tune)
    assert loss == pytest.approx(found.facts["validation_loss_after"], abs=1e-5)
    assert of_general - found.facts["general_loss_before"] == pytest.approx(found.facts["forgotten"], abs=1e-5)


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        ({"scale": "as-trained", "forgetting": {"budget": 1e-6}}, {}),
        ({"forgetting": {"budget": 99.0}}, {}),
        ({"forgetting": {"budget": None}}, {}),
        ({"forgetting": {"budget": 1e-6}}, {"forgotten": None}),
    ],
)
def test_nothing_is_tried_where_nothing_is_asked_or_known(
    texts, tiny_base: ModelFiles, asked: dict[str, object], changed: dict[str, object]
) -> None:
    few = Tune(**HOT | {"token_budget": 400}, forgetting={"budget": None})
    made = trained(texts, tiny_base, few)
    made = made.model_copy(update={"facts": made.facts | changed})
    assert choose_scale.fn(made, *texts, tiny_base, Tune(**HOT, **asked)) == made


def test_virtual_tokens_are_left_as_they_are(texts, tiny_base: ModelFiles) -> None:
    tune = Tune(method="prompt", virtual_tokens=4, token_budget=400, batch_tokens=200, threads=1, scale="best")
    made = trained(texts, tiny_base, tune)
    assert choose_scale.fn(made, *texts, tiny_base, tune) == made


def test_without_a_scale_within_the_budget_the_adapter_stays(texts, tiny_base: ModelFiles) -> None:
    made = trained(texts, tiny_base, Tune(**HOT, forgetting={"budget": None}))
    # Of a base that was surer of the text by far, every scale forgot too much; a small scale may gain here as well.
    worse = {"general_loss_before": made.facts["general_loss_before"] - 9, "forgotten": made.facts["forgotten"] + 9}
    made = made.model_copy(update={"facts": made.facts | worse})
    tune = Tune(**HOT, forgetting={"budget": 1.0}, scales=[0.9])
    found = choose_scale.fn(made, *texts, tiny_base, tune)
    assert found.adapter == made.adapter
    assert "chosen_scale" not in found.facts
    assert [one["scale"] for one in found.facts["scales_tried"]] == [1.0, 0.9, 0.45]
