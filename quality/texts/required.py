r"""Pieces of text of which each match of a pattern holds one: where a text has none of them, nobody need search it.

To compile a large pattern takes longer than to search a hundred pages for a word. So a pattern is read here as far as
it takes to know what it can't match without: of "(?i)\b(?:colou?rs?|dyes?)\b" that is "color", "colour" or "dye".

References
----------
Cox, "Regular Expression Matching with a Trigram Index", 2012.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import NamedTuple

_MOST = 100  # strings that are kept of what a part can match; of more, only what it must hold is
_MOST_IN_CLASS = 8  # characters
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_CLASSES, _PLACES = "dDsSwWpP", "bBAz"
_FLAGS = re.compile(r"\(\?[imsuU-]+\)")


class _Part(NamedTuple):
    """What a part of a pattern can match, where that is a few strings, and else what it must hold one of, if known."""

    whole: frozenset[str] | None
    held: frozenset[str] | None = None

    @property
    def known(self) -> frozenset[str] | None:
        return self.held if self.whole is None else self.whole


class _UnknownSyntaxError(Exception):
    pass


_EMPTY = frozenset([""])
_ANYTHING, _NOTHING = _Part(None), _Part(_EMPTY)


def narrowed(pattern: str, said: str) -> str | None:
    """Leave out of a pattern the alternatives that a text can't match: the rest matches all that the whole does there.

    Parameters
    ----------
    pattern : str
        A regular expression as Polars takes them.
    said : str
        The text, or several, after `str.casefold`: case makes no difference here.

    Returns
    -------
    str, or None
        None where nothing is left. Of what holds no certain text ("[0-9]+"), and of syntax that is not read here, all
        is.
    """
    flags, alternatives = _alternatives(pattern)
    left = [one for one, pieces in alternatives if pieces is None or any(piece in said for piece in pieces)]
    return flags + "|".join(left) if left else None


@cache
def _alternatives(pattern: str) -> tuple[str, list[tuple[str, frozenset[str] | None]]]:
    """Cut a pattern into the flags it begins with and its alternatives, each with what a match of it holds one of."""
    begins = _FLAGS.match(pattern)
    flags = begins[0] if begins else ""
    rest = pattern[len(flags) :]
    try:
        parts = _Reader(rest).read()
    except _UnknownSyntaxError:
        return "", [(pattern, None)]
    if _FLAGS.search(rest):  # within an alternative, they hold for those behind it as well
        return "", [(pattern, _useful(_union([part for _, part in parts]).known))]
    return flags, [(one, _useful(part.known)) for one, part in parts]


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0

    def read(self) -> list[tuple[str, _Part]]:
        """Tell the alternatives, and what each can match."""
        parts = []
        while True:
            begin = self._at
            part = self._row()
            parts.append((self._pattern[begin : self._at], part))
            if not self._skip("|"):
                break
        if self._at < len(self._pattern):
            raise _UnknownSyntaxError
        return parts

    def _next(self) -> str:
        if self._at == len(self._pattern):
            raise _UnknownSyntaxError
        self._at += 1
        return self._pattern[self._at - 1]

    def _before(self, signs: str) -> bool:
        return self._pattern[self._at : self._at + 1] in set(signs)

    def _skip(self, sign: str) -> bool:
        if found := self._before(sign):
            self._at += 1
        return found

    def _until(self, end: str) -> str:
        begin = self._at
        while self._next() != end:
            pass
        return self._pattern[begin : self._at - 1]

    def _choice(self) -> _Part:
        parts = [self._row()]
        while self._skip("|"):
            parts.append(self._row())
        return _union(parts)

    def _row(self) -> _Part:
        """Read parts behind each other; what those can match that are a few strings each is one string."""
        run, held, broken = _EMPTY, None, False
        while self._at < len(self._pattern) and not self._before("|)"):
            part = self._repeated(self._one())
            if part.whole is not None and len(run) * len(part.whole) <= _MOST:
                run = frozenset(map("".join, product(run, part.whole)))
            else:
                held, broken, run = _better(held, run, part.known), True, part.whole or _EMPTY
        return _Part(None, _better(held, run)) if broken else _Part(run)

    def _repeated(self, part: _Part) -> _Part:
        while self._before("?*+{"):
            sign = self._next()
            times = self._until("}") if sign == "{" else {"?": "0,1", "*": "0,", "+": "1,"}[sign]
            self._skip("?")  # a lazy one matches the same texts
            least = times.partition(",")[0] or "0"
            if not least.isdigit():
                raise _UnknownSyntaxError
            if times == "0,1" and part.whole is not None:
                part = _Part(part.whole | _EMPTY)
            elif int(least):
                part = _Part(None, part.known)
            else:
                part = _ANYTHING
        return part

    def _one(self) -> _Part:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escape()
        if character == ".":
            return _ANYTHING
        return _NOTHING if character in "^$" else _Part(frozenset([character.casefold()]))

    def _group(self) -> _Part:
        if self._skip("?"):
            while self._before("imsuU-"):
                self._next()
            if self._skip(")"):
                return _NOTHING
            if not self._skip(":"):
                raise _UnknownSyntaxError
        part = self._choice()
        if not self._skip(")"):
            raise _UnknownSyntaxError
        return part

    def _escape(self) -> _Part:
        character = self._next()
        if character in _CLASSES:
            if character in "pP" and self._next() == "{":
                self._until("}")
            return _ANYTHING
        if character in _PLACES:
            if self._before("{"):  # `\b{start}`
                raise _UnknownSyntaxError
            return _NOTHING
        if character in "<>":  # where a word begins, and where it ends
            raise _UnknownSyntaxError
        if character == "x" and self._skip("{"):
            character = chr(int(self._until("}"), 16))
        elif character.isalnum():
            if character not in _ESCAPED:
                raise _UnknownSyntaxError
            character = _ESCAPED[character]
        return _Part(frozenset([character.casefold()]))

    def _class(self) -> _Part:
        """Read what stands between brackets: a few characters, or any."""
        few: set[str] | None = None if self._skip("^") else set()
        begin = self._at
        while (character := self._next()) != "]" or self._at == begin + 1:
            part = _Part(frozenset([character.casefold()]))
            if character == "[":
                self._class()
                few = None
            elif character == "\\":
                part = self._escape()
            if character in "-&~" or part.whole is None:  # a range, or what two classes share
                few = None
            elif few is not None:
                few |= part.whole
        return _Part(frozenset(few)) if few and len(few) <= _MOST_IN_CLASS else _ANYTHING


def _union(parts: list[_Part]) -> _Part:
    """Tell what one of several parts can match."""
    known = [part.known for part in parts]
    held = None if None in known else frozenset[str]().union(*(one for one in known if one is not None))
    few = held is not None and len(held) <= _MOST and all(part.whole is not None for part in parts)
    return _Part(held) if few else _Part(None, held)


def _better(*sets: frozenset[str] | None) -> frozenset[str] | None:
    """Choose the set of the longest pieces, of two alike the smaller one."""
    known = [one for one in sets if one is not None]
    return max(known, key=lambda one: (min(map(len, one)), -len(one)), default=None)


def _useful(pieces: frozenset[str] | None) -> frozenset[str] | None:
    return None if pieces is None or "" in pieces else pieces
