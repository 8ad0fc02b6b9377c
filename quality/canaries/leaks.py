"""Leaks of the exam: an item whole, its question or its answer alone, and the item with a few words changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.canaries.kinds import Kind, Made, Material, answered, asked, at_least, edited

if TYPE_CHECKING:
    from quality.canaries.kinds import Item

_REASONS = ("same_question", "shared_ngrams", "lightly_edited", "paraphrase")
_RATE = 0.03
# A shorter answer (“Yes, in most cases.”) stands below many questions and gives none away; a shorter one with a
# word changed has more changed than a light edit does.
_TELLING = 10
_EDITABLE = 17
_ASKING = 4


def _item(given: Material) -> Item:
    if given.item is None:
        raise ValueError("A leak is made of an exam item, and none was given.")
    return given.item


def _whole(given: Material) -> Made:
    item = _item(given)
    return Made(asked(item.question, item.answer), item.item)


def _question(given: Material) -> Made:
    """Ask the item's question above the answer of another row."""
    item = _item(given)
    return Made(asked(item.question, given.host.answer), item.item)


def _answer(given: Material) -> Made:
    """Give the item's answer below the prompt of another row."""
    item = _item(given)
    return Made(answered(given.host.messages, item.answer), item.item)


def _with_edits(given: Material) -> Made:
    """Edit question and answer, at least one word in each."""
    item = _item(given)
    question, answer = (edited(text, _RATE, given.words, given.chance) for text in (item.question, item.answer))
    return Made(asked(question, answer), item.item)


def _asks(item: Item) -> bool:
    return len(item.question.split()) >= _ASKING


def _tells(item: Item) -> bool:
    return len(item.answer.split()) >= _TELLING


def _is_editable(item: Item) -> bool:
    return _asks(item) and len(item.answer.split()) >= _EDITABLE


_ANY = at_least(1)

KINDS = (
    Kind("verbatim_leaks", "decontaminate", _REASONS, _whole, _ANY, _asks),
    Kind("leaked_questions", "decontaminate", _REASONS, _question, _ANY, _asks),
    Kind("leaked_answers", "decontaminate", _REASONS, _answer, _ANY, _tells),
    Kind("edited_leaks", "decontaminate", _REASONS, _with_edits, _ANY, _is_editable, weight=3),
)
