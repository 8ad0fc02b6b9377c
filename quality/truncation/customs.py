"""What share of whole answers goes without a full stop, learnt for each class of answers from all of them at once.

A class of answers, those to prompts of one kind, say, has one of three customs: its answers have full stops, but for
slips, as many as in the rest of the pool; they do as is expected of them, for what else they share; or they have a
custom of their own. How many classes do which is learnt from all of them. So where all have full stops a few answers
without one tell no custom, however well they end, and where one class in ten does as it likes, fewer are needed.

An answer without a full stop is a cut one or a whole one, which is left open: a class's likelihood is that of all its
answers, under each custom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLIPS = 2e-4
"""The least share of whole answers that go without a full stop, whatever their custom."""
# Customs of one's own: hardly any, or nearly all, are likelier than a half.
_OWN = 1 / (1 + np.exp(-np.arange(-8.5, 6.5, 0.6)))
_SHAPE = np.sqrt(_OWN * (1 - _OWN))
_SHAPE /= _SHAPE.sum()
_SORTS = 3  # of customs: slips, as expected, one's own
_GRANTED = 1.0  # classes beyond those seen, of all sorts alike
_ROUNDS = 12


class Odds(NamedTuple):
    """How likely open-ended answers were cut, and what that says of customs, which is worked out once.

    Attributes
    ----------
    cut : (n_answers,) float64
        Odds of each one's being cut, beside those of a whole one that is surely left open.
    own : (n_answers, n_own) float64
        How likely each is under every custom that a class may have of its own.
    logs : (n_answers, n_own) float64
        Its logarithm.
    """

    cut: NDArray[np.float64]
    own: NDArray[np.float64]
    logs: NDArray[np.float64]

    @classmethod
    def of(cls, cut: NDArray[np.float64]) -> Odds:
        """Work them out."""
        own = cut[:, None] + _OWN
        return cls(cut, own, np.log(own))

    def some(self, rows: NDArray[np.int64]) -> Odds:
        """Return those of some answers."""
        return Odds(self.cut[rows], self.own[rows], self.logs[rows])


class Learnt(NamedTuple):
    """What was learnt of classes.

    Attributes
    ----------
    customs : (n_classes,) float64
        Which share of each one's whole answers goes without a full stop.
    sorts : (3,) float64
        Shares of classes that have each sort of custom.
    slips : (n_classes,) float64
        How likely each has full stops, but for slips.
    values, weights : (n_classes, n_customs) float64
        The customs that each may have, and how likely each of them is.
    odds : Odds
        Of each open-ended answer.
    classes : (n_answers,) int64
        Whose it is.
    """

    customs: NDArray[np.float64]
    sorts: NDArray[np.float64]
    slips: NDArray[np.float64]
    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    odds: Odds
    classes: NDArray[np.int64]

    @property
    def others(self) -> NDArray[np.float64]:
        """Custom of the others of each open-ended answer's class, (n_answers,) float64."""
        # What an answer says of its class's customs is taken out again by division.
        said = np.column_stack([self.odds.cut[:, None] + self.values[self.classes, :2], self.odds.own])
        left = self.weights[self.classes] / said
        return np.asarray(np.einsum("ij,ij->i", left, self.values[self.classes]) / left.sum(axis=1))


def learn_customs(
    odds: Odds,
    classes: NDArray[np.int64],
    closed: NDArray[np.float64],
    expected: NDArray[np.float64],
    slips: float,
    sorts: NDArray[np.float64] | None = None,
) -> Learnt:
    """Learn customs.

    Parameters
    ----------
    odds : Odds
        Of each open-ended answer.
    classes : (n_answers,) int64
        Whose they are.
    closed : (n_classes,) float64
        How many others each class has.
    expected : (n_classes,) float64
        What is expected of it.
    slips : float
        What share of answers is left open where full stops are the custom.
    sorts : (3,) float64, optional
        As of `Learnt`, where they are known.
    """
    values = np.column_stack([np.full(len(closed), slips), expected, np.tile(_OWN, (len(closed), 1))])
    said = np.column_stack([np.log(odds.cut[:, None] + values[classes, :2]), odds.logs])
    told = closed[:, None] * np.log1p(-values) + _summed(said, classes, len(closed))
    found = _sorts(told) if sorts is None else sorts
    weights = _weighed(told, found)
    return Learnt((weights * values).sum(axis=1), found, weights[:, 0], values, weights, odds, classes)


def _sorts(told: NDArray[np.float64]) -> NDArray[np.float64]:
    """Learn how many classes have each sort of custom, (3,), from likelihoods of their answers."""
    likely = np.exp(told - told.max(axis=1, keepdims=True))
    by_sort = np.column_stack([likely[:, :2], likely[:, 2:] @ _SHAPE])
    granted = np.full(_SORTS, 1 / _SORTS)
    shares = granted
    for _ in range(_ROUNDS):
        found = (by_sort * (shares / (by_sort @ shares)[:, None])).sum(axis=0)
        shares = (found + _GRANTED * granted) / (len(told) + _GRANTED)
    return shares


def _weighed(told: NDArray[np.float64], sorts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh customs by Bayes' rule: (n, n_customs), each row's sum is one."""
    weights = np.exp(told - told.max(axis=1, keepdims=True)) * np.concatenate([sorts[:2], sorts[2] * _SHAPE])
    shares: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _summed(told: NDArray[np.float64], classes: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    """Sum rows by class, (n_classes, n_customs)."""
    n = len(classes)
    of = csr_array((np.ones(n), classes, np.arange(n + 1)), shape=(n, n_classes))
    return np.asarray(of.T @ told)
