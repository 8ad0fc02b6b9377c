"""Successive halving: many trials are trained a little, and of those the best on, until few are trained in full.

Jamieson and Talwalkar (2016), Non-stochastic best arm identification and hyperparameter optimization, arXiv:1502.07943.
The last rung trains as long as the recipe does, so that what is chosen is what was measured. There are as few rungs as
the budget allows: a trial that is told apart early may have been told apart wrongly.

The learning rate rises and falls over the tokens that a training is to take. So each rung trains anew with its own
number of tokens: going on from where a shorter training ended, at a rate of zero, would be another training than the
recipe's. A sampler such as Optuna's pays off over hundreds of trials; of a dozen, what it brings is this file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

LEAST_STEPS = 3
"""Optimizer steps below which a training tells nothing: the first of them warm up."""


@dataclass(frozen=True)
class Rung:
    """So many trials, each trained on so many tokens."""

    trials: int
    tokens: int


class Result(Protocol):
    """What a trial was found to do, in nats per learnt token; neither is known of one that diverged."""

    @property
    def gain(self) -> float | None:
        """By how much the loss of validation rows fell below the base's."""

    @property
    def forgotten(self) -> float | None:
        """By how much the loss of general text rose over the base's."""


_Found = TypeVar("_Found", bound=Result)


def rungs(count: int, *, tokens: int, budget: int, keep_one_in: int, least: int) -> list[Rung]:
    """Lay out the rungs, the last of them with trainings of full length.

    Parameters
    ----------
    count
        Trials.
    tokens
        Tokens of a training of full length.
    budget
        Tokens of all trainings together; never exceeded.
    keep_one_in
        Of so many trials one goes on, with so many times the tokens.
    least
        Fewest tokens of a shortened training.

    Raises
    ------
    ValueError
        If the budget is too small, saying how much would do.

    Examples
    --------
    >>> [(one.trials, one.tokens) for one in rungs(12, tokens=9000, budget=40_000, keep_one_in=3, least=500)]
    [(12, 1000), (4, 3000), (2, 9000)]
    >>> [(one.trials, one.tokens) for one in rungs(4, tokens=9000, budget=72_000, keep_one_in=3, least=500)]
    [(4, 9000)]
    """
    cheapest = None
    for depth in range(count + 1):
        shortest = tokens // keep_one_in**depth
        if depth and shortest < least:
            break
        plan = _plan(count, depth, tokens, keep_one_in)
        cost = sum(one.trials * one.tokens for one in plan)
        if cost <= budget:
            return plan
        cheapest = cost if cheapest is None else min(cheapest, cost)
    told = "1 trial takes" if count == 1 else f"{count} trials take"
    raise ValueError(
        f"sweep.token_budget: {told} at least {cheapest:,} tokens, and {budget:,} are given. Name fewer "
        f"values, draw fewer trials with sweep.trials, or give more tokens."
    )


def _plan(count: int, depth: int, tokens: int, keep_one_in: int) -> list[Rung]:
    plan = []
    for below in range(depth, -1, -1):
        if count > 1 or below == 0:  # a trial that is alone has nobody to be compared with on its way
            plan.append(Rung(count, tokens // keep_one_in**below))
        count = going_on(count, keep_one_in)
    return plan


def going_on(count: int, keep_one_in: int) -> int:
    """Return how many of so many trials go on, rounded up."""
    return -(-count // keep_one_in)


def ranked(found: Sequence[_Found], budget: float | None) -> list[_Found]:
    """Return trials from the best to the worst.

    Best is the largest gain among those that forget no more than the budget (None: among all); behind them come those
    over the budget, by how much they are over, and last those that diverged. Of two that gain alike the one that
    forgets less leads, and of two alike in both the one named first.
    """

    def order(one: _Found) -> tuple[int, float, float, float]:
        if one.gain is None or one.forgotten is None:
            return 2, 0.0, 0.0, 0.0
        over = 0.0 if budget is None else max(0.0, one.forgotten - budget)
        return (1 if over else 0), over, -one.gain, one.forgotten

    return sorted(found, key=order)


def front(found: Sequence[Result]) -> list[bool]:
    """Mark the trials that no other beats in both: gains as much and forgets as little, and one of them better."""
    return [_is_known(one) and not any(_beats(other, one) for other in found if _is_known(other)) for one in found]


def _is_known(one: Result) -> bool:
    return one.gain is not None and one.forgotten is not None


def _beats(one: Result, other: Result) -> bool:
    assert None not in (one.gain, one.forgotten, other.gain, other.forgotten)
    mine, theirs = (one.gain, -one.forgotten), (other.gain, -other.forgotten)  # type: ignore[operator]
    return mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True))  # type: ignore[operator]
