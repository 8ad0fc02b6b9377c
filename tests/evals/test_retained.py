"""What must be kept is compared by the exam's own bounds, and no gain is needed for it."""

import polars as pl
import pytest

from evals.comparing import ScoresError
from evals.items import SCORES
from evals.judging import judge
from evals.retained import Retained, retained
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
    assert [line.status for line in verdict.retention] == ["undecided", "pass"]
    assert [one.kept for one in found] == [False, True]


def test_what_is_lost_a_little_is_kept_where_enough_items_show_it() -> None:
    few, many = (retained(scores({"letters": MILD * times}), Gate(), candidate="candidate@0.5")[0] for times in (1, 20))
    assert few.mean == pytest.approx(many.mean)
    assert few.mean > few.line == -0.02
    assert not few.kept
    assert many.kept


@pytest.mark.parametrize(("change", "kept"), [(0.0, True), (-0.019, True), (-0.021, False)])
def test_of_too_few_documents_the_mean_tells(change: float, kept: bool) -> None:
    (found,) = retained(scores({"letters": [change] * 3}), Gate(), candidate="candidate@0.5")
    assert found.lower is None
    assert found.kept is kept


def test_items_that_could_not_show_that_nothing_changed_tell_it_by_their_mean() -> None:
    # Of sixty questions, right or wrong, the bound is further below no change than what may be lost.
    right = pl.int_range(pl.len()).mod(2).over("model").cast(pl.Float64)
    both = scores({"choice": [0.0] * 60}).with_columns(score=right)
    (found,) = retained(both, Gate(), candidate="candidate@0.5", units={"choice": "share right"})
    assert found.mean == 0
    assert found.lower is not None
    assert found.lower < found.line
    assert found.kept
    wide = [Retained("letters", mean, mean - 0.02, -0.02) for mean in (-0.019, -0.02)]
    assert [one.kept for one in wide] == [True, False]
    assert not Retained("letters", -0.005, -0.02, -0.02).kept


def test_domain_suites_are_left_aside_and_items_must_be_paired() -> None:
    both = pl.concat([scores({"letters": LOST}), scores({"garden": LOST}, "domain")])
    assert [one.suite for one in retained(both, Gate(), candidate="candidate@0.5")] == ["letters"]
    with pytest.raises(ScoresError, match="only"):
        retained(both[1:], Gate(), candidate="candidate@0.5")
