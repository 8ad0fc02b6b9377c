r"""Match short questions and answers of which a few words were changed, left out or added.

One changed word breaks eight n-grams of eight words: too many of a text of twenty. So n-grams of three words only point
to suspects, and what decides is the edit distance in words between the field and the passage of the row that is most
like it, however many rows are: what differs in one word of nine from an item gives it away. Siblings of one template
share n-grams too, but mostly differ in more words than that; those that don't, `quality.leaks.siblings` tells.
Characters of scripts without spaces are words, as everywhere (see `quality.texts.words`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from quality.leaks.shared_ngrams import Matching, shared_ngrams
from quality.texts.normalise import normalised
from quality.texts.words import words_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

# A text with a word in ten changed keeps .6 of its n-grams of three words; changes near each other break fewer.
_SUSPECT_WORDS = 3
_SUSPECT_SHARE = 0.5
_LONGEST_TEXT = 20_000  # words of a row that are looked at

_NO_WORD = re.compile(r"[^\w\s]+")


def suspected(
    prompts: pl.Series,
    answers: pl.Series,
    items: pl.DataFrame,
    *,
    fewest_words: int,
    most_words: int,
    template_items: int,
    template_share: float,
) -> pl.DataFrame:
    """Find the rows that hold half of the n-grams of three words of a field of `fewest_words` to `most_words` words.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row.
    items : pl.DataFrame
        `place, question, answer`.
    fewest_words, most_words, template_items, template_share
        As for `quality.leaks.shared_ngrams.Matching`.

    Returns
    -------
    pl.DataFrame
        `row, place, field`: a line for every field that a row may hold nearly.
    """
    how = Matching(
        words=_SUSPECT_WORDS,
        threshold=_SUSPECT_SHARE,
        enough=most_words + 1,
        template_items=template_items,
        template_share=template_share,
        copy=_SUSPECT_SHARE,
        fewest_words=fewest_words,
        most_words=most_words,
    )
    return shared_ngrams(prompts, answers, items, how).found.select("row", "place", "field")


def lightly_edited(
    suspects: pl.DataFrame, prompts: pl.Series, answers: pl.Series, items: pl.DataFrame, *, likeness: float
) -> pl.DataFrame:
    """Match suspects by edit distance.

    Parameters
    ----------
    suspects : pl.DataFrame
        `row, place, field`, as from `suspected`.
    prompts, answers, items
        As for `suspected`.
    likeness : float
        Share (0 to 1) of a field's words that must stand in the row unchanged and in order; each word that is
        changed, left out or added counts against it.

    Returns
    -------
    pl.DataFrame
        `row, place, field, score, threshold`: a line for every field that a row holds nearly.
    """
    rows = pl.DataFrame({"prompt": prompts, "answer": answers}).with_row_index("row")
    texts = rows.join(suspects, on="row", how="semi", maintain_order="left").with_columns(
        pl.col("prompt", "answer").map_batches(_spelled)
    )
    fields = items.select("place", pl.col("question", "answer").map_batches(_spelled))
    pairs = (
        suspects.join(texts, on="row", maintain_order="left")
        .join(fields.rename({"question": "its_question", "answer": "its_answer"}), on="place", maintain_order="left")
        .with_columns(wanted=pl.when(pl.col("field") == "question").then("its_question").otherwise("its_answer"))
    )
    scores = [
        max(passage_likeness(_words(wanted), _words(text)) for text in (prompt, answer))
        for wanted, prompt, answer in pairs.select("wanted", "prompt", "answer").iter_rows()
    ]
    scored = pairs.select(
        "row", "place", "field", score=pl.Series(scores, dtype=pl.Float64), threshold=pl.lit(likeness)
    )
    return scored.filter(pl.col("score") >= likeness)


def passage_likeness(wanted: Sequence[str], text: Sequence[str]) -> float:
    """Return 1 − (edit distance in words from `wanted` to the passage of `text` most like it) / words of `wanted`.

    Myers' bit vectors: a whole column of the distance table in a few operations on one integer.

    References
    ----------
    Myers (1999), A fast bit-vector algorithm for approximate string matching based on dynamic programming, JACM 46(3).

    Examples
    --------
    >>> passage_likeness("a b c d".split(), "x x a b d x".split())
    0.75
    """
    if not wanted:
        return 0.0
    places: dict[str, int] = {}
    for at, word in enumerate(wanted):
        places[word] = places.get(word, 0) | 1 << at
    full, last = (1 << len(wanted)) - 1, 1 << (len(wanted) - 1)
    rises, falls, distance = full, 0, len(wanted)
    least = distance
    for word in text:
        same = places.get(word, 0)
        across = (((same & rises) + rises) ^ rises) | same
        up, down = falls | (~(across | rises) & full), rises & across
        distance += bool(up & last) - bool(down & last)
        up, down = up << 1 & full, down << 1 & full
        along = same | falls
        rises, falls = down | (~(along | up) & full), up & along
        least = min(least, distance)
    return 1 - least / len(wanted)


def _spelled(texts: pl.Series) -> pl.Series:
    return words_apart(normalised(texts.fill_null("")))


def _words(text: str) -> list[str]:
    """Split at white space and drop punctuation: an edit of “client/server” is one edit."""
    return _NO_WORD.sub("", text).split()[:_LONGEST_TEXT]
