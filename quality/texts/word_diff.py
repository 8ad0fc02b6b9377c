"""What two texts have in common and where they part, word by word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import polars as pl

from quality.texts.characters import UNSPACED

# A character of a script without spaces, with the marks it bears, is a word, as `quality.texts.words` has it.
_UNSPACED = rf"{UNSPACED}ーｰ"
_WORD = rf"[{_UNSPACED}]\p{{M}}*|[^\s{_UNSPACED}]+"
# No blank stands on either side of them, or of their punctuation.
_CLOSE = rf"[{_UNSPACED}\x{{3000}}-\x{{303F}}\x{{FF00}}-\x{{FF65}}]"
# Longer texts are compared up to here: the comparison takes time in proportion to the product of the lengths at worst.
MOST_WORDS = 2_000


@dataclass(frozen=True)
class Part:
    """A run of words that both texts hold, or one of them alone."""

    kind: Literal["same", "only_first", "only_second"]
    words: tuple[str, ...]


def word_diff(first: str, second: str) -> list[Part]:
    """Compare two texts by their words, white space aside (Ratcliff and Obershelp 1988, as `difflib` has it).

    Returns
    -------
    list of Part
        In reading order; where words were replaced, those of the first text come before those of the second.
        Only the first 2,000 words of each text are looked at.
    """
    return list(_parts(words_shown(first)[:MOST_WORDS], words_shown(second)[:MOST_WORDS]))


def words_shown(text: str) -> list[str]:
    """Split a text into words with the punctuation that sticks to them."""
    words: list[str] = pl.Series([text]).str.extract_all(_WORD).item().to_list()
    return words


def joined(words: Sequence[str]) -> str:
    """Put words together again: with blanks, but where a script has none."""
    text = pl.Series([" ".join(words)]).str.replace_all(rf"({_CLOSE}) ", "$1").str.replace_all(rf" ({_CLOSE})", "$1")
    return str(text.item())


def likeness(parts: list[Part]) -> float:
    """Share (0 to 1) of the words of two texts that both hold in the same order: 2 · same / all."""
    same = 2 * sum(len(part.words) for part in parts if part.kind == "same")
    apart = sum(len(part.words) for part in parts if part.kind != "same")
    return same / (same + apart) if same + apart else 1.0


def _parts(first: list[str], second: list[str]) -> Iterator[Part]:
    for kind, start, end, other_start, other_end in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Part("same", tuple(first[start:end]))
            continue
        if end > start:
            yield Part("only_first", tuple(first[start:end]))
        if other_end > other_start:
            yield Part("only_second", tuple(second[other_start:other_end]))
