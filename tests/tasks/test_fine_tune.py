"""What fine-tuning says of the adapter that it keeps."""

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import polars as pl
import pytest

from tasks import cards, store
from tasks.fine_tune import fine_tune
from tasks.general import GeneralText
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


@pytest.fixture
def tell(tiny_base: ModelFiles) -> Callable[..., str]:
    """Train on rows, and return what is told of it."""

    def told(
        train: store.Table, general: GeneralText | None = None, held: store.Table | None = None, **asked: object
    ) -> str:
        lines: list[str] = []
        tune = Tune(**{"token_budget": 400, "batch_tokens": 100, "threads": 1} | asked)
        with cards.listen(lambda event: lines.append(event.text)):
            fine_tune.fn(Data(train=train, validation=held or train), general, tiny_base, tune)
        return " ".join(lines)

    return told


def test_what_the_window_took_is_told(answers_of: Callable[[list[str]], store.Table], tell: Callable[..., str]) -> None:
    texts = ["tomatoes water roses", "marble ships letters " * 9]
    assert "cut to" not in tell(answers_of(texts[:1]))
    assert "2 of 2 records cut to 20 tokens (tune.max_length), 1 of them in the last answer" in tell(
        answers_of(texts), max_length=20, token_budget=900
    )


def test_sources_are_told_by_their_tokens_where_shares_are_asked_for(
    answers_of: Callable[[list[str]], store.Table],
    general_of: Callable[[list[str], list[str]], GeneralText],
    tell: Callable[..., str],
) -> None:
    rows = store.read_table(answers_of([f"tomatoes water roses {at}" for at in range(8)]))
    mixed = store.write_table(rows.with_columns(source=pl.Series(["a", "b"] * 4)))
    general = general_of(["marble ships letters"] * 4, ["letters"])
    plain = tell(mixed, general, replay=0.5)
    assert re.search(r"\(general text \d+\) in ", plain)
    shared = tell(mixed, general, replay=0.5, source_weights={"a": 3}, token_budget=3_600)
    (found,) = re.findall(r"([\d,]+) tokens \(a ([\d,]+), b ([\d,]+), general text ([\d,]+)\) in ", shared)
    every, a, b, replayed = (int(one.replace(",", "")) for one in found)
    assert a + b + replayed == every
    assert a > 2 * b > 0


def test_a_penalty_that_was_put_on_forgetting_is_told(
    answers_of: Callable[[list[str]], store.Table],
    general_of: Callable[[list[str], list[str]], GeneralText],
    tell: Callable[..., str],
) -> None:
    train = answers_of([f"tomatoes water roses {at}" for at in range(8)])
    general = general_of([f"marble ships letters {at}" for at in range(6)], ["marble ships letters"])
    hot = {"learning_rate": 3e-2, "token_budget": 2_000, "validate_every_steps": 2}
    # What so hot a training does to other text hangs on how the processor rounds: the first order of rows that forgets.
    for seed in range(6):
        loose = tell(train, general, **hot, seed=seed, forgetting={"budget": 0.01, "on_breach": "tell"})
        if "beyond the budget of 0.01" in loose:
            break
    assert "beyond the budget of 0.01" in loose
    assert "penalty" not in loose
    said = tell(train, general, **hot, seed=seed, forgetting={"budget": 0.01})
    assert re.search(r"held back by a penalty on forgetting, of kl_weight [\d.]+ in the end", said)


def test_a_record_that_is_left_out_is_told_with_the_reason(
    answers_of: Callable[[list[str]], store.Table], tell: Callable[..., str]
) -> None:
    rows = store.read_table(answers_of(["tomatoes water roses", "marble ships letters"]))
    torn = rows.with_columns(messages=pl.Series([rows["messages"][0], rows["messages"][1][:1]]))
    said = tell(store.write_table(torn), held=answers_of(["letters"]))
    assert f"1 record left out, the first ({rows['id'][1][:8]}) because: The conversation has no assistant turn" in said


def test_a_training_that_goes_on_behind_a_checkpoint_says_so(
    answers_of: Callable[[list[str]], store.Table], tell: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    train = answers_of([f"tomatoes water roses {at}" for at in range(8)])

    def interrupt(at: int, _total: int) -> None:
        if at > 250:
            raise KeyboardInterrupt

    @contextmanager
    def interrupting(_text: str) -> Iterator[Callable[[int, int], None]]:
        yield interrupt

    with monkeypatch.context() as patched:
        patched.setattr(cards, "progress", interrupting)
        with pytest.raises(KeyboardInterrupt):
            tell(train, checkpoint_every_steps=1)
    assert re.search(r"tokens/s; .*; went on behind step 5\b", tell(train, checkpoint_every_steps=1))
    assert "went on" not in tell(train, checkpoint_every_steps=1)


def test_a_disk_that_is_full_when_the_adapter_is_stored_costs_no_training(
    answers_of: Callable[[list[str]], store.Table], tell: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    train = answers_of([f"tomatoes water roses {at}" for at in range(8)])

    def full(_kind: str, _fill: object) -> store.Folder:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(store, "write_folder", full)
        with pytest.raises(OSError, match="No space left"):
            tell(train, checkpoint_every_steps=1)
    assert re.search(r"went on behind step \d+\b", tell(train, checkpoint_every_steps=1))
    assert not list((store.home() / "store" / "scratch" / "training").iterdir())
