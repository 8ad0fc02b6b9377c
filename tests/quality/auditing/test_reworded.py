"""The audit proves copies that were asked in another template, and finds who claims a sibling for one."""

import polars as pl
import pytest

from quality.auditing.pairs import PairRules, prove_pairs
from quality.auditing.reworded import Compared
from quality.auditing.texts import Said
from quality.receipts import RECEIPTS

SAID = "moss grows on the old wall by the river where the ferry lands and children sell white pebbles to those who wait"
MISTYPED = SAID.replace("river", "rivver")
RULES = PairRules(alike=0.75, boilerplate_prompts=3, words=0.85, prompt_words=0.7, floor=0.9, likeness=0.5)
ROWS = {
    "a": ("Which mosses has Orland?", SAID),
    "copy": ("For a class on islands: mosses of Orland.", MISTYPED),
    "late": ("For a class on islands: mosses of Orland.", SAID.replace("wait", "waitt")),
    "equal": ("For a class on islands: mosses of Orland.", SAID),
    "known": ("For a class on islands: mosses of Orland.", SAID.replace("river", "brook")),
    "sibling": ("For a class on islands: mosses of Talia.", MISTYPED),
    "short": ("For a class on islands: mosses of Orland.", " ".join(MISTYPED.split()[:19])),
    **{f"w{n}": (f"Which w{n}s has Talia?", f"wait at a river, w{n}") for n in range(24)},
    **{f"x{n}": (f"For a class on islands: x{n} of Gorm.", f"a brook, x{n}") for n in range(24)},
}
FOUND = ("dedupe_meaning", "dropped", "semantic_duplicate", "a", 0.97, 0.93)


def failed(row: str, line: tuple, rules: PairRules = RULES) -> bool:
    """Judge a run that has no rows but the original, the one that is told of, and those of the templates."""
    rows = [id_ for id_ in ROWS if id_ in ("a", row) or id_[0] in "wx"]
    kept = ("split", "kept", "train", None, None, None)
    lines = [(id_, id_, "s", *(line if id_ == row else kept)) for id_ in rows]
    receipts = pl.DataFrame(lines, schema=RECEIPTS, orient="row")
    told = [
        {"id": id_, "origin": id_, "messages": [{"role": role, "content": said} for role, said in zip(
            ("user", "assistant"), ROWS[id_], strict=True)]}
        for id_ in rows
    ]  # fmt: skip
    mine = pl.col("id") == row
    (proof,) = prove_pairs(receipts, pl.DataFrame(told).filter(~mine), pl.DataFrame(told).filter(mine), rules)
    return proof.failed > 0


def test_a_copy_asked_in_another_template_is_proven() -> None:
    assert not failed("copy", FOUND)
    assert not failed("late", ("dedupe_meaning", "dropped", "edited_copy", "a", _shared("late"), 0.5))


def _shared(row: str) -> float:
    """Jaccard similarity of 5-grams of a row and the original, word by word."""
    grams = []
    for prompt, answer in (ROWS["a"], ROWS[row]):
        words = f"{prompt} {answer}".lower().translate(str.maketrans("", "", "?:.")).split()
        grams.append({tuple(words[at : at + 5]) for at in range(len(words) - 4)})
    return len(grams[0] & grams[1]) / len(grams[0] | grams[1])


@pytest.mark.parametrize("row", ["equal", "known", "sibling", "short"])
def test_a_sibling_claimed_for_a_copy_is_found(row: str) -> None:
    assert failed(row, FOUND)


def test_a_recipe_may_ask_for_longer_answers() -> None:
    longer = PairRules(alike=0.75, boilerplate_prompts=3, words=0.85, prompt_words=0.7, floor=0.9, likeness=0.5, least_words=30)  # fmt: skip
    assert failed("copy", FOUND, longer)


def test_rows_that_no_stage_compared_are_no_copies() -> None:
    row, witness = (Said(prompt.lower(), said) for prompt, said in (ROWS["copy"], ROWS["a"]))
    assert not Compared().asked_otherwise(row, witness)
