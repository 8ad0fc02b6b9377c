"""Prompts that were edited ask for the same; siblings don't. Curator and audit judge every pair alike."""

import random

import numpy as np
import polars as pl
import pytest

from quality.auditing import prompts as audit_prompts
from quality.auditing.texts import Said, normal
from quality.prompts.edited import asked_alike, may_be_asked_alike, usual_words

SAID = "a bird of wet meadows whose call is heard at night and whose eggs were once sold in towns"
MANY = [f"Define the word w{n}." for n in range(60)] + [f"Tell me about t{n}." for n in range(40)]
USUAL = frozenset({"define", "the", "word", "tell", "me", "about"})

Row = tuple[str, str]


def judged(one: Row, other: Row) -> bool:
    """What the curator says; the audit must say the same, and both the same in the other direction."""
    found = set()
    for left, right in ((one, other), (other, one)):
        prompts, answers = pl.Series([left[0], right[0]]), pl.Series([left[1], right[1]])
        pair = (prompts, answers, np.array([0]), np.array([1]))
        found.add(bool(may_be_asked_alike(*pair)[0] and asked_alike(*pair, USUAL)[0]))
        rows = [Said(normal(prompt), normal(answer)) for prompt, answer in (left, right)]
        found.add(audit_prompts.asked_alike(rows[0], rows[1], USUAL))
    (told,) = found
    return told


@pytest.mark.parametrize("edited", ["Define the nuts lapwing.", "Define nuts word lapwing.", "define THE nuts lapwing"])
def test_a_word_of_the_template_was_struck(edited: str) -> None:
    assert judged(("Define the word lapwing.", SAID), (edited, SAID))


def test_siblings_exchange_a_subject_for_another() -> None:
    assert not judged(("Define the word lapwing.", SAID), ("Define the word peewit.", SAID))


def test_siblings_exchange_a_template_for_another() -> None:
    assert not judged(("Define the lapwing.", SAID), ("Define about lapwing.", SAID))


def test_the_answers_name_what_one_prompt_asks_for_and_never_the_other() -> None:
    named = SAID + " that the lapwing lays"
    assert judged(("Define the word lapwing.", named), ("Define the word nuts.", named))
    assert not judged(("Define the word lapwing.", named), ("Define the word meadows.", named))
    assert not judged(("Define the word lapwing.", named), ("Define the word nuts.", named.replace("lapwing", "bird")))


def test_what_changes_in_prompt_and_answer_both_is_a_sibling() -> None:
    assert not judged(("Define the word lapwing.", SAID), ("Define the nuts lapwing.", SAID + " nuts"))


def test_more_than_one_word_of_a_short_prompt_is_no_edit() -> None:
    assert not judged(("Define the word lapwing.", SAID), ("Shell nuts of word lapwing.", SAID))
    longer = "Define the word lapwing as a keeper of birds by the sea would"
    assert judged((longer, SAID), (longer.replace("Define the", "Shell nuts"), SAID))


def test_prompts_of_the_same_words_were_not_edited() -> None:
    assert not judged(("Define the word lapwing.", SAID), ("the word lapwing define", SAID))
    assert not judged(("Define the word lapwing.", SAID), ("Define the word.", SAID))


def test_words_of_many_prompts_are_usual() -> None:
    assert usual_words(pl.Series(MANY)) == USUAL == audit_prompts.usual_words(map(normal, MANY))
    few = MANY[:19] + [f"x{n}" for n in range(100)]
    assert usual_words(pl.Series(few)) == frozenset() == audit_prompts.usual_words(few)
    rare = MANY[:30] + [f"x{n}" for n in range(2_971)]
    assert usual_words(pl.Series(rare)) == frozenset() == audit_prompts.usual_words(rare)
    assert usual_words(pl.Series([], dtype=pl.String)) == frozenset() == audit_prompts.usual_words([])


def test_curator_and_audit_judge_random_pairs_alike() -> None:
    chance = random.Random(5)
    words = ["define", "the", "word", "tell", "lapwing", "nuts", "meadows", "bird"]
    told = []
    for _ in range(300):
        asked, said = chance.choices(words, k=chance.randint(1, 6)), chance.choices(words, k=chance.randint(0, 6))
        other, other_said = list(asked), list(said)
        other[chance.randrange(len(other))] = chance.choice(words)
        if said and chance.random() < 0.5:
            other_said[chance.randrange(len(said))] = chance.choice(words)
        told.append(judged((" ".join(asked), " ".join(said)), (" ".join(other), " ".join(other_said))))
    assert 50 < sum(told) < 250
