"""Turn paired scores into a verdict: ship this adapter, or not."""

import polars as pl

from evals.judging import judge as decide
from evals.verdict import Gate, Verdict
from tasks import cards, store
from tasks.caching import step
from tasks.examine import Scores
from tasks.pool import Pool


@step(name="judge")
def judge(before: Scores, after: Scores, gate: Gate, pool: Pool | None = None) -> Verdict:
    """Return the verdict on the candidate (`after`) against the base (`before`), both on the same items.

    The pool that it was trained on tells which items its rows may give away.
    """
    scores = pl.concat([store.read_table(before.scores), store.read_table(after.scores)])
    unsure = None if pool is None else pool.attribute("unsure")
    given_away = () if unsure is None else unsure["item"].to_list()
    verdict = decide(scores, gate.beside(after.margins), unsure=given_away, units=after.units).model_copy(
        update={"unexamined": after.unexamined}
    )
    cards.say(f"{verdict.decision}: {verdict.reason}")
    return verdict
