"""Pairs of rows that ask the same."""

from __future__ import annotations

import polars as pl

from quality.prompts.bare_questions import bare_questions

# A prompt with more rows than this is a template whatever its answers are: bounds the pairs to compare.
_MOST_COMPARED = 50


def asked_again(prompts: pl.Series) -> pl.DataFrame:
    """Pair the rows of each question that has 2 to 50: `prompt` (its first row), `left < right`, in this order."""
    return paired(bare_questions(prompts))


def paired(keys: pl.Series) -> pl.DataFrame:
    """Pair the rows of each key that 2 to 50 rows have; an empty one is none. Columns are those of `asked_again`."""
    asked = (
        keys.to_frame("key")
        .with_row_index("row")
        .filter(pl.col("key") != "")
        .with_columns(prompt=pl.col("row").min().over("key"), rows=pl.len().over("key"))
        .filter(pl.col("rows").is_between(2, _MOST_COMPARED))
        .select("prompt", "row")
    )
    pairs = asked.join(asked, on="prompt", suffix="_right").select("prompt", left="row", right="row_right")
    return pairs.filter(pl.col("left") < pl.col("right")).sort("left", "right")
