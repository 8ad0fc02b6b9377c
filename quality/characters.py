"""What a text is made of: words, letters, digits, and whether there is anything to see."""

import polars as pl

# A run of letters is a word, but in scripts without spaces each character counts.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = rf"[{_UNSPACED}]|[\w--[{_UNSPACED}]]+"
# Below so many visible characters, a share says little: "(a)", "**B**"; a long number is an answer.
_FEWEST_FOR_LETTERS = 20
_FEWEST_FOR_DIGITS = 40


def is_empty(text: pl.Expr) -> pl.Expr:
    """Tell texts in which nothing can be seen: blanks, controls, zero-width characters."""
    return ~text.str.contains(r"[^\s\p{C}]")


def count_words(text: pl.Expr) -> pl.Expr:
    """Count words; in scripts without spaces each character is one."""
    return text.str.count_matches(_WORD)


def visible(text: pl.Expr) -> pl.Expr:
    """Count the characters that are not blank."""
    return text.str.len_chars() - text.str.count_matches(r"\s")


def letters(text: pl.Expr, visible: pl.Expr) -> pl.Expr:
    """Measure the share of letters, marks and digits among visible characters; 1 for very short texts."""
    others = text.str.count_matches(r"[^\p{L}\p{M}\p{N}\s]")
    return pl.when(visible < _FEWEST_FOR_LETTERS).then(1.0).otherwise(1 - others / visible)


def digits(text: pl.Expr, visible: pl.Expr) -> pl.Expr:
    """Measure the share of digits among visible characters; 0 for short texts."""
    share = text.str.count_matches(r"\p{Nd}") / visible
    return pl.when(visible < _FEWEST_FOR_DIGITS).then(0.0).otherwise(share)
