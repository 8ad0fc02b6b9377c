"""Rows as they were compared, for the audit: which system messages were left out follows from the rows alone.

They are found by the code that found them: what is proven is that rows are alike without them.
"""

import polars as pl

from quality.auditing.texts import Said, said
from quality.preambles import preambles, without_preambles
from quality.reasons import before

_KEY = ["id", "origin"]


def as_compared(receipts: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows without the system messages that many shared of those in which duplicates were looked for.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`.
    rows : pl.DataFrame
        All rows that were read, kept or not (`id, origin, messages`).
    """
    came = receipts.filter(~pl.col("stage").is_in(before("dedupe"))).select(_KEY)
    return without_preambles(rows, preambles(came.join(rows.select(*_KEY, "messages"), on=_KEY, how="inner")))


def said_by(rows: pl.DataFrame) -> tuple[dict[str, Said], dict[str, Said]]:
    """Return what rows say: by where they came from, and by their ids."""
    read = [(*key, said(messages)) for *key, messages in rows.select("id", "origin", "messages").iter_rows()]
    return {origin: text for _, origin, text in read}, {id_: text for id_, _, text in read}
