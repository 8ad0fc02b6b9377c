"""When a difference of arms is called sure: in one family over domain and retention, and beyond what rounding brings."""

import numpy as np
import pytest

from evals.dividend import Sittings
from evals.gate import NOISE, Gate
from tasks.ablation.arms import Arm
from tasks.ablation.findings import _differences, find
from tasks.ablation.training import Training
from tasks.split import Data
from tasks.store import Table
from tasks.train_arm import Sat

_ITEMS, _SEEDS = 40, 3


def sat(gain: float, spread: float) -> Sittings:
    """Let the domain change by so much, items apart by so much; what is kept differs by chance alone."""
    rng = np.random.default_rng(7)
    items, crumbs = rng.standard_normal(_ITEMS), rng.standard_normal((2, _SEEDS, _ITEMS)) * spread / 50
    change = gain + spread * (items - items.mean()) / items.std(ddof=1)
    base = rng.normal(-1, 0.1, _ITEMS)
    scores = {
        ("curated", "gardens"): base + change + crumbs[0],
        ("no-dedup", "gardens"): base + crumbs[1],
        ("curated", "prose"): base + spread * rng.standard_normal(_ITEMS) + crumbs[1],
        ("no-dedup", "prose"): base + crumbs[0],
    }
    suites = {"gardens": ("domain", "bits per byte"), "prose": ("retention", "bits per byte")}
    return Sittings(suites, scores, {suite: np.arange(_ITEMS).astype(str) for suite in suites})


def told(gain: float, spread: float, *, together: bool) -> dict[str, object]:
    found = _differences(sat(gain, spread), [("curated", "no-dedup")], Gate(), together=together)
    return found.filter(judged=True, role="domain").row(0, named=True)


@pytest.mark.parametrize(("errors", "alone", "as_one"), [(1.5, False, False), (2.2, True, False), (4, True, True)])
def test_domain_and_retention_are_one_family_of_questions(errors, alone, as_one) -> None:
    spread = 0.2
    gain = NOISE + errors * spread / np.sqrt(_ITEMS)
    assert told(gain, spread, together=False)["sure"] == alone
    assert told(gain, spread, together=True)["sure"] == as_one


@pytest.mark.parametrize(("gain", "sure"), [(0.9 * NOISE, False), (1.05 * NOISE, False), (2 * NOISE, True)])
def test_a_difference_is_sure_where_its_interval_leaves_rounding_behind(gain, sure) -> None:
    found = told(gain, NOISE, together=False)
    assert found["lower"] > 0
    assert found["sure"] == sure


def test_rows_and_tokens_of_an_arm_are_those_it_was_trained_with() -> None:
    nothing = Data(train=Table(path="", digest="", rows=0), validation=Table(path="", digest="", rows=0))
    arm = Arm(
        name="random",
        kind="control",
        data=(nothing,) * 3,
        rows=(10, 20, 60),
        tokens=(100, 300, 800),
        token_budget=500,
        replay=0.0,
        weights=({},) * 3,
    )
    base = Sittings({"gardens": ("domain", "bits per byte")}, {}, {})

    def told(*places: int) -> tuple[float, float]:
        trainings = [Training(arm, place, place + 7, Sat(diverged="no")) for place in places]
        line = find([arm], trainings, base, Gate()).arms.row(0, named=True)
        return line["rows"], line["tokens"]

    assert told(0, 1) == (15, 200)
    assert told(2) == (60, 800)
    assert told() == (30, 400), "before any was trained, of all"
