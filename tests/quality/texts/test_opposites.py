"""Opposites and units turn a sentence round; curator and audit know the same."""

import pytest

from quality.auditing import one_subject
from quality.texts import opposites
from quality.texts.opposites import turned


@pytest.mark.parametrize(
    ("lost", "gained"), [("first", "last"), ("maximum", "minimum"), ("hours", "days"), ("mg", "g")]
)
def test_what_turns_a_sentence_round_does_so_either_way(lost: str, gained: str) -> None:
    assert turned({lost, "so"}, {gained})
    assert turned({gained}, {lost, "so"})


@pytest.mark.parametrize(("lost", "gained"), [("first last", ""), ("under", "below"), ("hours", "mg"), ("", "days")])
def test_what_only_comes_or_is_of_another_kind_turns_nothing(lost: str, gained: str) -> None:
    assert not turned(set(lost.split()), set(gained.split()))


def test_curator_and_audit_know_the_same_opposites_and_units() -> None:
    assert {frozenset(pair) for pair in opposites._SIDES} == {frozenset(pair) for pair in one_subject._PAIRS}
    assert set(opposites._UNITS) == {frozenset(kind) for kind in one_subject._KINDS}
