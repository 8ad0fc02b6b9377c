"""Answers of pairs of rows, compared word by word: which say the same, which tell another fact, which are unlike.

Two answers are *alike* when they share most of their words, and neither names a number that the other lacks while the
other does, too: an answer that says 43 where the other says 42 is no edited copy. Nor is one that denies what the other
says, or says the opposite, or puts another name where the other has one (`quality.duplicates.contradictions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.duplicates.contradictions import contradictory, facts_told
from quality.judged_pairs import JudgedPairs
from quality.texts.normalise import normalised
from quality.texts.sorted_numbers import distinct
from quality.texts.spellings import in_loose_spelling, in_one_spelling
from quality.texts.word_bags import NUMBER, WordBags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.integer]


def compared(pairs: pl.DataFrame, answers: pl.Series, alike: float, judged: JudgedPairs | None = None) -> pl.DataFrame:
    """Compare the answers of pairs of rows.

    Parameters
    ----------
    pairs : pl.DataFrame
        `left, right`: positions in `answers`.
    answers : pl.Series of String
        All rows.
    alike : float
        Share of their words from which two answers are alike.
    judged : JudgedPairs, optional
        What earlier runs found.

    Returns
    -------
    pl.DataFrame
        The pairs, their `jaccard`, the shorter one's `words`, whether they are `alike`, whether they tell but
        `another_fact`, and whether they are `unlike` for sure.
    """
    left, right = (pairs[side].to_numpy() for side in ("left", "right"))

    def judge(some: Places) -> pl.DataFrame:
        return _of_pairs(left[some], right[some], answers, alike)

    found = (judged or JudgedPairs()).of("answers", judge, left, right, answers, settings=alike)
    return pl.concat([pairs, found], how="horizontal")


def _of_pairs(left: Places, right: Places, answers: pl.Series, alike: float) -> pl.DataFrame:
    # Only answers that are compared are cut into words: in most pools few prompts are asked twice.
    rows = distinct(np.concatenate([left, right]))
    left, right = np.searchsorted(rows, left), np.searchsorted(rows, right)
    texts = answers.gather(rows)
    found = _judged(in_one_spelling(texts), left, right, alike)
    unlike = ~(found["alike"] | found["perhaps"]).to_numpy()
    loose = _judged(in_loose_spelling(texts), left[unlike], right[unlike], alike)
    unlike[unlike] = ~(loose["alike"] | loose["perhaps"]).to_numpy()
    return found.drop("perhaps").with_columns(unlike=pl.Series(unlike, dtype=pl.Boolean))


def _judged(spelled: pl.Series, left: Places, right: Places, alike: float) -> pl.DataFrame:
    """Judge pairs of answers in one spelling: `jaccard, words, alike, another_fact, perhaps`.

    Answers that `perhaps` tell another fact count as if they did: they are not alike.
    """
    bags = WordBags(spelled)
    jaccard, numbers = bags.jaccard(left, right), WordBags(spelled, NUMBER).within(left, right)
    exact = normalised(spelled)
    same = (exact.gather(left) == exact.gather(right)).fill_null(value=False).to_numpy()
    # Texts without words (`+` and `-`) share all of none.
    near = (jaccard >= alike) & (bags.sizes[left] > 0)
    close = near | same
    another, perhaps = (np.zeros(len(left), np.bool_) for _ in range(2))
    another[close], perhaps[close] = facts_told(spelled, left[close], right[close])
    like = near & numbers & ~same & ~another & ~perhaps
    like[like] = ~contradictory(spelled, left[like], right[like])
    return pl.DataFrame(
        {
            "jaccard": pl.Series(jaccard, dtype=pl.Float64),
            "words": pl.Series(np.minimum(bags.sizes[left], bags.sizes[right]), dtype=pl.UInt32),
            "alike": pl.Series(like | (same & ~perhaps), dtype=pl.Boolean),
            "another_fact": pl.Series(another | perhaps, dtype=pl.Boolean),
            "perhaps": pl.Series(perhaps, dtype=pl.Boolean),
        }
    )
