"""Whole texts that were read in another encoding, told by reading them back.

Some mistakes leave no odd pair of characters behind. English read as UTF-16 is two letters a character, and looks
like Chinese ("桔獩椠"); one Russian encoding read in another is Russian letters in the wrong places ("ЧПДБ" is
"вода"). So such a text is written down in the encoding that it was read in, and read in the one that was meant: if
that is English, or has the letters that are frequent in Russian where this one has not, it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

# Letters of two bytes, in a text that may have been half as many letters of one.
_WIDE = r"[\x{2000}-\x{9FFF}]"
_FEWEST_WIDE = 6
_MOSTLY = 0.5
# Bytes of plain English, of all.
_PLAIN = frozenset(b"\t\n\r" + bytes(range(0x20, 0x7F)))
_PLAIN_SHARE = 0.9
_WORDED = frozenset(b" " + bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B)))
_WORDED_SHARE = 0.7  # of plain bytes: stars and arrows are signs in either
_WIDE_ENCODINGS = ("gbk", "big5", "shift-jis", "euc-kr")
_UNREAD, _KANA_SHARE = 0.3, 0.3  # most bytes left over, and least kana, to a character
_CYRILLIC = r"[\x{0401}-\x{045F}]"
_FEWEST_CYRILLIC = 10
# Half of the letters of plain Russian are these, and of its misreadings a sixth.
_FREQUENT = "оеаинтсрвл"
_READS, _BETTER = 0.5, 1.3  # share of these that Russian has, and so many times what the text has as it stands
# Russian has a capital in thirty letters, an inverted or a shuffled alphabet half of them; letters of other Slavic
# languages, where there were small ones of Russian, make up for it.
_ODD = r"[А-ЯЁ]|[Ѐ-ЏѐђѓєѕіїјљњћќѝўџҐґ]"
_ODD_SHARE = 0.2
_MISTAKEN = (
    ("cp1251", "koi8-r"),
    ("koi8-r", "cp1251"),
    ("cp1251", "cp866"),
    ("cp1251", "iso8859-5"),
    ("iso8859-5", "cp1251"),
)
# A byte in every second character's place that means nothing: capitals strewn into words ("УЙБЅёцЗвФ").
_SALAD = r"[А-яЁё][а-яё][А-ЯЁ]"
_SALAD_SHARE = 0.05


def misread(texts: pl.Series) -> pl.Series:
    """Tell the texts that say nothing as they stand, and something in another encoding.

    Parameters
    ----------
    texts : pl.Series of String
        Without nulls.

    Returns
    -------
    pl.Series of Boolean
        In the order of the texts.
    """
    text = pl.col("text")
    beyond = (texts.str.len_bytes() > texts.str.len_chars()).arg_true()
    rows = pl.DataFrame({"row": beyond, "text": texts.gather(beyond)}).with_columns(
        size=text.str.len_chars(), wide=text.str.count_matches(_WIDE), cyrillic=text.str.count_matches(_CYRILLIC)
    )
    wide = rows.filter((pl.col("wide") >= _FEWEST_WIDE) & (pl.col("wide") > _MOSTLY * pl.col("size")))
    russian = rows.filter(
        (pl.col("cyrillic") >= _FEWEST_CYRILLIC) & (text.str.count_matches(_ODD) > _ODD_SHARE * pl.col("cyrillic"))
    )
    salad = pl.col("cyrillic") * _SALAD_SHARE < text.str.count_matches(_SALAD)
    found = [
        wide.filter(_told(wide, _was_another))["row"],
        russian.filter(_told(russian, _was_russian) | salad)["row"],
    ]
    return pl.int_range(len(texts), dtype=pl.UInt32, eager=True).is_in(pl.concat(found).implode())


def _told(rows: pl.DataFrame, was: Callable[[str], bool]) -> pl.Series:
    return pl.Series([was(text) for text in rows["text"]], dtype=pl.Boolean)


def _was_another(text: str) -> bool:
    """Tell whether wide characters are the bytes of plain English, of UTF-8 or of Japanese, two by two.

    In UTF-16, that is, of either order, or in one of the East Asian encodings.
    """
    raw = text.encode("utf-16-le", "replace")
    plain = sum(byte in _PLAIN for byte in raw)
    if plain >= _PLAIN_SHARE * len(raw) and sum(byte in _WORDED for byte in raw) >= _WORDED_SHARE * plain:
        return True
    # The two bytes of each letter, one of them empty, in the wrong order.
    swapped = raw.decode("utf-16-be", "replace")
    if sum(letter.isascii() and letter.isprintable() for letter in swapped) >= _PLAIN_SHARE * len(swapped):
        return True
    # Signs have bytes that any encoding reads; letters have not.
    if sum("\u3400" <= letter <= "\ud7a3" for letter in text) < _MOSTLY * len(text):
        return False
    for read in _WIDE_ENCODINGS:
        written = text.encode(read, "ignore")
        unread = written.decode("utf-8", "replace").count("\ufffd")
        if len(written) > len(text) and unread <= _UNREAD * len(text):
            return True
    kana = text.encode("gbk", "ignore").decode("shift-jis", "ignore")
    return sum("\u3041" <= letter <= "\u3093" for letter in kana) > _KANA_SHARE * len(text)


def _was_russian(text: str) -> bool:
    """Tell whether a text reads as Russian only in an encoding in which it was not read."""
    letters = "".join(letter for letter in text if "\u0400" <= letter < "\u0460")
    least = max(_READS, _BETTER * _frequent(letters.casefold()))
    readings = (letters.encode(read, "replace").decode(meant, "replace") for read, meant in _MISTAKEN)
    return any(_frequent(reading) >= least for reading in readings)


def _frequent(text: str) -> float:
    """Share of the frequent small letters of Russian among all letters."""
    return sum(map(text.count, _FREQUENT)) / max(1, sum(map(str.isalpha, text)))
