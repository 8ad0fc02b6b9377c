"""Regular expressions, several at a time, and such as hardly any text holds.

Polars compiles a pattern anew for each call, and a large one takes longer to compile than to search a small pool with.
So of few texts it is first seen whether any holds what the pattern can't match without (`quality.texts.required`). And
where `pl.when(…).then(text)` leaves null, Polars searches the text behind it all the same; here it does not.
"""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING

import polars as pl

from quality.texts.required import narrowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Up to so many texts, and characters in all, it takes less to look for pieces of a pattern than to compile it.
_FEW_TEXTS, _FEW_CHARACTERS = 500, 50_000
_WORTH_TWO = 200_000  # bytes beyond ASCII, below which a second pattern takes longer to compile than it saves
_OFTEN = re.compile(r"(?<![\\\[^])\]\{0,(?:[3-9]\d|\d{3,})\}")
_BOUND = re.compile(r"(?<!\\)((?:\\\\)*)\\b(?!\{)")
_LETTER_BEYOND = r"[\w--[\x00-\x7F]]"  # and a mark or figure, as \w has them


def holds(text: pl.Expr, pattern: str) -> pl.Expr:
    r"""Tell texts that hold a pattern, as `str.contains` does; null stays null.

    The automaton that the engine searches with knows word boundaries (`\b`) in ASCII alone. In a text with one dash or
    accent it gives way to a search of a twentieth of the speed and less. But where a text's letters are those of ASCII,
    its boundaries are where ASCII has them. Others are searched without the boundaries, and with them only where that
    found something.
    """
    return text.map_batches(partial(which_hold, pattern=pattern), return_dtype=pl.Boolean)


def count_of(text: pl.Expr, pattern: str) -> pl.Expr:
    """Count a pattern's matches, as `str.count_matches` does; null stays null."""
    return text.map_batches(lambda texts: _of_said(texts, _counted, pattern), return_dtype=pl.UInt32)


def without(text: pl.Expr, pattern: str, instead: str = "") -> pl.Expr:
    """Put something else in the place of a pattern's matches, as `str.replace_all` does; null stays null."""
    replaced = partial(_replaced, instead=instead)
    return text.map_batches(lambda texts: _of_said(texts, replaced, pattern), return_dtype=pl.String)


def any_of(patterns: Iterable[str], text: pl.Expr) -> pl.Expr:
    """Tell texts that hold any of the patterns; null holds none."""
    return pl.any_horizontal(holds(text, pattern) for pattern in patterns).fill_null(value=False)


def which_hold(texts: pl.Series, pattern: str) -> pl.Series:
    """Tell which of some texts hold a pattern, as `holds` does."""
    return _of_said(texts, _held, pattern)


def _of_said(texts: pl.Series, search: Callable[[pl.Series, str], pl.Series], pattern: str) -> pl.Series:
    """Search the texts that are not null; the others stay so."""
    if not texts.null_count():
        return search(texts, pattern)
    found = search(texts.drop_nulls(), pattern)
    return found.clear(len(texts)).scatter(texts.is_not_null().arg_true(), found)


def _held(texts: pl.Series, pattern: str) -> pl.Series:
    left = _left_for(texts, pattern)
    if left is None:
        return pl.Series([False] * len(texts), dtype=pl.Boolean)
    if (loose := _loosened(left)) != left:
        return _confirmed(_held(texts, loose), texts, left)
    if not _BOUND.search(left) or _beyond_ascii(texts) < _WORTH_TWO:
        return texts.str.contains(left)
    lettered = texts.str.contains(_LETTER_BEYOND)
    found, others = texts.filter(~lettered).str.contains(_in_ascii(left)), texts.filter(lettered)
    told = found.clear(len(texts)).scatter((~lettered).arg_true(), found)
    beyond = _confirmed(others.str.contains(_BOUND.sub(r"\1", left)), others, left)
    return told.scatter(lettered.arg_true(), beyond)


def _confirmed(found: pl.Series, texts: pl.Series, pattern: str) -> pl.Series:
    """Leave what was found by a pattern that matches more to the pattern itself."""
    if not found.any():
        return found
    places = found.arg_true()
    return found.scatter(places, texts.gather(places).str.contains(pattern))


def _counted(texts: pl.Series, pattern: str) -> pl.Series:
    counts, held = pl.zeros(len(texts), pl.UInt32, eager=True), _held(texts, pattern)
    if not held.any():
        return counts
    places = held.arg_true()
    return counts.scatter(places, texts.gather(places).str.count_matches(pattern))


def _replaced(texts: pl.Series, pattern: str, instead: str) -> pl.Series:
    held = _held(texts, pattern)
    if not held.any():
        return texts
    places = held.arg_true()
    return texts.clone().scatter(places, texts.gather(places).str.replace_all(pattern, instead))


def _left_for(texts: pl.Series, pattern: str) -> str | None:
    """Leave of a pattern what one of a few texts may match, None if nothing; for many texts, the pattern."""
    if texts.is_empty():
        return None
    said = "\n".join(texts.to_list()) if len(texts) <= _FEW_TEXTS else ""
    return narrowed(pattern, said.casefold()) if said and len(said) <= _FEW_CHARACTERS else pattern


def _beyond_ascii(texts: pl.Series) -> int:
    """Count the bytes of texts that hold more than ASCII."""
    size = texts.str.len_bytes()
    return int(size.filter(size > texts.str.len_chars()).sum())


@cache
def _loosened(pattern: str) -> str:
    """Let a class come as often as it likes where it may come 30 times: that matches more, and is compiled sooner."""
    return _OFTEN.sub(r"]*", pattern)


@cache
def _in_ascii(pattern: str) -> str:
    """Let a pattern look for the boundaries of words among ASCII's letters."""
    return _BOUND.sub(r"\1(?-u:\\b)", pattern)
