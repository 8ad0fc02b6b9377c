"""Turn paired scores into a verdict: ship this adapter, or not."""

import polars as pl

from evals.champion import judge as decide
from evals.verdict import Gate, Verdict
from tasks import cards, store
from tasks.caching import step
from tasks.examine import Scores
from tasks.examine_champion import Examined
from tasks.pool import Pool


@step(name="judge")
def judge(
    before: Scores, after: Scores, gate: Gate, pool: Pool | None = None, earlier: tuple[Examined, ...] = ()
) -> Verdict:
    """Return the verdict on the candidate (`after`) against base (`before`), champion and original base (`earlier`).

    All sat the same items. The pool that the candidate was trained on tells which of them its rows may give away.
    """
    scores = together(before, after, earlier)
    unsure = None if pool is None else pool.attribute("unsure")
    given_away = () if unsure is None else unsure["item"].to_list()
    known = [one.known for one in earlier]
    verdict = decide(
        scores, gate.beside(after.margins), unsure=given_away, predecessors=known, units=after.units
    ).model_copy(update={"unexamined": after.unexamined})
    cards.say(f"{verdict.decision}: {verdict.reason}")
    return verdict


def together(before: Scores, after: Scores, earlier: tuple[Examined, ...]) -> pl.DataFrame:
    """Return the scores of all models that were compared, in one table."""
    tables = [before.scores, after.scores, *(one.scores for one in earlier)]
    return pl.concat(store.read_table(table) for table in tables if table is not None)
