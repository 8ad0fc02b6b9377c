"""The gate's false alarms: a base against itself, and true means exactly on the gate's lines."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from evals.calibration import Rate, calibrate, decide
from evals.comparing import pair_up
from evals.judging import judge
from evals.verdict import Gate


def _exam(suite, rng: np.random.Generator, spread: float, mean: float = 0.0) -> pl.DataFrame:
    """Sixty domain items of twenty documents, which go together, and two retention suites; no two alike."""
    documents = np.repeat(np.arange(20), 3)
    together = spread * (rng.standard_normal(20)[documents] + 0.5 * rng.standard_normal(60))
    flips = rng.choice([0.0, 1.0], 50)
    kept = np.where(rng.random(50) < 0.1, 1 - flips, flips) - flips
    return pl.concat(
        [
            suite("answers", mean + together, role="domain", clusters=documents),
            suite("wiki", 0.3 * spread * rng.standard_normal(40)),
            suite("quiz", kept, base=flips),
        ]
    )


@pytest.mark.parametrize("spread", [0.001, 0.05])
def test_a_base_against_itself_wrongly_ships_in_at_most_5_of_100_resamples(suite, spread):
    alarms = calibrate(_exam(suite, np.random.default_rng(1), spread), Gate(), resamples=200)
    assert alarms[0].truth == "nothing changed"
    assert alarms[0].ship.runs == 200
    assert alarms[0].ship.share <= 0.05


def test_a_gate_that_ships_too_easily_is_found_out(suite):
    scores = _exam(suite, np.random.default_rng(1), 0.03).filter(pl.col("suite") != "quiz")
    strict, loose = (calibrate(scores, Gate(alpha=alpha), resamples=200)[0].ship for alpha in (0.05, 0.4))
    assert strict.share <= 0.05 < 0.2 < loose.lower


def test_on_a_line_the_gate_passes_as_often_as_alpha_says_clusters_and_all(suite):
    scores = _exam(suite, np.random.default_rng(2), 0.05, mean=0.4)
    alarms = {one.truth: one for one in calibrate(scores, Gate(margin=0.04), resamples=400)}
    assert list(alarms) == ["nothing changed", "the gain lies on its line", "wiki lies on its line"]
    for told in ("the gain lies on its line", "wiki lies on its line"):
        assert alarms[told].ship.lower <= 0.05 <= alarms[told].ship.upper
        assert alarms[told].reject.lower <= 0.05 <= alarms[told].reject.upper
    # As if each item were a document of its own, the gain would pass far too often.
    alone = scores.with_columns(cluster="item")
    together = scores.filter(role="domain", model="base")["cluster"]
    wrong = 0
    rng = np.random.default_rng(3)
    pairs = [pair for pair in pair_up(alone, "base", "candidate") if pair.role == "domain"]
    for _ in range(200):
        sign = rng.choice([-1, 1], 20)[together.str.slice(1).cast(pl.Int64).to_numpy()]
        difference = (pairs[0].candidate - pairs[0].base - 0.4) * sign
        wrong += (
            decide([type(pairs[0])(**{**vars(pairs[0]), "candidate": pairs[0].base + difference})], Gate()) == "SHIP"
        )
    assert Rate.of(wrong, 200).lower > 0.05


def test_the_quick_decision_is_the_verdicts(suite):
    rng = np.random.default_rng(4)
    gates = (Gate(), Gate(margins={"wiki": 0.001}), Gate(min_gain=0.01, margin=0.3))
    seen = set()
    for at in range(24):
        scores = _exam(suite, rng, rng.choice([0.01, 0.05]), mean=rng.choice([-0.05, 0.0, 0.05]))
        gate = gates[at % 3]
        found = decide(pair_up(scores, "base", "candidate"), gate)
        assert found == judge(scores, gate).decision
        seen.add(found)
    assert seen == {"SHIP", "REJECT", "INCONCLUSIVE"}


def test_intervals_of_rates_are_those_of_clopper_and_pearson():
    none, some = Rate.of(0, 200), Rate.of(10, 200)
    assert (none.lower, none.upper) == pytest.approx((0, 1 - 0.025 ** (1 / 200)))
    assert (some.lower, some.upper) == pytest.approx((0.0242, 0.0900), abs=5e-4)  # published tables
    assert Rate.of(200, 200).lower == pytest.approx(0.025 ** (1 / 200))
