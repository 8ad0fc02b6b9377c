"""Walks over a keyboard: words that are keys beside each other, along a row ("lkjh") or down its columns ("qazwsx").

A word is a walk where it is part of a track: a row, or all columns one behind the other, from above or from below,
there or back. Some words of any language are ("were", "red"); of a text, most words are only where keys were struck.
Signs that a track holds end a word in writing, so that tracks are told without them.
"""

from __future__ import annotations

import re
from itertools import zip_longest

import polars as pl

from quality.screening.struck_keys import ROWS
from quality.texts.patterns import holds

_LATIN, _CYRILLIC = ROWS[:3], ROWS[3:]
# Rows of keyboards, each from left to right: English, German, French, Dvorak's; Russian; Greek; Hebrew; Arabic.
_LAYOUTS = (
    _LATIN,
    ("qwertzuiop", "asdfghjkl", "yxcvbnm"),
    ("azertyuiop", "qsdfghjklm", "wxcvbn"),
    ("   pyfgcrl", "aoeuidhtns", " qjkxbmwvz"),
    _CYRILLIC,
    (" ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"),
    ("  קראטוןםפ", "שדגכעיחלךף", "זסבהנמצתץ"),
    ("ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤر ىةوزظ"),
)
_FEWEST_KEYS = 3
_FEWEST, _MOSTLY = 4, 0.6  # walks, and their share of the words


def _tracks(rows: tuple[str, ...]) -> list[str]:
    columns = ["".join(column) for column in zip_longest(*rows, fillvalue=" ")]
    down, up = "".join(columns), "".join(column[::-1] for column in columns)
    tracks = [track.replace(" ", "") for track in (*rows, down, up)]
    return [*tracks, *(track[::-1] for track in tracks)]


_TRACKS = " ".join(track for layout in _LAYOUTS for track in _tracks(layout))
_BEGINS = "|".join(
    sorted({keys for at in range(len(_TRACKS) - 2) if " " not in (keys := _TRACKS[at : at + _FEWEST_KEYS])})
)
# Where most words are walks, two stand beside each other.
_LOOK = rf"(?i)(?:^|[\s\"'(])(?:{_BEGINS})\p{{L}}*[^\p{{L}}]{{1,4}}(?:{_BEGINS})"
_WORD = re.compile(r"[^\W\d_]+")
_ASKED = (
    r"(?i)\b(?:keyboards?|typing|touch[- ]type|qwert[yz]\w*|azerty|dvorak|layouts?|passwords?|fingers?|home row|"
    r"gibberish|nonsense|dummy|random|letters|alphabets?)\b"
)


def key_walks(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell the answers most of whose words are walks over a keyboard, where the prompt asks for none.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    rows = pl.DataFrame({"prompt": prompts, "text": answers}).with_row_index("row")
    seen = rows.filter(holds(pl.col("text"), _LOOK)).filter(~holds(pl.col("prompt"), _ASKED))
    found = seen.filter(pl.Series(map(_walks, seen["text"]), dtype=pl.Boolean))["row"]
    return rows["row"].is_in(found.implode())


def _walks(text: str) -> bool:
    words = _WORD.findall(text.lower())
    walks = sum(len(word) >= _FEWEST_KEYS and word in _TRACKS for word in words)
    return walks >= _FEWEST and walks > _MOSTLY * len(words)
