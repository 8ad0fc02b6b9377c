"""Turn paired scores into a verdict: ship this adapter, or not."""

import polars as pl

from evals.champion import judge as decide
from evals.sitting import Sitting
from evals.units import Unit
from evals.verdict import Gate, Verdict
from tasks import cards, store
from tasks.caching import step
from tasks.check_power import passes_anyway
from tasks.examine import Scores
from tasks.examine_champion import Examined
from tasks.pool import Pool
from tasks.reporting.text import counted


@step(name="judge")
def judge(
    before: Scores, after: Scores, gate: Gate, pool: Pool | None = None, earlier: tuple[Examined, ...] = ()
) -> Verdict:
    """Return the verdict on the candidate (`after`) against base (`before`), champion and original base (`earlier`).

    All sat the same items, of which the candidate may have been asked a part. The pool that it was trained on tells
    which of them its rows may give away.
    """
    scores = together(before, after, earlier)
    verdict = decided(scores, gate.beside(after.margins), earlier, given_away(pool), after.units, after.sitting)
    verdict = verdict.model_copy(update={"unexamined": after.unexamined, "cut": before.cut})
    cards.say(f"{verdict.decision}: {verdict.reason}")
    if verdict.skipped:
        left = ", ".join(f"{one.suite} ({counted(one.n, 'item')})" for one in verdict.skipped)
        cards.say(f"decided without {left}: nothing there could turn the rejection round")
    for sentence in passes_anyway(scores, verdict.gate, after.units):
        cards.warn(sentence)
    return verdict


def given_away(pool: Pool | None) -> list[str]:
    """Return the items that rows of the pool may give away, of no pool none."""
    unsure = None if pool is None else pool.attribute("unsure")
    return [] if unsure is None else unsure["item"].to_list()


def decided(
    scores: pl.DataFrame,
    gate: Gate,
    earlier: tuple[Examined, ...],
    unsure: list[str],
    units: dict[str, Unit],
    sitting: Sitting,
) -> Verdict:
    """Judge the scores of base, candidate and what came before."""
    known = [one.known for one in earlier]
    return decide(scores, gate, unsure=unsure, predecessors=known, units=units, sitting=sitting)


def together(before: Scores, after: Scores, earlier: tuple[Examined, ...]) -> pl.DataFrame:
    """Return the scores of all models that were compared, in one table."""
    tables = [before.scores, after.scores, *(one.scores for one in earlier)]
    return pl.concat(store.read_table(table) for table in tables if table is not None)
