"""Whether rows that nearly hold a question or answer of the exam ask and answer something else: plain Python.

What is proven is what `quality.leaks.siblings` claims: of rows with other answers, that a template was exchanged for
another, a subject for another, or a word for one that the answer names or that many rows exchange; of like answers,
that the row's names what its own prompt asks for, or fills a template of the pool otherwise. How rows fill in a text is
counted here once more, from the texts of all rows that stood in the pool.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import NamedTuple

from quality.auditing.open_slots import Change, OpenSlots, changes, edged
from quality.auditing.prompts import MOST_STRUCK, usual_words
from quality.auditing.shared_answers import SharedAnswers
from quality.auditing.shared_words import ExamWords, Field, Row
from quality.auditing.texts import normal, words_of
from quality.auditing.twins import Twins

_LEAST_LACKING = 0.1
_SPELLED_ALIKE = 0.8
_ALIKE = 0.75  # share of words that alike answers share
# A row that holds less of an item's answer answers otherwise, and may put in this share of the question's words.
_HARDLY_ANSWERED, _MOST_PUT_IN = 0.5, 0.6
# How often a blank is filled in, at least, and by what share of all ways; what a row may lack of the text,
# or hold of it if it lacks more.
_FEWEST_WAYS, _SHARE_OF_WAYS, _MOST_LACKING, _LONG_BLOCK = 3, 0.3, 0.5, 24

# Where a sentence ends and another begins, none of both is of a name.
_BREAK = re.compile(r"(?:[?!]|\w{3}[.;])[\s\"'”’)\]]+\w")

Words = Counter[str]
Key = tuple[str, str, str]
Way = tuple[frozenset[str], frozenset[str]]
"""The words that a row holds instead of a text's, and those of the text that it lacks."""


class _Compared(NamedTuple):
    """The words of a row's prompt and answer, and of an item's question and answer."""

    asked: Words
    said: Words
    wanted: Words
    reply: Words


