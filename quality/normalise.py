"""One idea of "the same text": Unicode NFC, case folding and white-space folding, as Polars expressions."""

from functools import lru_cache

import polars as pl

# Every character whose case folding is not its lower case (ß, ſ, ς, ligatures …) lies below this.
_LAST_FOLDED = 0x1F000


@lru_cache(maxsize=1)
def _special_folds() -> tuple[list[str], list[str]]:
    """Characters that lower-casing leaves apart although Unicode folds them: `ß` and `ss`, `ς` and `σ`."""
    special = {c: c.casefold() for c in map(chr, range(0x80, _LAST_FOLDED)) if c.casefold() != c.lower()}
    return list(special), list(special.values())


def is_ascii(text: pl.Expr) -> pl.Expr:
    """Tell which texts are pure ASCII (there NFC does nothing and lower-casing is case folding)."""
    return text.str.len_bytes() == text.str.len_chars()


def fold(text: pl.Expr) -> pl.Expr:
    """Bring texts to Unicode NFC and fold their case.

    The result equals Python's `normalize("NFC", normalize("NFC", text).casefold())`.
    """
    ascii_only = is_ascii(text)
    special, folded = _special_folds()
    # Each branch sees null in the other's rows, so the slow Unicode path costs nothing on plain text.
    rest = pl.when(~ascii_only).then(text).str.normalize("NFC").str.to_lowercase()
    rest = rest.str.replace_many(special, folded).str.normalize("NFC")
    return pl.when(ascii_only).then(text.str.to_lowercase()).otherwise(rest)


def normalise(text: pl.Expr) -> pl.Expr:
    """Fold texts (see `fold`), collapse each run of white space to one space and strip the ends."""
    return fold(text).str.replace_all(r"\s+", " ").str.strip_chars()


def normalised(texts: pl.Series) -> pl.Series:
    """Apply `normalise` to a series; nulls stay null."""
    return texts.to_frame("text").select(normalise(pl.col("text"))).to_series()
