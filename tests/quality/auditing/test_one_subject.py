"""The audit proves copies that name their subject in another template, and finds who claims a sibling for one."""

import polars as pl
import pytest

from quality.auditing.pairs import PairRules, prove_pairs
from quality.receipts import RECEIPTS

SAID = "moss grows on the old wall by the river where the ferry lands and children sell white pebbles to those who wait"
RULES = PairRules(alike=0.75, boilerplate_prompts=3, words=0.85, prompt_words=0.7, floor=0.9, likeness=0.5)
SHORT, LETTER = "What is moss wort?", "Help me with my notes: A letter mentions moss wort. What is that?"
ROWS = {
    "a": (SHORT, SAID),
    "equal": (LETTER, SAID),
    "lacks": (LETTER, SAID.replace("the ferry", "ferry")),
    "more": (LETTER, f"Briefly put: {SAID}"),
    "synonym": (LETTER, SAID.replace("old", "antique")),
    "number": (LETTER, SAID.replace("old", "2")),
    "denied": (LETTER, SAID.replace("grows", "never grows")),
    "opposite": (LETTER, SAID.replace("white", "last")),
    "name": (LETTER, SAID.replace("ferry", "zeppelin")),
    "sibling": (LETTER.replace("wort", "fern"), SAID),
    "narrower": (LETTER.replace("moss wort", "red moss wort"), SAID),
    "short": (LETTER, " ".join(SAID.split()[:9])),
    **{f"w{n}": (f"What is w{n}?", f"an old antique wall, w{n}") for n in range(40)},
    **{f"x{n}": (f"A letter mentions x{n}. What is that?", f"children sell x{n}") for n in range(40)},
    **{f"y{n}": (f"Help me with my notes: which is y{n}?", f"those who wait, y{n}") for n in range(40)},
}


def failed(row: str, reason: str, score: float, threshold: float, first: str = SAID) -> bool:
    """Judge a run that has no rows but the original, the one that is told of, and those of the templates."""
    rows = [id_ for id_ in ROWS if id_ in ("a", row) or id_[0] in "wxy"]
    kept = ("split", "kept", "train", None, None, None)
    line = ("dedupe_meaning", "dropped", reason, "a", score, threshold)
    lines = [(id_, id_, "s", *(line if id_ == row else kept)) for id_ in rows]
    receipts = pl.DataFrame(lines, schema=RECEIPTS, orient="row")
    said = ROWS | {"a": (SHORT, first.replace("white", "first") if row == "opposite" else first)}
    told = [
        {"id": id_, "origin": id_, "messages": [{"role": role, "content": text} for role, text in zip(
            ("user", "assistant"), said[id_], strict=True)]}
        for id_ in rows
    ]  # fmt: skip
    mine = pl.col("id") == row
    (proof,) = prove_pairs(receipts, pl.DataFrame(told).filter(~mine), pl.DataFrame(told).filter(mine), RULES)
    return proof.failed > 0


@pytest.mark.parametrize("row", ["equal", "lacks", "more", "synonym"])
def test_a_copy_that_names_its_subject_in_another_template_is_proven(row: str) -> None:
    assert not failed(row, "semantic_duplicate", 0.97, 0.93)
    assert failed(row, "semantic_duplicate", 0.92, 0.93)


@pytest.mark.parametrize("row", ["number", "denied", "opposite", "name", "sibling", "narrower", "short"])
def test_a_sibling_claimed_for_such_a_copy_is_found(row: str) -> None:
    first = " ".join(SAID.split()[:9]) if row == "short" else SAID
    assert failed(row, "semantic_duplicate", 0.97, 0.93, first)


def test_a_copy_is_proven_by_the_5_grams_of_its_answer_and_only_with_their_share_as_score() -> None:
    assert not failed("more", "edited_copy", 18 / 20, 0.5)
    assert failed("more", "edited_copy", 17 / 20, 0.5)
    assert failed("sibling", "edited_copy", 1.0, 0.5)
