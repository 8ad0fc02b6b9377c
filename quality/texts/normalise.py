"""One idea of "the same text": Unicode NFC, case folding and white-space folding, as Polars expressions.

Characters of another width or typeface (`ｗｉｄｅ`, `𝐛𝐨𝐥𝐝`, joined Arabic forms) are the plain ones, as in Unicode's
NFKC, but without what may carry a meaning: `x²` is not `x2`, `½` not `1/2`, `①` not `1`.

Characters that nobody sees are left out: soft hyphens, zero-width blanks and joiners, marks of direction, selectors of
variants. They come with copying from pages and papers, and cut a word in two for whoever looks for words.
"""

import unicodedata
from functools import lru_cache

import polars as pl

# Every character whose case folding is not its lower case (ß, ſ, ς, ligatures …), or that is not plain, lies below.
_LAST_FOLDED = 0x20000
# Compatibility decompositions (Unicode, table 5.7.3 of UAX #44) that change how a character looks and nothing else.
_LOOKS = ("<wide>", "<narrow>", "<font>", "<noBreak>", "<initial>", "<medial>", "<final>", "<isolated>")
# Default_Ignorable_Code_Point (Unicode), as NFKC_Casefold leaves them out; without fillers that stand for a letter.
_INVISIBLE = (
    *(0x00AD, 0x034F, 0x061C, *range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F)),
    *(*range(0x2060, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF, *range(0xE0001, 0xE0080), *range(0xE0100, 0xE01F0)),
)


@lru_cache(maxsize=1)
def _special_folds() -> tuple[list[str], list[str]]:
    """Characters that lower-casing leaves apart although Unicode folds them (`ß` and `ss`), and invisible ones."""
    beyond_ascii = [*map(chr, range(0x80, _LAST_FOLDED))]
    special = {c: c.casefold() for c in beyond_ascii if c.casefold() != c.lower()}
    special |= {c: plain(c).casefold() for c in beyond_ascii if plain(c) != c}
    special |= {chr(code): "" for code in _INVISIBLE}
    return list(special), list(special.values())


def plain(character: str) -> str:
    """Return a character of another width or typeface in its plain form, and any other as it is."""
    if not unicodedata.decomposition(character).startswith(_LOOKS):
        return character
    form = unicodedata.normalize("NFKC", character)
    # Arabic vowel signs stand on a blank there, which would part a word.
    return character if " " in form and form != " " else form


def is_ascii(text: pl.Expr) -> pl.Expr:
    """Tell which texts are pure ASCII (there NFC does nothing and lower-casing is case folding)."""
    return text.str.len_bytes() == text.str.len_chars()


def fold(text: pl.Expr) -> pl.Expr:
    """Bring texts to Unicode NFC and `plain` characters, fold their case and leave out what is invisible.

    The result equals Python's `normalize("NFC", normalize("NFC", text).casefold())` of such a text without the latter.
    """
    ascii_only = is_ascii(text)
    special, folded = _special_folds()
    # Each branch sees null in the other's rows, so the slow Unicode path costs nothing on plain text.
    rest = pl.when(~ascii_only).then(text).str.normalize("NFC").str.to_lowercase()
    rest = rest.str.replace_many(special, folded).str.normalize("NFC")
    return pl.when(ascii_only).then(text.str.to_lowercase()).otherwise(rest)


def folded(texts: pl.Series) -> pl.Series:
    """Apply `fold` to a series; nulls stay null. Where all texts are ASCII, nothing is made ready for others."""
    text = pl.col("text")
    frame = texts.to_frame("text")
    plain = frame.select(is_ascii(text).all()).item()
    return frame.select(text.str.to_lowercase() if plain else fold(text)).to_series()


def normalise(text: pl.Expr) -> pl.Expr:
    """Fold texts (see `fold`), collapse each run of white space to one space and strip the ends."""
    return fold(text).str.replace_all(r"\s+", " ").str.strip_chars()


def normalised(texts: pl.Series) -> pl.Series:
    """Apply `normalise` to a series; nulls stay null."""
    return folded(texts).str.replace_all(r"\s+", " ").str.strip_chars()
