"""Of a pattern that alternative alone is left out which a text can't match, whatever the pattern is made of."""

import re
import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.texts.required import narrowed

Matched = tuple[str, str]  # a pattern, and a text that it matches


@pytest.mark.parametrize(
    ("pattern", "said", "left"),
    [
        (r"(?i)\b(?:colou?rs?|dyes?)\b", "a colour", r"(?i)\b(?:colou?rs?|dyes?)\b"),
        (r"(?i)\b(?:colou?rs?|dyes?)\b", "grey", None),
        (r"cat|dog|[0-9]", "the dog", r"dog|[0-9]"),
        (r"(?i)cat|dog", "the dog", r"(?i)dog"),
        # A flag within an alternative holds for those behind it.
        (r"cat|(?i)dog|owl", "the owl", r"cat|(?i)dog|owl"),
        (r"cat|(?i)dog|owl", "the hen", None),
        (r"\bun(?:tie|do)[a-z]*", "undo", r"\bun(?:tie|do)[a-z]*"),
        (r"\bun(?:tie|do)[a-z]*", "until he did", None),
        (r"(?:ab){2,}x?", "ab", r"(?:ab){2,}x?"),  # as far as it is read
        (r"a\|b|\x{2014}", "a|b", r"a\|b"),
        (r"\w+\s[.!?]", "no stop", None),
        (r"[]x]y", "xy", r"[]x]y"),
        (r"[^x]y", "x", None),
        (r"\b{start}cat", "hen", r"\b{start}cat"),  # syntax that is not read
        (r"(?P<animal>cat)", "hen", r"(?P<animal>cat)"),
        *((odd, "hen", odd) for odd in (r"\qcat", "(cat", "cat)", "(?i", "cat{x}", "cat{2")),
        (r"cat?|", "hen", r""),
        (r"(?x)a b", "ab", r"(?x)a b"),  # where blanks match nothing
        (r"\<cat\>", "cat", r"\<cat\>"),  # where a word begins and ends
    ],
)
def test_alternatives_are_left_that_a_text_may_match(pattern: str, said: str, left: str | None) -> None:
    assert narrowed(pattern, said) == left


def _literal(text: str) -> Matched:
    return re.sub(r"([^\w\s])", r"\\\1", text), text


def _either(parts: list[Matched]) -> Matched:
    return f"(?:{'|'.join(pattern for pattern, _ in parts)})", parts[0][1]


def _row(parts: list[Matched]) -> Matched:
    return "".join(pattern for pattern, _ in parts), "".join(text for _, text in parts)


def _repeated(part: Matched, sign: tuple[str, int]) -> Matched:
    return f"(?:{part[0]}){sign[0]}", part[1] * sign[1]


_LETTERS = st.sampled_from(["a", "B", "é", "ß", "k", " ", ".", "|", "(", "\n", "-", "]", "{", "cat", "Dog"])
_SIGNS = [("?", 0), ("?", 1), ("*", 0), ("*?", 2), ("+", 1), ("+?", 3), ("{2}", 2), ("{0,3}", 0), ("{1,}", 1)]
_ATOMS = st.one_of(
    _LETTERS.map(_literal),
    st.sampled_from(
        [(r"[ab\]]", "]"), ("[^a]", "b"), ("[a-c]", "c"), (r"\w", "x"), (r"\p{L}", "y"), (r"[a[bc]]", "b"), (".", "x"),
         (r"\b", ""), (r"\x{41}", "A"), (r"\n", "\n"), ("(?i:dog)", "DOG"), ("[]a]", "]"), (r"[\w--a]", "b")]
    ),
)  # fmt: skip
_PARTS = st.recursive(
    _ATOMS,
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=4).map(_either),
        st.lists(parts, min_size=1, max_size=4).map(_row),
        st.tuples(parts, st.sampled_from(_SIGNS)).map(lambda drawn: _repeated(*drawn)),
    ),
    max_leaves=12,
)


@given(
    parts=st.lists(_PARTS, min_size=1, max_size=4),
    place=st.integers(0, 3),
    flags=st.sampled_from(["", "(?i)", "(?s)", "(?im)"]),
    around=st.tuples(_LETTERS, _LETTERS),
)
def test_what_a_pattern_matches_its_rest_does(
    parts: list[Matched], place: int, flags: str, around: tuple[str, str]
) -> None:
    pattern = flags + "|".join(one for one, _ in parts)
    text = parts[place % len(parts)][1].join(around)
    left = narrowed(pattern, text.casefold())
    told = pl.Series([text])
    if told.str.contains(pattern).item():  # not where a boundary stands between two letters
        assert left is not None
        assert told.str.extract_all(left).to_list() == told.str.extract_all(pattern).to_list()


def test_letters_that_are_one_whatever_the_case_are_so_to_both() -> None:
    cased = [chr(code) for code in range(sys.maxunicode) if chr(code).casefold() != chr(code) or chr(code).islower()]
    characters = pl.Series(cased)
    odd = [one for one in cased if one.isascii() or one.casefold() != one.lower()]
    for one in odd:
        alike = characters.filter(characters.str.contains(f"(?i)^{one}$"))
        assert {other.casefold() for other in alike} == {one.casefold()}
