"""Digests that stand beside what they are of: "d41d8cd9…  kiln.txt", "SHA256 (kiln.txt) = 9f86d0…".

They are drawn, as noise is, and mean the file whose name stands in their line. One without a name is read as it was,
and so is one among words: any word would be its name.
"""

from __future__ import annotations

import polars as pl

# MD5, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512, in one case.
_FIGURES = "(?:{0}{{32}}|{0}{{40}}|{0}{{56}}|{0}{{64}}|{0}{{96}}|{0}{{128}})"
_ANY = f"(?:{_FIGURES.format('[0-9a-f]')}|{_FIGURES.format('[0-9A-F]')})"
_DIGEST = rf"\b{_ANY}\b"
# A name has a letter or a sign that no digest has. One without a full stop or a stroke is any word: nothing else stands
# in its line.
_NAMED, _WORD = r"[\w+~@-]*[./][\w./+~@:-]*", r"[\w+~@-]*[g-zG-Z][\w+~@:-]*"
_BEHIND = rf"{_DIGEST}[`*_]{{0,2}}[ \t]*[*:|(=-]*[ \t]*[`*]?"
_BEFORE = rf"[`)\"'*_]{{0,3}}[ \t]*[|:=@-]*[ \t]*[`\"'*_]{{0,2}}{_DIGEST}"
_FIRST, _LAST = r"(?m:^)[ \t>|*`+-]*", r"[ \t)|*`\r]*(?m:$)"
_ALONE = rf"{_FIRST}(?:\w{{2,12}} \()?{_WORD}{_BEFORE}{_LAST}|{_FIRST}{_BEHIND}{_WORD}{_LAST}"
_IN_LINE = f"{_NAMED}{_BEFORE}|{_BEHIND}{_NAMED}|{_ALONE}"
# What any digest holds; and a digest, as the engine's automaton can tell it in texts beyond ASCII. The pattern itself
# takes a second for 20 kB of these.
_MAY_BE, _STANDS = r"[0-9a-f]{32}|[0-9A-F]{32}", rf"(?:^|\W){_ANY}(?:\W|$)"


def without_digests(text: pl.Expr) -> pl.Expr:
    """Take out digests that have a name in their line, with it."""
    return text.map_batches(_without_digests, return_dtype=pl.String)


def _without_digests(texts: pl.Series) -> pl.Series:
    rows = texts.str.contains(_MAY_BE).arg_true()
    if rows.is_empty():  # nor are patterns compiled
        return texts
    lines = pl.DataFrame({"row": rows, "line": texts.gather(rows).str.split("\n")}).explode(
        "line", empty_as_null=False, keep_nulls=False
    )
    places = lines["line"].str.contains(_STANDS).arg_true()
    bare = lines["line"].gather(places).str.replace_all(_IN_LINE, " ")
    left = lines.with_columns(lines["line"].scatter(places, bare)).group_by("row", maintain_order=True)
    return texts.clone().scatter(rows, left.agg(pl.col("line").str.join("\n"))["line"])
