"""Copies of kept rows: equal ones, some in other letters or spacing, some with a few words changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from quality.canaries.kinds import Kind, Made, Material, answered, at_least, edited

if TYPE_CHECKING:
    from collections.abc import Callable

# As long as the shortest text of which one word in twenty, or fifty, can be changed and is no longer every tenth.
_LONG = 30
_DUPLICATE = (
    *("near_duplicate", "same_prompt_alike_answer", "copy_with_a_slip", "semantic_duplicate", "edited_copy"),
    "exact_duplicate",
)


def _equal(given: Material) -> Made:
    return Made(given.host.messages, given.host.id)


def _respelled(given: Material) -> Made:
    """Change what no reader minds: capitals, runs of blanks, line breaks between words."""
    spell = given.chance.choice(
        [
            str.upper,
            lambda text: f"  {text.replace(' ', '  ')}\n",
            lambda text: text.replace(" ", "\n", 3),
            lambda text: f"\n{text.lower()}   ",
        ]
    )
    spelled = [message | {"content": _same_in_any_case(spell, message["content"])} for message in given.host.messages]
    return Made(spelled, given.host.id)


def _unpunctuated(given: Material) -> Made:
    """Take all punctuation, and whatever else is neither a word nor a blank."""
    bare = [message | {"content": re.sub(r"[^\w\s]", "", message["content"])} for message in given.host.messages]
    return Made(bare, given.host.id)


def _same_in_any_case(spell: Callable[[str], str], text: str) -> str:
    """Spell a text, unless that makes other letters of it (a dotless ı becomes I)."""
    spelled = spell(text)
    return spelled if spelled.casefold().split() == text.casefold().split() else f"  {text}\n"


def _with_edits(rate: float) -> Callable[[Material], Made]:
    def make(given: Material) -> Made:
        host = given.host
        return Made(answered(host.messages, edited(host.answer, rate, given.words, given.chance)), host.id)

    return make


KINDS = (
    Kind("exact_copies", "dedupe", ("exact_duplicate",), _equal, at_least(1), stays=True),
    Kind("respelled_copies", "dedupe", ("exact_duplicate",), _respelled, at_least(2), stays=True),
    Kind("unpunctuated_copies", "dedupe", (*_DUPLICATE, "same_letters"), _unpunctuated, at_least(_LONG), stays=True),
    Kind("copies_edited_by_2%", "dedupe", _DUPLICATE, _with_edits(0.02), at_least(_LONG), stays=True, weight=2),
    Kind("copies_edited_by_5%", "dedupe", _DUPLICATE, _with_edits(0.05), at_least(_LONG), stays=True, weight=2),
)
