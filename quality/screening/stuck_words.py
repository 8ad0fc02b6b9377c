"""Loops that have no blank between their rounds ("again-again", "haaaa"), or another number each time ("1, 2, 3 …")."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quality.texts.patterns import which_hold

# Equal parts, joined by one sign; which are equal, only a look at each tells.
_CHAIN = r"\p{L}[\p{L}\p{M}]*(?:[-_/.~+*,;:|]\p{L}[\p{L}\p{M}]*){2,}"
_WORD = r"\p{L}[\p{L}\p{M}]*"
_FEWEST_CHAINS, _LONG_CHAIN, _MOSTLY = 4, 8, 0.4
_SIGNS = re.compile(r"[-_/.~+*,;:|]")
# Numbers that go up or down by the same step, with nothing or always the same words between them.
_NUMBER = re.compile(r"\d{1,9}")
_FEWEST_NUMBERS, _FEWEST_WITH_WORDS, _FEWEST_LETTERS = 20, 8, 3
_LATEST_BEGINNING, _LATE = 10, 3  # the number that counting begins with, and so many times as many from a later one
_STEADY = 0.9  # of the steps, and of what stands between
_SOME_NUMBER, _SOME_WORDS = r"(?-u:[0-9]+)", r"(?i-u:four[ ,.;\n]{1,3}five)"
_COUNTS_ON = {
    ("one", "two"), ("two", "three"), ("three", "four"), ("four", "five"), ("five", "six"), ("six", "seven"),
    ("seven", "eight"), ("eight", "nine"), ("nine", "ten"), ("ten", "eleven"), ("eleven", "twelve"),
}  # fmt: skip
_FEWEST_IN_WORDS = 8
# A sign or a figure that an answer ends in, again and again, behind words on its line, and most of what is to see. A
# line of its own is a ruler, one behind a colon or of strokes a place to write in, and zeros may be a number's.
_TAIL = r"[^\s\p{L}](?: ?[^\s\p{L}]){39,}\s*\z"
_SOME_TAIL = r"[^\s\p{L}](?: ?[^\s\p{L}]){3}\s*\z"  # compiles in a fifth of the time
_STUCK_SIGN = re.compile(r"(?<![^\s\W_])(?P<sign>[^\W_]|[^\w\s=*~#<>|-])(?: ?(?P=sign)){39,}\s*\Z")
_BEFORE_SIGNS = re.compile(r"(?:[^\W\d_]+[^\w\n]+){2}[^\W\d_]+[^\w\n:]*\Z")
_MOST_SEEN = 0.5
_CRIES = "!?"  # no place to write in is made of these, nor a number
# A run of letters in which a key, or a few, got stuck ("haaaaaaaa", "hahahaha"): so long, of such a period. Beside a
# run of as many letters, which are others, it is a line of an alignment (of bases, of what a protein folds to).
_STUCK_LETTERS = r"\p{L}{30,}"
_UNBROKEN = r"\S{30}"  # compiles in a tenth of the time
_PERIOD = 6
_SHARE = 0.9  # of the run's letters that are those a period before
# Who asks for numbers in a row gets them.
_ASKED = (
    r"(?i)\b(?:count\w*|numbers?|numer\w*|sequences?|series|lists?|multiples?|tables?|ranges?|integers?|even|odd|primes?|"
    r"digits?|prints?|outputs?|loops?|python|arrays?|codes?|programs?|steps?|years?|pages?|ids?|seq|sort\w*|progressions?|"
    r"arithmetic|matri(?:x|ces)|grids?|data|values?|from \d+|\d+ (?:to|and|through) \d+|\d+\D+\d+\D+\d+)\b"
)


def chained(texts: pl.Series) -> NDArray[np.float64]:
    """Count the words of chains that say one word again and again: (n_texts,) float64."""
    found = np.zeros(len(texts))
    rows = which_hold(texts, _CHAIN).arg_true()
    if rows.is_empty():  # nor are patterns compiled
        return found
    told = texts.gather(rows).str.to_lowercase().to_frame("text")
    told = told.select(chains=pl.col("text").str.extract_all(_CHAIN), words=pl.col("text").str.count_matches(_WORD))
    for row, chains, words in zip(rows, told["chains"], told["words"], strict=True):
        parts = [_SIGNS.split(chain) for chain in chains]
        stuck = [len(said) for said in parts if len(set(said)) == 1]
        long = len(stuck) >= _FEWEST_CHAINS or max(stuck, default=0) >= _LONG_CHAIN
        found[row] = sum(stuck) if long and sum(stuck) > _MOSTLY * words else 0
    return found


def stuck_signs(texts: pl.Series) -> NDArray[np.float64]:
    """Count how often a text that ends in one sign, or figure, again and again says it: (n_texts,) float64."""
    found = np.zeros(len(texts))
    rows = which_hold(texts, _SOME_TAIL).arg_true()
    rows = rows.filter(which_hold(texts.gather(rows), _TAIL))
    for row, text in zip(rows, texts.gather(rows), strict=True):
        tail = _STUCK_SIGN.search(text)
        if tail and _BEFORE_SIGNS.search(text, max(0, tail.start() - 200), tail.start()):
            times = tail[0].count(tail["sign"])
            most = tail["sign"] in _CRIES or times > _MOST_SEEN * len("".join(text.split()))
            found[row] = times if most else 0
    return found


def stuck_letters(texts: pl.Series) -> NDArray[np.float64]:
    """Count how often the syllable of the longest stuck run of letters is said: (n_texts,) float64."""
    rows = which_hold(texts, _UNBROKEN).arg_true()
    rows = rows.filter(which_hold(texts.gather(rows), _STUCK_LETTERS))
    found = np.zeros(len(texts))
    if rows.is_empty():  # nor is the pattern compiled
        return found
    runs_of = texts.gather(rows).str.to_lowercase().str.extract_all(_STUCK_LETTERS)
    for row, runs in zip(rows, runs_of, strict=True):
        aligned = {len(run) for run in runs if not _rounds(run)}
        found[row] = max((_rounds(run) for run in runs if len(run) not in aligned), default=0)
    return found


def _rounds(run: str) -> int:
    for period in range(1, _PERIOD + 1):
        again = sum(letter == before for letter, before in zip(run[period:], run, strict=False))
        if again >= _SHARE * (len(run) - period):
            return len(run) // period
    return 0


def counted(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Count the numbers of answers that do nothing but count, where the prompt asks for no numbers.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Float64
        In the order of the rows; 0 for all other answers.
    """
    many = answers.str.count_matches(_SOME_NUMBER) >= _FEWEST_WITH_WORDS
    rows = (many | which_hold(answers, _SOME_WORDS)).arg_true()
    rows = rows.filter(~which_hold(prompts.gather(rows), _ASKED))
    found = np.zeros(len(answers))
    found[rows] = [_counting(text) for text in answers.gather(rows)]
    return pl.Series(found)


