"""Opposites and units turn a sentence round; curator and audit know the same."""

import pytest

from quality.auditing import one_subject
from quality.texts import opposites
from quality.texts.opposites import contradict, turned


@pytest.mark.parametrize(
    ("lost", "gained"), [("first", "last"), ("maximum", "minimum"), ("hours", "days"), ("mg", "g")]
)
def test_what_turns_a_sentence_round_does_so_either_way(lost: str, gained: str) -> None:
    assert turned({lost, "so"}, {gained})
    assert turned({gained}, {lost, "so"})


@pytest.mark.parametrize(
    ("lost", "gained"), [("first last", ""), ("under", "below"), ("hours", "mg"), ("metre", "metres"), ("", "days")]
)
def test_what_only_comes_or_is_of_another_kind_turns_nothing(lost: str, gained: str) -> None:
    assert not turned(set(lost.split()), set(gained.split()))


@pytest.mark.parametrize(
    ("lost", "gained"), [("", "not"), ("safe", "unsafe"), ("lawful", "unlawful"), ("rises", "falls"), ("may", "never")]
)
def test_who_denies_what_was_said_contradicts_it(lost: str, gained: str) -> None:
    assert contradict(set(lost.split()), set(gained.split()))
    assert contradict(set(gained.split()), set(lost.split()))


@pytest.mark.parametrize(("lost", "gained"), [("no", "not any"), ("big", "large"), ("", "so")])
def test_other_words_for_the_same_contradict_nothing(lost: str, gained: str) -> None:
    assert not contradict(set(lost.split()), set(gained.split()))


def test_curator_and_audit_know_the_same_opposites_and_units() -> None:
    assert {frozenset(pair) for pair in opposites._SIDES} == {frozenset(pair) for pair in one_subject._PAIRS}
    assert set(opposites._UNITS) == {frozenset(kind) for kind in one_subject._KINDS}
