"""Whether rows are twins of an exam's items, for the audit: plain Python, over all rows that stood in the pool.

What is proven is what `quality.leaks.twins` claims: other keys in the same places of the answer, where answers of the
pool mostly give one of their own, in words of which other answers hold most, too, below a prompt that differs from the
question in words that other prompts hold there, too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher, get_close_matches
from functools import cached_property
from itertools import pairwise

from quality.auditing.shared_words import Row
from quality.auditing.texts import apart, in_word, normal, words_of

_SPELLED_ALIKE = 0.8
_LONGEST_QUESTION, _LEAST_SHARED = 40, 0.5
_WORDS_BEFORE, _FEWEST_ANSWERS, _OWN_SHARE = 2, 8, 0.5
_FEWEST_PROMPTS = 2
_TEMPLATE_ANSWERS, _TEMPLATE_SHARE = 8, 0.5
_JOINING = frozenset(".,'’:/-")

Place = tuple[str, ...]


class Twins:
    """The rows that stood in the pool, as far as they tell twins of an item from edited copies.

    Parameters
    ----------
    rows : mapping of origin to Row
        All of them.
    """

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self._rows = rows

    def hold(self, row: Row, question: str, answer: str) -> bool:
        """Whether a row is a twin of this item."""
        asked, wanted = (words_of(normal(text)) for text in (row.prompt, question))
        lost, gained = Counter(wanted) - Counter(asked), Counter(asked) - Counter(wanted)
        size = len(wanted)
        if not lost or not gained or size > _LONGEST_QUESTION or gained.total() > size:
            return False
        if size - lost.total() < _LEAST_SHARED * size:
            return False
        anew = any(not get_close_matches(word, Counter(wanted), 1, _SPELLED_ALIKE) for word in gained)
        return (
            anew
            and self._another_key(row, question, answer)
            and self._usual(["", *asked, ""], ["", *wanted, ""])
            and self._of_a_template(row.answer, answer)
        )

    def _another_key(self, row: Row, question: str, answer: str) -> bool:
        said, reply = set(_numbers(row.answer)), set(_numbers(answer))
        ours = {number for _, number in said} | {number for _, number in _numbers(row.prompt)}
        theirs = {number for _, number in reply} | {number for _, number in _numbers(question)}
        differ = []
        for place in {place for place, _ in said} & {place for place, _ in reply}:
            here = [{number for at, number in given if at == place} for given in (said, reply)]
            if self._is_for_keys(place):
                differ.append(not (here[0] & theirs or here[1] & ours))
        return differ != [] and all(differ)

    def _of_a_template(self, said: str, reply: str) -> bool:
        both = _pairs(said) & _pairs(reply)
        usual = [pair for pair in both if self._said[pair] >= _TEMPLATE_ANSWERS]
        return len(usual) >= _TEMPLATE_SHARE * len(both)

    def _is_for_keys(self, place: Place) -> bool:
        given = self._given.get(place, Counter())
        own = sum(times == 1 for times in given.values())
        return given.total() >= _FEWEST_ANSWERS and own >= _OWN_SHARE * given.total()

    def _usual(self, asked: list[str], wanted: list[str]) -> bool:
        for step, _, _, start, end in SequenceMatcher(None, wanted, asked, autojunk=False).get_opcodes():
            if step in ("replace", "insert"):
                edges = (asked[start - 1], asked[start]), (asked[end - 1], asked[end])
                if all(self._beside[edge] < _FEWEST_PROMPTS for edge in edges):
                    return False
        return True

    @cached_property
    def _given(self) -> dict[Place, Counter[str]]:
        given: dict[Place, Counter[str]] = {}
        for answer in {normal(row.answer) for row in self._rows.values()}:
            for place, number in set(_numbers(answer)):
                given.setdefault(place, Counter())[number] += 1
        return given

    @cached_property
    def _beside(self) -> Counter[tuple[str, str]]:
        prompts: Iterable[tuple[str, ...]] = {tuple(words_of(normal(row.prompt))) for row in self._rows.values()}
        return Counter(pair for words in prompts for pair in set(pairwise(("", *words, ""))))

    @cached_property
    def _said(self) -> Counter[tuple[str, str]]:
        answers = {tuple(words_of(normal(row.answer))) for row in self._rows.values()}
        return Counter(pair for words in answers for pair in set(pairwise(words)))


def _pairs(text: str) -> set[tuple[str, str]]:
    """List the words side by side in a text, without numbers."""
    words = words_of(normal(text))
    return {pair for pair in pairwise(words) if not any(map(str.isdecimal, "".join(pair)))}


def _numbers(text: str) -> Iterator[tuple[Place, str]]:
    """Yield the numbers of a text with the two words before each."""
    words = "".join(_joined(f" {apart(normal(text))} ")).split()
    for at, word in enumerate(words):
        if any(map(str.isdecimal, word)):
            yield tuple(words[max(0, at - _WORDS_BEFORE) : at]), _plainest(word)


def _joined(text: str) -> Iterator[str]:
    """Yield the letters of a text, a blank for each that is in no word and joins none."""
    for before, letter, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        joins = letter in _JOINING and in_word(before) and in_word(after)
        yield letter if joins or in_word(letter) else " "


def _plainest(number: str) -> str:
    digits = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in number)
    whole, point, part = digits.rpartition(".")
    if point and part.isdecimal() and all(letter.isdecimal() or letter in ",'’" for letter in whole):
        digits = whole + part.rstrip("0")
    bare = "".join(letter for letter in digits if in_word(letter) and letter != "_")
    amount = bare.rstrip("".join({letter for letter in bare if not letter.isdecimal()}))
    bare = amount if amount.isdecimal() else bare
    return bare.lstrip("0") or bare[-1:]
