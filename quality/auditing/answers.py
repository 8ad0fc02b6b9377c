"""Whether two rows ask one question, and what their answers have in common, for the audit: plain Python."""

import re
import unicodedata
from collections.abc import Iterator

from quality.auditing.in_short import in_short
from quality.auditing.texts import Bag, Said, bag, bare, in_one_spelling, likeness, normal, words_of
from quality.texts.letter_case import other_capitals
from quality.texts.opposites import contradict
from quality.texts.spellings import loose_spelling
from quality.texts.told_otherwise import Text, told_otherwise

LONG = 20  # words: a short answer means each of them
_MORE_FIGURES = r"[.,]\d|\s?[%°/^]|[⁰¹²³⁴-⁹]"
_LAST_MARKS = re.compile(r"[\s,.!?:;…]*$")


def one_question(row: Said, witness: Said) -> bool:
    """Whether prompts are equal but for politeness, spelling and the marks at their end."""
    one, other = (bare(normal(each.spelled[0].written)) for each in (row, witness))
    return one == other and not other_capitals(row.written[0], witness.written[0])


def parts_an_amount(start: str, rest: str) -> bool:
    """Whether a short answer ends in a number, or in letters of its unit, with which the other goes on."""
    last = re.search(r"\d\s?([^\W\d_]{0,3})$", start)
    if len(words_of(start)) >= LONG or last is None:
        return False
    return re.match(r"\w", rest) is not None or (not last[1] and re.match(_MORE_FIGURES, rest) is not None)


def contradict_each_other(row: Said, witness: Said, threshold: float) -> bool:
    """Whether rows ask the same, and answer so differently that they share less of their words, or tell other facts."""
    asked = [normal(each.spelled[0].written) for each in (row, witness)]
    one, other = (_LAST_MARKS.sub("", prompt) or prompt for prompt in asked)
    if one != other or other_capitals(row.written[0], witness.written[0], rewritten=True):
        return False
    for said, beside in _in_both_spellings(row, witness):
        if alike(said, beside, threshold) or _perhaps(said, beside, threshold):
            return False
    return not (in_short(row, witness) or in_short(witness, row))


def _in_both_spellings(row: Said, witness: Said) -> Iterator[tuple[Text, Text]]:
    yield row.spelled[1], witness.spelled[1]
    yield in_one_spelling(row.written[1], loose_spelling), in_one_spelling(witness.written[1], loose_spelling)


def alike(said: Text, other: Text, threshold: float) -> bool:
    """Whether answers share most of their words, and differ in neither numbers nor facts."""
    if told_otherwise(said, other):
        return False
    if normal(said.written) == normal(other.written):
        return True
    one, two = bag(normal(said.written)), bag(normal(other.written))
    near = bool(one) and likeness(one, two) >= threshold - 1e-9 and within(numbers(one), numbers(two))
    return near and not opposed(one, two)


def _perhaps(said: Text, other: Text, threshold: float) -> bool:
    """Whether answers of mostly the same words may tell another fact."""
    one, two = (bag(normal(text.written)) for text in (said, other))
    near = normal(said.written) == normal(other.written) or (bool(one) and likeness(one, two) >= threshold - 1e-9)
    return near and told_otherwise(said, other) == "perhaps"


def opposed(one: Bag, other: Bag) -> bool:
    """Whether one answer denies what the other says, or says the opposite."""
    return contradict(*({word for word, _ in words} for words in (one - other, other - one)))


def numbers(words: Bag) -> Bag:
    """Keep the words that hold a digit."""
    return frozenset(pair for pair in words if any(unicodedata.category(letter) == "Nd" for letter in pair[0]))


def within(one: Bag, other: Bag) -> bool:
    """Whether one text holds all words of the other."""
    return one <= other or other <= one
