"""Thresholds and scores of leaks and of rows of one meaning: held where they can't be computed."""

import polars as pl
import pytest

from quality.auditing.measures import Asked, prove_measures
from quality.receipts import RECEIPTS

ASKED = Asked(alike=0.75, boilerplate_prompts=5, grams=0.5, edited=0.88, paraphrase=0.77, meaning=0.91)
RESERVE = pl.DataFrame({"item": ["x/1", "x/2"], "question": ["Where?", ""], "answer": ["Here.", "There."]})
HONEST = {
    "same_question": ("x/1", 1.0, 1.0),
    "shared_ngrams": ("x/1", 0.6, 0.5),
    "lightly_edited": ("x/1", 0.9, 0.88),
    "paraphrase": ("x/1", 0.85, 0.8),  # raised by the pool
    "semantic_duplicate": ("r", 0.95, 0.91),
}


def failures(*lines: tuple[str, tuple[str, float, float]], asked: Asked = ASKED) -> int:
    stage = lambda reason: "dedupe_meaning" if reason == "semantic_duplicate" else "decontaminate"  # noqa: E731
    receipts = pl.DataFrame(
        [(f"i{n}", f"f:{n}", "s", stage(reason), "dropped", reason, *line) for n, (reason, line) in enumerate(lines)],
        schema=RECEIPTS,
        orient="row",
    )
    rows = pl.DataFrame(schema={"id": pl.String, "origin": pl.String, "messages": pl.List(pl.Null)})
    return sum(proof.failed for proof in prove_measures(receipts, rows, rows, RESERVE, asked))


def test_honest_thresholds_hold() -> None:
    assert failures(*HONEST.items()) == 0
    assert failures(("paraphrase", ("x/1", 0.85, 0.8)), ("paraphrase", ("x/2", 0.9, 0.885))) == 0


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("same_question", ("x/1", 1.0, 0.9)),
        ("shared_ngrams", ("x/1", 0.6, 0.4)),
        ("shared_ngrams", ("x/1", 0.4, 0.5)),
        ("shared_ngrams", ("x/1", 1.4, 0.5)),
        ("lightly_edited", ("x/1", 0.9, 0.5)),
        ("paraphrase", ("x/1", 0.85, 0.7)),
        ("paraphrase", ("x/2", 0.9, 0.8)),  # without a question, half way to 1 at least
        ("paraphrase", ("x/1", 0.75, 0.8)),
        ("semantic_duplicate", ("r", 0.95, 0.9)),
        ("semantic_duplicate", ("r", 0.9, 0.91)),
        ("semantic_duplicate", ("r", float("nan"), 0.91)),
    ],
)
def test_a_threshold_or_score_that_can_not_be_is_found(reason: str, line: tuple[str, float, float]) -> None:
    assert failures((reason, line)) == 1


def test_paraphrases_of_one_run_have_one_threshold() -> None:
    assert failures(("paraphrase", ("x/1", 0.9, 0.8)), ("paraphrase", ("x/1", 0.9, 0.81))) == 1


def test_without_a_threshold_found_on_the_pool_nothing_has_one_meaning() -> None:
    asked = Asked(alike=0.75, boilerplate_prompts=5, grams=0.5, edited=0.88, paraphrase=0.77, meaning=None)
    assert failures(("semantic_duplicate", HONEST["semantic_duplicate"]), asked=asked) == 1


@pytest.mark.parametrize(("stage", "wrong"), [("skim", 0), ("keep_domain", 0), ("dedupe", 3)])
def test_boilerplate_stood_below_the_prompts_of_rows_outside_the_domain_too(stage: str, wrong: int) -> None:
    claim = ("compare_answers", "dropped", "boilerplate", "i0", 5.0, 5.0)
    kept, outside = ("split", "kept", "train", None, None, None), (stage, "dropped", "out_of_domain", None, -2.0, -1.0)
    ends = [kept, claim, claim, claim, outside]
    lines = [(f"i{at}", f"f:{at}", "s", *end) for at, end in enumerate(ends)]
    prompts = ("What is one?", "Who is two?", "Why is three?", "When is four?", "Where is five?")
    turns = [[{"role": "user", "content": ask}, {"role": "assistant", "content": "As is said."}] for ask in prompts]
    rows = pl.DataFrame({"id": [line[0] for line in lines], "origin": [line[1] for line in lines], "messages": turns})
    receipts = pl.DataFrame(lines, schema=RECEIPTS, orient="row")
    found = prove_measures(receipts, rows[:1], rows[1:], RESERVE, ASKED)
    assert sum(proof.failed for proof in found) == wrong
