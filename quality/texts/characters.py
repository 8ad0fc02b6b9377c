"""What a text is made of: words, letters, digits, and whether there is anything to see."""

import polars as pl

# A run of letters is a word, but in scripts without spaces each character counts.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
# What stands for a thing though it is spelled in signs:
# "[]", "{}", "+", "!=", "&&", "{{"; marks that fill a gap ("-", "*") stand for none.
_OPERATOR = r"^\s*(?:[\[({]\s*[\])}]|[+%<>&^]|[=!<>]=|&&|\|\||\+\+|<<|>>|[=-]>|[{(\[]?[{%#(]|[}%#)][})\]]?)\s*$"
_WORD = rf"[{UNSPACED}]|[\w--[{UNSPACED}]]+"
# Below so many visible characters, a share says little: "(a)", "**B**"; a long number is an answer.
_FEWEST_FOR_LETTERS = 20
_FEWEST_FOR_DIGITS = 40
# Signs that prose hardly needs, and that a formula, a program or a price list each needs a few of.
_SIGNS = "#@$%^&~|\\*§¶"
_SIGN = r"[#@$%^&~|\\*§¶]"
_FEWEST_SIGNS = 5
# Before a name they are part of it: "$ships", "\\@quays", "%names".
_OF_NAMES = r"(^|[\s(,=\[{;])\\?[$@%&][A-Za-z_]\w"
_FEW = 0.05  # share of the signs, code included, below which nobody looks closer
# Fenced blocks, and those that stand behind a colon and an empty line, indented by as much as a block of Markdown; a
# list is none.
BLOCKS = (
    r"(?s)```.*?(?:```|\z)|~~~.*?(?:~~~|\z)|"
    r":[ \t]*\r?\n[ \t]*\r?\n(?: {4}|\t)[ \t]*[^\s*+•\d-][^\n]*(?:\n[ \t\r]*)*(?:\n|\z)"
    r"(?:(?: {4}|\t)[^\n]*(?:\n[ \t\r]*)*(?:\n|\z))*"
)
CODE = rf"{BLOCKS}|`[^`\n]*`"
"""Blocks, and what stands between backticks."""
_LATEX = (
    r"\\(?:frac|sqrt|begin|end|left|right|text|math\w*|cdot|times|sum|int|prod|lim|alpha|beta|theta|pi|ldots|dots)\b"
)


def is_empty(text: pl.Expr) -> pl.Expr:
    """Tell texts in which nothing can be seen: blanks, controls, zero-width characters."""
    return ~text.str.contains(r"[^\s\p{C}]")


def count_words(text: pl.Expr) -> pl.Expr:
    """Count words; in scripts without spaces each character is one, and so is an operator or an empty list alone."""
    return text.str.count_matches(_WORD) + text.str.contains(_OPERATOR).cast(pl.UInt32)


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


def symbol_noise(texts: pl.Series) -> pl.Series:
    """Measure the share of signs among visible characters where five or more kinds of them stand outside of code.

    Prose of any kind has 0, and so has TeX; Python and Perl, whose names begin with signs, stay below 0.1; noise begins
    at 0.2.

    Parameters
    ----------
    texts : pl.Series of String
        Without nulls.

    Returns
    -------
    pl.Series of Float64
        In the order of the texts.
    """
    text, share = pl.col("text"), pl.col("signs") / pl.col("seen")
    rows = texts.to_frame("text").select("text", signs=text.str.count_matches(_SIGN)).with_row_index("row")
    noisy = (
        rows.filter(pl.col("signs") >= _FEWEST_SIGNS)
        .with_columns(seen=visible(text))
        .filter((pl.col("seen") >= _FEWEST_FOR_LETTERS) & (share > _FEW) & ~text.str.contains(_LATEX))
        .with_columns(text.str.replace_all(CODE, " ").str.replace_all(_OF_NAMES, "${1}"))
        .with_columns(signs=text.str.count_matches(_SIGN))
        .filter(pl.sum_horizontal(text.str.contains(sign, literal=True) for sign in _SIGNS) >= _FEWEST_SIGNS)
    )
    found = rows.select("row").join(noisy.select("row", share=share), on="row", how="left", maintain_order="left")
    return found["share"].fill_null(0.0)