class Others:
    """The rows that stood in the pool, as far as they tell siblings of an item from edited copies.

    Parameters
    ----------
    rows : mapping of origin to Row
        All of them.
    exams : iterable of ExamWords
        What these rows hold of the exam.
    """

    def __init__(self, rows: Mapping[str, Row], exams: Iterable[ExamWords]) -> None:
        self._rows, self._exams, self._twins = rows, tuple(exams), Twins(rows)
        self._copies: dict[Key, frozenset[tuple[str, ...]]] = {}
        self._ways: dict[Key, tuple[set[Way], set[str]]] = {}

    def hold_sibling(self, row: Row, field: Field, *, templates: bool) -> bool:
        """Whether a row is a sibling of the item whose question or answer this is.

        With `templates`, it may ask in another template's words.
        """
        key = _key(field)
        if key is None:
            return False
        of, question, answer = key
        words = _Compared(*map(_words, (row.prompt, row.answer, question, answer)))
        ways, own = self._of(key)
        if self._twins.hold(row, question, answer):
            return True
        if of == "question":
            asked, wanted = normal(row.prompt), normal(question)
            one = len(_BREAK.findall(row.prompt)) <= len(_BREAK.findall(question))
            changed = changes(asked, wanted) if one else []
            if _asks_otherwise(words, changed, self.usual, own, templates=templates):
                return True
            unlike = _hardly_answered(words) and _answers_otherwise(words)
            if one and unlike and self._slots.renamed(asked, wanted, self.usual, _told(row, words)):
                return True
            otherwise = _answers_otherwise(words) or self._says_as_many(row, question, answer, asked=True)
            return otherwise and self._slots.exchanged(asked, wanted, self._near(key))
        filled = _names_its_own(words, self.usual, ways, own) or _fills_otherwise(words, self.usual, ways, own)
        return filled or self._says_as_many(row, question, answer, asked=False)

    def _near(self, key: Key) -> frozenset[tuple[str, ...]]:
        """Gather the words of the prompts that hold much of a question."""
        if key not in self._copies:
            prompts = (normal(self._rows[origin].prompt) for origin in self._holders.get(key, ()))
            self._copies[key] = frozenset(map(edged, prompts))
        return self._copies[key]

    def _says_as_many(self, row: Row, question: str, answer: str, *, asked: bool) -> bool:
        """Whether a row says what many of its kind say; if `asked`, all who nearly hold the question are of it."""
        keys = [(of, question, answer) for of in ("question", "answer")]
        holders = [self._holders.get(key, set()) for key in keys]
        if asked and self._shared.asked(row, keys[0], holders[0]):
            return True
        return self._shared.told(row, keys[1], holders[1])

    def hold_renamed(self, row: Row, field: Field) -> bool:
        """Whether a row lacks nothing of a question but its own words, as others do, and all put in something else."""
        text, words = _words(field.text), _words(row.prompt)
        lacking, held = set(text) - set(words), set(words) - set(text)
        ways, own = self._of(("question", field.text, field.reply or ""))
        return bool(own & lacking) and _in_as_many_ways(ways, lacking, held)

    @cached_property
    def usual(self) -> frozenset[str]:
        """The words of many prompts."""
        return usual_words(normal(row.prompt) for row in self._rows.values())

    @cached_property
    def _shared(self) -> SharedAnswers:
        return SharedAnswers(self._rows, self.usual)

    @cached_property
    def _slots(self) -> OpenSlots:
        return OpenSlots(normal(row.prompt) for row in self._rows.values())

    @cached_property
    def _holders(self) -> dict[Key, set[str]]:
        holders: dict[Key, set[str]] = {}
        for exam in self._exams:
            for origin in self._rows:
                for field in exam.given_away(origin):
                    if (key := _key(field)) is not None:
                        holders.setdefault(key, set()).add(origin)
        return holders

    def _of(self, key: Key) -> tuple[set[Way], set[str]]:
        if key not in self._ways:
            of, question, answer = key
            text = _words(question if of == "question" else answer)
            rows = [self._rows[origin] for origin in self._holders.get(key, ())]
            ways = {_way(text, _words(row.prompt if of == "question" else row.answer)) for row in rows}
            ways = {(held, lacking) for held, lacking in ways if held and lacking}
            self._ways[key] = ways, _own(text, ways)
        return self._ways[key]


def _key(field: Field) -> Key | None:
    if field.reply is not None:
        return "question", field.text, field.reply
    return None if field.asked is None else ("answer", field.asked, field.text)


def _words(text: str) -> Words:
    return Counter(words_of(normal(text)))


def _way(text: Words, row: Words) -> Way:
    """Tell how a row fills in a text; one that lacks too much of it fills nothing in."""
    lacking = set(text) - set(row)
    if len(lacking) > _MOST_LACKING * len(text) and len(text) - len(lacking) < _LONG_BLOCK:
        return frozenset(), frozenset()
    return frozenset(set(row) - set(text)), frozenset(lacking)


def _own(text: Words, ways: set[Way]) -> set[str]:
    """Return the words of a text in whose stead many rows hold something else each."""
    least = max(_FEWEST_WAYS, _SHARE_OF_WAYS * len({held for held, _ in ways}))
    return {word for word in text if len({held for held, lacking in ways if word in lacking}) >= least}


def _told(row: Row, words: _Compared) -> set[str]:
    """Gather what a prompt writes as names are, if it doesn't write all so, and what its answer alone tells."""
    begun = {part: unicodedata.category(part[0]) for part in words_of(row.prompt)}
    names = " ".join(word for word, kind in begun.items() if kind == "Lu" or kind[0] == "N")
    small = any(unicodedata.category(part[0]) == "Ll" for part in row.prompt.split())
    written = set(words_of(normal(names))) if small else set()
    return (written | set(words.said)) - set(words.reply)


def _hardly_answered(words: _Compared) -> bool:
    return (words.said & words.reply).total() < _HARDLY_ANSWERED * words.reply.total()


