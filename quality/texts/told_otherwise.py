"""Whether two texts that are much alike tell something else, and whether rows do: what curator and audit both go by.

Two rows are no copies of each other where all that differs in their prompts, or in their answers, is a fact
(`quality.texts.facts`), what changed places (`quality.texts.word_order`) or a name's capitals
(`quality.texts.letter_case`); nor where things got each other's measures (`quality.texts.measures_exchanged`); nor
where the prompts are the same but for a name of code, and the answers differ, too: `os.remove` and `os.rmdir` are
siblings, and 5 of 6 words of their answers are the same.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple

from quality.texts.facts import names, tell_another_fact
from quality.texts.letter_case import other_capitals
from quality.texts.measures_exchanged import measures_exchanged
from quality.texts.names import other_name_of_code
from quality.texts.word_order import exchanged_order


class Text(NamedTuple):
    """A text in one spelling (`quality.texts.spellings`): its words, folded, in their order, and how it is written."""

    words: list[str]
    written: str


def told_otherwise(text: Text, other: Text) -> Literal["another", "perhaps", ""]:
    """Tell whether two texts differ in a fact alone, or perhaps so: by words that changed places, or by capitals."""
    return _by_facts(text, other) or ("perhaps" if other_capitals(text.written, other.written) else "")


def rows_apart(asked: Text, other_asked: Text, said: Text, other_said: Text) -> bool:
    """Tell whether two rows, however alike, are no copies of each other.

    Parameters
    ----------
    asked, other_asked : Text
        Their prompts.
    said, other_said : Text
        Their answers.
    """
    if told_otherwise(said, other_said) or _by_facts(asked, other_asked):
        return True
    if other_capitals(asked.written, other_asked.written):
        # All of a row may have been written in small letters, of which its prompt alone tells nothing.
        rows = (f"{one.written}\n{answer.written}" for one, answer in ((asked, said), (other_asked, other_said)))
        return other_capitals(*rows)
    return Counter(said.words) != Counter(other_said.words) and other_name_of_code(asked.written, other_asked.written)


def _by_facts(text: Text, other: Text) -> Literal["another", "perhaps", ""]:
    if text.words == other.words and text.written == other.written:
        return ""
    said, beside = Counter(text.words), Counter(other.words)
    if tell_another_fact(said, beside, text.written, other.written):
        return "another"
    if measures_exchanged(text.words, other.words):
        return "another"
    if said != beside:
        return ""
    moved = exchanged_order(text.words, other.words, lambda: names(text.written) | names(other.written))
    return "another" if moved == "numbers" else "perhaps" if moved else ""
