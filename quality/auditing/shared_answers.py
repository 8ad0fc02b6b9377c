"""Answers that many questions of one kind have in common, for the audit: plain Python.

What is proven is what `quality.leaks.shared_answers` claims, from the rows that hold much of a question or answer.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from quality.auditing.shared_words import Row
from quality.auditing.texts import normal, words_of

_LONGEST_QUESTION = 40
_FEWEST, _SHARE_OF_KIND, _SHARE_LACKING, _SHARE_ANSWERED = 8, 0.125, 0.9, 0.5
_FEWEST_FILLINGS, _SHARE_OF_FILLINGS, _LONGEST_FILLING = 4, 1 / 16, 4

Words = frozenset[str]
Asked = tuple[str, ...]
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
        self._asking: dict[tuple[str, str, str], dict[Said, list[Asked]]] = {}
        self._lacking: dict[tuple[tuple[str, str, str], Said, str, str], int] = {}

    def asked(self, row: Row, key: tuple[str, str, str], holders: Iterable[str]) -> bool:
        """Whether many of the rows that nearly hold a question ask of other things, and are answered as this row is."""
        wanted, own = _words(key[1]), _words(row.prompt)
        same = self._saying_the_same(row, key, holders)
        return bool(same) and any(self._ask_otherwise(row, key, word, same) for word in wanted - own)

    def told(self, row: Row, key: tuple[str, str, str], holders: Iterable[str]) -> bool:
        """Whether many who ask of other things of the same kind say the same."""
        wanted, own, reply = _words(key[1]), _words(row.prompt), _words(key[2])
        if own <= wanted or len(reply & _words(row.answer)) < _SHARE_ANSWERED * len(reply):
            return False
        same = self._saying_the_same(row, key, holders)
        for word in wanted & own if len(same) >= _FEWEST else ():
            kind = max((self._ask_otherwise(row, key, other, same, word) for other in wanted - own), default=0)
            if kind and kind >= _SHARE_OF_KIND * self._askers[word]:
                return True
        return False

    def _saying_the_same(self, row: Row, key: tuple[str, str, str], holders: Iterable[str]) -> Collection[Asked]:
        if len(words_of(normal(key[1]))) > _LONGEST_QUESTION:
            return ()
        if key not in self._asking:
            asking: dict[Said, list[Asked]] = {}
            for other in (self._rows[origin] for origin in holders):
                if not _words(key[1]) <= _words(other.prompt):
                    asking.setdefault(self._besides(other), []).append(tuple(words_of(normal(other.prompt))))
            self._asking[key] = {said: list(dict.fromkeys(prompts)) for said, prompts in asking.items()}
        said = self._besides(row)
        return self._asking[key].get(said, ()) if said else ()

    def _ask_otherwise(
        self, row: Row, key: tuple[str, str, str], lost: str, same: Collection[Asked], word: str = ""
    ) -> int:
        """Count those (of a word, if given) who lack another word and put one thing or another into its place."""
        about = (key, self._besides(row), lost, word)
        if about not in self._lacking:
            of_it = [prompt for prompt in same if not word or word in prompt]
            lacking = [prompt for prompt in of_it if lost not in prompt]
            few = len(lacking) < max(_FEWEST, _SHARE_LACKING * len(of_it))
            least = max(_FEWEST_FILLINGS, _SHARE_OF_FILLINGS * len(of_it))
            alone = few or len(_put_in(words_of(normal(key[1])), lost, lacking)) < least
            self._lacking[about] = 0 if alone else len(lacking)
        return self._lacking[about]

    def _besides(self, row: Row) -> Said:
        """List what a row answers that is not in its prompt, nor of a template, numbers aside."""
        own, listed = _words(row.prompt), words_of(normal(row.answer))
        numbered = {word for word in listed if any(map(str.isdecimal, word))}
        return tuple(word for word in listed if word not in own and (word in numbered or word not in self._usual))

    @cached_property
    def _askers(self) -> Counter[str]:
        prompts = {tuple(words_of(normal(row.prompt))) for row in self._rows.values()}
        return Counter(word for words in prompts for word in set(words))


def _put_in(question: Sequence[str], lost: str, prompts: Iterable[Asked]) -> set[Asked]:
    """Collect what prompts that kept the rest have in place of a word of the question, and of others beside it."""
    edged, ways = ("", *question, ""), set()
    for words in (("", *prompt, "") for prompt in prompts):
        for at in (at for at, word in enumerate(edged) if word == lost):
            size = [next(n for n, word in enumerate(side) if word in words) for side in (edged[at::-1], edged[at:])]
            longest, ends = sum(size) - 1, (edged[at - size[0]], edged[at + size[1]])
            alone = longest == sum(word not in words for word in edged)
            for long in range(1, longest + 1) if alone and longest <= _LONGEST_FILLING else ():
                pairs = zip(words, words[long + 1 :], strict=False)
                ways |= {words[to + 1 : to + 1 + long] for to, pair in enumerate(pairs) if pair == ends}
    return {way for way in ways if not set(way) & set(question)}


def _words(text: str) -> Words:
    return frozenset(words_of(normal(text)))
