"""What a sweep says of its winner, and what speaks against it."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tasks import store
from tasks.fine_tune import Trained
from tasks.halve import Swept
from tasks.lay_out import Plan
from tasks.measure import Losses
from tasks.publish_sweep import doubts_of, reason_of, trials_table
from tasks.training.halving import Rung
from tasks.training.item_losses import ITEM_LOSSES
from tasks.training.settings import Tune
from tasks.try_out import Trial, compare

ROWS, TOKENS = 12, 10
BUDGET = {"budget": 0.05}
WOBBLE = [(-1) ** at * (at % 4) / 10 for at in range(ROWS)]


def losses(loss: float, wobble: float) -> store.Table:
    """Rows whose mean loss per token is so, and that spread by so much."""
    nats = [TOKENS * (loss + wobble * part) for part in WOBBLE]
    mean = sum(nats) / (TOKENS * ROWS)
    nats = [one + TOKENS * (loss - mean) for one in nats]
    rows = {"id": [f"row {at}" for at in range(ROWS)], "tokens": [TOKENS] * ROWS, "nats": nats}
    return store.write_table(pl.DataFrame(rows, schema=ITEM_LOSSES))


def swept(*trials: tuple[int, float, float] | None, wobble: float = 0.1) -> Swept:
    """A sweep of trials, each a rung, a gain and what is forgotten; None diverged. The first one won."""
    before = Losses(validation=losses(3.0, 0), general=losses(2.0, 0))
    found = []
    for number, one in enumerate(trials, start=1):
        settings = Tune(learning_rate=number / 1_000, forgetting=BUDGET)
        if one is None:
            found.append(Trial(settings, 1, diverged="the loss is nan"))
            continue
        rung, gain, forgotten = one
        measured = Losses(validation=losses(3.0 - gain, wobble), general=losses(2.0 + forgotten, wobble / 10))
        found.append(compare(Trial(settings, rung, losses=measured), before, {}))
    plan = Plan(trials=(Tune(),), rungs=(Rung(2, 9), Rung(1, 27)), keep_one_in=3, token_budget=99)
    return Swept(plan, before, {}, tuple(found), found[0])


def doubts(found: Swept, *, edges: bool = False) -> list[str]:
    """Return what is doubted; that the winner lies at the edge of what was tried is so of most sweeps here."""
    told = list(doubts_of(found, trials_table(found, 0.05), 0.05))[:-1]
    return told if edges else [one for one in told if "that were tried" not in one]


def test_the_last_rung_comes_first_and_the_best_of_each_rung_before_the_others(home: Path) -> None:
    table = trials_table(swept((1, 0.5, 0.02), (0, 0.3, 0.2), None, (0, 0.2, 0.01), (1, 0.4, 0.0)), 0.05)
    assert table["learning_rate"].to_list() == [0.001, 0.005, 0.003, 0.004, 0.002]
    assert table["gain"].drop_nulls().to_list() == pytest.approx([0.5, 0.4, 0.2, 0.3])
    assert table["on_front"].to_list() == [True, True, False, False, False]
    assert table["full_length"].to_list() == [True, True, True, False, False]
    assert table["behind"].drop_nulls().to_list() == pytest.approx([0, 0.1, 0.3, 0.2])


def test_trials_that_rows_cannot_tell_apart_are_within_noise(home: Path) -> None:
    found = swept((1, 0.5, 0.02), wobble=0.1)
    others = swept((1, 0.499, 0.02), (1, 0.1, 0.02), wobble=0.4).trials
    renamed = [replace(one, settings=Tune(rank=rank, forgetting=BUDGET)) for rank, one in enumerate(others, start=2)]
    found = replace(found, trials=(*found.trials, *renamed))
    table = trials_table(found, 0.05)
    assert table["within_noise"].to_list() == [True, True, False]
    assert table.select("behind", "behind_lower", "behind_upper").row(0) == (0.0, 0.0, 0.0)
    assert reason_of(found, table).endswith("; these rows can't tell it from 1 of 2 other trainings.")
    sure = table.with_columns(within_noise=pl.lit(False))
    assert reason_of(found, sure).endswith("; these rows tell it from all 2 other trainings.")
    assert reason_of(found, sure.head(2)).endswith("; these rows tell it from the other training.")


def test_trials_left_behind_by_chance_are_counted(home: Path) -> None:
    clear = swept((1, 0.5, 0.02), (0, 0.4, 0.02), (0, 0.1, 0.02))
    on = replace(clear.trials[1], settings=clear.trials[0].settings)
    left = replace(swept((0, 0.39, 0.02), wobble=0.4).trials[0], settings=Tune(rank=2, forgetting=BUDGET))
    over = replace(swept((0, 0.39, 0.2), wobble=0.4).trials[0], settings=Tune(rank=3, forgetting=BUDGET))
    worse = replace(swept((0, 0.0, 0.02), wobble=0.4).trials[0], settings=Tune(rank=4, forgetting=BUDGET))
    told = "1 trial went no further that can't be told from the last that did"
    assert doubts(replace(clear, trials=(clear.trials[0], on, left, over, worse)))[0].startswith(told)
    assert doubts(replace(clear, trials=(clear.trials[0], on, over, worse))) == []


def test_the_reason_names_winner_gain_forgetting_and_the_budget(home: Path) -> None:
    found = swept((1, 0.5, 0.02))
    told = reason_of(found, trials_table(found, 0.05))
    assert told.startswith("lora, rank 16, learning rate 0.001, replay 0 gains +0.500 nats per token (at least +0.4")
    assert "forgets +0.020 of 0.05 allowed" in told
    assert doubts(found) == []


def test_a_winner_at_the_edge_of_what_its_method_was_tried_with_is_told(home: Path) -> None:
    found = swept((1, 0.5, 0.02), (1, 0.4, 0.01), (1, 0.3, 0.01))
    smallest = "Its learning rate is the smallest of 3 that were tried: a smaller one may do better. Name some in "
    assert doubts(found, edges=True) == [f"{smallest}sweep.learning_rate."]
    first, *others = found.trials
    middle = replace(first, settings=Tune(learning_rate=0.0025, forgetting=BUDGET))
    assert doubts(replace(found, trials=(middle, *others), winner=middle), edges=True) == []
    (other,) = (replace(one, settings=Tune(learning_rate=1e-4, rank=8, forgetting=BUDGET)) for one in others[:1])
    told = doubts(replace(found, trials=(middle, other, others[1]), winner=middle), edges=True)
    assert told == [
        "Its rank is the largest of 2 that were tried: a larger one may do better. Name some in sweep.rank."
    ]
    ones = [replace(other, settings=Tune(learning_rate=0.0025, rank=rank, forgetting=BUDGET)) for rank in (1, 8)]
    assert doubts(replace(found, trials=tuple(ones), winner=ones[0]), edges=True) == [], "no rank is smaller"
    elsewhere = replace(other, settings=Tune(method="ia3", forgetting=BUDGET))
    assert doubts(replace(found, trials=(first, elsewhere), winner=first), edges=True) == []
    unsure = doubts(swept((1, 0.01, 0.0), (1, 0.0, 0.0), wobble=0.5), edges=True)
    assert unsure == ["The winner's gain is not surely above zero."], "no edge is told of what gains nothing"


def test_what_speaks_against_the_winner_is_told(home: Path) -> None:
    assert doubts(swept((1, 0.5, 0.09), None)) == [
        "No trial stays within the budget of 0.05; the winner is the least beyond it.",
        "1 trial diverged.",
    ]
    short = replace(swept((0, 0.4, 0.01)).trials[0], settings=Tune(learning_rate=0.001, forgetting=BUDGET))
    over = swept((1, 0.5, 0.09))
    assert doubts(replace(over, trials=(*over.trials, short)))[0] == (
        "No trial of full length stays within the budget of 0.05, and 1 shorter one does; the winner is the least "
        "beyond it."
    )
    assert doubts(swept((1, 0.5, 0.049), wobble=0.5)) == [
        "It is not sure that the winner stays within the budget of 0.05: general rows are few."
    ]
    assert doubts(swept((1, 0.01, 0.0), wobble=0.5)) == ["The winner's gain is not surely above zero."]
    (idle,) = swept((1, 0.0, 0.0), wobble=0).trials
    no_curve, nowhere = store.Table(path="", digest="", rows=0), store.Folder(path="", digest="")
    idle = replace(idle, trained=Trained(adapter=nowhere, curve=no_curve, facts={"chosen_step": 0}))
    *_, told = doubts(replace(swept((1, 0.0, 0.0), wobble=0), trials=(idle,), winner=idle))
    assert told.startswith("The winner is the base itself: no step lowered its validation loss. Name other values")
    winner, shorter = swept((1, 0.5, 0.02), (0, 0.6, 0.01)).trials
    found = replace(swept((1, 0.5, 0.02)), trials=(winner, replace(shorter, settings=winner.settings)), winner=winner)
    assert doubts(found) == ["A shorter training gains as much and forgets less: a smaller tune.token_budget may do."]