def _counting(text: str) -> int:
    """Count what a text that counts says, in numbers and words; 0 for all other texts."""
    numbers = _NUMBER.findall(text)
    steps = [after - before for before, after in pairwise(map(int, numbers))]
    step = max(steps[:_FEWEST_WITH_WORDS], key=steps.count, default=0)
    if step and steps.count(step) >= _STEADY * len(steps):
        between = [" ".join(said.split()).casefold() for said in _NUMBER.split(text)[1:-1]]
        said, times = Counter(between).most_common(1)[0]
        letters = sum(map(str.isalpha, said))
        fewest = _FEWEST_WITH_WORDS if letters >= _FEWEST_LETTERS else _FEWEST_NUMBERS
        # "1. b", "2. b": the answers to a test.
        same = (not letters or letters >= _FEWEST_LETTERS) and times >= _STEADY * len(between)
        # Whoever counts begins with one; numbers that begin elsewhere may be those of rooms.
        late = min(int(numbers[0]), int(numbers[-1])) > _LATEST_BEGINNING
        return max(len(numbers), len(text.split())) if same and len(numbers) >= fewest * (_LATE if late else 1) else 0
    words = re.findall(r"[a-z]+", text.casefold())
    counts = sum(pair in _COUNTS_ON for pair in pairwise(words))
    return len(words) if counts >= max(_FEWEST_IN_WORDS, len(words) // 2) else 0
