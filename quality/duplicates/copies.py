"""Near-duplicates that are copies: what is no copy of its witness is compared anew with others like it."""

from __future__ import annotations

from functools import partial
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.duplicates.asked_again import answered_otherwise
from quality.duplicates.contradictions import apart
from quality.neardup import jaccard_of, near_duplicates
from quality.preambles import led_otherwise
from quality.texts.signs import have_other_signs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quality.duplicates.asked_again import Pairing
    from quality.judged_pairs import JudgedPairs
    from quality.neardup import NearDup

# Rows that have much in common and are told apart; what is beyond stays, copies and all.
_MOST_TOLD_APART = 32
# How often those are compared anew that a row of another template has come before.
_MOST_CROSSED = 8


def copies(
    rows: pl.DataFrame,
    near: Callable[[pl.Series], pl.DataFrame],
    settings: NearDup,
    pairing: Pairing,
    judged: JudgedPairs,
) -> pl.DataFrame:
    """Find near-duplicates that are copies of their witness; those that are not are compared anew with each other.

    Parameters
    ----------
    rows : pl.DataFrame
        `prompt, asked, answer, said, whole, led`: the texts and preambles of rows, in priority order.
    near, settings, pairing, judged
        As of `quality.duplicates.removals.duplicates`.

    Returns
    -------
    pl.DataFrame
        `row, witness, jaccard`, as of `near`; of rows below system messages of their own, the less alike of the two is
        told, whole rows and what they say below.
    """
    rows = rows.with_columns(own=(pl.col("said") != pl.col("whole")).fill_null(value=False))
    every = pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    found, unlike = _rounds(rows, every, "whole", near, settings, pairing, judged)
    if unlike.is_empty():
        return found
    # Of many that are alike by their system messages alone, what stands below tells which are copies: of each other, or
    # of a row that was no such one's witness. Whom either text brings to a row that is unlike by the other, as where
    # templates above and below cross, is compared with such rows alone.
    told, stay = [found], every.filter(rows["own"] & ~every.is_in(found["row"].implode()))
    again = partial(near_duplicates, settings=settings)
    for text in islice(cycle(("said", "whole")), _MOST_CROSSED):
        more, stay = _rounds(rows, stay, text, again, settings, pairing, judged)
        # Others may be witnesses.
        told.append(more.filter(pl.col("row").is_in(unlike.implode())))
        stay = stay.filter(stay.is_in(unlike.implode()))
        if stay.is_empty():
            break
    return pl.concat(told)


def _rounds(
    rows: pl.DataFrame,
    some: pl.Series,
    text: str,
    near: Callable[[pl.Series], pl.DataFrame],
    settings: NearDup,
    pairing: Pairing,
    judged: JudgedPairs,
) -> tuple[pl.DataFrame, pl.Series]:
    """Find copies among some rows by one of their texts; return them, and the rows that only this text makes alike."""
    told, texts, unlike = [], rows[text], [some.clear()]
    found = near(texts.gather(some)).with_columns(placed("row", some), placed("witness", some))
    for _ in range(_MOST_TOLD_APART):
        found = _as_alike(rows, text, found, settings)
        alike = found["jaccard"] >= settings.threshold
        unlike.append(found["row"].filter(~alike))
        found = found.filter(alike)
        others = _differ(rows, found, pairing, judged)
        told.append(found.filter(~others))
        left = found["row"].filter(others)
        if left.is_empty():
            break
        again = near_duplicates(texts.gather(left), settings)
        found = again.with_columns(placed("row", left), placed("witness", left))
    return pl.concat(told), pl.concat(unlike).sort()


def _as_alike(rows: pl.DataFrame, text: str, found: pl.DataFrame, settings: NearDup) -> pl.DataFrame:
    """Tell of pairs below system messages of their own how alike both their texts are, where the other is less alike.

    Where but one has any, the other may hold it in its question; and whole rows that are equal are equal.
    """
    both = rows["own"].gather(found["row"]) & rows["own"].gather(found["witness"])
    if not both.any():
        return found
    pairs = found.filter(both)
    likeness = {text: pairs["jaccard"].to_numpy()}
    with_, without = (
        likeness[name] if name == text else jaccard_of(rows[name], pairs, settings) for name in ("whole", "said")
    )
    least = pl.Series(np.where(with_ == 1, 1, np.minimum(with_, without)), dtype=pl.Float64)
    return found.with_columns(found["jaccard"].scatter(both.arg_true(), least))


def _differ(rows: pl.DataFrame, found: pl.DataFrame, pairing: Pairing, judged: JudgedPairs) -> pl.Series:
    """Tell which near-duplicates are no copies of their witness."""
    texts, prompts, asked, answers = (rows[name] for name in ("whole", "prompt", "asked", "answer"))

    def judge(some: NDArray[np.integer]) -> pl.DataFrame:
        pairs = found[some]
        differ = signs_differ(texts, pairs).to_numpy() | answered_otherwise(asked, answers, pairs, pairing)
        differ[~differ] = others_of_rows(prompts, answers, pairs.filter(pl.Series(~differ, dtype=pl.Boolean)))
        return pl.DataFrame({"differ": pl.Series(differ, dtype=pl.Boolean)})

    row, witness = found["row"].to_numpy(), found["witness"].to_numpy()
    told = judged.of("near", judge, row, witness, texts, prompts, asked, answers, settings=pairing.alike)["differ"]
    return told | led_otherwise(rows["led"], found)  # which follows from the other rows, too


def signs_differ(texts: pl.Series, found: pl.DataFrame) -> pl.Series:
    """Tell which rows differ from their witness in a sign that means something."""
    differ = have_other_signs(texts.gather(found["row"]), texts.gather(found["witness"]))
    return pl.Series(differ, dtype=pl.Boolean)


def others_of_rows(prompts: pl.Series, answers: pl.Series, found: pl.DataFrame) -> pl.Series:
    """Tell which rows are no copies of their witness, however alike: see `quality.duplicates.contradictions.apart`."""
    others = apart(prompts, answers, found["row"].to_numpy(), found["witness"].to_numpy())
    return pl.Series(others, dtype=pl.Boolean)


def placed(column: str, order: pl.Series) -> pl.Expr:
    """Name rows, given by their places among some, by those that they have among all."""
    return pl.lit(order).gather(pl.col(column)).alias(column)
