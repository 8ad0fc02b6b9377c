"""Places that prompts fill in each in its own way, for the audit: plain Python, over all prompts of the pool.

What is proven is what `quality.leaks.open_slots` claims: a prompt differs from a question in what it puts in the place
of words alone, and others that are no copies of it put that there, too, or many put other things there; or it puts
another name there.
"""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher, get_close_matches
from itertools import pairwise

from quality.auditing.texts import words_of

_LONGEST_QUESTION, _LEAST_SHARED, _SPELLED_ALIKE = 40, 0.5, 0.8
_FEWEST_FILLINGS, _LONGEST_FILLING = 20, 4

Words = tuple[str, ...]
Change = tuple[str, Words, Words, str]
"""The word before, what a question has behind it, what a prompt has, and the word behind that."""


class OpenSlots:
    """The prompts of a pool (normalised), to be asked what they put between two words."""

    def __init__(self, prompts: Iterable[str]) -> None:
        self._holding: dict[str, list[Words]] = {}
        for words in set(map(edged, prompts)):
            for word in set(words):
                self._holding.setdefault(word, []).append(words)
        self._having: dict[Words, frozenset[Words]] = {}
        self._wide: dict[tuple[str, str], bool] = {}

    def exchanged(self, prompt: str, question: str, near: frozenset[Words]) -> bool:
        """Whether a prompt fills a question in otherwise than those near to it do, and differs in nothing else."""
        changed = changes(prompt, question)
        return bool(changed) and all(self._fills(*change, near | {edged(prompt)}) for change in changed)

    def renamed(self, prompt: str, question: str, usual: frozenset[str], told: set[str]) -> bool:
        """Whether a prompt puts another name in the place of a question's, of which it may keep some words.

        `usual` are the words of templates, that stand around names; `told` those that the prompt writes as a name's, or
        that its answer alone tells.
        """
        cut = _cut(edged(question), edged(prompt), usual)
        return bool(cut) and all(
            old
            and 0 < len(new) <= _LONGEST_FILLING
            and _is_another(old, new, usual, told)
            and self._is_wide(before, behind)
            for before, old, new, behind in cut
        )

    def _fills(self, before: str, old: Words, new: Words, behind: str, near: frozenset[Words]) -> bool:
        there = (before, *new, behind)
        if there not in self._having:
            fewest = min((self._holding.get(word, ()) for word in there), key=len)
            self._having[there] = frozenset(words for words in fewest if any(_at(words, there)))
        if self._having[there] - near:
            return True
        anew = not get_close_matches(" ".join(new), [" ".join(old)], 1, _SPELLED_ALIKE)
        return anew and len(new) <= _LONGEST_FILLING and self._is_wide(before, behind)

    def _is_wide(self, before: str, behind: str) -> bool:
        if (before, behind) not in self._wide:
            ways = {way for words in self._holding.get(before, ()) for way in _between(words, before, behind)}
            self._wide[before, behind] = len(ways) >= _FEWEST_FILLINGS
        return self._wide[before, behind]


def changes(prompt: str, question: str) -> list[Change]:
    """List what a prompt puts in the place of words of a question; nothing if it differs otherwise, or in too much."""
    asked, wanted = edged(prompt), edged(question)
    if len(wanted) - 2 > _LONGEST_QUESTION:
        return []
    steps = SequenceMatcher(None, wanted, asked, autojunk=False).get_opcodes()
    shared = sum(end - start for step, start, end, _, _ in steps if step == "equal") - 2
    changed = [(wanted[a - 1], wanted[a:b], asked[c:d], wanted[b]) for step, a, b, c, d in steps if step != "equal"]
    whole = all(old and new for _, old, new, _ in changed)
    return changed if whole and shared >= _LEAST_SHARED * (len(wanted) - 2) else []


def _cut(wanted: Words, asked: Words, usual: frozenset[str]) -> list[Change]:
    """List what stands otherwise between those words of templates that a question and a prompt have in common."""
    if len(wanted) - 2 > _LONGEST_QUESTION:
        return []
    # No word stands at either end, and both ends are common to all.
    blocks = SequenceMatcher(None, wanted[1:], asked[1:], autojunk=False).get_matching_blocks()
    fixed = [(0, 0)]
    for block in blocks:
        both = ((block.a + at + 1, block.b + at + 1) for at in range(block.size))
        fixed += [(one, other) for one, other in both if wanted[one] in usual or one == len(wanted) - 1]
    pieces = [
        (wanted[one], wanted[one + 1 : next_one], asked[other + 1 : next_other], wanted[next_one])
        for (one, other), (next_one, next_other) in pairwise(fixed)
    ]
    changed = [piece for piece in pieces if piece[1] != piece[2]]
    struck = [word for _, old, new, _ in changed for word in old if word in usual and word not in new]
    return [] if struck else changed


def _is_another(old: Words, new: Words, usual: frozenset[str], told: set[str]) -> bool:
    put_in = {word for word in new if word not in old}
    if any(get_close_matches(word, old, 1, _SPELLED_ALIKE) for word in put_in):
        return False
    telling = {word for word in put_in if word not in usual}
    return any(word not in new for word in old) or (bool(telling) and telling <= told)


def edged(text: str) -> Words:
    """Return the words of a normalised text, and nothing before and behind them."""
    return ("", *words_of(text), "")


def _at(words: Words, wanted: Words) -> Iterator[bool]:
    return (words[start : start + len(wanted)] == wanted for start in range(len(words) - len(wanted) + 1))


def _between(words: Words, before: str, behind: str) -> Iterator[Words]:
    for start, word in enumerate(words):
        for end in range(start + 2, min(start + 2 + _LONGEST_FILLING, len(words))) if word == before else ():
            if words[end] == behind:
                yield words[start + 1 : end]
