"""What was opened and must be closed again: a block of code, an object of JSON, a row of a table.

A bracket or a quotation mark that stays open is a slip as often as a sign. These three are read by programs, and
whoever leaves one open broke off.
"""

from __future__ import annotations

import polars as pl

_FENCE = r"(?m)^[ \t>]*```"
# What opens a block names a language, or stands below a blank line or a colon; what closes one stands below code.
_OPENS = (
    r"(?:(?:\A|\n[ \t>]*\n|:[*_]*[ \t]*\n)[ \t>]*```[^`\n]*\n[^`\n]*[^`\s]|"
    r"\n[ \t>]*```[ \t]*[a-zA-Z][\w+#.-]*[^`\n]*\n)[^`]*\z"
)
_STRING = r"\"(?:[^\"\\\n]|\\.)*\""
_BLOCK = r"\A\s*(?:```\w*[ \t]*\n\s*)?"
_JSON = rf"{_BLOCK}(?:\{{\s*\"[^\"\n]*\"\s*:|\[\s*(?:\{{\s*\"|\"[^\"\n]*\"\s*,|\[\s*[\"\d-]))"
# Without its strings JSON holds signs, numbers, true, false and null, and the string that it was cut in: no prose.
_BARE_JSON = rf"{_BLOCK}[\s{{}}\[\],:\d.eE+truefalsn-]*(?:\"[^\n]*)?\z"
# A table has a line that rules it; a drawing and sums of amounts |a| have not.
_RULE = r"\n[ \t]*[|+][ \t:]*[-=][-=|+: \t]*\n"
_ROWS = r"\n[ \t]*(\|[^\n]*\|)[ \t]*\n[ \t]*\|[^|\n][^\n]*[^|\s][ \t]*\z", r"\n[ \t]*(\|[^\n]*)\z"
_MAY_BE = r"```|\A\s*[{\[]|\n[ \t]*\|"


def left_open(answer: pl.Expr, prompt: pl.Expr) -> pl.Expr:
    """Tell the answers that end within a block of code, an object of JSON or a row of a table.

    Who was given the beginning of a block goes on with it: fences are counted only where the prompt's are even.
    """
    some = pl.when(answer.str.contains(_MAY_BE)).then(answer)
    # Some blocks open in the line that announces them.
    odd = pl.all_horizontal(some.str.count_matches(fence) % 2 == 1 for fence in (_FENCE, "```"))
    begun = pl.when(odd).then(some).str.contains(_OPENS)
    given = prompt.str.count_matches(_FENCE) % 2 == 1
    data = pl.when(some.str.contains(_JSON)).then(some).str.replace_all(_STRING, "")
    left = (data.str.count_matches(r"[{\[]") > data.str.count_matches(r"[}\]]")) & data.str.contains(_BARE_JSON)
    above, row = (pl.when(some.str.contains(_RULE)).then(some).str.extract(line) for line in _ROWS)
    lacks = row.str.count_matches(r"\|") < above.str.count_matches(r"\|")
    return pl.any_horizontal(one.fill_null(value=False) for one in (begun & ~given, left, lacks))