def _asks_otherwise(
    words: _Compared, changed: list[Change], usual: frozenset[str], own: set[str], *, templates: bool
) -> bool:
    asked, said, wanted, reply = words
    put_in, left_out = asked - wanted, wanted - asked
    if not (put_in and left_out and _answers_otherwise(words)):
        return False
    otherwise = _hardly_answered(words)
    at_most = max(1, MOST_STRUCK * asked.total(), _MOST_PUT_IN * wanted.total() * otherwise)
    if left_out.total() > max(1, MOST_STRUCK * wanted.total()):
        return False
    new, old = set(put_in) - usual, set(left_out) - usual
    template, named = set(wanted - left_out) <= usual, any(word in said and word not in reply for word in new)
    if put_in.total() > at_most:
        anew = [not get_close_matches(word, lost, 1, _SPELLED_ALIKE) for _, lost, held, _ in changed for word in held]
        return bool(otherwise and new and old and template and anew) and all(anew)
    if otherwise and all(any(map(_has_digit, words)) for words in (put_in, left_out)):
        return True
    exchanged = template if new and old else templates and not new and not old
    return named or exchanged or any(word in own for word in left_out)


def _names_its_own(words: _Compared, usual: frozenset[str], ways: set[Way], blanks: set[str]) -> bool:
    asked, said, wanted, reply = words
    own = {word for word in asked if word in said and word not in wanted and word not in reply}
    lacking = reply - said
    edited = lacking.total() < _LEAST_LACKING * reply.total()
    its_own = {word for word in wanted if word not in asked and word not in said and (word in reply or not edited)}
    few = lacking.total() <= max(1, MOST_STRUCK * reply.total())
    own = {word for word in own - usual if not get_close_matches(word, wanted, 1, _SPELLED_ALIKE)}
    sums = [sorted(word for word in words.elements() if any(map(str.isdecimal, word))) for words in (said, reply)]
    lost, held = set(reply) - set(said), set(said) - set(reply)
    told = {word for word in blanks if word not in wanted}
    renamed = bool(told) and not told & lost
    like = [others for others, gone in ways if others != held and (gone <= lost if renamed else gone & lost)]
    return few and bool(own and its_own - usual) and (not sums[0] or sums[0] != sums[1]) and bool(like)


def _fills_otherwise(words: _Compared, usual: frozenset[str], ways: set[Way], own: set[str]) -> bool:
    asked, said, wanted, reply = words
    lacking, held = set(reply) - set(said), set(said) - set(reply)
    telling = {word for word in wanted if word in own} or {word for word in wanted if word not in usual}
    its_own = {word for word in telling if word not in asked and word not in said}
    put_in = {
        word for word in asked if word not in wanted and word not in reply and (word in said or word not in usual)
    }
    if not (its_own and put_in and own & lacking and any(word in usual for word in asked)):
        return False
    if lacking & ({word for word in own if word not in wanted} or own):
        return True
    return _in_as_many_ways(ways, lacking, held)


def _in_as_many_ways(ways: set[Way], lacking: set[str], held: set[str]) -> bool:
    """Whether others, too, put something else in the place of words that are lacking, and lack no more."""
    return len({others for others, lost in ways if lost <= lacking and others != held}) >= _FEWEST_WAYS - 1


def _has_digit(word: str) -> bool:
    return any(map(str.isdecimal, word))


def _answers_otherwise(words: _Compared) -> bool:
    """Whether a row answers otherwise than the item, and repeats no question of it in the answer."""
    return bool(words.wanted - words.said) and not _told_alike(words.said, words.reply)


def _told_alike(said: Words, reply: Words) -> bool:
    shared, either = (said & reply).total(), (said | reply).total()
    if shared in (said.total(), reply.total()):
        return True
    one, other = ({word for word in words if any(map(str.isdecimal, word))} for words in (said, reply))
    return shared >= _ALIKE * either and (one <= other or other <= one)
