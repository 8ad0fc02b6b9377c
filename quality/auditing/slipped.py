"""Whether a row is another one but for a slip, for the audit: plain Python, as it reads all texts.

What is proven is what `quality.duplicates.slipped` claims: of prompts and answers the one are equal and the others
differ in one place, by neighbours that changed places, a letter, or a word that says nothing; and the rows that came to
the stage don't know what stands there, and know what should. What they know is counted here once more.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise

from quality.auditing.answers import one_question
from quality.auditing.prompts import usual_words
from quality.auditing.slips import slipping, turns
from quality.auditing.texts import Said, words_of
from quality.duplicates.slipped import ARTICLES
from quality.texts.function_words import EMPTY, FUNCTION_WORDS

_FEWEST_KNOWN, _FEWEST_OTHERS, _FEWEST_WORDS = 3, 3, 3
_HUNDREDTH, _FEWEST_USUAL = 100, 20
_TWO = 2


class Known:
    """The rows that came to the stage, to be asked which words and neighbours they hold.

    Parameters
    ----------
    rows : iterable of Said
        Each row once.
    """

    def __init__(self, rows: Iterable[Said] = ()) -> None:
        self._rows = list(rows)

    @cached_property
    def _usual(self) -> frozenset[str]:
        return usual_words(row.prompt for row in self._rows)

    @cached_property
    def _held(self) -> Counter[str]:
        """Count the rows that hold each word, and each two neighbours with a blank between."""
        held: Counter[str] = Counter()
        for row in self._rows:
            words = words_of(f"{row.prompt}\n{row.answer}")
            held.update({*words, *(f"{one} {other}" for one, other in pairwise(words))})
        return held

    def slipped(self, row: Said, witness: Said) -> bool:
        """Whether one of two rows is the other but for a slip; which of them stayed, others decide."""
        if row.answer == witness.answer:
            pairs, of_prompts = (words_of(row.prompt), words_of(witness.prompt)), True
        elif one_question(row, witness):
            pairs, of_prompts = (words_of(row.answer), words_of(witness.answer)), False
        else:
            return False
        return any(self._is_slip(*pair, of_prompts) for pair in (pairs, pairs[::-1]))

    def _is_slip(self, said: Sequence[str], right: Sequence[str], of_prompts: bool) -> bool:
        """Try the one place in which two texts may differ: the first may have a slip there."""
        if min(len(said), len(right)) < _FEWEST_WORDS or list(said) == list(right):
            return False
        at = next((place for place, pair in enumerate(zip(said, right, strict=False)) if pair[0] != pair[1]), None)
        at = min(len(said), len(right)) if at is None else at
        for wrong, instead in ((1, 0), (0, 1), (1, 1), (2, 2)):
            if said[at + wrong :] == right[at + instead :]:
                found = said[at : at + wrong], right[at : at + instead]
                if any(turns(word) for words in found for word in words):
                    return False
                others = [word for word in [*said[:at], *said[at + wrong :]] if word not in self._usual]
                named = of_prompts and len(others) >= _FEWEST_OTHERS
                near = said[max(0, at - 1) : at + _TWO], right[max(0, at - 1) : at + 1]
                return self._proven(*found, *near, named=named, of_prompts=of_prompts)
        return False

    def _proven(
        self,
        wrong: Sequence[str],
        instead: Sequence[str],
        around: Sequence[str],
        frame: Sequence[str],
        *,
        named: bool,
        of_prompts: bool,
    ) -> bool:
        if not instead:
            beside = (" ".join(pair) for pair in pairwise(around))
            return wrong[0] in EMPTY and any(self._unknown(pair, " ".join(frame)) for pair in beside)
        if not wrong:
            return named and instead[0] in ARTICLES
        spelled, right = " ".join(wrong), " ".join(instead)
        if not self._unknown(spelled, right) or self._held[right] < _FEWEST_KNOWN:
            return False
        if len(wrong) == _TWO:
            many = max(_FEWEST_USUAL, len(self._rows) / _HUNDREDTH)
            built = any(word in FUNCTION_WORDS for word in wrong)
            return list(wrong) == list(instead)[::-1] and (built or self._held[right] >= many)
        return slipping(spelled, right) and (named or not of_prompts or right in self._usual)

    def _unknown(self, phrase: str, right: str) -> bool:
        return self._held[phrase] < max(_FEWEST_KNOWN, self._held[right] / _HUNDREDTH)
