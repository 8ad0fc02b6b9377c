"""Words that turn what a sentence says into something else when one stands for the other: opposites, units, denials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.texts.inflected import inflected
from quality.texts.slips import DENYING

if TYPE_CHECKING:
    from collections.abc import Collection

# Not “under” and “over”, nor “above”: who copies a text puts the one for “below”, the other for “more than”.
_OPPOSITES = (
    *("first last", "left right", "before after", "previous next", "former latter", "start end", "begin end"),
    *("minimum maximum", "min max", "minimal maximal", "smallest largest", "lowest highest", "least most"),
    *("smaller larger", "lower higher", "lower upper", "less more", "fewer more", "shorter longer", "earlier later"),
    *("increase decrease", "increases decreases", "increased decreased", "reduced increased", "reduces increases"),
    *("true false", "yes no", "enabled disabled", "enables disables", "enable disable", "open closed", "on off"),
    *("opens closes", "adds removes", "add remove", "reads writes", "read write", "input output", "north south"),
    *("east west", "internal external", "inner outer", "anterior posterior", "male female", "positive negative"),
    *("horizontal vertical", "row column", "rows columns", "ascending descending", "success failure", "all any"),
    *("rise fall", "rises falls", "rose fell", "safe dangerous", "allowed forbidden", "allowed prohibited"),
    *("correct wrong", "good bad", "hot cold", "gain loss", "guilty innocent", "accept reject", "always never"),
    *("present absent", "presence absence", "dorsal ventral", "proximal distal", "medial lateral", "import export"),
)
_SIDES = tuple(tuple(pair.split()) for pair in _OPPOSITES)
_KINDS_OF_UNITS = (
    *("millisecond milliseconds second seconds minute minutes hour hours ms", "celsius fahrenheit kelvin"),
    *("hour hours day days week weeks month months quarter quarters year years decade century", "degrees radians"),
    "mm cm km m mi millimetre centimetre metre metres meters kilometre inch inches foot feet mile miles "
    "millimetres centimetres kilometres",
    "mg g kg mcg μg gram grams milligram kilogram kilograms tonne tonnes ounce ounces pound pounds "
    "micrograms milligrams",
    "ml millilitre millilitres litre litres liter liters gallon gallons pint pints",
    "bit bits byte bytes kilobyte kilobytes megabyte megabytes gigabyte gigabytes kb mb gb",
    "million billion trillion thousand hundred dozen",
    "hourly daily weekly monthly quarterly yearly annual annually",
)
_UNITS = tuple(frozenset(kind.split()) for kind in _KINDS_OF_UNITS)
UNITS = frozenset().union(*_UNITS)
"""All words that stand for units, and for multiples like “million”."""

# Of words of so many letters at least: “in” before a shorter one is mostly another word.
_DENYING_PREFIXES, _SHORTEST = ("un", "in", "im", "il", "ir", "non", "dis"), 4


def turned(lost: Collection[str], gained: Collection[str]) -> bool:
    """Tell whether one of some words is the opposite of one that stands in its place, or another unit."""
    return bool(exchanged(lost, gained))


def exchanged(lost: Collection[str], gained: Collection[str]) -> set[str]:
    """Return the words of either side in whose place the opposite stands, or another unit."""
    found: set[str] = set()
    for one, other in _SIDES:
        if (one in lost and other in gained) or (other in lost and one in gained):
            found |= {one, other}
    for units in _UNITS:
        ours, theirs = units.intersection(lost), units.intersection(gained)
        if any(not inflected(one, other) for one in ours for other in theirs):
            found |= ours | theirs
    return found


def denied(lost: Collection[str], gained: Collection[str]) -> set[str]:
    """Return the words of either side that stand in the place of themselves with “un” or the like before them."""
    long = [word for words in (lost, gained) for word in words if len(word) >= _SHORTEST]
    pairs = [(word, f"{prefix}{word}") for word in long for prefix in _DENYING_PREFIXES]
    return {word for pair in pairs if pair[1] in lost or pair[1] in gained for word in pair}


def contradict(lost: Collection[str], gained: Collection[str]) -> bool:
    """Tell whether who puts some words for others denies what was said, or says the opposite.

    “Not any” for “no” denies as much as before.
    """
    if sum(word in DENYING for words in (lost, gained) for word in words) % 2:
        return True
    return turned(lost, gained) or bool(denied(lost, gained))
