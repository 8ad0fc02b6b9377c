"""Several questions of which one answer is enough: Holm's step-down test.

Where *every* question must be answered with yes, each is tested at level α and none is corrected. Where *any* yes is
enough, as “a gain on any of J suites”, J tests would find something in nothing too often: the smallest p-value is
tested at α/J, the next at α/(J − 1), and so on until one fails. The chance of any wrong yes is then at most α, however
the suites depend on each other.

References
----------
Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2).
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Question = TypeVar("Question", bound=Hashable)


def levels(p_values: Mapping[Question, float], alpha: float) -> dict[Question, float]:
    """Return the level that each question is tested at, in the order given.

    Parameters
    ----------
    p_values
        P-values, by question.
    alpha
        Chance of any wrong yes.

    Returns
    -------
    dict
        A question is answered with yes where its p-value is at most its level. Those behind the first that fails keep
        that one's level, at which they fail as well.
    """
    found: dict[Question, float] = {}
    level, failed = 0.0, False
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda one: one[1])):
        if not failed:
            level = alpha / (len(p_values) - place)
            failed = p > level
        found[name] = level
    return {name: found[name] for name in p_values}
