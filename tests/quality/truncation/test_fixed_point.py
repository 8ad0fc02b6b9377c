"""A rule's place of rest is found where its own steps would lead."""

import numpy as np
from numpy.typing import NDArray

from quality.truncation.fixed_point import rest

MOST = np.ones(3)


class Rule:
    """Moves shares a tenth of the way to where they belong, which hangs on the other shares."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        self.asked += 1
        first, second, third = shares
        belongs = np.array([0.02 + 0.3 * second, 0.01 / (1 + first), 0.005])
        return 0.9 * shares + 0.1 * np.minimum(belongs, [1, 1, max(0.001, third)])


def stepped(rule: Rule, start: NDArray[np.float64], steps: int = 2_000) -> NDArray[np.float64]:
    for _ in range(steps):
        start = rule(start)
    return start


def test_the_place_is_that_of_many_steps_in_a_fraction_of_them() -> None:
    rule, plain, start = Rule(), Rule(), np.array([0.3, 0.3, 0.002])
    found = rest(rule, start, MOST)
    assert np.allclose(found, stepped(plain, start), rtol=1e-5)
    assert rule.asked <= 30
    # As near as that the rule itself comes only later.
    assert not np.allclose(stepped(plain, start, 60), found, rtol=1e-5)


def test_a_rule_that_holds_a_share_at_its_bound_rests_there() -> None:
    bound = np.array([0.05, 0.05, 0.005])
    found = rest(lambda shares: np.minimum(1.5 * shares, bound), np.array([0.01, 0.001, 0.0002]), bound)
    assert np.allclose(found, bound)


def test_where_looking_ahead_leads_astray_the_rule_leads_on() -> None:
    # Far from its place of rest the rule makes ever longer steps, so that the next seems to lie far beyond.
    def turned(shares: NDArray[np.float64]) -> NDArray[np.float64]:
        gap = np.log(shares) - np.log(0.02)
        return np.asarray(np.exp(np.log(shares) - 0.5 * gap / (1 + gap**2)))

    found = rest(turned, np.array([0.9, 0.00001, 0.02]), MOST)
    assert np.allclose(found, 0.02, rtol=1e-4)
