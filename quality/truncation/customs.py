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


class Learnt(NamedTuple):
    """What was learnt of classes.

    Attributes
    ----------
    customs : (n_classes,) float64
        Which share of each one's whole answers goes without a full stop.
    others : (n_answers,) float64
        The same of the others of each open-ended answer's class.
    sorts : (3,) float64
        Shares of classes that have each sort of custom.
    slips : (n_classes,) float64
        How likely each has full stops, but for slips.
    """

    customs: NDArray[np.float64]
    others: NDArray[np.float64]
    sorts: NDArray[np.float64]
    slips: NDArray[np.float64]


def learn_customs(
    cut: NDArray[np.float64],
    classes: NDArray[np.int64],
    closed: NDArray[np.float64],
    expected: NDArray[np.float64],
    slips: float,
    sorts: NDArray[np.float64] | None = None,
) -> Learnt:
    """Learn customs.

    Parameters
    ----------
    cut : (n_answers,) float64
        Odds of each open-ended answer's being cut, beside those of a whole one that is surely left open.
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
    alone = np.log(cut[:, None] + values[classes])
    told = closed[:, None] * np.log1p(-values) + _summed(alone, classes, len(closed))
    granted = np.full(_SORTS, 1 / _SORTS)
    shares = granted if sorts is None else sorts
    for _ in range(_ROUNDS if sorts is None else 0):
        by_sort = _weighed(told, shares)
        found = np.array([by_sort[:, 0].sum(), by_sort[:, 1].sum(), by_sort[:, 2:].sum()])
        shares = (found + _GRANTED * granted) / (len(closed) + _GRANTED)
    weights = _weighed(told, shares)
    others = _weighed(told[classes] - alone, shares)
    return Learnt((weights * values).sum(axis=1), (others * values[classes]).sum(axis=1), shares, weights[:, 0])


def _weighed(told: NDArray[np.float64], sorts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh customs by Bayes' rule: (n, n_customs), each row's sum is one."""
    weights = np.concatenate([sorts[:2], sorts[2] * _SHAPE]) * np.exp(told - told.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _summed(told: NDArray[np.float64], classes: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    width = told.shape[1]
    places = (classes[:, None] * width + np.arange(width)).ravel()
    return np.bincount(places, told.ravel(), n_classes * width).reshape(n_classes, width).astype(np.float64)
