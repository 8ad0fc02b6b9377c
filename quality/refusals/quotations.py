"""Where an "I" is nobody who answers: in what is quoted, or given as an example, in a title, in "I/O"."""

from __future__ import annotations

import polars as pl

from quality.texts.patterns import holds, without

_QUOTATION = r"[\"“„«][^\"“”„«»\n]+[\"”“»]"
# With words before or behind it; an answer that is in quotation marks as a whole is no quotation.
_QUOTED = (
    (rf"(\w[,:;.!?]? ){_QUOTATION}", '${1}"…"'),
    (rf"{_QUOTATION}(,? ?\w)", '"…"${1}'),
    (r"(\w[,:;]? )'(?:[^'\n]|\w'\w)+'(\W|$)", '${1}"…"${2}'),
)


def unquoted(text: pl.Expr) -> pl.Expr:
    """Leave out what is quoted among other words."""
    for quoted, instead in _QUOTED:
        text = without(text, quoted, instead)
    return text


_EXAMPLES = ("for example", "for instance", "e.g.", "example:", "examples:", "usage:", "as in:", "sentence:", "ex.:")
# Behind a sentence; an answer that is nothing but an example is its writer's.
_BEFORE = (
    r"(?is)^(.*?[^\s,;:–—-])\s+\W*(?:for (?:example|instance)\s*[:,–—-]|e\.g\.\s*[:,]?|"
    r"(?:examples?|usage|as in|sentence|ex\.)\s*:)\s"
)
_SPEAKS = r"(?i)\b(?:i|we|me|us|my|our|i['’](?:m|d|ll|ve)|we['’](?:re|d|ll|ve)|sorry|unfortunately|please)\b"


def ends_in_an_example(text: pl.Expr) -> pl.Expr:
    """Tell the texts that give an example where nobody spoke before: "A car. For example: I need new wheels."."""
    before = pl.when(text.str.contains_any(list(_EXAMPLES), ascii_case_insensitive=True)).then(
        text.str.extract(_BEFORE)
    )
    return (~holds(before, _SPEAKS)).fill_null(value=False)


# A variable, and a pair of letters; whoever speaks does not end a phrase in “in i”.
_VARIABLES = (
    (r"(?i)\bi/o\b", "io"),
    (r"\b(in|of|by|than|at|index|value|variable|element|and|or|to) i([.,;:)\]]|$)", "$1 n$2"),
)
# “I Can't Do That” begins as a refusal does, and who shouts speaks.
_TITLE = r"^\W*(?:\p{Lu}[\p{Ll}\p{M}'’.-]*\s+){2,}\p{Lu}[\p{Ll}\p{M}'’-]*\W*$"
_SPOKEN_IN = r"\b(?:I|My|Me|Mine|We|Our|Us)\b"
_OPENED = r"^\W*(?:I|We|My|Our|Sorry|Unfortunately|No|Please|As An)\b"


def without_variables(text: pl.Expr) -> pl.Expr:
    """Spell the “I” of “I/O” and the variable of “set in i.” in letters that nobody speaks by."""
    for variable, instead in _VARIABLES:
        text = text.str.replace_all(variable, instead)
    return text


def is_title(text: pl.Expr) -> pl.Expr:
    """Tell what is spelled as a title, each word with a capital, and has an “I” in it: “As Far As I Can Tell”."""
    return holds(text, _TITLE) & holds(text, _SPOKEN_IN) & ~holds(text, _OPENED)
