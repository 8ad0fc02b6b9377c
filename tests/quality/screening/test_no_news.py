"""What is said again among news is a form; what is said again, and nothing else, is a defect."""

import random
from collections.abc import Callable
from itertools import groupby

import polars as pl
import pytest

from quality.screening.no_news import goes_round, repeated_lines
from quality.screening.repetition import repetition

STUCK = {"repeated_lines", "repeated_phrases"}

TASKS = "\n\n".join(
    f"- name: {does} a bridge\n  acme.net.bridge:\n    host: switch.example.com\n    user: operator\n"
    f"    secret: not-told\n    timeout: 30\n    state: {state}\n  register: outcome"
    for does, state in (("Make", "present"), ("Leave out", "absent"), ("Ask about", "query"), ("Refresh", "fresh"))
)
VERSES = [
    "A boat of bark went out to sea\nWith not an oar aboard,",
    "The tide took off the mooring stone\nAnd laid it by the ford,",
    "The gulls that slept upon the mast\nHave nothing more to hoard,",
]
CHORUS = "So sing, my dear, the water sings,\nThe water sings to me,\nAnd all the rivers of the hills\nAre coming to the sea."
KEYS = (
    "\n".join(f'name_of_port_{n}: "{{{{ name_of_port_{n} }}}}"' for n in ("a", "b", "c", "d", "e", "f", "g"))
    + "\n"
    + (
        "\n".join(
            f'{key}: "{{{{ {key} }}}}"' for key in ("depth", "width", "crane", "quay", "pilot", "tug", "buoy", "berth")
        )
    )
)
HONEST = {
    "tasks that differ in a line": TASKS,
    "a chorus between verses": "\n\n".join(part for verse in VERSES for part in (verse, CHORUS)),
    "a chorus that is sung first, and at last": "\n\n".join([CHORUS, *VERSES, CHORUS]),
    "a cumulative song": "\n\n".join(
        "On the way to the fair\nI met\n"
        + ",\n".join(
            ["a hen with a hat", "two geese on a gate", "three goats in a boat", "four mice on the ice"][n::-1]
        )
        for n in range(4)
    ),
    "three lines and another": "We come by boat today,\n" * 3 + "And go by train again.",
    "objects of the same keys": "[\n"
    + ",\n".join(
        f'  {{\n    "kind": "berth",\n    "depth": 9,\n    "number": {n},\n    "free": true\n  }}' for n in range(12)
    )
    + "\n]",
    "keys and their values of the same name": KEYS,
    "a column of words": "\n".join(["red", "red", "blue", "red", "blue", "blue", "red"] * 2),
    "statements that differ in their signs": "\n".join(
        f'check("{{a}} {sign} {{b}}", a {sign} b)'
        for sign in (
            "<",
            ">",
            "<=",
            ">=",
            "==",
            "!=",
            "<=>",
            "===",
            "!==",
            "<<",
            ">>",
        )
    ),
    "queries on the same table": ";\n".join(
        f"SELECT a.id, a.name FROM ports AS a WHERE a.depth > {n} ORDER BY a.name"
        for n in (3, 5, 9, 4, 8, 6, 12, 15, 2)
    ),
    "zeros": "grid:\n" + "[0, 0, 0, 0, 0, 0]\n" * 9,
}
DEFECTIVE = {
    "each word thrice, quoted": " ".join(
        f'"{word}," "{word}," "{word},"'
        for word in ["so", "the", "boat", "of", "a", "mill", "ran", "far", "out", "again"]
    ),
    "the last task again and again": TASKS + ("\n\n" + TASKS.split("\n\n")[-1]) * 4,
    "all tasks three times": "\n\n".join([TASKS] * 3),
    "all tasks twice, below a line": f"Here are the tasks.\n{TASKS}\n{TASKS}",
    "a line of a task that does not stop": TASKS + "\n    host: switch.example.com" * 20,
    "brackets that do not stop": TASKS + "\n  }\n}" * 250,
    "lines drawn again": "\n".join(
        [*TASKS.split("\n"), *random.Random(1).choices([x for x in TASKS.split("\n") if x.count(" ") > 4], k=60)]
    ),
    "each line twice": "\n".join(line for line in TASKS.split("\n\n")[0].split("\n") for _ in range(2)),
    "a chorus that does not stop": "\n\n".join([VERSES[0], *[CHORUS] * 4]),
    "one sentence between all others": "\n".join(
        part
        for n in range(6)
        for part in (
            f"The {n + 2} boats that left at dawn were back before the bell was rung.",
            "Every boat of the harbour has a name that no other boat has ever had.",
        )
    ),
    "one paragraph between all others": "\n\n".join(
        part
        for verse in VERSES
        for part in (
            verse,
            "The bell of the harbour is rung when the fog comes in\nfrom the open sea, and at no other hour.",
        )
    ),
    "numbers between the same lines": "\n".join(f"{n}.\nThe boats are out" for n in range(12)),
}


@pytest.mark.parametrize("name", HONEST)
def test_forms_songs_and_tables_say_lines_again_among_news(reasons: Callable[..., list[str]], name: str) -> None:
    assert not STUCK & {*reasons(HONEST[name])}


@pytest.mark.parametrize("name", DEFECTIVE)
def test_who_got_stuck_says_nothing_new(reasons: Callable[..., list[str]], name: str) -> None:
    assert STUCK & {*reasons(DEFECTIVE[name])}


def test_rounds_are_those_of_a_count_by_hand() -> None:
    rng = random.Random(0)
    texts = [[rng.choice("abcde") + str(row) for _ in range(rng.randint(0, 30))] for row in range(200)]
    weights = {what: rng.randint(1, 6) for text in texts for what in text}
    flat = [what for text in texts for what in text]
    said = pl.DataFrame({"key": flat, "words": [weights[what] for what in flat]})
    by_hand = [found for text in texts for found in rounds_by_hand(text, weights)]
    assert goes_round(said).to_list() == by_hand
    assert 500 < sum(by_hand) < len(by_hand) - 500


def rounds_by_hand(text: list[str], weights: dict[str, int]) -> list[bool]:
    new = [what not in text[:place] for place, what in enumerate(text)]
    found = []
    for is_new, places in groupby(range(len(text)), key=new.__getitem__):
        run = [text[place] for place in places]
        long = sum(map(weights.__getitem__, run)) >= 24
        found += [not is_new and run.count(what) >= (2 if long else 3) for what in run]
    return found


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("How many rows there are.\nReturns\nint\nHow many rows there are.", 0.0),  # a summary, and what is returned
        ("Row on.\nThe night is long.\nRow on.\nRow on.", 0.0),
        ("Row on so far.\n" * 4, 0.75),
        ("oars\n" * 4 + "boats", 12 / 21),
        ("a\nb\na\nb\na\nb\n" + "c" * 6, 0.0),
        ("1 2\n" * 4, 0.75),
        (None, 0.0),
        ("", 0.0),
    ],
)
def test_the_share_of_repeated_lines_is_that_of_their_characters(text: str | None, share: float) -> None:
    texts = pl.Series(["Boats.", text, "Boats.\nOars."], dtype=pl.String)
    assert repeated_lines(texts).to_list() == pytest.approx([0.0, share, 0.0])


def test_a_text_pasted_twice_below_a_word_or_two_is_doubled() -> None:
    half = TASKS.replace("\n", " ")
    found = repetition(pl.Series([half, f"See here: {half} {half}", f"{half} {half}", f"{half} and {half}"]))
    assert found["looped_words"].to_list() == [0, *[2 * len(half.split()) - 4 * 2] * 2, 0]
