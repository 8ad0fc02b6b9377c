"""Suites that the model answers in its own words, that show examples, or that ask in a format of their own."""

from __future__ import annotations

import math

import polars as pl
import pytest

from evals.answering import answers
from evals.asking import Asked, Example
from evals.exam import score, sit
from evals.items import ANSWERS, ITEMS
from evals.metrics import chrf
from evals.shortening import Cut
from evals.suites import Suite

ASKED = ["Where does the fox live?", "What is two plus two?"]


def items(kind: str, targets=("In the forest.", "Four."), options=()) -> pl.DataFrame:
    rows = [
        ("s", "retention", kind, f"s/{n}", f"{n}", [{"role": "user", "content": asked}], target, list(options), 0)
        for n, (asked, target) in enumerate(zip(ASKED, targets, strict=True))
    ]
    return pl.DataFrame(rows, schema=ITEMS, orient="row")


def how(kind: str, shots=(), **more) -> dict[str, Asked]:
    return {"s": Asked(suite=Suite(name="s", role="retention", kind=kind, shots=len(shots), **more), shots=shots)}


SHOT = Example(item="s/x", cluster="x", prompt=[{"role": "user", "content": "What comes first?"}], target="The fox.")


def test_a_written_answer_is_kept_and_marked_beside_its_target(model, tokenizer) -> None:
    plain = answers(model, tokenizer, items("generate")["prompt"].to_list(), max_new_tokens=6)
    sat = sit(model, tokenizer, items("generate", [plain[0], "Never said."]), model_name="base",
              asked=how("generate", metric="chrf", max_new_tokens=6))  # fmt: skip
    assert sat.answers.schema == pl.Schema(ANSWERS)
    assert sat.answers.rows() == [("s/0", "base", plain[0]), ("s/1", "base", plain[1])]
    assert sat.scores["score"].to_list() == pytest.approx([1.0, chrf(plain[1], "Never said.")])


def test_without_a_metric_no_answer_is_marked(model, tokenizer) -> None:
    with pytest.raises(ValueError, match="Suite s: it is not told by which metric its answers are scored"):
        sit(model, tokenizer, items("generate"), model_name="base")


def test_examples_and_format_are_read_before_the_answer_as_the_harness_would(model, tokenizer, oracle) -> None:
    asked = how("completion", (SHOT,), format="Question: {question}\nAnswer:")
    got = score(model, tokenizer, items("completion"), model_name="base", asked=asked)["score"]
    shown = "Question: What comes first?\nAnswer: The fox.\n\n"
    for value, question, target in zip(got, ASKED, ("In the forest.", "Four."), strict=True):
        pair = oracle.lm_eval_pair(tokenizer, f"{shown}Question: {question}\nAnswer:", f" {target}")
        bits = -oracle.reference(model, *pair) / math.log(2) / len(target.encode())
        assert value == pytest.approx(-bits, abs=1e-4)


def test_accuracy_by_the_whole_option_and_by_the_byte_can_differ(model, tokenizer, oracle) -> None:
    options = ["The quick brown fox jumps over the lazy dog.", "A"]
    got = {
        metric: score(model, tokenizer, items("choice", options=options), model_name="base",
                      asked=how("choice", metric=metric, format="{question}"))["score"].to_list()
        for metric in ("acc", "acc_norm")
    }  # fmt: skip
    sums = [[oracle.reference(model, *oracle.lm_eval_pair(tokenizer, q, f" {o}")) for o in options] for q in ASKED]
    assert got["acc"] == [float(long > short) for long, short in sums] == [0, 0]
    assert (
        got["acc_norm"] == [float(long / len(options[0]) > short / len(options[1])) for long, short in sums] == [1, 1]
    )


def test_what_is_too_long_is_cut_and_told_with_its_suite(llama, tokenizer) -> None:
    small, told = llama(context=32), []
    for kind, more in (("generate", {"metric": "chrf", "max_new_tokens": 8}), ("completion", {})):
        sat = sit(small, tokenizer, items(kind), model_name="base", asked=how(kind, (SHOT,), **more), tell=told.append)
        assert sat.cut == (Cut(suite="s", n=2, of=2, limit=32, unit="tokens"),)
    assert told[0].startswith("Suite s: 2 of 2 questions leave no room for 8 tokens of answer in the model's context")
    assert told[1].startswith("Suite s: 2 of 2 items exceed the model's context of 32 tokens")
    with pytest.raises(
        ValueError, match=r"Suite s: answers of 64 tokens \(max_new_tokens\) leave no room for a question"
    ):
        sit(small, tokenizer, items("generate"), model_name="base", asked=how("generate", metric="chrf"))
