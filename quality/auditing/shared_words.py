"""The words that rows share with the exam, for the audit: sets of n-grams, each n-gram the words themselves."""

import math
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass

from quality.auditing.readings import rejoined, seen
from quality.auditing.texts import apart, normal, sixteenths, told_in_words, unemphasised, words_of

_SENTENCE_ENDS = re.compile(r"(?<=[?.!:]) +|(?<=[。？！；：។။])")
_AROUND = " ?.!:\"'“”‘’,;…¿¡。？！：；、>–—•·()[]{}`«»‹›„-「」『』《》〈〉【】（），．។၊။"
_SET_APART = re.compile(
    r"</?[A-Za-z][^<>]*>|[\[{,:]\s*[\"']|[\"']\s*[\]},:]|\\[nrt\"']|[「」『』“”|\t]"
    r"|(?:\A|[\s(])\"|\"(?:[\s.;!?)]|\Z)"
)
# Tags within a sentence.
_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|cite|code|del|em|font|i|ins|kbd|mark|s|small|span|strong|sub|sup|tt|u|var)(?:\s[^<>]*)?>", re.I
)
_QUESTION_MARK = re.compile(r"[?？؟][\s.!…\"'“”’»」』()*_\]}]*\Z")
_MARK = re.compile(r"[?？؟]")
FEW_ROWS = 20
# A question of fewer words gives nothing away where many rows hold it.
TELLING_WORDS = 4

Gram = tuple[str, ...]
WHOLE = ""
"""No word: it begins the n-gram that is all of a short question."""


class Row:
    """A record's prompt and its last answer, as they are seen, with broken words of the exam whole."""

    def __init__(self, messages: list[dict[str, str]], words: Container[str]) -> None:
        said = [(message["role"], message["content"] or "") for message in messages]
        answers = [place for place, (role, _) in enumerate(said) if role == "assistant"]
        last = answers[-1] if answers else len(said)
        self.prompt = rejoined(seen("\n".join(text for _, text in said[:last])), words)
        self.answer = rejoined(seen(said[last][1]), words) if answers else ""

    def joined(self) -> "Row":
        """Return a row whose prompt is the prompt and behind it the answer."""
        whole = copy(self)
        whole.prompt, whole.answer = f"{self.prompt}\n{self.answer}", ""
        return whole

    def questions(self) -> set[str]:
        """Return the prompt and its lines, and of two words or more its sentences and what tags and quotes set apart.

        Each is normalised.
        """
        lines, inside = _pieces(self.prompt)
        whole = {asked_as(part) for part in (self.prompt, *lines)}
        return whole | {part for part in map(asked_as, inside) if _several_words(part)}

    def repeated(self, words: int, marked: Container[str]) -> set[str]:
        """Return the lines and sentences of the answer that repeat a question, each normalised.

        They have four words or more, but fewer than so many, and end with a question mark or are `marked`.
        """
        lines, inside = _pieces(self.answer)
        found = {(asked_as(part), is_asked(part)) for part in (*lines, *inside)}
        return {
            part
            for part, asked in found
            if (asked or part in marked) and TELLING_WORDS <= told_in_words(words_of(part)) < words
        }

    def ended_with(self, words: int, parts: int) -> set[str]:
        """Return what stands before the question marks of the answer, from any blank on, each normalised.

        It has four words or more, but fewer than so many, and up to so many parts between blanks.
        """
        lines = self.answer.replace("\r", "\n").split("\n") if _MARK.search(self.answer) else []
        asked = [normal(part).split(" ")[-parts:] for line in lines for part in _MARK.split(line)[:-1]]
        ends = {asked_as(" ".join(part[at:])) for part in asked for at in range(len(part))}
        return {end for end in ends if TELLING_WORDS <= told_in_words(words_of(end)) < words}

    def grams(self, sizes: Iterable[int]) -> set[Gram]:
        """Return the n-grams of these sizes."""
        words = (spoken(self.prompt), spoken(self.answer))
        return {gram for size in sizes for text in words for gram in grams(text, size)}


@dataclass(frozen=True)
class Field:
    """A question or answer of the exam and its n-grams; a `whole` one is a short question, a single n-gram.

    Of a question, `reply` is the answer, and of such an answer `asked` is the question.
    """

    text: str
    grams: frozenset[Gram]
    whole: bool = False
    reply: str | None = None
    asked: str | None = None


@dataclass(frozen=True)
class Wanted:
    """How n-grams are looked for: their size, the share that is enough, that of a copy, and what is a template."""

    words: int
    threshold: float
    enough: int
    copy_share: float
    template_items: int
    most_rows: int


