"""Whether a row is another one in another spelling, for the audit: plain Python, as it reads all texts."""

import re
import unicodedata

from quality.auditing.readings import seen
from quality.auditing.texts import Said, in_word, normal
from quality.texts.letter_case import other_capitals
from quality.texts.spellings import MINUS, one_spelling

# What `quality.duplicates.same_letters` says: a mark of ASCII, one behind a digit, and how many others speak where
# digits joined.
_MARK = re.compile(r"[!\"#%&'()*,\-./:;?@\[\\\]{}]")
_NUMBERED = re.compile(rf"\d{_MARK.pattern}+")
_FEWEST_MARKS = 3


def respelled(row: Said, witness: Said) -> bool:
    """Whether a row has its witness's letters and digits, and where digits joined lacks all marks of it."""
    # In lower case some letters look like no Latin one any more (“Т”, but not “т”): so texts are read as written.
    pairs = [(normal(seen(one)), normal(seen(other))) for one, other in zip(row.written, witness.written, strict=True)]
    if any(not _letters(one) or _letters(one) != _letters(other) for one, other in pairs):
        return False
    if other_capitals(*("\n".join(each.written) for each in (row, witness))):
        return False
    same_numbers = all(_signed(one) == _signed(other) for one, other in pairs)
    bare = all(one == other or not _MARK.search(one) for one, other in pairs)
    lost = sum(len(_MARK.findall(_NUMBERED.sub("", other))) for _, other in pairs)
    return same_numbers or (bare and lost >= _FEWEST_MARKS)


def _letters(text: str) -> str:
    """Return letters, digits, powers and fractions."""
    return "".join(
        letter for letter in text if letter != "_" and (in_word(letter) or unicodedata.category(letter) == "No")
    )


def _signed(text: str) -> list[str]:
    return re.findall(rf"(?:{MINUS} )?\d+", one_spelling(text))
