"""A sweep on a tiny model: the budget holds, what diverges is a result, and whatever was done is not done again."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tasks import cards, store
from tasks.caching import plain
from tasks.general import GeneralText
from tasks.halve import Swept, halve
from tasks.lay_out import lay_out
from tasks.models import ModelFiles
from tasks.pool import Pool
from tasks.split import Data
from tasks.training.settings import Tune
from tasks.training.sweep_settings import Sweep

TUNE = Tune(token_budget=1_800, batch_tokens=200, rank=4, threads=1)
SWEEP = Sweep(learning_rate=[1e-5, 1e-3, 1e-2, 3e-2], token_budget=6_000)


@pytest.fixture
def swept(
    tiny_base: ModelFiles,
    pool_of: Callable[..., Pool],
    answers_of: Callable[[list[str]], store.Table],
    general_of: Callable[[list[str], list[str]], GeneralText],
    prefect_server: None,
) -> Iterator[Callable[..., Swept]]:
    """A sweep over a few rows, run as a flow in the test's home; the second time it finds what the first one kept."""
    from prefect import flow
    from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings

    domain, other = (
        [f"tomatoes water roses {at}" for at in range(14)],
        [f"marble ships letters {at}" for at in range(12)],
    )
    data = Data(train=answers_of(domain[:8]), validation=answers_of(domain[8:]))
    general = general_of(other[:6], other[6:])
    pool = pool_of([("Go on.", text) for text in domain], groups=[str(at // 2) for at in range(14)])

    def run(tune: Tune = TUNE, sweep: Sweep = SWEEP) -> Swept:
        @flow
        def sweeping() -> Any:
            return halve(plain(lay_out)(tune, sweep), data, general, tiny_base, pool)

        return sweeping()

    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(store.home() / "store" / "results")}):
        yield run


@pytest.fixture
def started() -> Iterator[list[str]]:
    """The names of the steps that were really run."""
    names: list[str] = []
    with cards.listen(lambda event: names.append(event.step) if event.kind == "started" else None):
        yield names


def told(found: Swept) -> list[tuple[Any, ...]]:
    return [
        (one.rung, one.settings.learning_rate, one.settings.token_budget, one.gain, one.forgotten, one.diverged)
        for one in found.trials
    ]


def test_the_best_of_each_rung_goes_on_within_the_budget_and_nothing_is_done_twice(swept, started) -> None:
    found = swept()
    first, last = ([one for one in found.trials if one.rung == rung] for rung in (0, 1))
    assert [one.settings.token_budget for one in first + last] == [600] * 4 + [1_800] * 2
    trained = sum(one.trained.facts["tokens"] for one in found.trials)
    assert 0 < trained <= found.plan.tokens == 6_000
    budget = TUNE.forgetting.budget
    best = sorted(first, key=lambda one: (one.forgotten > budget, -one.gain))[:2]
    assert {one.settings.learning_rate for one in last} == {one.settings.learning_rate for one in best}
    assert found.winner.settings == TUNE.model_copy(update={"learning_rate": found.winner.settings.learning_rate})
    assert found.winner.gain == max(one.gain for one in last if one.forgotten <= budget)
    for one in found.trials:
        facts = one.trained.facts
        assert one.gain == pytest.approx(facts["validation_loss_before"] - facts["validation_loss_after"], abs=1e-4)
        assert one.forgotten == pytest.approx(facts["forgotten"], abs=1e-4)
        assert one.fell.lower(0.05) < one.gain < one.fell.upper(0.05)
        assert (one.fell.n, one.fell.clusters) == (6, 3)

    started.clear()
    again = swept(sweep=SWEEP.model_copy(update={"learning_rate": (3e-2, 1e-3, 1e-2, 1e-5)}))
    assert set(started) <= {"trial"}
    assert told(again) == told(found)
    assert again.winner.settings == found.winner.settings


def test_a_sweep_that_was_stopped_goes_on_behind_its_last_step_and_ends_the_same(swept, started) -> None:
    class Killed(BaseException):
        pass

    def kill(event: cards.Event) -> None:
        if (event.kind, event.step) == ("started", "fine_tune") and started.count("fine_tune") == 3:
            raise Killed

    with cards.listen(kill), pytest.raises(Killed):
        swept()
    started.clear()
    found = swept()
    assert started.count("fine_tune") == 6 - 2
    assert started.count("measure") == 7 - 3  # the base's, and those of two trials, were kept
    assert len(found.trials) == 6


def test_a_trial_that_diverges_is_a_result_and_is_not_tried_again(swept, started) -> None:
    sweep = Sweep(learning_rate=[1e-3, 1e30], token_budget=3_600)
    found = swept(sweep=sweep)
    good, bad = found.trials
    assert (bad.gain, bad.forgotten) == (None, None)
    assert "Training stopped at step" in bad.diverged
    assert str(store.home()) not in bad.diverged
    assert found.winner == good
    started.clear()
    assert told(swept(sweep=sweep)) == told(found)
    assert set(started) <= {"trial"}


def test_where_every_trial_diverges_there_is_no_winner(swept) -> None:
    with pytest.raises(
        ValueError, match=r"sweep: every trial of 1,800 tokens diverged.*Name lower values in sweep.learn"
    ):
        swept(sweep=Sweep(learning_rate=[1e30]))
