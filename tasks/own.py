"""For steps of one's own: take rows out of the pool, with receipts like any other stage's."""

import re

import polars as pl

from quality.reasons import OWN
from quality.records import FATES
from tasks.fates import tell
from tasks.pool import Pool, ensure_rows

_REASON = re.compile(r"\w[\w.-]{0,59}")


def without(pool: Pool, rows: pl.DataFrame, reason: str) -> Pool:
    """Return the pool without some of its rows; their receipts say stage `own` and the reason.

    Parameters
    ----------
    pool : Pool
        The pool as the step before left it.
    rows : pl.DataFrame
        Those of `pool.left()` that go.
    reason : str
        Why, in a word or two, such as `long_answer`: letters, digits and `_ - .`, at most 60.

    Raises
    ------
    EmptyPool
        When no row is left.
    ValueError
        When a row is not one of the pool's any more, or the reason is no word.
    """
    if not isinstance(reason, str) or not _REASON.fullmatch(reason):
        raise ValueError(
            f"own: {reason!r:.60} is no reason that receipts can be counted by. Write a word or two, such as "
            "long_answer: letters, digits and _ - . (at most 60)."
        )
    if "row" not in rows.columns:
        raise ValueError("own: the rows to remove have no column “row”. Take them from pool.left(), whole.")
    left = pool.left()
    if strangers := rows.join(left, on="row", how="anti").height:
        raise ValueError(f"own: {strangers:,} of the rows to remove are not in the pool. Take them from pool.left().")
    gone = rows.select("row").unique(maintain_order=True)
    fates = gone.with_columns(
        pl.lit(OWN).alias("stage"),
        pl.lit("dropped").alias("fate"),
        pl.lit(reason).alias("reason"),
        *(pl.lit(None).alias(name) for name in ("witness", "score", "threshold")),
    )
    tell(fates, left=left.height)
    kept = pool.with_fates(fates.select(FATES.keys()).cast(pl.Schema(FATES)))
    return ensure_rows(kept, OWN, "Loosen the step of your own, or look at the pool.")
