"""What must be kept is compared by the exam's own bounds, and no gain is needed for it."""

import polars as pl
import pytest

from evals.comparing import ScoresError
from evals.items import SCORES
from evals.judging import judge
from evals.retained import retained
from evals.verdict import Gate


def scores(changes: dict[str, list[float]], role: str = "retention", model: str = "candidate@0.5") -> pl.DataFrame:
    """Scores of the base, -1 each, and of a candidate that changes so; every item of its own document."""
    rows = [
        {
            "model": name,
            "suite": suite,
            "role": role,
            "item": f"{suite}/{at}",
            "cluster": f"{suite}{at}",
            "score": score,
        }
        for suite, own in changes.items()
        for at, change in enumerate(own)
        for name, score in (("base", -1.0), (model, -1.0 + change))
    ]
    return pl.DataFrame(rows).select(SCORES.keys()).cast(pl.Schema(SCORES))


LOST = [-0.01, -0.03, 0.01, -0.02, 0.0, -0.04, 0.02, -0.01, -0.02, 0.0]

MILD = [0.02, -0.04, 0.01, -0.01, -0.03, 0.0]


def test_bounds_are_those_of_the_verdict() -> None:
    gate = Gate(margins={"ships": 0.1})
    both = scores({"letters": LOST, "ships": [3 * one for one in LOST]})
    found = retained(both, gate, candidate="candidate@0.5")
    gained = scores({"garden": [0.1 + one for one in LOST]}, "domain")
    verdict = judge(pl.concat([both, gained]), gate, candidate="candidate@0.5")
    told = [(line.suite, line.mean, line.lower, line.line) for line in verdict.retention]
    assert [tuple(one) for one in found] == told
    assert [one.kept for one in found] == [line.status == "pass" for line in verdict.retention] == [False, True]


def test_what_is_lost_a_little_is_kept_where_enough_items_show_it() -> None:
    few, many = (retained(scores({"letters": MILD * times}), Gate(), candidate="candidate@0.5")[0] for times in (1, 20))
    assert few.mean == pytest.approx(many.mean)
    assert few.mean > few.line == -0.02
    assert not few.kept
    assert many.kept


def test_of_too_few_documents_nothing_is_known() -> None:
    (found,) = retained(scores({"letters": [0.1, 0.11, 0.12]}), Gate(), candidate="candidate@0.5")
    assert found.lower is None
    assert not found.kept


def test_domain_suites_are_left_aside_and_items_must_be_paired() -> None:
    both = pl.concat([scores({"letters": LOST}), scores({"garden": LOST}, "domain")])
    assert [one.suite for one in retained(both, Gate(), candidate="candidate@0.5")] == ["letters"]
    with pytest.raises(ScoresError, match="only"):
        retained(both[1:], Gate(), candidate="candidate@0.5")
