"""Capitals of a sentence mean nothing; those of a name of code do."""

import pytest

from quality.texts.letter_case import other_capitals


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("What is re.match?", "What is re.Match?"),
        ("What does OS.path hold?", "What does os.path hold?"),
        ("Where is MAX_SIZE set?", "Where is max_size set?"),
        ("So myVar holds it.", "So MyVar holds it."),
        ("Call Print() here.", "Call print() here."),
        ("Use `Counter` here.", "Use `counter` here."),
        ("It has 5 MB.", "It has 5 Mb."),
    ],
)
def test_a_name_of_code_in_other_capitals_is_another(text: str, other: str) -> None:
    assert other_capitals(text, other)
    assert other_capitals(other, text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("What is the Capital of France?", "what is the capital of france?"),
        ("What is re.Match?", "WHAT IS RE.MATCH?"),
        ("What is re.Match?", "what is re.match?"),
        ("What is re.Match, and what for?", "what is re.match, and what for?"),
        ("Anna Keller, Berlin: re.match of Python's", "Anna Keller, Berlin: Re.Match Of Python's"),
        ("What is JavaScript?", "What is Javascript?"),
        ("See Example.com now", "See example.com now"),
        ("Os.path holds it.", "os.path holds it."),
        ("E.g. so it is", "e.g. so it is"),
        ("It has 5 MB.", "It has 5 mb."),
        ("What is re.match?", "What is re.search?"),
    ],
)
def test_other_capitals_make_no_other_name(text: str, other: str) -> None:
    assert not other_capitals(text, other)
    assert not other_capitals(other, text)


def test_who_looks_for_contradictions_takes_a_text_in_small_letters_for_another() -> None:
    assert other_capitals("What is re.Match?", "what is re.match?", rewritten=True)
    assert not other_capitals("What is It?", "what is it?", rewritten=True)
