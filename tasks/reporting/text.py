"""Text made fit to show: rows shortened honestly, invisible or impossible characters made visible, counts of things.

Escaping is not done here: that belongs to whoever knows the target (Jinja's autoescape for HTML, vl-convert
for SVG, `markdown.escape` for Markdown).
"""

import math
import re
import unicodedata
from collections.abc import Sequence

PREVIEW = 160
FULL = 1600

# Tabs and line ends may stay. Everything else that has no glyph of its own is shown by its code: direction
# overrides make text read differently from what it is, and NULs or lone surrogates have no place in HTML.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_SPACE = re.compile(r"\s+")
_HYPHEN = re.compile(r"(?<![\w.)-])-(?=\d)")


def shorten(text: str, limit: int = FULL) -> str:
    """Return at most `limit` characters of `text`, made visible, with a note of how many were left out.

    Examples
    --------
    >>> shorten("a" * 1300, 5)
    'aaaaa… (+1,295 characters)'
    >>> shorten("safe" + chr(0x202E) + "txt.exe")
    'safe⟨U+202E⟩txt.exe'
    """
    left_out = len(text) - limit
    shown = visible(text[:limit])
    return shown if left_out <= 0 else f"{shown}… (+{left_out:,} characters)"


def one_line(text: str, limit: int = PREVIEW) -> str:
    """Return the beginning of `text` on one line, made visible, with an ellipsis when there is more."""
    line = _SPACE.sub(" ", text[: limit * 4]).strip()
    shown = visible(line[:limit])
    return f"{shown}…" if len(line) > limit or len(text) > limit * 4 else shown


def visible(text: str) -> str:
    """Return `text` with control characters, direction overrides and lone surrogates shown by their code."""
    return _UNSEEN.sub(_code, text.replace("\r\n", "\n"))


def with_minus(sentence: str) -> str:
    """Write a sentence's negative numbers with a true minus sign, as tables and axes do.

    Examples
    --------
    >>> with_minus("suite-2 lies between -0.012 and +0.004 (-1.7), at 2e-4")
    'suite-2 lies between −0.012 and +0.004 (−1.7), at 2e-4'
    """
    return _HYPHEN.sub("−", sentence)


def counted(number: int, what: str) -> str:
    """Write a number of things, where one is one: `1 row`, `2 rows`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def decimals_of(number: float, least: int, most: int) -> int:
    """Return how many decimals tell a number as it is, `least` or more and `most` at the most.

    Examples
    --------
    >>> decimals_of(-0.02, 3, 6), decimals_of(0.0001, 3, 6), decimals_of(1 / 3, 3, 6)
    (3, 4, 6)
    """
    return next((so_many for so_many in range(least, most) if math.isclose(round(number, so_many), number)), most)


def epochs(times: float) -> str:
    """Write how often rows were seen."""
    return f"{times:.1f}" if times >= 1 else f"{times:.2g}"


def humanise(name: str) -> str:
    """Return a snake_case name as words, short enough for a label."""
    return one_line(name.replace("_", " "), 48)


def _code(match: re.Match[str]) -> str:
    character = match.group()
    if unicodedata.category(character) == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return f"⟨U+{ord(character):04X}⟩"


def listed(names: Sequence[str]) -> str:
    """Join names as a person does: `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
