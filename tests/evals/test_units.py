"""Scores of different units: never averaged, each line told in its own."""

import numpy as np
import polars as pl
import pytest

from evals.foresight import foresee
from evals.judging import judge, rejudge
from evals.units import judged_first, unit_of, unit_of_scores
from evals.verdict import Comparison, Gate, Verdict

UNITS = {"answers": "bits per byte", "summary": "ROUGE-L", "quiz": "share right"}


@pytest.fixture
def written(suite):
    """Scores of 0 to 1, of which the candidate gains a tenth everywhere, give or take."""
    rng = np.random.default_rng(0)
    base = rng.uniform(0.2, 0.6, 40)
    return suite("summary", 0.1 + rng.normal(0, 0.02, 40), role="domain", base=base)


def test_the_gain_is_in_bits_per_byte_and_what_the_model_writes_informs(domain, written) -> None:
    verdict = judge(pl.concat([written, domain(0.05, 0.02)]), units=UNITS)
    assert (verdict.gain.suite, verdict.gain.unit) == ("answers", "bits per byte")
    assert verdict.gain.mean == pytest.approx(0.05)
    assert [(line.suite, line.unit) for line in verdict.informative] == [("summary", "ROUGE-L")]


def test_without_bits_per_byte_the_gain_is_in_the_first_unit_there_is(suite, written) -> None:
    quiz = suite("quiz", [0, 1] * 20, role="domain", base=[0] * 40)
    assert judge(written, units=UNITS).gain.unit == "ROUGE-L"
    both = judge(pl.concat([written, quiz]), units=UNITS)
    assert (both.gain.suite, both.gain.unit, both.gain.mean) == ("quiz", "share right", 0.5)
    assert [line.suite for line in both.informative] == ["summary"]


def test_suites_of_one_unit_are_judged_together(domain, written) -> None:
    other = written.with_columns(suite=pl.lit("other"), item=pl.col("item").str.replace("summary", "other"))
    verdict = judge(pl.concat([written, other]), units=UNITS | {"other": "ROUGE-L"})
    assert (verdict.gain.suite, verdict.gain.unit, verdict.gain.n) == ("summary + other", "ROUGE-L", 80)


def test_another_gate_and_a_file_keep_the_units(domain, suite, written) -> None:
    kept = suite("wiki", [0.0, 0.001] * 20)
    scores = pl.concat([written, domain(0.05, 0.02), kept])
    verdict = judge(scores, units=UNITS)
    again = rejudge(Verdict.model_validate_json(verdict.model_dump_json()), Gate(margin=0.5))
    assert [line.unit for line in (again.gain, *again.retention, *again.informative)] == [
        "bits per byte", "bits per byte", "ROUGE-L",
    ]  # fmt: skip


@pytest.mark.parametrize(("binary", "unit"), [(True, "share right"), (False, "bits per byte")])
def test_a_verdict_from_before_units_were_written_knew_two_of_them(domain, binary: bool, unit: str) -> None:
    line = judge(domain(0.05, 0.02)).gain.model_dump() | {"binary": binary}
    del line["unit"]
    assert Comparison.model_validate(line).unit == unit


def test_a_suites_own_margin_stands_unless_the_gate_names_one() -> None:
    gate = Gate(margin=0.02, margins={"wiki": 0.05}).beside({"wiki": 0.3, "summary": 0.1})
    assert gate.margins == {"wiki": 0.05, "summary": 0.1}


def test_what_will_be_seen_is_told_in_the_unit_that_decides(domain, written) -> None:
    scores = pl.concat([written, domain(0.05, 0.02)])
    assert [(one.suite, one.unit) for one in foresee(scores, Gate(), units=UNITS)] == [("answers", "bits per byte")]
    (alone,) = foresee(written, Gate(), units=UNITS)
    # Written answers may be others altogether: their differences are taken to spread as the scores do.
    base = written.filter(model="base")["score"]
    assert alone.unit == "ROUGE-L"
    assert alone.detectable == pytest.approx(2.54 * base.std() / 40**0.5, rel=0.01)  # t₃₉: 1.685 + .851


@pytest.mark.parametrize(
    ("scores", "unit"),
    [([0, 1], "share right"), ([0.2, 1], "score"), ([-1.2, 0], "bits per byte"), ([-1, 2], "bits per byte")],
)
def test_a_unit_that_nobody_tells_is_guessed(scores: list[float], unit: str) -> None:
    assert unit_of_scores(np.array(scores)) == unit


def test_the_unit_follows_from_kind_and_metric() -> None:
    told = [unit_of("text"), unit_of("completion"), unit_of("choice", "acc"), unit_of("generate", "exact_match")]
    assert told == ["bits per byte", "bits per byte", "share right", "exact match"]
    assert [unit_of("generate", metric) for metric in ("token_f1", "rouge_l", "chrf")] == [
        "token F1",
        "ROUGE-L",
        "chrF",
    ]
    assert judged_first([], []) == []


def test_scores_of_an_unknown_unit_are_not_judged_with_each_other() -> None:
    assert judged_first(["a", "b"], ["score", "score"]) == ["a"]
    assert judged_first(["a", "b"], ["chrF", "chrF"]) == ["a", "b"]
