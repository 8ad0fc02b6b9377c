"""What an answer quotes, which is another's word."""

from __future__ import annotations

import polars as pl

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
        text = text.str.replace_all(quoted, instead)
    return text
