import json
import math

import polars as pl
import pytest

from evals.judging import judge
from tasks.reporting.comparisons import BITS, PLAIN, POINTS, comparisons, means, number, unit_of
from tasks.reporting.evidence import SCORES, Exam, Suite


def scores(rows):
    full = [(suite, "domain", item, item, model, score) for suite, item, model, score in rows]
    return pl.DataFrame(full, schema=SCORES, orient="row")


def compared(build, comparison, suite, unit="bits per byte"):
    gain = comparison(suite, 0.1, 0.1, 0.0) | {"unit": unit}
    return comparisons(build(verdict={"gain": gain}))[0]


def test_accuracy_is_shown_in_points_and_bits_as_they_are(build, comparison, verdict):
    judged = comparisons(
        build(
            verdict=verdict()
            | {
                "gain": comparison("domain_answers", 0.25, 0.05, 0.01),
                "retention": [comparison("general_questions", 0.01, 0.02, -0.02)],
            }
        )
    )
    bits, points = judged[0], judged[1]
    assert (bits.unit, bits.difference, bits.interval, bits.limit) == (
        BITS,
        "+0.250",
        "[+0.200, +0.300]",
        "+0.010",
    )
    assert (points.unit, points.difference, points.interval, points.limit) == (
        POINTS,
        "+1.0",
        "[−1.0, +3.0]",
        "−2.0",
    )


def test_gain_comes_first_and_what_only_informs_last(build):
    assert [one.part for one in comparisons(build())] == ["gain", *["retention"] * 3, "informative"]


def test_no_end_beyond_its_line_seems_to_lie_on_it(build, comparison, verdict):
    """A champion that is better by a hair: its line is 0, and what rounding may bring is asked of a pass alone."""
    gain = comparison("domain_answers", -0.0011, 0.00098, 0.0) | {"status": "fail"}
    lost = comparison("encyclopedia", -0.02 + 0.00103, 0.001, -0.02) | {"status": "pass", "unit": "bits per byte"}
    wide = comparison("encyclopedia", 0.1, 0.05, -0.02) | {"status": "pass", "unit": "bits per byte"}
    shown = comparisons(build(verdict=verdict() | {"gain": gain, "retention": [lost, wide]}))
    assert [one.interval for one in shown[:3]] == ["[−0.0021, −0.0001]", "[−0.01997, −0.01797]", "[+0.050, +0.150]"]
    assert shown[0].must_exceed == "0"
    passed = comparisons(build(verdict=verdict() | {"gain": gain | {"status": "undecided"}}))[0]
    assert (passed.interval, passed.must_exceed) == ("[−0.002, 0.000]", "+0.001")


@pytest.mark.parametrize(
    ("unit", "line", "told"),
    [
        ("bits per byte", -0.0001, "−0.0001"), ("bits per byte", -0.02, "−0.020"), ("share right", -0.0001, "−0.01"),
        ("share right", -0.02, "−2.0"), ("bits per byte", 0.0, "0"), ("bits per byte", None, "–"),
    ],
)  # fmt: skip
def test_a_limit_is_told_in_as_many_decimals_as_it_has(build, comparison, verdict, unit, line, told):
    gain = comparison("domain_answers", 0.1, 0.1, line) | {"unit": unit}
    assert comparisons(build(verdict=verdict() | {"gain": gain}))[0].limit == told


def test_null_bounds_are_open_ends(build, comparison, verdict):
    gain = comparison("domain_answers", 0.1, 0.1, 0.0) | {"lower": None, "upper": None}
    one = comparisons(build(verdict=verdict() | {"gain": gain}))[0]
    assert (one.lower, one.upper) == (-math.inf, math.inf)
    assert one.interval == "[−∞, +∞]"


