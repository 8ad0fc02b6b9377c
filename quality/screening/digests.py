"""Digests that stand beside what they are of: "d41d8cd9…  kiln.txt", "SHA256 (kiln.txt) = 9f86d0…".

They are drawn, as noise is, and mean the file whose name stands in their line. One without a name is read as it was,
and so is one among words: any word would be its name.
"""

from __future__ import annotations

import polars as pl

# MD5, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512, in one case.
_FIGURES = "(?:{0}{{32}}|{0}{{40}}|{0}{{56}}|{0}{{64}}|{0}{{96}}|{0}{{128}})"
_DIGEST = rf"\b(?:{_FIGURES.format('[0-9a-f]')}|{_FIGURES.format('[0-9A-F]')})\b"
# A name has a letter or a sign that no digest has. One without a full stop or a stroke is any word: nothing else stands
# in its line.
_NAMED, _WORD = r"[\w+~@-]*[./][\w./+~@:-]*", r"[\w+~@-]*[g-zG-Z][\w+~@:-]*"
_BEHIND = rf"{_DIGEST}[`*_]{{0,2}}[ \t]*[*:|(=-]*[ \t]*[`*]?"
_BEFORE = rf"[`)\"'*_]{{0,3}}[ \t]*[|:=@-]*[ \t]*[`\"'*_]{{0,2}}{_DIGEST}"
_FIRST, _LAST = r"(?m:^)[ \t>|*`+-]*", r"[ \t)|*`\r]*(?m:$)"
_ALONE = rf"{_FIRST}(?:\w{{2,12}} \()?{_WORD}{_BEFORE}{_LAST}|{_FIRST}{_BEHIND}{_WORD}{_LAST}"
_MAY_BE = r"[0-9a-f]{32}|[0-9A-F]{32}"


def without_digests(text: pl.Expr) -> pl.Expr:
    """Take out digests that have a name in their line, with it."""
    some = pl.when(text.str.contains(_MAY_BE)).then(text)
    return some.str.replace_all(f"{_NAMED}{_BEFORE}|{_BEHIND}{_NAMED}|{_ALONE}", " ").fill_null(text)
