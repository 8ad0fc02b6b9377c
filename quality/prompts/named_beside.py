"""Templates that name a second thing beside their subject, which both of two prompts name.

“Advice for gardeners in Orland who ask: | moss wort?” and “How would an Orland guide describe | moss wort?” are two
templates around one subject, though few prompts begin with either as it stands: each names a land. Both name the same
one. So it counts as subject as well, and the template has a place there that other prompts fill in otherwise.

Such a place lets more pass for a template than there are. “moss wort fit of Orland” is none, though many lands have a
“fit”: where most prompts that say the rest have another word in a word's place, it is a name, and no template's.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

Words = list[str]
# A second thing that a template names, as which a piece of it holds None.
Piece = tuple[str | None, ...]

# So many words name a second thing, and of so many prompts that say the rest one has a template's own word.
_LONGEST_NAME, _ONE_OF = 4, 2
# A template that is filled in within has so many words of its own.
_FEWEST_WORDS = 2
_ANY = r"\S+ "


class NamedBeside:
    """Prompts, to be asked how many of them begin with a template that names something within.

    Parameters
    ----------
    lines : list of str
        Every prompt once, in order, each word with a blank behind it.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines, self._column = lines, pl.Series(lines, dtype=pl.String)
        self._known: dict[tuple[Piece, int], bool] = {}

    def begin(self, piece: Piece, usual: int) -> bool:
        """Tell whether so many prompts begin with a piece, and none of its words is what they fill in there."""
        key = (piece, usual)
        if key not in self._known:
            self._known[key] = self._are_a_template_s(piece, usual)
        return self._known[key]

    def _are_a_template_s(self, piece: Piece, usual: int) -> bool:
        words = [at for at, word in enumerate(piece) if word is not None]
        if len(words) < _FEWEST_WORDS:
            return False
        count = self._count(piece)
        return count >= usual and all(self._count(piece, at) <= _ONE_OF * count for at in words)

    def _count(self, piece: Piece, without: int | None = None) -> int:
        """Count the lines that begin with a piece, or with one that has any word in place of one of its words."""
        name = f"(?:{_ANY}){{1,{_LONGEST_NAME}}}"
        parts = [name if word is None else f"{pl.escape_regex(word)} " for word in piece]
        if without is not None:
            parts[without] = _ANY
        literal = min(at for at, word in enumerate((*piece, None)) if word is None or at == without)
        line = "".join(f"{word} " for word in piece[:literal])
        first, last = (bisect_left(self._lines, edge) for edge in (line, f"{line}\U0010ffff"))
        return int(self._column.slice(first, last - first).str.contains(f"^{''.join(parts)}").sum())


def without_what_both_name(one: Words, other: Words, held: Mapping[str, NDArray[np.uint32]]) -> tuple[Piece, Piece]:
    """Put None for the words around the rarest that both hold, of which there must be one."""
    places, before, behind = around_the_rarest(one, other, held)
    named, beside = (
        (*words[: at - before], None, *words[at + behind :]) for words, at in zip((one, other), places, strict=True)
    )
    return named, beside


def around_the_rarest(
    one: Words, other: Words, held: Mapping[str, NDArray[np.uint32]]
) -> tuple[tuple[int, int], int, int]:
    """Find the run of words that two prompts hold around the rarest word of both, by the prompts that hold each.

    Returns
    -------
    tuple
        The rarest word's place in either, and how many words of the run stand before it, and from it on.
    """
    rarest = min(set(one) & set(other), key=lambda word: (len(held[word]), word))
    first, second = one.index(rarest), other.index(rarest)
    return (first, second), _alike(one[:first][::-1], other[:second][::-1]), _alike(one[first:], other[second:])


def _alike(one: Words, other: Words) -> int:
    """Count the words that two lists begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (word, beside) in pairs if word != beside), min(len(one), len(other)))
