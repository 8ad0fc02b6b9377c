"""Answers in short and in full: what says the same, and what says more; curator and audit judge alike."""

import random
from collections.abc import Sequence

import polars as pl
import pytest

from quality.auditing import in_short as audit
from quality.auditing.texts import Said, normal
from quality.duplicates.in_short import in_full

CAPITAL = "What is the capital of Freedonia?"
WORDS = [
    *(
        "the",
        "is",
        "of",
        "in",
        "to",
        "not",
        "no",
        "or",
        "Bern",
        "Rome",
        "hive",
        "hives",
        "boil",
        "boils",
        "fell",
        "fall",
    ),
    *("5", "-5", "1,000", "1000", "10", "s", "%", "½", "false", "moss", "may"),
]
HIGHER = "Is the hill or the tower higher?"


def judged(cases: Sequence[tuple[str, str, str]]) -> list[bool]:
    """What the curator says of prompts, short and full answers, of which the audit says the same."""
    asked, short, full = (pl.Series(texts, dtype=pl.String) for texts in zip(*cases, strict=True))
    count = len(cases)
    pairs = pl.DataFrame({"left": range(count), "right": range(count, 2 * count)})
    found = in_full(pairs, pl.concat([asked, asked]), pl.concat([full, short])).tolist()
    for at, (prompt, few, many) in enumerate(cases):
        one, other = (Said(normal(prompt), normal(answer), (prompt, answer)) for answer in (few, many))
        assert audit.in_short(one, other) == (found[at] == at), cases[at]
        assert (audit.in_short(one, other) or audit.in_short(other, one)) == (found[at] >= 0), cases[at]
    return [found[at] == at for at in range(count)]


@pytest.mark.parametrize(
    ("asked", "short", "full"),
    [
        (CAPITAL, "Bern.", "The capital of Freedonia is Bern."),
        (CAPITAL, "bern", "**Bern** is the capital of Freedonia."),
        (CAPITAL, "The capital is Bern.", "Bern is the capital of Freedonia."),
        (CAPITAL, "It's Bern.", "The answer is: Bern!"),
        ("At what temperature does water boil?", "100 °C", "Water boils at a temperature of 100 °C."),
        ("When did the wall fall?", "In 1989.", "The wall fell in 1989."),
        ("What is 6 times 7?", "42", "6 times 7 is 42."),
        ("Who founded the school in 1890?", "Anna Moser", "In 1890 the school was founded by Anna Moser."),
        ("Is the hive open?", "Yes.", "Yes, the hive is open."),
        ("Which bird can swim?", "The penguin.", "It is the penguin that can swim."),
        (HIGHER, "The hill.", "It is the hill."),
        ("Which planet is bigger than the moon?", "Jupiter", "Jupiter is bigger than the moon."),
        ("Who beat Tom?", "Anna.", "Anna beat Tom."),
        ("Who beat Tom?", "Anna.", "Tom was beaten by Anna."),
    ],
)
def test_a_short_answer_says_what_the_full_one_says(asked: str, short: str, full: str) -> None:
    assert judged([(asked, short, full)])[0]
    assert not judged([(asked, full, short)])[0]


@pytest.mark.parametrize(
    ("asked", "short", "full"),
    [
        (CAPITAL, "Bern.", "Bern is not the capital of Freedonia."),
        (CAPITAL, "Bern.", "The capital of Freedonia isn't Bern."),
        (CAPITAL, "Bern.", "The capital of Freedonia is Rome."),
        (CAPITAL, "Bern.", "The capital of Freedonia may be Bern."),
        (CAPITAL, "Bern.", "The capital of Freedonia was Bern until 1920."),
        ("When did it end?", "1985.", "It was 1984, not 1985."),
        ("When did it end?", "1985.", "It ended after 1985."),
        ("Is the hive open?", "Yes.", "Yes, but only when it is warm."),
        ("Is the hive open?", "Yes.", "No, the hive is open."),
        ("How cold is it in winter?", "5 degrees.", "In winter it is -5 degrees."),
        ("How long does it take?", "10", "It does take 10 s."),
        ("How long does it take?", "5 hours", "It takes 1.5 hours."),
        ("What share is it?", "½", "It is a share of 1½."),
        ("What share is it?", "10", "It is a share of 10%."),
        (HIGHER, "The hill.", "The tower is higher than the hill."),
        (
            "Which is higher, hill or tower, by how much?",
            "By 4 metres.",
            "The tower is higher by 4 metres than the hill.",
        ),
        ("How old are Anna and Berta?", "Anna 5, Berta 7.", "Berta is 5 and Anna is 7."),
        ("Is it false that moss is white?", "Moss is green.", "It is false that moss is green."),
        ("Where did they fly?", "To Bern.", "They flew from Bern."),
        ("What is it?", "It is.", "It is the one that it is."),
        ("首都在哪里?", "北京", "首都在北京"),
        # Who did it to whom, of whom, and all of what was asked.
        ("Who beat Tom?", "Anna.", "Tom beat Anna."),
        ("Who was beaten by Tom?", "Anna.", "Tom was beaten by Anna."),
        ("Who was the teacher of Tom?", "Anna", "Tom was the teacher of Anna."),
        ("Is it safe to drink paint?", "No.", "No, it is safe to drink paint."),
        ("Which planet is bigger than the moon?", "Jupiter", "The moon is bigger than Jupiter."),
        ("How many metres are 5 km?", "5000", "5 km are 5000 km."),
        ("How do I print the value of x?", "print(x)", "print(x, x)"),
        ("Where was the mother of Tom born?", "In Bern.", "Tom was born in Bern."),
        ("What causes warts?", "Toads.", "Warts cause toads."),
        ("Wo liegt der Hof?", "In Bern.", "Der Hof liegt in Bern."),
    ],
)
def test_an_answer_that_says_more_or_otherwise_is_no_fuller_one(asked: str, short: str, full: str) -> None:
    assert not judged([(asked, short, full)])[0]


def test_curator_and_audit_judge_alike_whatever_the_words() -> None:
    rng = random.Random(7)
    cases = [[" ".join(rng.choices(WORDS, k=rng.randint(1, most))) for most in (8, 3, 6)] for _ in range(6000)]
    assert sum(judged(cases)) > 20
