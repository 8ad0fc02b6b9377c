"""Turn paired scores into a verdict: ship this adapter, or not."""

import polars as pl

from evals.judging import judge as decide
from evals.verdict import Gate, Verdict
from tasks import cards, store
from tasks.caching import step
from tasks.examine import Scores


@step(name="judge")
def judge(before: Scores, after: Scores, gate: Gate) -> Verdict:
    """Return the verdict on the candidate (`after`) against the base (`before`), both on the same items."""
    scores = pl.concat([store.read_table(before.scores), store.read_table(after.scores)])
    verdict = decide(scores, gate).model_copy(update={"unexamined": after.unexamined})
    cards.say(f"{verdict.decision}: {verdict.reason}")
    return verdict
