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
_BLOCK_ANSWERS = 2048
_SORTS = 3  # of customs: slips, as expected, one's own
_GRANTED = 1.0  # classes beyond those seen, of all sorts alike
_ROUNDS = 12


class Odds(NamedTuple):
    """How likely open-ended answers were cut, and what that says of customs, which is worked out once.

    Attributes
    ----------
    cut : (n_answers,) float64
        Odds of each one's being cut, beside those of a whole one that is surely left open.
    slips : float
        What share of answers is left open where full stops are the custom.
    classes : (n_answers,) int64
        The smallest classes of answers that are to be told apart.
    logs : (n_classes, 1 + n_own) float64
        Of the answers of each: how likely they are under that share, and under every custom that a class may have of
        its own, as logarithms.
    """

    cut: NDArray[np.float64]
    slips: float
    classes: NDArray[np.int64]
    logs: NDArray[np.float64]

    @classmethod
    def of(cls, cut: NDArray[np.float64], slips: float, classes: NDArray[np.int64], n_classes: int) -> Odds:
        """Work them out."""
        said = cut[:, None] + np.append(slips, _OWN)
        return cls(cut, slips, classes, _summed(np.log(said, out=said), classes, n_classes))


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
    weights : (n_classes, n_customs) float64
        How likely each custom is that a class may have: slips, what is expected, and its own.
    expected : (n_classes,) float64
        What is expected.
    """

    customs: NDArray[np.float64]
    sorts: NDArray[np.float64]
    slips: NDArray[np.float64]
    weights: NDArray[np.float64]
    expected: NDArray[np.float64]

    def others(self, odds: Odds) -> NDArray[np.float64]:
        """Tell the custom of the others of each open-ended answer's class, (n_answers,) float64.

        The classes must be those of `odds`.
        """
        values, told = np.concatenate([[odds.slips, 0.0], _OWN]), np.empty(len(odds.classes))
        # Block by block: what is computed of some thousand answers stays in a core's cache.
        for start in range(0, len(told), _BLOCK_ANSWERS):
            block = slice(start, start + _BLOCK_ANSWERS)
            classes = odds.classes[block]
            expected, left = self.expected[classes], self.weights[classes]
            # What an answer says of its class's customs is taken out again by division.
            said = odds.cut[block, None] + values
            said[:, 1] += expected
            left /= said
            custom = odds.slips * left[:, 0] + expected * left[:, 1] + left[:, 2:] @ _OWN
            told[block] = custom / left.sum(axis=1)
        return told


def learn_customs(
    odds: Odds,
    closed: NDArray[np.float64],
    expected: NDArray[np.float64],
    classes: NDArray[np.int64] | None = None,
    sorts: NDArray[np.float64] | None = None,
) -> Learnt:
    """Learn customs.

    Parameters
    ----------
    odds : Odds
        Of open-ended answers.
    closed : (n_classes,) float64
        How many others each class has.
    expected : (n_classes,) float64
        What is expected of it.
    classes : (n_smallest,) int64, optional
        Of which class each of the smallest is, of which `odds` has the answers; without it, they are the classes.
    sorts : (3,) float64, optional
        As of `Learnt`, where they are known.
    """
    of = odds.classes if classes is None else classes[odds.classes]
    logs = odds.logs if classes is None else _summed(odds.logs, classes, len(closed))
    as_expected = np.bincount(of, np.log(odds.cut + expected[of]), len(closed))
    values = np.column_stack([np.full(len(closed), odds.slips), expected, np.tile(_OWN, (len(closed), 1))])
    told = closed[:, None] * np.log1p(-values) + np.column_stack([logs[:, 0], as_expected, logs[:, 1:]])
    found = _sorts(told) if sorts is None else sorts
    weights = _weighed(told, found)
    return Learnt((weights * values).sum(axis=1), found, weights[:, 0], weights, expected)


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
