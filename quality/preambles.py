"""System messages that stand before many conversations: they tell no row from another.

A long one that a whole pool shares makes unlike rows near-duplicates, and all of one meaning; one that copies of a row
don't have, or have in other words, hides that they are copies. So rows are compared without it. One that stands before
few rows may hold what a question is about, such as a document, and stays.
"""

from __future__ import annotations

import polars as pl

from quality.neardup import NearDup, near_pairs
from quality.records import MESSAGE
from quality.texts.normalise import normalised

# Of a document questions are asked, too, but seldom so many, and not in so large a part of a pool.
_FEWEST_ROWS, _LEAST_SHARE = 20, 0.02
# An edited copy of a row may have an edited system message.
_EDITED = NearDup(threshold=0.7)
_SYSTEM = pl.col("messages").list.first()


def preambles(rows: pl.DataFrame) -> pl.Series:
    """List the system messages, normalised, that stand before many of some records, and edited copies of them.

    Parameters
    ----------
    rows : pl.DataFrame
        Records, of which the messages are looked at. Many are 20 of them, and a fiftieth of those that begin with a
        system message.
    """
    begun = _begun(rows)
    said = pl.DataFrame({"text": normalised(begun.drop_nulls())})
    counts = said.group_by("text", maintain_order=True).len()
    many = pl.col("len") >= max(_FEWEST_ROWS, _LEAST_SHARE * said.height)
    shared, others = counts.filter(many)["text"], counts.filter(~many)["text"]
    if shared.is_empty() or others.is_empty():
        return shared
    pairs = near_pairs(pl.concat([shared, others]), _EDITED).filter(pl.col("left") < len(shared))
    return pl.concat(
        [shared, others.gather(pairs["right"].filter(pairs["right"] >= len(shared)).unique() - len(shared))]
    )


def without_preambles(rows: pl.DataFrame, shared: pl.Series | None = None) -> pl.DataFrame:
    """Return records without the system messages that are listed, by default those that many of these records share.

    A system message that nothing but an answer follows is the question, and stays.
    """
    shared = preambles(rows) if shared is None else shared
    if shared.is_empty():
        return rows
    begins = normalised(_begun(rows)).is_in(shared.implode()).fill_null(value=False)
    rest = pl.when(begins).then(pl.col("messages").list.slice(1)).otherwise("messages")
    return rows.with_columns(messages=rest.cast(pl.List(MESSAGE)))


def _begun(rows: pl.DataFrame) -> pl.Series:
    """Return the system message that a conversation begins with; null where it doesn't, or all but it is answered."""
    led = (_SYSTEM.struct.field("role") == "system") & (pl.col("messages").list.len() > 2)
    return rows.select(pl.when(led).then(_SYSTEM.struct.field("content"))).to_series()
