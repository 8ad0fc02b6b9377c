"""What was opened and must be closed again: a block of code, an object of JSON, a row of a table.

A bracket or a quotation mark that stays open is a slip as often as a sign. These three are read by programs, and
whoever leaves one open broke off.
"""

from __future__ import annotations

import polars as pl

from quality.texts.json_texts import BEGINS_JSON, MAY_BE_FENCED
from quality.texts.patterns import holds, without

_FENCES = "`", "~"
_FENCE = r"(?m)^[ \t>]*{0}{0}{0}"
# What opens a block names a language, or stands below a blank line or a colon; what closes one stands below code.
_OPENS = (
    r"(?:(?:\A|\n[ \t\r>]*\n|:[*_]*[ \t\r]*\n)[ \t>]*{0}{0}{0}[^{0}\n]*\n[^{0}\n]*[^{0}\s]|"
    r"\n[ \t>]*{0}{0}{0}[ \t]*[a-zA-Z][\w+#.-]*[^{0}\n]*\n)[^{0}]*\z"
)
_STRING = r"\"(?:[^\"\\\n]|\\.)*\""
_LISTED = rf"{MAY_BE_FENCED}\[\s*(?:\{{\s*\"|\"[^\"\n]*\"\s*,|\[\s*[\"\d-])"
# Without its strings JSON holds signs, numbers, true, false and null, and the string that it was cut in: no prose.
_BARE_JSON = rf"{MAY_BE_FENCED}[\s{{}}\[\],:\d.eE+truefalsn-]*(?:\"[^\n]*)?\z"
# A table has a line that rules it; a drawing and sums of amounts |a| have not.
_RULE = r"\n[ \t]*[|+][ \t:]*[-=][-=|+: \t\r]*\n"
_ROWS = r"\n[ \t]*(\|[^\n]*\|)[ \t\r]*\n[ \t]*\|[^|\n][^\n]*[^|\s][ \t]*\z", r"\n[ \t]*(\|[^\n]*)\z"
_MAY_BE = r"```|~~~|\A\s*[{\[]|\n[ \t]*\|"


def left_open(answer: pl.Expr, prompt: pl.Expr) -> pl.Expr:
    """Tell the answers that end within a block of code, an object of JSON or a row of a table.

    Who was given the beginning of a block goes on with it: fences are counted only where the prompt's are even.
    """
    some = pl.when(answer.str.contains(_MAY_BE)).then(answer)
    begun = [_in_block(some, prompt, sign) for sign in _FENCES]
    data = without(pl.when(holds(some, f"{BEGINS_JSON}|{_LISTED}")).then(some), _STRING)
    left = (data.str.count_matches(r"[{\[]") > data.str.count_matches(r"[}\]]")) & holds(data, _BARE_JSON)
    above, row = (pl.when(holds(some, _RULE)).then(some).str.extract(line) for line in _ROWS)
    lacks = row.str.count_matches(r"\|") < above.str.count_matches(r"\|")
    return pl.any_horizontal(one.fill_null(value=False) for one in (*begun, left, lacks))


def _in_block(answer: pl.Expr, prompt: pl.Expr, sign: str) -> pl.Expr:
    """Tell the answers that end within a block between fences of such signs, which no prompt began."""
    fence = _FENCE.format(sign)
    # Some blocks open in the line that announces them.
    odd = pl.all_horizontal(answer.str.count_matches(one) % 2 == 1 for one in (fence, 3 * sign))
    given = pl.when(odd).then(prompt).str.count_matches(fence) % 2 == 1
    return holds(pl.when(odd).then(answer), _OPENS.format(sign)) & ~given
