"""Short questions that a longer one begins with: “How do you treat a burn?” and “How do you treat a burn barrel?”.

A question of fewer words than an n-gram must stand whole in a prompt. Where it does, and a word follows that makes
another thing of its last one, another question is asked. Words that join (“in children”), say nothing (“really”) or
tell how (“usually”) make no other of it, nor does what stands behind a mark or in another line. Where the answer has
half of the words of the item's, the word was put in. Names that go on with a capital are told by what a pool puts in
their place (`quality.leaks.open_slots`).
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import polars as pl

from quality.texts.function_words import EMPTY, FUNCTION_WORDS
from quality.texts.normalise import fold

_WORD = re.compile(r"\w+")
_JOINING = frozenset(
    (
        *("about", "above", "across", "after", "against", "along", "among", "around", "because", "before", "behind"),
        *("below", "between", "beyond", "but", "during", "if", "inside", "into", "like", "near", "not", "onto", "or"),
        *("outside", "over", "per", "since", "so", "than", "through", "under", "unless", "until", "using", "versus"),
        *("via", "when", "whether", "while", "why", "how", "within", "without"),
    )
)
_BESIDES = frozenset(("again", "anyway", "first", "here", "mean", "now", "please", "thanks", "then", "today", "too"))
_MOST_SHARED = 0.5  # of the words of the item's answer
_SPELLED_ALIKE = 0.8  # share of letters: the last word, written once more
_NO_OTHER = FUNCTION_WORDS | EMPTY | _JOINING | _BESIDES


def without_longer_questions(
    found: pl.DataFrame, prompts: pl.Series, answers: pl.Series, items: pl.DataFrame, words: int
) -> pl.DataFrame:
    """Leave out the rows that hold a short question as the beginning of another alone.

    Parameters
    ----------
    found : pl.DataFrame
        `row, place, field` and others, of which those with the field `question` are looked at.
    prompts, answers : pl.Series of String
        The pool's.
    items : pl.DataFrame
        `place, question, answer`, ascending from 0.
    words : int
        A question is short if it has fewer.

    Returns
    -------
    pl.DataFrame
        Of `found`, in its order.
    """
    asked = [_WORD.findall(text) for text in _folded(items["question"])]
    short = pl.Series([0 < len(question) < words for question in asked], dtype=pl.Boolean)
    looked_at = (found["field"] == "question") & short.gather(found["place"])
    pairs = found.filter(looked_at)
    said = _folded(items["answer"])
    below = _folded(answers.gather(pairs["row"]))
    told = zip(prompts.gather(pairs["row"]).fill_null(""), below, pairs["place"], strict=True)
    longer = pl.Series(
        [_goes_on(prompt, asked[place]) and not _says_it(answer, said[place]) for prompt, answer, place in told],
        dtype=pl.Boolean,
    )
    return found.filter(~_scattered(looked_at, longer))


def _scattered(at: pl.Series, values: pl.Series) -> pl.Series:
    return pl.repeat(value=False, n=len(at), eager=True).scatter(at.arg_true(), values)


def _folded(texts: pl.Series) -> list[str]:
    return texts.fill_null("").to_frame("text").select(fold(pl.col("text"))).to_series().to_list()


def _goes_on(prompt: str, question: list[str]) -> bool:
    """Tell whether another word follows at once wherever a prompt holds a question's words."""
    whole = r"\W+".join(map(re.escape, question))
    behind = re.findall(rf"(?<!\w){whole}(?!\w)(?:[ \t]+(\w+))?", prompt, re.IGNORECASE)
    return bool(behind) and all(_makes_another(word, question[-1]) for word in behind)


def _makes_another(word: str, last: str) -> bool:
    if not word.islower() or word in _NO_OTHER or word.endswith("ly"):
        return False
    return SequenceMatcher(None, word, last).ratio() < _SPELLED_ALIKE


def _says_it(answer: str, item: str) -> bool:
    wanted = {*_WORD.findall(item)}
    return len(wanted & {*_WORD.findall(answer)}) > _MOST_SHARED * len(wanted)
