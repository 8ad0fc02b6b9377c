"""Whether two texts of the same words exchange two things: “3 cats and 5 dogs”, “5 cats and 3 dogs”.

Numbers that changed places among words that did not tell another fact. Of names (“from Paris to Rome”) and other words
(“the cat chased the dog”) that is likely, unless the verb holds either way (“met”). In a long text two common words
that changed places are an edit, as is a word that went elsewhere. What stands side by side, parted by “and” or “or” at
most, may stand in any order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from quality.texts.function_words import FUNCTION_WORDS
from quality.texts.measures_exchanged import ARTICLES, EITHER_WAY, is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

# In a longer text two words may have changed places by an edit.
_LONG = 20
_TWO = 2

Exchange = Literal["numbers", "words", ""]


def exchanged_order(
    said: Sequence[str], other: Sequence[str], names: Callable[[], Collection[str]] = frozenset
) -> Exchange:
    """Tell what changed places between two texts of the same words, each as often as in the other.

    Parameters
    ----------
    said, other : sequence of str
        Their words, folded, in their order.
    names : callable
        Gives those that are names, folded, as `quality.texts.facts.names` does; asked only if it matters.

    Returns
    -------
    str
        `numbers`, `words` (names, or two other words of a short text), or nothing.

    Examples
    --------
    >>> exchanged_order("3 cats and 5 dogs".split(), "5 cats and 3 dogs".split())
    'numbers'
    >>> exchanged_order("cats and dogs".split(), "dogs and cats".split())
    ''
    """
    if said == other:
        return ""
    places = [place for place, (one, beside) in enumerate(zip(said, other, strict=True)) if one != beside]
    moved, stayed = {said[place] for place in places}, {*range(places[0], places[-1])}.difference(places)
    short = len(said) < _LONG
    numbers = all(map(is_number, moved))
    if not stayed:  # side by side
        return "words" if numbers and short else ""
    if all(said[place] in EITHER_WAY | ARTICLES for place in stayed):
        return ""
    if numbers:
        return "numbers"
    two = short and len(places) == _TWO and FUNCTION_WORDS.isdisjoint(moved)
    return "words" if two or moved <= {*names()} else ""
