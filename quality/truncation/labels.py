"""Answers that label: a word or three that prompts of one kind are answered with again and again."""

from __future__ import annotations

import polars as pl

_FEWEST, _SHARE_OF_KIND = 5, 0.01  # rows that give a label, and their share of those whose prompts begin alike
_MOST_WORDS = 3


def labels_of_kind(told: pl.DataFrame) -> pl.Series:
    """Tell the few words that several prompts of one kind have as their answer, and that hardly begin other answers.

    Parameters
    ----------
    told : pl.DataFrame
        All of the pool: `kind: UInt64` (0 of no kind), `answer: String`, `words: UInt32`.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    few = told.filter((pl.col("words") <= _MOST_WORDS) & (pl.col("kind") != 0))
    given = few.group_by("kind", "answer").agg(rows=pl.len())
    given = given.join(told.group_by("kind").agg(of_kind=pl.len()), on="kind")
    often = given.filter(pl.col("rows") >= pl.max_horizontal(_FEWEST, _SHARE_OF_KIND * pl.col("of_kind")))
    answers = told["answer"]
    begun = [int(answers.str.starts_with(f"{said} ").sum() or 0) for said in often["answer"]]
    labels = often.filter(pl.col("rows") > pl.Series(begun, dtype=pl.Int64)).select(
        "kind", "answer", is_label=pl.lit(value=True)
    )
    marked = told.join(labels, on=["kind", "answer"], how="left", maintain_order="left")
    return marked["is_label"].fill_null(value=False)
