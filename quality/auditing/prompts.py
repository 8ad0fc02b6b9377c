"""Whether prompts that differ ask for the same thing, for the audit: plain Python, as it reads all texts.

What is proven is what `quality.prompts.edited` claims: an edit struck a word of a template, or the answer below both
names what one prompt asks for, and never what the other does; and what `quality.prompts.turned` does: two neighbours
stand in an order that no template has.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from quality.auditing.texts import Said, words_of

_HUNDREDTH, _FEWEST = 100, 20
_LONG = 20
MOST_STRUCK = 0.3


def usual_words(prompts: Iterable[str]) -> frozenset[str]:
    """Gather the words that at least a hundredth of the prompts (normalised) hold, and 20 of them."""
    spelled = [set(words_of(prompt)) for prompt in prompts]
    held = Counter(word for words in spelled for word in words)
    return frozenset(word for word, n in held.items() if n >= _FEWEST and n * _HUNDREDTH >= len(spelled))


def usual_pairs(prompts: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Gather the neighbouring words that as many prompts hold, in their order."""
    spelled = [set(pairwise(words_of(prompt))) for prompt in prompts]
    held = Counter(pair for pairs in spelled for pair in pairs)
    return frozenset(pair for pair, n in held.items() if n >= _FEWEST and n * _HUNDREDTH >= len(spelled))


def turned(row: Said, witness: Said, usual: frozenset[tuple[str, str]]) -> bool:
    """Whether prompts differ in the order of two neighbours alone, and templates know but one of the two orders."""
    asked, other = words_of(row.prompt), words_of(witness.prompt)
    for place, pair in enumerate(pairwise(asked)):
        if pair[0] != pair[1] and [*asked[:place], pair[1], pair[0], *asked[place + 2 :]] == other:
            return (pair in usual) != (pair[::-1] in usual)
    return False


def moved(row: Said, witness: Said) -> bool:
    """Whether long prompts hold the same words in another order."""
    asked, other = words_of(row.prompt), words_of(witness.prompt)
    return len(asked) >= _LONG and Counter(asked) == Counter(other)


def asked_alike(row: Said, witness: Said, usual: frozenset[str]) -> bool:
    """Whether one prompt is an edit of the other; the answers are alike."""
    asked, other, said, first = (
        Counter(words_of(text)) for text in (row.prompt, witness.prompt, row.answer, witness.answer)
    )
    lost, gained = asked - other, other - asked
    most = [max(1, MOST_STRUCK * words.total()) for words in (asked, other)]
    if not lost or not gained or lost.total() > most[0] or gained.total() > most[1]:
        return False
    if lost & (said - first) or gained & (first - said):
        return False
    rare, other_rare = set(lost) - usual, set(gained) - usual
    if bool(rare) != bool(other_rare):
        return True
    sides = ((rare, other_rare), (other_rare, rare))
    return any(
        one and all(w in said and w in first for w in one) and not two & (set(said) | set(first)) for one, two in sides
    )
