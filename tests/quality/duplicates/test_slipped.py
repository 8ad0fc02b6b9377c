"""A slip in the prompt, or in the answer, hides no copy; siblings stay. Curator and audit judge every pair alike."""

import polars as pl
import pytest

from quality.auditing.slipped import Known
from quality.auditing.texts import said
from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import duplicates
from quality.duplicates.slipped import slipped_copies
from quality.neardup import NearDup, near_duplicates

SUBJECTS = [
    f"{one}{other}" for one in ("mar", "tol", "ves", "kun", "bri", "pol") for other in ("ix", "ane", "ud", "orp")
]
POOL = [
    *((f"What do you know about {name}?", f"A {name} of the northern marshes.") for name in SUBJECTS),
    *((f"What is {name}?", f"One of the {name} kind, which controls its depth.") for name in SUBJECTS),
    *((f"Describe {name} briefly.", f"It automatically closes, as {name} does in water.") for name in SUBJECTS),
    *((f"How would a dictionary explain {name}?", f"As {name} that beacons mark, in compliance with a rule.")
      for name in SUBJECTS),
    *((f"Tell me just what {name} means.", f"The {name} that gray herons eat.") for name in SUBJECTS),
]  # fmt: skip
ANSWER = "A notochord of a larva."


def _rows(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    said_ = [[{"role": "user", "content": p}, {"role": "assistant", "content": a}] for p, a in pairs]
    return pl.DataFrame({"messages": said_})


def judged(one: tuple[str, str], other: tuple[str, str]) -> list[int]:
    """Tell which of two rows goes, in whichever order they stand; the audit must prove what goes, and only that."""
    frame = pl.DataFrame([*POOL, one, other, other, one], schema=["p", "a"], orient="row")
    pool = pl.select(pl.concat_str(frame["p"], frame["a"], separator="\n")).to_series()[: len(POOL) + 2]
    gone = set()
    for rows in (frame[: len(POOL) + 2], pl.concat([frame[: len(POOL)], frame[len(POOL) + 2 :]])):
        found = slipped_copies(rows["p"], rows["a"], pl.repeat(value=False, n=len(rows), eager=True), pool)
        gone.add(tuple(rows["p"][row] == one[0] and rows["a"][row] == one[1] for row in found["row"]))
    (first,) = gone
    rows_said = [said(messages) for messages in _rows([*POOL, one, other])["messages"].to_list()]
    known = Known(rows_said)
    proven = {known.slipped(*rows_said[-2:]), known.slipped(*rows_said[:-3:-1])}
    assert proven == {bool(first)}
    return [0 if was_one else 1 for was_one in first]


@pytest.mark.parametrize(
    ("right", "slip"),
    [
        ("What do you know about urochord?", "What do know you about urochord?"),
        ("What do you know about urochord?", "What you do know about urochord?"),
        ("How would a dictionary explain urochord?", "How would a explain dictionary urochord?"),
        ("Which steps ensure compliance with safety rules?", "Which steps ensure with compliance safety rules?"),
        ("Describe urochord briefly.", "Describe urochord briiefly."),
        ("How would a dictionary explain urochord?", "How would a dictonary explain urochord?"),
        (
            "On which frequencies are automatically controlled beacons permitted?",
            "On which frequencies are autmatically controlled beacons permitted?",
        ),
        ("What is urochord?", "What also is urochord?"),
        ("What do you know about urochord?", "What so do you know about urochord?"),
        ("Describe urochord briefly.", "Describe urochord quite briefly."),
        ("Why do metals conduct heat and light?", "Why do metals conduct actually heat and light?"),
        (
            "Which of these marks a characteristic tone of traffic handling?",
            "Which of these marks characteristic tone of traffic handling?",
        ),
    ],
)
def test_of_rows_with_one_answer_that_with_a_slip_in_its_prompt_goes(right: str, slip: str) -> None:
    assert judged((right, ANSWER), (slip, ANSWER)) == [1]


@pytest.mark.parametrize(
    ("right", "slip"),
    [
        ("Discord that compliance ends.", "Discord that complaince ends."),
        ("What automatically closes.", "What automatcally closes."),
        ("A rule of water.", "A rule rather of water."),
    ],
)
def test_of_rows_with_one_prompt_that_with_a_slip_in_its_answer_goes(right: str, slip: str) -> None:
    assert judged(("Define division.", right), ("Define division.", slip)) == [1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is urochord?", "Describe urochord briefly."),  # two templates
        ("What is urochord?", "What is urochorda?"),  # a subject in two spellings
        ("What is gray whale?", "What is grey whale?"),
        ("What is river Urul?", "What is Urul river?"),
        ("What is urochord?", "What is not urochord?"),
        ("What is urochord 4?", "What is urochord 5?"),
        ("What is marix?", "What is marane?"),  # two subjects
        ("Tell me what urochord means.", "Tell me just what urochord means."),  # many rows have “just” there
        ("What is a urochord?", "What is urochord?"),
        ("What is late urochord?", "What is urochord?"),
        ("What do know you about urochord?", "What do you know about urochords?"),
        ("What do know you about urochord?", "What do you know also about urochord?"),
    ],
)
def test_siblings_with_one_answer_stay(one: str, other: str) -> None:
    assert judged((one, ANSWER), (other, ANSWER)) == []


def test_other_answers_stay() -> None:
    assert judged(("What is urochord?", ANSWER), ("What also is urochord?", "A rope of the sea.")) == []
    assert judged(("Define division.", "A few of the herons."), ("Define division.", "A dew of the herons.")) == []


def test_a_row_that_proves_another_stays_and_one_that_names_code_in_other_capitals() -> None:
    frame = pl.DataFrame([*POOL, ("What also is urochord?", ANSWER), ("What is urochord?", ANSWER)],
                         schema=["p", "a"], orient="row")  # fmt: skip
    proving = pl.Series([*(False for _ in POOL), True, False])
    pool = pl.select(pl.concat_str(frame["p"], frame["a"], separator="\n")).to_series()
    found = slipped_copies(frame["p"], frame["a"], proving, pool)
    assert found.select("row", "witness").rows() == [(len(POOL) + 1, len(POOL))]


def test_the_stage_names_the_reason_and_the_row_without_the_slip() -> None:
    rows = _rows([*POOL, ("What do know you about urochord?", ANSWER), ("What do you know about urochord?", ANSWER)])
    found = duplicates(rows, lambda texts: near_duplicates(texts, NearDup()), NearDup(), Pairing())
    assert found.rows() == [(len(POOL), len(POOL) + 1, "copy_with_a_slip", 1.0, 0.0)]
