"""Weigh rows by the base model itself: how unlikely an answer is to it, and how much the prompt helps."""

from __future__ import annotations

import polars as pl

from quality.screening.weighing import Weigh, beyond
from tasks import cards
from tasks.caching import step
from tasks.difficulty_cache import difficulty_of
from tasks.fates import removed, tell
from tasks.models import ModelFiles
from tasks.pool import Pool, ensure_rows
from tasks.reporting.text import counted

_TOLD = (0.5, 0.05, 0.95)  # quantiles


@step(name="weigh")
def weigh(pool: Pool, settings: Weigh, base: ModelFiles, threads: int | None = None) -> Pool:
    """Return the pool with the attribute `difficulty` (`row, perplexity, ifd, answer_tokens, unscored`).

    Rows beyond a threshold are dropped. A row that could not be scored stays: nothing is known against it.
    """
    if not settings.asked:
        cards.say("nothing to weigh: curate.weigh asks for no scores")
        return pool
    rows = pool.left()
    scores = difficulty_of(rows["messages"], base, threads=threads)
    _tell_scores(scores)
    fates = removed(rows, beyond(scores, settings), stage="weigh")
    tell(fates, left=rows.height)
    kept = pool.with_fates(fates, difficulty=pl.concat([rows.select("row"), scores], how="horizontal"))
    return ensure_rows(kept, "weigh", "Loosen the thresholds of curate.weigh, or leave them out.")


def _tell_scores(scores: pl.DataFrame) -> None:
    """Say what is usual, where thresholds would begin to cut, and how many rows have no score, and why."""
    told = []
    for name, column in (("perplexity", "perplexity"), ("IFD", "ifd")):
        middle, low, high = scores.select(pl.col(column).quantile(at, "linear").alias(str(at)) for at in _TOLD).row(0)
        if middle is not None:
            told.append(f"{name} {middle:.2f} (5% below {low:.2f}, 5% above {high:.2f})")
    measured = bool(told)
    missing = scores["unscored"].drop_nulls().value_counts(sort=True).rows()
    told += [f"{counted(count, 'row')} without a full score ({reason})" for reason, count in missing]
    cards.say("median " + ", ".join(told) if measured else ", ".join(told) or "no row to weigh")
