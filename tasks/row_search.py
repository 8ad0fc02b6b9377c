"""Find the rows of a run that hold some words, as a person types them: whole words before parts of words."""

import re
from typing import Literal, NamedTuple

import polars as pl

from quality.texts.characters import UNSPACED

Way = Literal["phrase", "words", "within"]
"""How rows hold words: as they stand, as whole words; each of them as a whole word, somewhere; or within words."""


class Holding(NamedTuple):
    """Rows that hold words (`id, origin`), those that say least beside them first, and how they hold them."""

    rows: pl.DataFrame
    way: Way


def holding(texts: pl.DataFrame, words: str) -> Holding:
    """Find the rows whose prompt or answer holds words, in whatever case and spacing.

    Rows that hold them within words alone (“art” in “start”) are found where no row holds them as words of their own.

    Parameters
    ----------
    texts : pl.DataFrame
        Columns `id, origin, prompt, answer`.
    words : str
        What is looked for; signs of patterns are taken as they are.
    """
    sought = pl.select(plain(pl.lit(words))).item()
    parts = texts.with_columns(plain(pl.col("prompt", "answer")))
    ways: list[tuple[Way, list[str]]] = [
        ("phrase", [pattern(sought)]),
        ("words", [pattern(word) for word in sought.split(" ")]),
        ("within", [re.escape(sought)]),
    ]
    for way, patterns in ways:
        # How much a part says that holds them: the shortest text is likeliest the one that is meant.
        sizes = [
            pl.when(pl.all_horizontal(pl.col(part).str.contains(one) for one in patterns)).then(
                pl.col(part).str.len_chars()
            )
            for part in ("prompt", "answer")
        ]
        found = parts.with_columns(size=pl.min_horizontal(sizes)).filter(pl.col("size").is_not_null())
        if not found.is_empty():
            return Holding(found.sort("size", maintain_order=True).select("id", "origin"), way)
    return Holding(texts.clear().select("id", "origin"), "within")


def pattern(words: str) -> str:
    """Return a pattern of words as they stand, no letter before or behind; scripts without spaces know no such ends."""
    ends = pl.Series([words[:1], words[-1:]]).str.contains(rf"^[\w--[{UNSPACED}]]$")
    before, behind = (rf"(?:{side}|\W|[{UNSPACED}])" if end else "" for side, end in zip("^$", ends, strict=True))
    return f"{before}{re.escape(words)}{behind}"


def first_place(text: str, words: str) -> tuple[int, int] | None:
    """Return where a text on one line holds words: best as whole words, else within one, else the first of them."""
    line, sought = text.lower(), " ".join(words.lower().split())
    for said in (
        rf"(?<!\w){re.escape(sought)}(?!\w)",
        re.escape(sought),
        rf"(?<!\w){re.escape(sought.split()[0])}(?!\w)",
    ):
        if found := re.search(said, line):
            return found.span()
    return None


def plain(text: pl.Expr) -> pl.Expr:
    """Write a text as words are looked for in it: in one case, on one line, each letter in one way."""
    return text.str.normalize("NFC").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
