"""Templates that name a second thing beside their subject, which both of two prompts name.

“Advice for gardeners in Orland who ask: | moss wort?” and “How would an Orland guide describe | moss wort?” are two
templates around one subject, though few prompts begin with either as it stands: each names a land. Both name the same
one. So it counts as subject as well, and the template has a place there that other prompts fill in otherwise.

Such a place lets more pass for a template than there are. Of “Advice for Orland on roots and | moss wort?” many hold
“roots”, but more have another word there: where most prompts that say the rest have another word in a word's place, it
is a name, and no template's. So is the house in “As Vestria monks say: | moss wort”, a third thing that the other
prompt lacks.
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
# A piece that is filled in within has so many words of its own.
_FEWEST_WORDS = 2
_ANY = r"\S+ "


class NamedBeside:
    """Prompts, to be asked whether words are pieces of templates with which many of them begin.

    Parameters
    ----------
    lines : list of str
        Every prompt once, in order, each word with a blank behind it.
    usual_words : frozenset of str
        One of these words alone may be a piece.
    """

    def __init__(self, lines: list[str], usual_words: frozenset[str]) -> None:
        self._lines, self._usual_words = lines, usual_words
        self._column = pl.Series(lines, dtype=pl.String)
        self._known: dict[tuple[Piece, int | None], int] = {}

    def in_pieces(self, words: Piece, usual: int) -> bool:
        """Tell whether words are pieces, one behind the other, with each of which so many prompts begin."""
        reached = {0}
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1) if start in reached else ():
                # With a longer piece no more prompts begin.
                if self._count(words[start:end]) < usual:
                    break
                if self._is_a_template_s(words[start:end]):
                    reached.add(end)
        return len(words) in reached

    def _is_a_template_s(self, piece: Piece) -> bool:
        own = [at for at, word in enumerate(piece) if word is not None]
        if len(own) < _FEWEST_WORDS:
            return not own or (len(piece) == 1 and piece[0] in self._usual_words)
        until = piece.index(None) if None in piece else len(piece)
        # At its ends templates branch (“what is”, “what does”), unless they go on behind a name.
        if any(self._is_filled_in(piece[:until], at) for at in range(1, until - 1)):
            return False
        return until == len(piece) or not any(self._is_filled_in(piece, at) for at in own)

    def _is_filled_in(self, piece: Piece, at: int) -> bool:
        """Tell whether most lines that say the rest of a piece have another word in a word's place."""
        return self._count(piece, at) > _ONE_OF * self._count(piece)

    def _count(self, piece: Piece, without: int | None = None) -> int:
        """Count the lines that begin with a piece, or with one that has any word in place of one of its words."""
        if (piece, without) not in self._known:
            self._known[piece, without] = self._counted(piece, without)
        return self._known[piece, without]

    def _counted(self, piece: Piece, without: int | None) -> int:
        literal = min(at for at, word in enumerate((*piece, None)) if word is None or at == without)
        line = "".join(f"{word} " for word in piece[:literal])
        first, last = (bisect_left(self._lines, edge) for edge in (line, f"{line}\U0010ffff"))
        if literal == len(piece) or first == last:
            return last - first
        name = f"(?:{_ANY}){{1,{_LONGEST_NAME}}}"
        parts = [name if word is None else f"{pl.escape_regex(word)} " for word in piece]
        if without is not None:
            parts[without] = _ANY
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
