"""Rows as they were compared, for the audit: which system messages were left out follows from the rows alone.

They are found by the code that found them: what is proven is that rows are alike without them.
"""

from dataclasses import replace

import polars as pl

from quality.auditing.texts import Said, bag, below_system, likeness, said, same_signs
from quality.preambles import led_by, preambles, without_preambles
from quality.reasons import before

_KEY = ["id", "origin"]


def as_compared(receipts: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows without the system messages that many shared of those in which duplicates were looked for.

    Which of them a row began with is named in the column `led`.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`.
    rows : pl.DataFrame
        All rows that were read, kept or not (`id, origin, messages`).
    """
    came = receipts.filter(~pl.col("stage").is_in(before("dedupe"))).select(_KEY)
    shared = preambles(came.join(rows.select(*_KEY, "messages"), on=_KEY, how="inner"))
    return without_preambles(rows, shared).with_columns(led=led_by(rows, shared))


def said_by(rows: pl.DataFrame) -> tuple[dict[str, Said], dict[str, Said]]:
    """Return what rows say: by where they came from, and by their ids."""
    read = [(*key, said(messages)) for *key, messages in rows.select("id", "origin", "messages").iter_rows()]
    return {origin: text for _, origin, text in read}, {id_: text for id_, _, text in read}


def said_below(compared: pl.DataFrame) -> tuple[dict[str, Said], dict[str, Said]]:
    """Return as `said_by` what rows say below their system messages, of rows `as_compared`."""
    read = []
    for id_, origin, messages, led in compared.select("id", "origin", "messages", "led").iter_rows():
        below = below_system(messages)
        whole = said(messages) if len(below) < len(messages) else None
        read.append((id_, origin, replace(said(below), led=led, whole=whole)))
    return {origin: text for _, origin, text in read}, {id_: text for id_, _, text in read}


def alike_above(row: Said, witness: Said, words: float) -> bool:
    """Whether system messages allow that a row is a copy.

    They are not two shared ones, and with those of their own rows are alike in so many of their words (0 to 1), have
    the same signs and tell the same facts.
    """
    if None not in (row.led, witness.led) and row.led != witness.led:
        return False
    if row.whole is None or witness.whole is None:
        return True
    one, other = (bag(f"{each.prompt}\n{each.answer}") for each in (row.whole, witness.whole))
    return likeness(one, other) >= words - 1e-9 and same_signs(row.whole, witness.whole)
