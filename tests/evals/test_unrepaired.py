"""Why no smaller scale ships: each reason from scores that call for it, and none where a repair may help."""

from __future__ import annotations

from typing import get_args

import polars as pl
import pytest

from evals.judging import judge
from evals.obstacles import obstacle
from evals.repairing import explained, needs_repair
from evals.unrepaired import ELSEWHERE, NOT_TRAINED_AGAIN, Why
from evals.verdict import Gate, Standing, Unexamined, Verdict


@pytest.fixture
def exam(suite, spread, domain):
    """A maker of scores: of a domain that gains, and of suites that lose."""

    def make(gain=0.10, wiki=-0.04, code=0.0) -> pl.DataFrame:
        parts = [domain(gain, 0.05), suite("wiki", spread(wiki, 0.01)), suite("code", spread(code, 0.01))]
        return pl.concat(parts)

    return make


@pytest.mark.parametrize(
    ("gain", "told"),
    [
        (-0.10, "answers gains too little beside the base, and a smaller scale is tried only where the gain stands"),
        (0.01, "answers does not surely gain beside the base, and a smaller scale is tried only where the gain stands"),
    ],
)
def test_a_gain_that_does_not_pass_is_told(exam, gain, told):
    verdict = judge(exam(gain=gain))
    assert verdict.decision == "REJECT"
    found = explained(verdict, Gate()).unrepaired
    assert (found.why, found.sentence) == ("no_gain", f"no repair was tried, because {told}")


def test_which_comparison_shows_no_gain_is_told(exam):
    own, level = judge(exam()), judge(exam(gain=0.0))
    beside = own.model_copy(update={"champion": Standing(run="best", verdict=level)})
    assert "answers does not surely gain beside the champion, and" in obstacle(beside).sentence
    based = own.model_copy(update={"original": Standing(run="first", verdict=level)})
    assert "answers does not surely gain beside the original base, and" in obstacle(based).sentence
    doubted = judge(exam(), unsure=[f"answers/{n}" for n in range(37)])
    assert "beside the base without the items that training rows may have given away, and" in obstacle(doubted).sentence


def test_what_was_not_compared_ships_at_no_scale(exam):
    lost = Standing(run="best", missing="its adapter is gone", verdict=None)
    found = obstacle(judge(exam()).model_copy(update={"champion": lost}))
    assert found.why == "not_compared"
    assert "could not be compared with the champion, without which it ships at no scale" in found.sentence


def test_a_suite_of_which_no_item_is_sure_ships_at_no_scale(exam):
    for given_away in ("answers", "code"):
        verdict = judge(exam(), unsure=[f"{given_away}/{n}" for n in range(40)])
        assert verdict.decision == "REJECT"
        found = obstacle(verdict)
        assert found.why == "given_away"
        assert found.sentence.endswith(f"of no item of {given_away} is it sure that no training row gives it away")
        assert not needs_repair(verdict, Gate())


def test_where_nothing_is_forgotten_no_scale_is_tried(exam):
    found = obstacle(judge(exam(wiki=0.0)))
    assert (found.why, found.sentence) == (
        "nothing_lost",
        "no repair was tried, because no retention suite is in the way",
    )


def test_a_suite_that_no_scale_can_pass_is_named(suite, spread, domain):
    few = judge(pl.concat([domain(0.10, 0.05), suite("wiki", spread(-0.04, 0.01), clusters=[0] * 40)]))
    even = judge(pl.concat([domain(0.10, 0.05), suite("wiki", [-0.5] * 9)]))
    assert obstacle(few).why == obstacle(even).why == "no_scale_can"
    assert obstacle(few).sentence.endswith("wiki has too few source documents to decide anything at any scale")
    assert obstacle(even).sentence.endswith("all differences of wiki are equal, so that it decides nothing")


def test_where_a_smaller_scale_may_help_only_the_caller_knows_why_none_was_tried(exam):
    verdict = judge(exam())
    assert needs_repair(verdict, Gate())
    assert obstacle(verdict) is None
    assert explained(verdict, Gate()) == verdict
    for reason in (ELSEWHERE, NOT_TRAINED_AGAIN):
        assert explained(verdict, Gate(), reason).unrepaired == reason
    assert explained(judge(exam(gain=-0.1)), Gate(), ELSEWHERE).unrepaired.why == "no_gain", "what lies deeper is told"


def test_nothing_is_told_of_a_candidate_that_ships_or_where_nobody_asks_for_a_repair(exam):
    for verdict, gate in ((judge(exam(wiki=0.0)), Gate()), (judge(exam(gain=-0.1)), Gate(repair=False))):
        assert explained(verdict, gate, ELSEWHERE).unrepaired is None


def test_a_reason_comes_back_from_a_file_and_is_one_of_a_closed_set(exam):
    verdict = explained(judge(exam(gain=-0.1)), Gate())
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
    assert verdict.unrepaired.why in get_args(Why)
    said = verdict.model_dump_json().replace('"no_gain"', '"bad weather"')
    with pytest.raises(ValueError, match=r"unrepaired\.why"):
        Verdict.model_validate_json(said)


def test_too_few_validation_items_are_a_reason(exam):
    from evals.repairing import Repair

    reason = "only 3 documents are held back for validation, and 5 are needed"
    tried = Repair(unscaled=judge(exam()), unvalidated=(Unexamined(suite="the validation rows", reason=reason),))
    assert tried.verdict.unrepaired.why == "no_validation_items"
    assert tried.sentence == f"no repair was tried, because {reason}"
