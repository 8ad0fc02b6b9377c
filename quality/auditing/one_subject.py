"""Rows that name one subject in two templates and answer alike, for the audit: plain Python, as it reads all texts.

What is proven is what `quality.prompts.one_subject` and `quality.meaning.told_alike` claim: beside a run of words that
both prompts hold stand pieces that many prompts begin or end with, and the answers differ in what a copyist changes.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property, partial

from quality.auditing.named_beside import Line, Open, beginning, in_open_pieces, left_open, run_of_both
from quality.auditing.slips import slipping, turns
from quality.texts.inflected import inflected

_FEWEST_PROMPTS, _TIMES_THE_SUBJECT, _FOUR_HUNDREDTH, _HUNDREDTH = 20, 10, 400, 100
_LONGEST_PROMPT, _LONGEST_SUBJECT = 60, 20
_FEWEST_ANYWHERE, _TWENTIETH, _FEWEST_KNOWN = 20, 20, 3
_OPPOSITES = """
first-last left-right before-after previous-next former-latter start-end begin-end minimum-maximum min-max
minimal-maximal smallest-largest lowest-highest least-most smaller-larger lower-higher lower-upper less-more fewer-more
shorter-longer earlier-later increase-decrease increases-decreases increased-decreased reduced-increased
reduces-increases true-false yes-no enabled-disabled enables-disables enable-disable open-closed on-off opens-closes
adds-removes add-remove reads-writes read-write input-output north-south east-west internal-external inner-outer
anterior-posterior male-female positive-negative horizontal-vertical row-column rows-columns ascending-descending
rise-fall rises-falls rose-fell safe-dangerous allowed-forbidden allowed-prohibited correct-wrong good-bad hot-cold
gain-loss guilty-innocent accept-reject always-never
success-failure all-any present-absent presence-absence dorsal-ventral proximal-distal medial-lateral import-export
"""
_UNITS = """
millisecond milliseconds second seconds minute minutes hour hours ms
hour hours day days week weeks month months quarter quarters year years decade century
mm cm km m mi millimetre centimetre metre metres meters kilometre inch inches foot feet mile miles millimetres \
centimetres kilometres
mg g kg mcg μg gram grams milligram kilogram kilograms tonne tonnes ounce ounces pound pounds micrograms milligrams
ml millilitre millilitres litre litres liter liters gallon gallons pint pints
bit bits byte bytes kilobyte kilobytes megabyte megabytes gigabyte gigabytes kb mb gb
celsius fahrenheit kelvin
degrees radians
million billion trillion thousand hundred dozen
hourly daily weekly monthly quarterly yearly annual annually
"""
_PAIRS = [pair.split("-") for pair in _OPPOSITES.split()]
_KINDS = [set(line.split()) for line in _UNITS.strip().split("\n")]


def says_the_same(
    lost: Counter[str], gained: Counter[str], echoed: Collection[str], answers: Counter[str], count: int
) -> bool:
    """Whether answers differ in what a copyist changes.

    Parameters
    ----------
    lost, gained : Counter of str
        Words that one answer alone holds.
    echoed : collection of str
        Words that come, or go, in the prompt and in the answer both.
    answers : Counter of str
        Answers that hold a word.
    count : int
        All answers.
    """
    unknown = {word for word in (*lost, *gained) if answers[word] < _FEWEST_KNOWN}
    pairs = [(one, other) for one in lost for other in gained if (one + other).isalpha() and slipping(one, other)]
    slips = {word for pair in pairs if unknown & set(pair) for word in pair}
    gone, come = ({word: n for word, n in words.items() if word not in slips} for words in (lost, gained))
    if any(turns(word) for word in (*gone, *come)):
        return False
    if any((a in gone and b in come) or (b in gone and a in come) for a, b in _PAIRS):
        return False
    measures = ((units & set(gone), units & set(come)) for units in _KINDS)
    if any(not inflected(one, other) for ours, theirs in measures for one in ours for other in theirs):
        return False
    if all(any(n > 1 for n in words.values()) for words in (gone, come)):
        return False
    if unknown & set(gone) and unknown & set(come):
        return False
    anywhere = max(_FEWEST_ANYWHERE, count / _TWENTIETH)
    return all(word in slips or answers[word] >= anywhere for word in echoed)


class Subjects:
    """The prompts that were compared (as words), to be asked whether two of them name one subject."""

    def __init__(self, prompts: Iterable[Sequence[str]] = ()) -> None:
        self._prompts = [tuple(words) for words in prompts]
        self._counted: dict[tuple[bool, Line], int] = {}
        self._counted_open: dict[tuple[bool, Open], int] = {}

    def same(self, asked: Sequence[str], other: Sequence[str], held: Callable[[str], set[int]]) -> bool:
        """Whether what stands beside the run of words with the rarest that both hold is many prompts' own.

        `held` says which prompts hold a word.
        """
        shared = set(asked) & set(other)
        if not shared or max(len(asked), len(other)) > _LONGEST_PROMPT:
            return False
        one, two = tuple(asked), tuple(other)
        (start, end), (begin, stop) = run_of_both(one, two, held)
        if end - start > _LONGEST_SUBJECT:
            return False
        together = len(set.intersection(*(held(word) for word in set(one[start:end]))))
        usual = max(_FEWEST_PROMPTS, len(self._prompts) / _FOUR_HUNDREDTH, _TIMES_THE_SUBJECT * together)
        sides = ((one[:start], two[:begin], False), (one[end:][::-1], two[stop:][::-1], True))
        plain = (self._in_pieces(words, usual, backwards=side[2]) for side in sides for words in side[:2])
        return all(plain) or all(self._name_one_beside(*side, usual, held) for side in sides)

    def _name_one_beside(
        self, one: Line, other: Line, backwards: bool, usual: float, held: Callable[[str], set[int]]
    ) -> bool:
        """Whether what stands on one side of the subject are templates, but for what both name there."""
        ways: tuple[tuple[Open, ...], ...] = ((one, other), left_open(one, other, held))
        count = partial(self._beginning_open, backwards)
        return any(way and all(in_open_pieces(words, count, usual, self._is_usual) for words in way) for way in ways)

    def _beginning_open(self, backwards: bool, piece: Open) -> int:
        if (backwards, piece) not in self._counted_open:
            lines = self._backwards if backwards else self._forwards
            self._counted_open[backwards, piece] = beginning(lines, piece)
        return self._counted_open[backwards, piece]

    def _in_pieces(self, words: Line, usual: float, *, backwards: bool) -> bool:
        """Whether words are pieces that so many prompts begin with, or read backwards end with."""
        ends = {0}
        for end in range(1, len(words) + 1):
            if any(self._beginning(words[start:end], backwards=backwards) >= usual for start in sorted(ends)):
                ends.add(end)
        return len(words) in ends

    def _beginning(self, piece: Line, *, backwards: bool) -> int:
        if len(piece) == 1 and not self._is_usual(piece[0]):
            return 0
        if (backwards, piece) not in self._counted:
            lines = self._backwards if backwards else self._forwards
            behind = (*piece[:-1], f"{piece[-1]}\0")
            self._counted[backwards, piece] = bisect_left(lines, behind) - bisect_left(lines, piece)
        return self._counted[backwards, piece]

    def _is_usual(self, word: str) -> bool:
        count = self._holding[word]
        return count >= _FEWEST_PROMPTS and count * _HUNDREDTH >= len(self._prompts)

    @cached_property
    def _holding(self) -> Counter[str]:
        return Counter(word for words in self._prompts for word in set(words))

    @cached_property
    def _forwards(self) -> list[Line]:
        return sorted(set(self._prompts))

    @cached_property
    def _backwards(self) -> list[Line]:
        return sorted({words[::-1] for words in self._prompts})
