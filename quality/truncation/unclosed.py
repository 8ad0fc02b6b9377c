"""What was opened and must be closed again: a block of code, an object of JSON, a row of a table.

A bracket or a quotation mark that stays open is a slip as often as a sign. These three are read by programs, and
whoever leaves one open broke off.
"""

from __future__ import annotations

import polars as pl

_FENCE = r"(?m)^[ \t>]*```"
# What opens a block names a language, or stands below a blank line or a colon; what closes one stands below code.
_ITEM = r"(?:(?:[-*•]|\d{1,3}[.)])[ \t]+)?"
_OPENS = (
    rf"(?:\A|\n[ \t>]*\n|:[*_]*[ \t]*\n)[ \t>]*{_ITEM}```[^`\n]*\n[^\n]*\S|"
    r"\n[ \t>]*```[ \t]*[a-zA-Z][\w+#.-]*[^`\n]*\n"
)
_LAST_BLOCK = r"(?s)(?:\A|\n)([ \t>]*```[^`]*)\z"
_STRING = r"\"(?:[^\"\\\n]|\\.)*\""
_BLOCK = r"\A\s*(?:```\w*[ \t]*\n\s*)?"
_JSON = rf"{_BLOCK}(?:\{{\s*\"[^\"\n]*\"\s*:|\[\s*(?:\{{\s*\"|\"[^\"\n]*\"\s*,|\[\s*[\"\d-]))"
_ROW = r"\n[ \t]*\|[^\n]*\|[ \t]*\n[ \t]*\|[^|\n][^\n]*[^|\s][ \t]*\z"
_MAY_BE = r"```|\A\s*[{\[]|\n[ \t]*\|"


def left_open(answer: pl.Expr, prompt: pl.Expr) -> pl.Expr:
    """Tell the answers that end within a block of code, an object of JSON or a row of a table.

    Who was given the beginning of a block goes on with it: fences are counted only where the prompt's are even.
    """
    some = pl.when(answer.str.contains(_MAY_BE)).then(answer)
    odd = some.str.count_matches(_FENCE) % 2 == 1
    last = pl.when(odd).then(some).str.extract(_LAST_BLOCK)
    begun = last.is_not_null() & pl.when(odd).then(some).str.contains(rf"(?:{_OPENS})[^`]*\z")
    given = prompt.str.count_matches(_FENCE) % 2 == 1
    data = pl.when(some.str.contains(_JSON)).then(some).str.replace_all(_STRING, "")
    left = data.str.count_matches(r"[{\[]") > data.str.count_matches(r"[}\]]")
    return ((begun & ~given) | left | some.str.contains(_ROW)).fill_null(value=False)
