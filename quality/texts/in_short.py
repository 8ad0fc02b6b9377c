"""Whether one of two answers says in short what the other says in full.

“Paris.” and “The capital of France is Paris.” below “What is the capital of France?” do: where the longer answer holds
every word of the shorter one, in this order, and besides what the prompt says and words that a sentence is built with
(`quality.texts.function_words`). It must be all that the prompt says, in the prompt's order, since “Hector killed
Achilles.” says otherwise than “Achilles.” below “Who killed Hector?”, and “Mozart was born in Salzburg.” tells nothing
of his mother; only what is asked for (“which city”, “how old”) may stand elsewhere or nowhere, and the order may be
another before “by”. Nor may numbers, signs or “not” differ: “Paris is not the capital.”, “It was 1984, not 1985.” and
“Yes, but only in winter.” say more than “Paris.”, “1985.” and “Yes.” do. Who says “No.” first may go on either way.

Where the prompt offers what to choose from (“gold or silver”), its words answer it: “Silver weighs more than gold.” is
no way to say “Gold.” So the shorter answer must hold a word of its own if the longer one has words of the prompt, and
the prompt no `or`. Scripts that put no spaces between words are not judged, since there single characters are words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from quality.texts.function_words import FUNCTION_WORDS, JOINING
from quality.texts.inflected import inflected
from quality.texts.opposites import turned
from quality.texts.slips import DENYING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

# They stand for what is untrue, or nearly true, and a prompt that holds one asks whether it is.
_NARROWING = frozenset(
    (
        "false",
        "wrong",
        "untrue",
        "incorrect",
        "myth",
        "unlike",
        "only",
        "except",
        "almost",
        "nearly",
        "hardly",
        "barely",
    )
)
_CHOOSING = frozenset(("or", "either", "versus", "vs", "oder", "ou"))
_ASKING = frozenset(("how", "when", "why", "who", "whose", "which", "what", "many", "much", "please"))
# What is asked for stands between such words: “which city is”, “how old was”; “what causes warts” asks for no causes.
_OF_WHICH = frozenset(("which", "what", "how"))
_THEN = frozenset(
    ["is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "will", "would", "should"]
)
# Before who did it, where what was done to whom stands first.
_BY = "by"
# A word and another one of the prompt may stand the one way or the other; of more, the order tells who did what.
_MOST_IN_ANY_ORDER = 2
# With a letter behind it, which is a unit: “10 s”; but “5 a day”, “In 1989 I”.
_FIGURES = re.compile(r"(?:(?<!\w)[-−+]?\d+(?:[.,:/]\d+)*|\d+)(?:\s?[b-hj-zB-HJ-Z]\b)?")
_SIGNS = frozenset(("Sm", "Sc", "So", "No"))


def says_in_short(short: Sequence[str], full: Sequence[str], asked: Sequence[str]) -> bool:
    """Tell whether words of an answer say what those of a longer one say, as far as words tell.

    Parameters
    ----------
    short, full, asked : sequence of str
        The words of the shorter answer, of the longer one and of the prompt, folded, in their order.
    """
    said = [word for word in short if word not in FUNCTION_WORDS]
    more = _besides(said, full)
    if not (said and Counter(said) <= Counter(full) and _in_order(said, full)) or _denials(short) != _denials(full):
        return False
    if not {*short} & JOINING <= {*full, *asked} or _NARROWING.intersection(more) or turned({*said}, {*more}):
        return False
    if not more:
        return True
    offered = not _CHOOSING.isdisjoint(asked) or all(_among(word, asked) for word in said)
    return not offered and DENYING.isdisjoint(said) and _repeats(more, said, full, asked)


def _besides(said: Sequence[str], full: Sequence[str]) -> list[str]:
    """Return the words of a longer answer that a shorter one lacks, without those that a sentence is built with."""
    left, more = Counter(said), []
    for word in full:
        if left[word]:
            left[word] -= 1
        elif word not in FUNCTION_WORDS:
            more.append(word)
    return more


def _repeats(more: Sequence[str], said: Sequence[str], full: Sequence[str], asked: Sequence[str]) -> bool:
    """Tell whether words repeat what the prompt says, all of it but for what is asked for."""
    threes = zip(asked, asked[1:], asked[2:], strict=False)
    heads = [word for before, word, then in threes if before in _OF_WHICH and then in _THEN]
    told = [word for word in asked if word not in FUNCTION_WORDS | _ASKING and word not in heads]
    rest = [word for word in more if not _among(word, heads) or _among(word, told)]
    if any(not _among(word, [*rest, *said]) for word in told):
        return False
    by_whom = _BY not in asked and _BY in full and full[full.index(_BY) + 1 :][: len(said)] == list(said)
    if by_whom:
        return len(rest) <= len(told) and all(_among(word, told) for word in rest)
    those = iter(told)
    return all(any(inflected(word, other) for other in those) for word in rest)


def same_figures(short: str, full: str, asked: str) -> bool:
    """Tell whether an answer has the numbers and signs of a shorter one, and besides none but those of the prompt."""
    few, many, prompt = (_figures_and_signs(text) for text in (short, full, asked))
    return few <= many and many - few <= prompt


def _in_order(said: Sequence[str], full: Sequence[str]) -> bool:
    rest = iter(full)
    return len(said) <= _MOST_IN_ANY_ORDER or all(word in rest for word in said)


def _denials(words: Iterable[str]) -> Counter[str]:
    return Counter(word for word in words if word in DENYING)


def _among(word: str, asked: Collection[str]) -> bool:
    return word in asked or any(inflected(word, other) for other in asked)


def _figures_and_signs(text: str) -> set[str]:
    signs = {letter for letter in {*text} if letter == "%" or unicodedata.category(letter) in _SIGNS}
    return signs | {_number(figures) for figures in _FIGURES.findall(text)}


def _number(figures: str) -> str:
    """Spell a number one way: without a plus, with a hyphen for a minus, without marks between thousands."""
    plain = figures.replace("−", "-").removeprefix("+")
    return plain.replace(",", "") if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+", plain) else plain
