"""The three-valued verdict: which way every inequality points, and what degenerate exams get."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from evals.comparing import ScoresError
from evals.judging import judge, rejudge
from evals.power import Spread, deciding_items
from evals.verdict import Gate, Verdict


@pytest.mark.parametrize(
    ("gain", "kept", "decision"),
    [
        ((0.10, 0.05), (0.00, 0.01), "SHIP"),
        ((0.10, 0.05), (-0.01, 0.005), "SHIP"),  # a loss within the margin of .02
        ((0.10, 0.05), (-0.015, 0.01), "INCONCLUSIVE"),  # may lose up to .025
        ((0.10, 0.05), (-0.04, 0.01), "REJECT"),
        ((0.10, 0.05), (-0.04, 0.03), "INCONCLUSIVE"),
        ((0.02, 0.05), (0.00, 0.01), "INCONCLUSIVE"),
        ((-0.02, 0.05), (0.00, 0.01), "INCONCLUSIVE"),
        ((-0.10, 0.05), (0.00, 0.01), "REJECT"),
        ((-0.10, 0.05), (-0.015, 0.01), "REJECT"),
        ((0.02, 0.05), (-0.04, 0.01), "REJECT"),  # one fail is enough, whatever else is open
    ],
)
def test_the_decision(suite, spread, domain, gain, kept, decision):
    assert judge(pl.concat([domain(*gain), suite("wiki", spread(*kept))])).decision == decision


@pytest.mark.parametrize(
    ("mean", "half_width", "status"),
    [(0.051, 0.05, "pass"), (0.049, 0.05, "undecided"), (-0.049, 0.05, "undecided"), (-0.051, 0.05, "fail")],
)
def test_the_gain_must_clear_its_line(domain, mean, half_width, status):
    assert judge(domain(mean, half_width)).gain.status == status
    shifted = judge(domain(mean + 0.3, half_width), Gate(min_gain=0.3))
    assert shifted.gain.status == status
    assert shifted.gain.line == 0.3


@pytest.mark.parametrize("bound", ["lower", "upper"])
def test_a_bound_on_the_line_itself_decides_nothing(domain, bound):
    scores = domain(0.3, 0.05)
    line = getattr(judge(scores).gain, bound)
    assert judge(scores, Gate(min_gain=line)).gain.status == "undecided"


@pytest.mark.parametrize(
    ("mean", "half_width", "status"),
    [
        (-0.009, 0.01, "pass"),
        (-0.011, 0.01, "undecided"),
        (-0.029, 0.01, "undecided"),
        (-0.031, 0.01, "fail"),
    ],
)
def test_a_retention_suite_must_stay_above_minus_its_margin(suite, spread, domain, mean, half_width, status):
    verdict = judge(pl.concat([domain(0.1, 0.05), suite("wiki", spread(mean, half_width))]))
    assert verdict.retention[0].status == status
    assert verdict.retention[0].line == -0.02


def test_every_retention_suite_must_hold(suite, spread, domain):
    frames = [domain(0.1, 0.05), suite("wiki", spread(0, 0.01)), suite("code", spread(-0.015, 0.01))]
    verdict = judge(pl.concat(frames))
    assert verdict.decision == "INCONCLUSIVE"
    assert [(line.suite, line.status) for line in verdict.retention] == [
        ("wiki", "pass"),
        ("code", "undecided"),
    ]
    assert "code" in verdict.reason
    assert "wiki" not in verdict.reason


def test_a_suite_may_have_a_margin_of_its_own(suite, spread, domain):
    frames = [domain(0.1, 0.05), suite("wiki", spread(-0.015, 0.01)), suite("code", spread(-0.015, 0.01))]
    verdict = judge(pl.concat(frames), Gate(margins={"code": 0.03}))
    assert [(line.line, line.status) for line in verdict.retention] == [(-0.02, "undecided"), (-0.03, "pass")]


def test_a_smaller_alpha_asks_for_more(domain):
    scores = domain(0.051, 0.05)
    assert judge(scores, Gate(alpha=0.05)).gain.status == "pass"
    strict = judge(scores, Gate(alpha=0.01))
    assert strict.gain.status == "undecided"
    assert strict.gate.alpha == 0.01
    loss = domain(-0.051, 0.05)
    assert judge(loss, Gate(alpha=0.05)).gain.status == "fail"
    assert judge(loss, Gate(alpha=0.01)).gain.status == "undecided"


def test_the_open_lines_say_how_many_items_would_decide(suite, spread):
    d = spread(0.02, 0.05)
    verdict = judge(pl.concat([suite("answers", d, role="domain"), suite("wiki", spread(-0.015, 0.01))]))
    assert verdict.gain.items_needed == deciding_items(Spread(d.std(ddof=1)), 40, 40, 0.02, 0.05, 0.8)
    lost = Spread(spread(-0.015, 0.01).std(ddof=1))
    assert verdict.retention[0].items_needed == deciding_items(lost, 40, 40, 0.005, 0.05, 0.8)
    assert f"about {verdict.gain.items_needed:,} items would decide it with 80% chance" in verdict.reason


def test_item_counts_and_the_detectable_difference_follow_alpha_power_and_clusters(suite):
    # SE² = 2/3 · (4/9 + 4/16) = .46296 (see test_paired); with 16/9 degrees of freedom t.99 + t.90 = 8.2820 + 1.9940.
    answers = suite("answers", [1, 3, 0, 2, 4], role="domain", clusters=[0, 0, 1, 1, 2])
    gain = judge(answers, Gate(alpha=0.01, power=0.9)).gain
    assert gain.mde == pytest.approx(10.2760 * math.sqrt(0.46296), abs=1e-3)


def test_a_mean_on_the_line_needs_some_forty_times_as_many_items(suite):
    verdict = judge(suite("answers", [-1.0, 1.0] * 20, role="domain", base=np.arange(40)))
    assert verdict.decision == "INCONCLUSIVE"
    assert 40 < verdict.gain.items_needed / 40 < 44


@pytest.mark.parametrize(("clusters", "told"), [(2, False), (4, False), (6, True)])
def test_few_clusters_do_not_tell_how_many_items_would_decide(suite, clusters, told):
    order = np.arange(12) % clusters
    answers = suite("answers", [-1.0, 0.9, -0.2, 1.3, 0.4, 1.1] * 2, role="domain", clusters=order)
    verdict = judge(answers)
    assert verdict.decision == "INCONCLUSIVE"
    assert (verdict.gain.items_needed is not None) == ("would decide" in verdict.reason) == told


@pytest.mark.parametrize("documents", [2, 3, 4])
@pytest.mark.parametrize(("moved", "decision"), [(-0.001, "SHIP"), (-0.5, "REJECT")])
def test_a_retention_suite_of_few_documents_decides_nothing(suite, domain, documents, moved, decision):
    def judged(count: int):
        lost = moved + 0.0001 * np.arange(count)
        return judge(pl.concat([domain(0.1, 0.05), suite("wiki", lost)]))

    verdict = judged(documents)
    assert verdict.decision == "INCONCLUSIVE"
    assert f"only {documents} clusters: too few to decide, which takes 5" in verdict.reason
    assert "across the line" not in verdict.reason
    assert judged(5).decision == decision
    assert rejudge(verdict, verdict.gate) == verdict


def test_two_documents_among_single_items_are_too_few_as_soon_as_four_count(suite, domain):
    # 24² / (2 · 10² + 4) = 2.8 documents count
    wiki = suite("wiki", 0.001 * np.arange(24), clusters=[0] * 10 + [1] * 10 + [2, 3, 4, 5])
    verdict = judge(pl.concat([domain(0.1, 0.05), wiki]))
    assert verdict.decision == "INCONCLUSIVE"
    assert verdict.retention[0].note == "only 6 clusters that count as 2.8: too few to decide, which takes 5"


def test_decided_lines_need_no_items(suite, spread, domain):
    verdict = judge(pl.concat([domain(0.1, 0.05), suite("wiki", spread(-0.04, 0.01))]))
    assert verdict.gain.items_needed is None
    assert verdict.retention[0].items_needed is None


def test_clusters_count_as_one_draw(suite):
    d = np.repeat([0.3, 0.2, -0.1], 20)
    loose = judge(suite("answers", d, role="domain"))
    tight = judge(suite("answers", d, role="domain", clusters=np.repeat([0, 1, 2], 20)))
    assert loose.decision == "SHIP"
    assert tight.decision == "INCONCLUSIVE"
    assert tight.gain.clusters == 3
    assert "only 3 clusters" in tight.gain.note


def test_a_cluster_that_holds_most_items_is_told(suite):
    d = np.linspace(0.1, 0.3, 40)
    held = [0] * 11 + list(range(1, 30))  # 40² / (11² + 29) = 10.7 of 30 count
    told = "one cluster holds 11 of 40 items, so that all 30 count as 10.7"
    assert judge(suite("answers", d, role="domain", clusters=held)).gain.note == told
    assert judge(suite("answers", d, role="domain", clusters=[0] * 5 + list(range(1, 36)))).gain.note == ""


def test_documents_too_few_to_show_that_their_items_change_apart_are_told(suite):
    # One in ten of 200 answers turns right and none wrong, two of each twenty.
    changed = np.arange(200) % 10 == 0
    for documents, told in ((10, "10 documents are too few to show that their items change apart"), (100, "")):
        held = np.arange(200) * documents // 200
        rights = suite("quiz", changed.astype(float), role="domain", clusters=held, base=np.zeros(200))
        line = judge(rights).gain
        assert (line.note, line.status) == (told, "undecided" if told else "pass")


def test_a_cluster_that_holds_nearly_all_items_stands_alone(suite):
    d = np.linspace(0.1, 0.3, 40)
    gain = judge(suite("answers", d, role="domain", clusters=[0] * 36 + [1, 2, 3, 4])).gain
    assert gain.note == "one cluster holds 36 of 40 items, so that all count as one"
    assert (gain.status, gain.lower, gain.mde, gain.items_needed) == ("undecided", -math.inf, None, None)


def test_the_gain_of_several_domain_suites_is_judged_together_and_shown_apart(suite, spread, domain):
    frames = [domain(0.1, 0.05), suite("essays", spread(0.3, 0.05), role="domain")]
    verdict = judge(pl.concat(frames))
    assert verdict.gain.suite == "answers + essays"
    assert verdict.gain.n == 80
    assert verdict.gain.mean == pytest.approx(0.2)
    assert verdict.gain.clusters == 40  # both draw from the same 40 documents
    assert [line.suite for line in verdict.informative] == ["answers", "essays"]


def test_domain_multiple_choice_informs_beside_bits_per_byte(suite, domain):
    wrong = suite("choice", -np.ones(30), role="domain", base=np.ones(30))
    verdict = judge(pl.concat([domain(0.1, 0.05), wrong]))
    assert verdict.decision == "SHIP"
    assert verdict.gain.suite == "answers"
    assert [(line.suite, line.status, line.line) for line in verdict.informative] == [("choice", "informative", None)]


def test_domain_multiple_choice_alone_is_the_gain(suite):
    d = np.array([1.0] * 20 + [0.0] * 10)
    assert judge(suite("choice", d, role="domain", base=np.zeros(30))).decision == "SHIP"
    assert judge(suite("choice", -d, role="domain", base=np.ones(30))).decision == "REJECT"


def test_what_decides_is_not_shown_as_informative(suite, spread, domain):
    assert judge(pl.concat([domain(0.1, 0.05), suite("wiki", spread(0, 0.01))])).informative == ()


@pytest.mark.parametrize(
    ("gain", "kept", "told", "untold"),
    [
        (
            (-0.10, 0.05),
            (0.0, 0.01),
            "answers gains too little: -0.1000 (at most -0.0500), and 0 is the line",
            "wiki",
        ),
        (
            (0.10, 0.05),
            (-0.04, 0.01),
            "wiki loses too much: -0.0400 (at most -0.0300), and -0.0200 is the line",
            "answers",
        ),
    ],
)
def test_a_rejection_names_what_failed_and_nothing_else(suite, spread, domain, gain, kept, told, untold):
    reason = judge(pl.concat([domain(*gain), suite("wiki", spread(*kept))])).reason
    assert told in reason
    assert untold not in reason


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ((0.0, 0.01), "across the line 0"),
        ((0.00002, 0.00005), "answers lies between -0.00003 and +0.00007, across the line 0"),
        ((0.0, 1e-9), "answers lies between -1e-09 and +1e-09, across the line 0"),
        ((0.00102, 0.001), "answers lies between +0.00002 and +0.00202, a gain of less than 0.001 bits per byte"),
    ],
)
def test_no_figure_seems_to_be_nought_that_is_not(domain, kept, told):
    reason = judge(domain(*kept)).reason
    assert told in reason
    assert "0.0000 " not in reason


def test_no_bound_beyond_its_line_seems_to_lie_on_it(suite, domain, spread):
    reason = judge(pl.concat([domain(0.1, 0.05), suite("wiki", spread(-0.03003, 0.01))])).reason
    assert "(at most -0.02003), and -0.02000 is the line" in reason
    reason = judge(domain(0.03003, 0.01), Gate(min_gain=0.02)).reason
    assert reason.startswith("the domain gains +0.03003 (at least +0.02003)")


@pytest.mark.parametrize("kept", [[0.0] * 40, [1.0] * 40, [1.0] + [0.0] * 39])
def test_a_candidate_that_answers_as_the_base_does_is_open_and_needs_no_number_of_items(suite, kept):
    """A domain of right and wrong alone: nothing changed, and nothing lies on the line."""
    verdict = judge(suite("choice", [0.0] * 40, role="domain", base=kept))
    assert (verdict.decision, verdict.gain.status, verdict.gain.items_needed) == ("INCONCLUSIVE", "undecided", None)
    assert verdict.reason.endswith("across the line 0, none of 40 clusters changed")
    asked = judge(suite("choice", [0.0] * 40, role="domain", base=kept), Gate(min_gain=0.01))
    assert asked.gain.items_needed > 40


def test_the_note_on_exact_bounds_counts_changes_both_ways(suite):
    d = [-1.0] + [0.0] * 36 + [1.0] * 3
    verdict = judge(suite("choice", d, role="domain", base=[1.0] + [0.0] * 39))
    assert "only 4 of 40 clusters changed" in verdict.gain.note


@pytest.mark.parametrize(("clusters", "note"), [(4, "only 4 clusters: too few to decide, which takes 5"), (5, "")])
def test_five_clusters_are_enough_to_pass_without_a_note(suite, clusters, note):
    even = np.repeat(np.arange(clusters), 40 // clusters)
    assert judge(suite("answers", np.linspace(0.1, 0.3, 40), role="domain", clusters=even)).gain.note == note


def test_who_ships_is_told_the_gain_at_least_and_how_many_suites_were_kept(suite, spread, domain):
    kept = [suite(name, spread(0, 0.01)) for name in ("wiki", "code")]
    assert judge(pl.concat([domain(0.1, 0.05), *kept])).reason == (
        "the domain gains +0.1000 (at least +0.0500), and all 2 retention suites stay within their margins"
    )


def test_one_retention_suite_is_told_as_one(suite, spread, domain):
    kept = suite("wiki", spread(0, 0.01))
    assert judge(pl.concat([domain(0.1, 0.05), kept])).reason.endswith(
        "the one retention suite stays within its margin"
    )


def test_without_retention_the_reason_says_so(domain):
    verdict = judge(domain(0.1, 0.05))
    assert verdict.decision == "SHIP"
    assert "no retention suite" in verdict.reason


@pytest.mark.parametrize(
    ("d", "clusters", "sentence"),
    [
        ([0.5], None, "all items come from one source document: too few to decide, which takes 5"),
        ([0.5, 0.6, 0.7], [0, 0, 0], "all items come from one source document: too few to decide, which takes 5"),
        ([0.0] * 20, None, "all 20 differences equal 0"),
        ([0.1] * 20, None, "all 20 differences equal 0.1"),
    ],
)
def test_an_exam_without_spread_decides_nothing_and_says_why(suite, d, clusters, sentence):
    verdict = judge(suite("answers", d, role="domain", clusters=clusters))
    assert verdict.decision == "INCONCLUSIVE"
    assert sentence in verdict.reason
    assert "answers has no interval to judge" in verdict.reason
    assert "inf" not in verdict.reason
    assert (verdict.gain.lower, verdict.gain.upper) == (-math.inf, math.inf)


def test_two_items_are_judged_with_a_wide_interval(suite):
    verdict = judge(suite("answers", [0.1, 0.3], role="domain"))
    # mean .2, SE .1, t with one degree of freedom 6.3138
    assert verdict.gain.lower == pytest.approx(0.2 - 0.63138, abs=1e-4)
    assert verdict.decision == "INCONCLUSIVE"
    assert "only 2 clusters" in verdict.reason


def test_no_difference_of_shares_is_told_beyond_one(suite, spread):
    """Two documents have one degree of freedom: bounds would be some ninety away from scores between 0 and 1."""
    domain = suite("answers", spread(0.1, 0.05), role="domain")
    said = suite("said", [0.5, -0.5], base=[0.25, 0.75])
    (line,) = judge(pl.concat([domain, said]), Gate(margin=0.02)).retention
    assert (line.lower, line.upper, line.status) == (-1.0, 1.0, "undecided")
    (again,) = rejudge(judge(pl.concat([domain, said])), Gate(alpha=0.01)).retention
    assert (again.lower, again.upper) == (-1.0, 1.0)
    bits = judge(pl.concat([domain, suite("wiki", [0.9, -0.9])])).retention[0]
    assert bits.lower < -1


def test_a_verdict_survives_json_open_ends_and_all(suite, domain):
    verdict = judge(pl.concat([domain(0.1, 0.05), suite("wiki", [0.5])]))
    written = json.dumps(verdict.model_dump(mode="json"), allow_nan=False)
    assert Verdict.model_validate_json(written) == verdict
    assert json.loads(written)["retention"][0]["lower"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"margin": 0},
        {"margin": -0.02},
        {"alpha": 0.5},
        {"alpha": 0},
        {"power": 1},
        {"min_gain": -1},
        {"margins": {"a": 0}},
        {"sigma": 3},
    ],
)  # fmt: skip
def test_a_gate_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        Gate(**wrong)


@pytest.fixture
def exam(suite, spread, domain) -> pl.DataFrame:
    """Scores of all kinds of suites: graded, right or wrong, in clusters, of one document."""
    rng = np.random.default_rng(7)
    flips = rng.choice([-1.0, 0.0, 0.0, 1.0], 60)
    quiz = suite("quiz", flips, base=np.where(flips < 0, 1.0, 0.0), clusters=np.repeat(np.arange(20), 3))
    inform = suite("domain-quiz", flips, role="domain", base=np.where(flips < 0, 1.0, 0.0))
    one = suite("one", [0.1, 0.2], clusters=[0, 0])
    return pl.concat([domain(0.1, 0.05), suite("wiki", spread(-0.015, 0.01)), quiz, inform, one])


@pytest.mark.parametrize(
    "gate",
    [Gate(), Gate(margin=0.2), Gate(margins={"wiki": 0.05, "one": 5.0}), Gate(min_gain=0.2, alpha=0.01, power=0.9)],
)
def test_another_gate_needs_the_verdict_alone(exam, gate):
    kept = Verdict.model_validate_json(judge(exam).model_dump_json())
    # As JSON, where what is not a number equals itself.
    assert rejudge(kept, gate).model_dump_json() == judge(exam, gate).model_dump_json()


def test_another_gate_has_no_margin_for_an_unknown_suite(exam):
    with pytest.raises(ScoresError, match="no retention suite wikis; it has wiki, quiz, one"):
        rejudge(judge(exam), Gate(margins={"wikis": 0.05}))


def test_a_verdict_tells_better_and_worse_and_how_odd_that_is(suite, domain):
    d = [1.0] * 9 + [-1.0] + [0.0] * 30
    quiz = judge(pl.concat([domain(0.1, 0.05), suite("quiz", d, base=[0.0] * 9 + [1.0] * 31)])).retention[0]
    assert (quiz.better, quiz.worse, quiz.gained, quiz.lost) == (9, 1, 9, 1)
    assert quiz.p == pytest.approx(22 / 1024)
    assert judge(domain(0.1, 0.05)).gain.p is None


def _with_items(scores: pl.DataFrame, suite: str, n: int) -> list[str]:
    return scores.filter(suite=suite, model="base")["item"].head(n).to_list()


def test_a_gain_that_stands_on_items_given_away_does_not_ship(suite, spread):
    rng = np.random.default_rng(1)
    d = np.concatenate([np.full(20, 1.0), 0.1 * rng.standard_normal(40)])
    scores = pl.concat([suite("answers", d, role="domain"), suite("wiki", spread(0, 0.01))])
    assert judge(scores).decision == "SHIP"
    verdict = judge(scores, unsure=_with_items(scores, "answers", 20))
    assert (verdict.decision, verdict.unsure) == ("INCONCLUSIVE", 20)
    assert verdict.reason.startswith("without 20 items that training rows may have given away, answers lies between")
    assert verdict.sure is not None
    assert (verdict.gain.n, verdict.sure.gain.n) == (60, 40)


def test_items_given_away_change_nothing_where_the_rest_ships_as_well(suite, spread, domain):
    scores = pl.concat([domain(0.1, 0.05), suite("wiki", spread(0, 0.01))])
    plain, verdict = judge(scores), judge(scores, unsure=[*_with_items(scores, "wiki", 3), "of another exam"])
    assert (verdict.decision, verdict.reason, verdict.unsure) == (plain.decision, plain.reason, 3)
    assert verdict.sure is not None
    assert verdict.sure.retention[0].n == plain.retention[0].n - 3
    assert judge(scores, unsure=["of another exam"]) == plain


def test_the_better_of_two_verdicts_does_not_count(suite, spread, domain):
    lost = np.concatenate([np.full(20, -1.0), np.zeros(40) + 0.001 * np.tile([1, -1], 20)])
    scores = pl.concat([domain(0.1, 0.05), suite("wiki", lost)])
    verdict = judge(scores, unsure=_with_items(scores, "wiki", 20))
    assert verdict.sure is not None
    assert (verdict.decision, verdict.sure.decision) == ("REJECT", "SHIP")


def test_without_a_domain_item_that_is_surely_unseen_nothing_ships(suite, spread, domain):
    scores = pl.concat([domain(0.1, 0.05), suite("wiki", spread(0, 0.01))])
    items = scores.filter(role="domain")["item"].unique().to_list()
    verdict = judge(scores, unsure=items)
    assert (verdict.decision, verdict.sure, verdict.unsure) == ("INCONCLUSIVE", None, len(items))
    assert verdict.reason == "of no item of answers is it sure that no training row gives it away"


def test_without_an_item_of_a_retention_suite_that_is_surely_unseen_nothing_ships(suite, spread, domain):
    scores = pl.concat([domain(0.1, 0.05), suite("wiki", spread(0, 0.01)), suite("code", spread(0, 0.01))])
    items = scores.filter(suite="wiki")["item"].unique().to_list()
    verdict = judge(scores, unsure=items)
    assert (verdict.decision, verdict.sure, verdict.doubted) == ("INCONCLUSIVE", None, ("wiki",))
    assert verdict.reason == "of no item of wiki is it sure that no training row gives it away"
    assert rejudge(verdict, Gate()) == verdict


def test_a_gain_on_each_suite_needs_sure_items_of_each(suite, spread, domain):
    essays = suite("essays", spread(0.3, 0.05), role="domain")
    scores = pl.concat([domain(0.1, 0.05), essays, suite("wiki", spread(0, 0.01))])
    given = scores.filter(suite="essays")["item"].unique().to_list()
    together, each = (judge(scores, Gate(gain=gain), unsure=given) for gain in ("together", "each"))
    assert (together.decision, together.doubted) == ("SHIP", ())
    assert (each.decision, each.doubted) == ("INCONCLUSIVE", ("essays",))
    assert each.sure is not None
    assert each.sure.decision == "SHIP"
    assert each.reason == "of no item of essays is it sure that no training row gives it away"
    assert rejudge(together, Gate(gain="each")) == each
    assert rejudge(each, Gate(gain="together")) == together


def test_a_gain_is_not_judged_in_another_unit_because_items_of_the_first_are_given_away(suite, domain):
    choice = suite("choice", [1.0] * 20 + [0.0] * 10, role="domain", base=np.zeros(30))
    scores = pl.concat([domain(0.1, 0.05), choice])
    verdict = judge(scores, unsure=[f"answers/{place}" for place in range(40)])
    assert (verdict.decision, verdict.doubted) == ("INCONCLUSIVE", ("answers",))


def test_suites_that_inform_keep_their_unit(suite, domain):
    written = suite("written", np.tile([0.1, 0.3], 15), role="domain", base=np.full(30, 0.2))
    verdict = judge(pl.concat([domain(0.1, 0.05), written]), units={"written": "token F1"})
    assert [(line.suite, line.unit) for line in verdict.informative] == [("written", "token F1")]


def test_another_gate_judges_both_verdicts_anew(exam):
    unsure = [*_with_items(exam, "wiki", 5), *_with_items(exam, "one", 2)]
    kept = Verdict.model_validate_json(judge(exam, unsure=unsure).model_dump_json())
    for gate in (Gate(margin=0.2), Gate(margins={"one": 5.0, "wiki": 0.001})):
        assert rejudge(kept, gate).model_dump_json() == judge(exam, gate, unsure=unsure).model_dump_json()
