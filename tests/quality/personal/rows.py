"""Rows of a pool, by what is said in them."""

import polars as pl

from quality.records import MESSAGE, record_ids


def rows_of(*conversations: list[str]) -> pl.DataFrame:
    """Return a row for each conversation, in which user and assistant take turns: `row, id, messages, origin`."""
    said = pl.Series(
        "messages",
        [[{"role": role, "content": text} for role, text in zip(("user", "assistant") * 9, texts, strict=False)]
         for texts in conversations],
        dtype=pl.List(MESSAGE),
    )  # fmt: skip
    rows = pl.DataFrame({"row": range(10, 10 + len(said)), "id": record_ids(said), "messages": said})
    return rows.with_columns(origin=pl.format("pool:{}", "row"))
