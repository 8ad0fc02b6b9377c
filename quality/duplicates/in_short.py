"""Answers that say in short what another answer to the same prompt says in full (`quality.texts.in_short`).

They share too few words to be alike, and would be told as contradictions: “Paris.” and “The capital of France is
Paris.” The fuller one stays, wherever it stands.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.duplicates.same_prompt import asked_again
from quality.judged_pairs import JudgedPairs
from quality.lsh.star import REMOVALS
from quality.prompts.edited import words_in_order
from quality.texts.characters import UNSPACED
from quality.texts.function_words import FUNCTION_WORDS
from quality.texts.in_short import same_figures, says_in_short
from quality.texts.spellings import in_one_spelling
from quality.texts.told_otherwise import Text, told_otherwise
from quality.texts.word_bags import WordBags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Places = NDArray[np.integer]

# Which answer of a pair is the fuller one.
_NEITHER, _LEFT, _RIGHT = range(3)


def in_full(
    pairs: pl.DataFrame, prompts: pl.Series, answers: pl.Series, judged: JudgedPairs | None = None
) -> NDArray[np.int64]:
    """Tell which answer of each pair says in full what the other says in short.

    Parameters
    ----------
    pairs : pl.DataFrame
        `left, right`: positions of rows with one prompt.
    prompts, answers : pl.Series of String
        All rows.
    judged : JudgedPairs, optional
        What earlier runs found.

    Returns
    -------
    (n_pairs,) int64
        The position of the fuller answer, of two with as many words the left one; -1 where there is none.
    """
    left, right = pairs["left"].to_numpy().astype(np.int64), pairs["right"].to_numpy().astype(np.int64)

    def judge(some: Places) -> pl.DataFrame:
        return pl.DataFrame({"fuller": _fuller(left[some], right[some], prompts, answers)})

    fuller = (judged or JudgedPairs()).of("in_short", judge, left, right, prompts, answers)["fuller"].to_numpy()
    return np.choose(fuller, [np.full(len(left), -1, np.int64), left, right])


def _fuller(left: Places, right: Places, prompts: pl.Series, answers: pl.Series) -> NDArray[np.uint8]:
    found = np.full(len(left), _NEITHER, np.uint8)
    rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    one, other = places[: len(left)], places[len(left) :]
    asked_in, told_in = (in_one_spelling(texts.gather(rows)) for texts in (prompts, answers))
    said = words_in_order(told_in)
    telling = WordBags(_telling(said).list.join(" "))
    # Hardly any answer holds all that another one tells, and only these are read word by word.
    maybe = telling.within(one, other) & (np.minimum(telling.sizes[one], telling.sizes[other]) > 0)
    words, asked = said.to_list(), words_in_order(asked_in).to_list()
    written, questions = told_in.to_list(), asked_in.to_list()
    unspaced = told_in.str.contains(f"[{UNSPACED}]").to_list()

    def tells(short: int, full: int) -> bool:
        if len(words[short]) > len(words[full]) or unspaced[short] or unspaced[full]:
            return False
        by_words = says_in_short(words[short], words[full], asked[full])
        return (
            by_words
            and same_figures(written[short], written[full], questions[full])
            and not told_otherwise(Text(words[short], written[short]), Text(words[full], written[full]))
        )

    for at in np.flatnonzero(maybe).tolist():
        if tells(other[at], one[at]):
            found[at] = _LEFT
        elif tells(one[at], other[at]):
            found[at] = _RIGHT
    return found


def _telling(words: pl.Series) -> pl.Series:
    function = pl.element().is_in(list(FUNCTION_WORDS))
    return words.to_frame("words").select(pl.col("words").list.filter(~function)).to_series()


def answers_in_short(
    prompts: pl.Series,
    answers: pl.Series,
    gone: Mapping[int, int],
    bare: pl.Series | None = None,
    judged: JudgedPairs | None = None,
) -> pl.DataFrame:
    """Find rows whose answer says in short what another answer to their prompt says in full.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        All rows, in priority order.
    gone : mapping of int to int
        Rows that were removed before, and the row that proves each. They are nobody's witness. A row that proves one
        of them is found only if that one is found as well.
    bare : pl.Series of String, optional
        As of `quality.duplicates.same_prompt.asked_again`.
    judged : JudgedPairs, optional
        What earlier runs found.

    Returns
    -------
    pl.DataFrame
        `row, witness, jaccard` (schema `quality.lsh.star.REMOVALS`), ascending by row. The witness is the longest such
        answer that stays, the first of several; `jaccard` is the share of words that both hold.
    """
    away = list(gone)
    both_gone = pl.col("left").is_in(away) & pl.col("right").is_in(away)
    pairs = asked_again(prompts, bare).select("left", "right").filter(~both_gone)
    full = in_full(pairs, prompts, answers, judged)
    pairs = pairs.with_columns(full=pl.Series(full)).filter(pl.col("full") >= 0)
    fuller: defaultdict[int, list[int]] = defaultdict(list)
    for left, right, witness in pairs.sort("full").iter_rows():
        if witness not in gone:
            fuller[left + right - witness].append(witness)
    sizes = {row: len(answers[row]) for witnesses in fuller.values() for row in witnesses}
    told = _closed({row: sorted(those, key=lambda place: -sizes[place]) for row, those in fuller.items()}, gone)
    found = pl.DataFrame(
        {"row": list(told), "witness": list(told.values())}, schema=dict.fromkeys(("row", "witness"), pl.UInt32)
    )
    rows = np.concatenate([found["row"].to_numpy(), found["witness"].to_numpy()]).astype(np.int64)
    at = np.arange(found.height)
    jaccard = WordBags(in_one_spelling(answers.gather(rows))).jaccard(at, at + found.height)
    return found.with_columns(jaccard=pl.Series(jaccard, dtype=pl.Float64)).cast(REMOVALS).sort("row")


def _closed(fuller: Mapping[int, list[int]], gone: Mapping[int, int]) -> dict[int, int]:
    """Leave the rows of which a fuller one stays, as do those of all rows that they prove."""
    proven: defaultdict[int, list[int]] = defaultdict(list)
    for row, witness in gone.items():
        proven[witness].append(row)
    told = {row for row in fuller if row not in gone}

    def witness_of(row: int) -> int | None:
        return next((witness for witness in fuller.get(row, ()) if witness not in told), None)

    while wrong := {row for row in told if any(witness_of(each) is None for each in (row, *proven[row]))}:
        told -= wrong
    also = (each for row in told for each in proven[row])
    witnesses = ((row, witness_of(row)) for row in (*told, *also))
    return {row: witness for row, witness in witnesses if witness is not None}
