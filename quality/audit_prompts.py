"""Whether prompts that differ ask for the same thing, for the audit: plain Python, as it reads all texts.

What is proven is what `quality.edited_prompts` claims: an edit struck a word of a template, or the answer below both
names what one prompt asks for, and never what the other does; and what `quality.siblings` does: of rows with other
answers, that a template was exchanged for another, a subject for another, or a word for one that the answer names; of
like answers, that the row's names what its own prompt asks for: in no other spelling of a word of the item's, and not
above the same numbers.
"""

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches

from quality.audit_texts import Said, words_of

_HUNDREDTH, _FEWEST = 100, 20
_MOST_STRUCK = 0.3
_LEAST_LACKING = 0.1
_SPELLED_ALIKE = 0.8
_ALIKE = 0.75  # share of words that alike answers share


def usual_words(prompts: Iterable[str]) -> frozenset[str]:
    """Gather the words that at least a hundredth of the prompts (normalised) hold, and 20 of them."""
    spelled = [set(words_of(prompt)) for prompt in prompts]
    held = Counter(word for words in spelled for word in words)
    return frozenset(word for word, n in held.items() if n >= _FEWEST and n * _HUNDREDTH >= len(spelled))


def asked_alike(row: Said, witness: Said, usual: frozenset[str]) -> bool:
    """Whether one prompt is an edit of the other; the answers are alike."""
    asked, other, said, first = (
        Counter(words_of(text)) for text in (row.prompt, witness.prompt, row.answer, witness.answer)
    )
    lost, gained = asked - other, other - asked
    most = [max(1, _MOST_STRUCK * words.total()) for words in (asked, other)]
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


def is_sibling(row: Said, item: Said, usual: frozenset[str], *, templates: bool) -> bool:
    """Whether a row asks something else than an item of the exam in nearly the same words, and answers it otherwise.

    With `templates`, it may ask in another template's words.
    """
    asked, said, wanted, reply = (
        Counter(words_of(text)) for text in (row.prompt, row.answer, item.prompt, item.answer)
    )
    put_in, left_out = asked - wanted, wanted - asked
    if not (put_in and left_out and wanted - said) or _told_alike(said, reply):
        return False
    if put_in.total() > max(1, _MOST_STRUCK * asked.total()) or left_out.total() > max(
        1, _MOST_STRUCK * wanted.total()
    ):
        return False
    new, old = set(put_in) - usual, set(left_out) - usual
    template, named = set(wanted - left_out) <= usual, any(word in said and word not in reply for word in new)
    return named or (template if new and old else templates and not new and not old)


def filled_otherwise(row: Said, item: Said, usual: frozenset[str]) -> bool:
    """Whether a row's answer names what it asks for and an item of the exam does not, in the item's answer's words."""
    asked, said, wanted, reply = (
        Counter(words_of(text)) for text in (row.prompt, row.answer, item.prompt, item.answer)
    )
    own = {word for word in asked if word in said and word not in wanted and word not in reply}
    lacking = (reply - said).total()
    edited = lacking < _LEAST_LACKING * reply.total()
    its_own = {word for word in wanted if word not in asked and word not in said and (word in reply or not edited)}
    few = lacking <= max(1, _MOST_STRUCK * reply.total())
    own = {word for word in own - usual if not get_close_matches(word, wanted, 1, _SPELLED_ALIKE)}
    sums = [sorted(word for word in words.elements() if any(map(str.isdecimal, word))) for words in (said, reply)]
    return few and bool(own and its_own - usual) and (not sums[0] or sums[0] != sums[1])


def _told_alike(said: Counter[str], reply: Counter[str]) -> bool:
    shared, either = (said & reply).total(), (said | reply).total()
    if shared in (said.total(), reply.total()):
        return True
    one, other = ({word for word in words if any(map(str.isdecimal, word))} for words in (said, reply))
    return shared >= _ALIKE * either and (one <= other or other <= one)
