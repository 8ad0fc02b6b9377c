"""When a difference of arms is called sure: in one family over domain and retention, and beyond what rounding brings."""

import numpy as np
import pytest

from evals.dividend import Sittings
from evals.gate import NOISE, Gate
from tasks.ablation.findings import _differences

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
