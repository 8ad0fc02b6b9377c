"""Pairs of rows that ask the same."""

from __future__ import annotations

import polars as pl

from quality.prompts.bare_questions import bare_questions, without_last_marks
from quality.texts.letter_case import other_capitals

# A prompt with more rows than this is a template whatever its answers are: bounds the pairs to compare.
_MOST_COMPARED = 50


def asked_again(prompts: pl.Series, bare: pl.Series | None = None) -> pl.DataFrame:
    """Pair the rows of each question that has 2 to 50: `prompt` (its first row), `left < right`, in this order.

    Prompts that write a name of code in other capitals are two questions (`quality.texts.letter_case`). Who asks time
    and again hands what `quality.prompts.bare_questions` makes of the prompts, `bare`.
    """
    return _in_one_case(paired(bare_questions(prompts) if bare is None else bare), prompts)


def asked_in_the_same_words(prompts: pl.Series) -> pl.DataFrame:
    """Pair rows as `asked_again` does, but only those whose prompts are equal but for the marks at their end."""
    return _in_one_case(paired(without_last_marks(prompts)), prompts, rewritten=True)


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


def _in_one_case(pairs: pl.DataFrame, prompts: pl.Series, *, rewritten: bool = False) -> pl.DataFrame:
    left, right = (prompts.gather(pairs[side]) for side in ("left", "right"))
    others = (left != right).arg_true()
    texts = zip(left.gather(others), right.gather(others), strict=True)
    found = (other_capitals(one, other, rewritten=rewritten) for one, other in texts)
    away = others.filter(pl.Series(list(found), dtype=pl.Boolean))
    return pairs.filter(~pl.int_range(pairs.height, eager=True).is_in(away.implode()))