class ExamWords:
    """The n-grams of exam items, those that rows hold, and those that so many hold that they give nothing away.

    Parameters
    ----------
    items : iterable of list of Field
        The fields that are looked for, item by item.
    rows : mapping of origin to Row
        Those that stood in the pool when it was decontaminated.
    wanted : Wanted
        What the recipe asked.
    """

    def __init__(self, items: Iterable[list[Field]], rows: Mapping[str, Row], wanted: Wanted) -> None:
        listed = list(items)
        self.fields = [field for fields in listed for field in fields]
        self.wanted = wanted
        in_items = Counter(gram for fields in listed for gram in set().union(*(field.grams for field in fields)))
        sizes = {len(gram) for gram in in_items if gram[0] != WHOLE}
        shorter = {len(gram) - 1 for gram in in_items if gram[0] == WHOLE}
        self.held = {origin: _held_by(row, sizes, shorter) & in_items.keys() for origin, row in rows.items()}
        in_rows = Counter(gram for held in self.held.values() for gram in held)
        self.of_items = {gram for gram, n in in_items.items() if n > wanted.template_items}
        self.of_rows = {gram for gram, n in in_rows.items() if n > wanted.most_rows}
        self._holders: dict[Gram, list[int]] = {}
        for place, field in enumerate(self.fields):
            for gram in field.grams - self.of_items:
                self._holders.setdefault(gram, []).append(place)

    def given_away(self, origin: str) -> Iterator[Field]:
        """Yield the fields of which a row holds enough, of all and of what is evidence, or nearly all."""
        held = self.held[origin]
        for place in sorted({place for gram in held for place in self._holders.get(gram, ())}):
            field, wanted = self.fields[place], self.wanted
            own = field.grams - self.of_items
            parts = (field.grams, own - self.of_rows)
            if all(part_of(grams, held, wanted.enough) >= wanted.threshold for grams in parts):
                yield field
            elif not field.whole:
                least = max(wanted.copy_share, wanted.threshold)
                if all(part_of(grams, held, len(grams)) >= least for grams in (field.grams, own)):
                    yield field

    def told_by_copies_only(self) -> int:
        """Count the fields of which a row may hold enough and be spared, since many rows hold that."""
        owns = (field.grams - self.of_items for field in self.fields)
        return sum(part_of(own, self.of_rows, self.wanted.enough) >= self.wanted.threshold for own in owns)


def _held_by(row: Row, sizes: Iterable[int], shorter: Iterable[int]) -> set[Gram]:
    prompt = spoken(row.prompt)
    return row.grams(sizes) | {(WHOLE, *gram) for size in shorter for gram in grams(prompt, size)}


def part_of(wanted: Iterable[Gram], held: set[Gram], most: int) -> float:
    """Return the share of n-grams that are held, of `most` at most."""
    of = set(wanted)
    return min(1.0, len(of & held) / min(len(of), most)) if of else 0.0


def is_asked(text: str) -> bool:
    """Whether a text ends with a question mark."""
    return _QUESTION_MARK.search(text) is not None


def _pieces(text: str) -> tuple[list[str], list[str]]:
    """Cut a text into lines, and these into sentences and what tags and quotes set apart."""
    lines = text.replace("\r", "\n").split("\n")
    opened = [part for line in lines if _SET_APART.search(line) for part in _SET_APART.split(_INLINE.sub("", line))]
    return lines, [*opened, *(part for line in (*lines, *opened) for part in _SENTENCE_ENDS.split(line))]


def spoken(text: str) -> list[str]:
    """Return the words of a text; underscores around one are emphasis."""
    return words_of(unemphasised(apart(normal(text))))


def size_of(words: list[str], size: int) -> int:
    """Return the size of n-grams that say as much as so many words, where most are characters without spaces."""
    weights = sixteenths(words)
    ideographs, letters = weights.count(10), weights.count(5)
    if 2 * (ideographs + letters) <= len(words):
        return size
    return min(len(words), math.ceil(size * 16 / (10 if ideographs >= letters else 5)))


def grams(words: list[str], size: int) -> set[Gram]:
    """Return the n-grams of a text's words."""
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)} if size else set()


def field_grams(text: str, size: int) -> set[Gram]:
    """Return the n-grams of a field that say as much as so many words; none of one that says less."""
    words = spoken(text)
    return grams(words, size_of(words, size)) if told_in_words(words) >= size else set()


def _several_words(part: str) -> bool:
    parted = apart(part)
    return " " in part or (" " in parted and told_in_words(words_of(part)) > 1)


def asked_as(text: str) -> str:
    """Normalise a question, without what may stand around it and means nothing; emphasis ends where it began."""
    whole = normal(text)
    bare = whole.lstrip(_AROUND + "#*_")
    emphasised = set("*_") & set(whole[: len(whole) - len(bare)])
    return bare.rstrip(_AROUND + "*_" if emphasised else _AROUND)