def test_what_evals_writes_is_what_the_report_shows(build):
    evidence = build()
    written = judge(evidence.scores).model_dump(mode="json")
    found = json.loads(json.dumps(written))
    shown = comparisons(build(verdict=found))
    assert [one.suite for one in shown] == [
        found["gain"]["suite"],
        *(entry["suite"] for entry in [*found["retention"], *found["informative"]]),
    ]
    code = next(one for one in shown if one.suite == "code")
    entry = next(entry for entry in found["retention"] if entry["suite"] == "code")
    assert code.mean == pytest.approx(entry["mean"])
    assert (code.status, code.n, code.clusters, code.needed) == (
        entry["status"],
        entry["n"],
        entry["clusters"],
        entry["items_needed"],
    )
    questions = next(one for one in shown if one.suite == "general_questions")
    raw = next(entry for entry in found["retention"] if entry["suite"] == "general_questions")
    assert questions.lower == pytest.approx(100 * raw["lower"])
    assert questions.detectable == (None if raw["mde"] is None else pytest.approx(100 * raw["mde"]))


def test_the_scores_tell_the_unit_where_the_exam_does_not(build):
    table = scores([("right", "a", "base", 1.0), ("right", "b", "base", 0.0), ("bits", "a", "base", -0.7)])
    evidence = build(exam=Exam(), scores=table)
    assert [unit_of(suite, evidence) for suite in ("right", "bits", "unheard")] == [POINTS, BITS, PLAIN]


def test_suites_judged_together_are_found_by_their_parts(build, comparison):
    table = scores(
        [
            ("a", "1", "base", -1.0),
            ("b", "2", "base", -3.0),
            ("b", "3", "base", -3.5),
            ("c", "4", "base", -9.0),
        ]
    )
    evidence = build(exam=Exam(), scores=table)
    assert unit_of("a + b", evidence) == BITS
    assert means(compared(build, comparison, "a + b"), evidence) == {"base": pytest.approx(2.5)}


def test_a_plus_sign_in_a_name_is_not_a_joint_suite(build, comparison):
    evidence = build(exam=Exam(), scores=scores([("c + d", "1", "base", -2.0), ("c", "2", "base", -4.0)]))
    assert means(compared(build, comparison, "c + d"), evidence) == {"base": pytest.approx(2.0)}


def test_means_are_in_the_unit_of_the_comparison_that_they_stand_beside(build, comparison):
    table = scores([("arc_easy", "1", "base", 0.0), ("arc_easy", "2", "base", 1.0)])
    exam = Exam(suites=[Suite("arc_easy", "domain", "lm-eval", 2, 2)])  # whose metric the exam does not tell
    evidence = build(exam=exam, scores=table)
    one = compared(build, comparison, "arc_easy", unit="share right")
    assert one.unit == POINTS
    assert means(one, evidence) == {"base": 50.0}


def test_means_are_quoted_the_usual_way(build):
    evidence = build()
    table = evidence.scores.filter(suite="domain_answers", model="base")["score"].to_list()
    right = evidence.scores.filter(suite="domain_choice", model="candidate")["score"].to_list()
    answers, choice = (
        next(o for o in comparisons(evidence) if o.suite == name) for name in ("domain_answers", "domain_choice")
    )
    assert means(answers, evidence)["base"] == pytest.approx(-sum(table) / len(table))
    assert means(choice, evidence)["candidate"] == pytest.approx(100 * sum(right) / len(right))


@pytest.mark.parametrize(
    ("value", "signed", "shown"),
    [
        (None, True, "–"),
        (math.nan, True, "–"),
        (math.inf, True, "+∞"),
        (math.inf, False, "∞"),
        (-math.inf, True, "−∞"),
        (0.0, True, "0.000"),
        (-0.0001, True, "0.000"),
        (-0.0205, True, "−0.021"),
        (1.5, False, "1.500"),
        (1.5, True, "+1.500"),
    ],
)
def test_numbers_have_true_signs(value, signed, shown):
    assert number(value, BITS, signed=signed) == shown


def test_no_verdict_no_comparisons(build):
    assert comparisons(build(verdict=None)) == []
