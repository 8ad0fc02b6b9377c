r"""Texts to their words (`\w+` after NFC and case folding) as one run of bytes with zeros between words.

Chinese, Japanese, Thai, Lao, Khmer and Burmese put no spaces between words. Of their scripts each character is a word
of its own, together with the marks it bears, as sacreBLEU's tokeniser `zh` has it; no dictionary decides what a word
is, so that equal characters are equal words wherever they stand.

References
----------
Post (2018), A Call for Clarity in Reporting BLEU Scores, WMT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.texts.characters import UNSPACED
from quality.texts.normalise import fold, is_ascii

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD = r"\w+"
# Bytes of letters (as lower case), digits and underscore; bytes of characters beyond ASCII. Zero is what parts words.
_CODES = bytes(
    byte if byte > 0x7F or chr(byte).isalnum() or byte == ord("_") else 0
    for byte in (ord(chr(byte).lower()) if byte < 0x80 else byte for byte in range(256))
)
# The mark that lengthens a Japanese vowel is of no script of its own.
CHARACTER = rf"[\w&&[{UNSPACED}ーｰ]]"
_WITH_MARKS = rf"{CHARACTER}\p{{M}}*"
IDEOGRAPH = r"[\w&&\p{Han}]"
# What a word of English takes: measured on translated messages of programs, Chinese 1.6 and 1.7 characters, Burmese
# 2.7, Japanese 2.9 (of both kinds), Khmer 3.2, Thai 4.1. In sixteenths of a word, so that sums are exact.
_WORD_PARTS, _IDEOGRAPH_PARTS, _LETTER_PARTS = 16, 10, 5


def apart(text: pl.Expr) -> pl.Expr:
    """Set each character of a script without spaces apart; other texts stay as they are.

    It knows composed characters only: fold texts before (`quality.texts.normalise`).
    """
    # Each branch sees null in the other's rows.
    unspaced = ~is_ascii(text) & pl.when(~is_ascii(text)).then(text).str.contains(CHARACTER)
    parted = pl.when(unspaced).then(text).str.replace_all(_WITH_MARKS, " $0 ")
    return pl.when(unspaced).then(parted).otherwise(text)


def words_apart(texts: pl.Series) -> pl.Series:
    """Spell folded texts so that what stands between blanks are words and their punctuation; null stays null."""
    text = pl.col("text")
    # Step by step: one expression would hold the former ones several times over.
    return texts.to_frame("text").select(apart(text)).select(_unemphasised(text)).to_series()


def size_in_words(text: pl.Expr) -> pl.Expr:
    """Count words, or as many as would say the same: an ideograph is 10/16 of a word, another character 5/16.

    The sum is rounded, a half up, and is no less than 1 where there is any word.
    """
    words, characters, ideographs = _counts(text)
    letters = characters - ideographs
    parts = (words - characters) * _WORD_PARTS + ideographs * _IDEOGRAPH_PARTS + letters * _LETTER_PARTS
    rounded = (parts + _WORD_PARTS // 2) // _WORD_PARTS
    return pl.max_horizontal(rounded, pl.min_horizontal(words, pl.lit(1)))


def ngram_size(text: pl.Expr, words: int) -> pl.Expr:
    """Return how many words an n-gram of a text must have to say as much as `words` words, or all that it has.

    Where more than half of a text are characters of a script without spaces: 13 for 8 in Chinese, else 26.
    """
    own, characters, ideographs = _counts(text)
    many = spans(words)
    unspaced = pl.when(ideographs * 2 >= characters).then(many[0]).otherwise(many[1])
    return pl.when(characters * 2 > own).then(pl.min_horizontal(unspaced, own)).otherwise(words).cast(pl.Int64)


def spans(words: int) -> tuple[int, int]:
    """Return how many ideographs, and how many other characters without spaces, say as much as so many words."""
    return -(-words * _WORD_PARTS // _IDEOGRAPH_PARTS), -(-words * _WORD_PARTS // _LETTER_PARTS)


def _counts(text: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Count the words of a folded text, those that are characters of a script without spaces, and the ideographs."""
    counts = [
        whole.str.count_matches(pattern).fill_null(0).cast(pl.Int64)
        for whole, pattern in ((apart(text), WORD), (text, _WITH_MARKS), (text, IDEOGRAPH))
    ]
    return counts[0], counts[1], counts[2]


def _unemphasised(text: pl.Expr) -> pl.Expr:
    """Blank out underscores around words, which set them in italics: `_so_` is `so`, `snake_case` one word."""
    marked = text.str.contains("_", literal=True)
    bare = pl.when(marked).then(text).str.replace_all(r"\b_+|_+\b", " ")
    return pl.when(marked).then(bare).otherwise(text)


def word_codes(texts: pl.Series) -> tuple[bytes, NDArray[np.int64]]:
    r"""Fold texts and blank out what belongs to no word.

    A regular expression looks at texts with characters beyond ASCII only: in the others, a table of 256 bytes tells
    a word's bytes, ten times as fast.

    Returns
    -------
    codes : bytes
        Text after text, a zero after each but the last; inside, words with zeros between them.
    ends : (n_texts,) int64
        Where each text ends. Null has no word.
    """
    text = pl.col("text")
    frame = texts.to_frame("text").with_columns(plain=is_ascii(text))
    if not frame["plain"].all():
        folded = frame.select(fold(pl.when(~pl.col("plain")).then(text)))
        words = folded.select(apart(text).str.replace_all(r"\W+", "\n"))["text"]
        frame = frame.with_columns(words=words).with_columns(
            text=pl.when(pl.col("plain")).then(text).otherwise(pl.col("words"))
        )
    clean = frame.select(text.fill_null(""))["text"]
    ends = np.cumsum(clean.str.len_bytes().to_numpy().astype(np.int64) + 1) - 1
    joined: bytes = clean.str.join("\n").cast(pl.Binary).item() if len(clean) else b""
    return joined.translate(_CODES), ends
