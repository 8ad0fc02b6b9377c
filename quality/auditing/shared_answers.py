"""Answers that many questions of one kind have in common, for the audit: plain Python.

What is proven is what `quality.leaks.shared_answers` claims, from the rows that hold much of a question or answer.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from quality.auditing.shared_words import Row
from quality.auditing.texts import normal, words_of

_LONGEST_QUESTION = 40
_FEWEST, _SHARE_OF_KIND, _SHARE_LACKING, _SHARE_ANSWERED = 8, 0.125, 0.9, 0.5

Words = frozenset[str]
Said = tuple[str, ...]


class SharedAnswers:
    """The rows of a pool, to be asked whether those of one kind are answered alike.

    Parameters
    ----------
    rows : mapping of origin to Row
        All of them.
    usual : frozenset of str
        The words of templates.
    """

    def __init__(self, rows: Mapping[str, Row], usual: frozenset[str]) -> None:
        self._rows, self._usual = rows, usual
        self._asking: dict[tuple[str, ...], dict[Said, set[Words]]] = {}

    def asked(self, row: Row, key: tuple[str, str, str], holders: Iterable[str]) -> bool:
        """Whether many of the rows that nearly hold a question ask of other things, and are answered as this row is."""
        wanted, own = _words(key[1]), _words(row.prompt)
        same = self._saying_the_same(row, key, holders)
        return any(_lacking(word, same) for word in set(wanted) - own)

    def told(self, row: Row, key: tuple[str, str, str], holders: Iterable[str]) -> bool:
        """Whether many who ask of other things of the same kind say the same."""
        wanted, own, reply = _words(key[1]), _words(row.prompt), _words(key[2])
        if own <= wanted or len(reply & _words(row.answer)) < _SHARE_ANSWERED * len(reply):
            return False
        same = self._saying_the_same(row, key, holders)
        for word in wanted & own if len(same) >= _FEWEST else ():
            of_it = [prompt for prompt in same if word in prompt]
            kind = max((_lacking(other, of_it) for other in wanted - own), default=0)
            if kind and kind >= _SHARE_OF_KIND * self._askers[word]:
                return True
        return False

    def _saying_the_same(self, row: Row, key: tuple[str, str, str], holders: Iterable[str]) -> Collection[Words]:
        if len(words_of(normal(key[1]))) > _LONGEST_QUESTION:
            return ()
        if key not in self._asking:
            asking: dict[Said, set[Words]] = {}
            for other in (self._rows[origin] for origin in holders):
                if not _words(key[1]) <= _words(other.prompt):
                    asking.setdefault(self._besides(other), set()).add(_words(other.prompt))
            self._asking[key] = asking
        said = self._besides(row)
        return self._asking[key].get(said, ()) if said else ()

    def _besides(self, row: Row) -> Said:
        """List what a row answers that is not in its prompt, nor of a template, numbers aside."""
        own, listed = _words(row.prompt), words_of(normal(row.answer))
        numbered = {word for word in listed if any(map(str.isdecimal, word))}
        return tuple(word for word in listed if word not in own and (word in numbered or word not in self._usual))

    @cached_property
    def _askers(self) -> Counter[str]:
        prompts = {tuple(words_of(normal(row.prompt))) for row in self._rows.values()}
        return Counter(word for words in prompts for word in set(words))


def _lacking(word: str, prompts: Collection[Words]) -> int:
    lacking = len([prompt for prompt in prompts if word not in prompt])
    return lacking if lacking >= max(_FEWEST, _SHARE_LACKING * len(prompts)) else 0


def _words(text: str) -> Words:
    return frozenset(words_of(normal(text)))
