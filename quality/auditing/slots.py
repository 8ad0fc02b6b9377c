"""Places of a template that many prompts fill otherwise, for the audit: plain Python, as it reads all texts.

What is proven is what `quality.prompts.slots` claims, counted once more.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import takewhile

from quality.auditing.texts import Said, words_of

_FEWEST, _LONGEST = 6, 4


class Slots:
    """The prompts of a pool (normalised), to be asked how many are the same around a place."""

    def __init__(self, prompts: Iterable[str] = ()) -> None:
        self._lines = sorted({tuple(words_of(prompt)) for prompt in prompts})
        self._counted: dict[tuple[tuple[str, ...], tuple[str, ...]], bool] = {}

    def filled_otherwise(self, row: Said, witness: Said) -> bool:
        """Whether two prompts fill in one place otherwise, and the answers don't tell that one of them was edited."""
        asked, other = tuple(words_of(row.prompt)), tuple(words_of(witness.prompt))
        start = _alike(asked, other)
        end = min(_alike(asked[::-1], other[::-1]), min(len(asked), len(other)) - start)
        shortest, longest = sorted(len(words) - start - end for words in (asked, other))
        if not start + end or not shortest or longest > _LONGEST:
            return False
        frame = asked[:start], asked[len(asked) - end :]
        if frame not in self._counted:
            self._counted[frame] = self._is_filled(*frame)
        return self._counted[frame] and not _one_named(asked, other, row.answer, witness.answer)

    def _is_filled(self, before: tuple[str, ...], behind: tuple[str, ...]) -> bool:
        found = 0
        for words in self._lines[bisect_left(self._lines, before) :]:
            if words[: len(before)] != before:
                break
            filling = len(words) - len(before) - len(behind)
            found += 1 <= filling <= _LONGEST and words[len(words) - len(behind) :] == behind
            if found == _FEWEST:
                return True
        return False


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _one_named(asked: tuple[str, ...], other: tuple[str, ...], answer: str, other_answer: str) -> bool:
    lost, gained = set(Counter(asked) - Counter(other)), set(Counter(other) - Counter(asked))
    said, first = set(words_of(answer)), set(words_of(other_answer))
    sides = ((lost, gained), (gained, lost))
    return any(one and one <= said & first and not two & (said | first) for one, two in sides)
