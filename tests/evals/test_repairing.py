"""When a smaller scale is tried, which is chosen, and how often two looks at the exam ship what they should not."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from evals.judging import judge
from evals.paired import paired
from evals.repairing import Look, Repair, at_scale, chosen, look, name_at, needs_repair, scales
from evals.verdict import Gate, Standing, Verdict


@pytest.mark.parametrize(
    ("gain", "kept", "needed"),
    [
        ((0.10, 0.05), (-0.04, 0.01), True),
        ((0.10, 0.05), (-0.015, 0.01), True),  # undecided
        ((0.10, 0.05), (0.00, 0.01), False),  # ships
        ((0.02, 0.05), (-0.04, 0.01), False),  # the gain is undecided
        ((-0.10, 0.05), (-0.04, 0.01), False),
    ],
)
def test_a_repair_is_needed_where_the_gain_passes_and_retention_does_not(suite, spread, domain, gain, kept, needed):
    scores = pl.concat([domain(*gain), suite("wiki", spread(*kept))])
    assert needs_repair(judge(scores), Gate()) == needed
    assert not needs_repair(judge(scores), Gate(repair=False))


def test_no_scale_helps_a_suite_of_one_document_or_of_equal_differences(suite, spread, domain):
    for hopeless in (suite("wiki", [-0.5] * 9), suite("wiki", spread(-0.04, 0.01), clusters=[0] * 40)):
        verdict = judge(pl.concat([domain(0.10, 0.05), hopeless]))
        assert verdict.decision != "SHIP"
        assert not needs_repair(verdict, Gate())


def test_the_gain_must_pass_without_the_items_that_rows_may_give_away(suite, spread, domain):
    scores = pl.concat([domain(0.10, 0.05), suite("wiki", spread(-0.04, 0.01))])
    given_away = [f"answers/{n}" for n in range(37)]
    assert needs_repair(judge(scores, unsure=["answers/0"]), Gate())
    assert not needs_repair(judge(scores, unsure=given_away), Gate())
    assert not needs_repair(judge(scores, unsure=[f"answers/{n}" for n in range(40)]), Gate()), "none is left"


def test_a_candidate_that_forgets_nothing_is_not_repaired_for_being_no_better_than_the_champion(suite, spread, domain):
    own = judge(pl.concat([domain(0.10, 0.05), suite("wiki", spread(0, 0.01))]))
    level = judge(pl.concat([domain(0.01, 0.05), suite("wiki", spread(0, 0.01))]))
    forgets = judge(pl.concat([domain(0.10, 0.05), suite("wiki", spread(-0.04, 0.01))]))

    def beside(found: Verdict | None) -> Verdict:
        return own.model_copy(update={"decision": "INCONCLUSIVE", "champion": Standing(run="r", verdict=found)})

    assert not needs_repair(beside(level), Gate())
    assert not needs_repair(beside(None), Gate()), "what nobody compared can't ship at any scale"
    assert needs_repair(beside(forgets), Gate())


def test_the_largest_scale_that_ships_on_validation_is_chosen(suite, spread, domain):
    looks = []
    for scale, loss in ((0.75, -0.04), (0.5, -0.005), (0.25, 0.0)):
        scores = pl.concat([domain(0.1, 0.05), suite("wiki", spread(loss, 0.01))])
        named = scores.with_columns(model=pl.col("model").replace("candidate", name_at(scale)))
        looks.append(look(named, Gate(margins={"wiki": 0.02, "code": 0.1}), scale))
    assert [one.verdict.decision for one in looks] == ["REJECT", "SHIP", "SHIP"]
    assert chosen(looks) == 0.5
    assert chosen(looks[:1]) is None
    assert scales(Gate(repair_scales=(0.25, 0.9, 0.25, 0.5))) == (0.9, 0.5, 0.25)


def test_what_ships_says_at_which_scale_and_what_the_exam_said_of_the_whole(suite, spread, domain):
    whole, half = (judge(pl.concat([domain(0.1, 0.05), suite("wiki", spread(loss, 0.01))])) for loss in (-0.04, -0.005))
    seen = (Look(scale=0.75, verdict=whole), Look(scale=0.5, verdict=half))
    repair = Repair(unscaled=whole, validation=seen, scale=0.5, scaled=half)
    assert repair.verdict.decision == "SHIP"
    assert repair.verdict.scale == 0.5
    assert repair.verdict.reason == f"repaired at scale 0.5: {half.reason}"
    assert f"the exam says REJECT: {whole.reason}" in repair.sentence
    refused = repair.model_copy(update={"scaled": whole})
    assert refused.verdict == whole.model_copy(update={"unrepaired": refused.unrepaired})
    assert at_scale(whole, 1.0) == whole
    assert refused.unrepaired.why == "exam_refuses"
    assert refused.sentence == (f"no repair: scale 0.5 passes on validation items, but the exam says {whole.reason}")
    none = Repair(unscaled=whole, validation=seen[:1])
    assert none.unrepaired.why == none.verdict.unrepaired.why == "no_scale_passes"
    assert none.sentence == (
        f"no repair: of the scales tried on validation items (0.75) none passes; at 0.75, REJECT: {whole.reason}"
    )
    assert repair.unrepaired is repair.verdict.unrepaired is None
    assert Repair.model_validate_json(repair.model_dump_json()) == repair


def test_of_many_candidates_on_the_line_two_looks_ship_at_most_as_many_as_they_say():
    """Every scale loses exactly the margin; validation chooses one, and the exam sees it and the whole alone."""
    rng, runs, alpha, n = np.random.default_rng(5), 1500, 0.05, 30

    def passes(differences: np.ndarray) -> bool:
        return paired(np.zeros(n), differences, np.arange(n)).lower(alpha) > -0.02

    first = second = best_of_three = looked = 0
    for _ in range(runs):
        # Of one exam, all scales' differences go up and down together.
        exam = -0.02 + 0.03 * (rng.standard_normal(n) + rng.standard_normal((4, n))) / math.sqrt(2)
        if passes(exam[0]):
            first += 1
            continue
        best_of_three += any(map(passes, exam[1:]))
        # What passes on validation does so by chance, which knows nothing of the exam's items.
        if (taken := rng.integers(0, 4)) > 0:
            looked += 1
            second += passes(exam[taken])
    slack = 3 * math.sqrt(runs * alpha * (1 - alpha))
    assert abs(first - runs * alpha) < slack
    assert looked > runs / 2
    assert second <= runs * alpha + slack
    assert first + second <= 2 * runs * alpha
    assert best_of_three > runs * alpha + slack, "a scale that the exam itself chose would ship wrongly too often"
