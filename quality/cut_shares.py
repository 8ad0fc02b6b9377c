"""How many answers of a pool were cut, and how many whole ones go without a full stop: what likelihoods can't tell.

An answer without a full stop is a cut one or a whole one of a group where that is the custom. The share of cut answers
is one for the pool, the custom is one for each group; expectation maximisation finds both at once, from how cut or
whole each such answer looks. A small group's custom leans on that of all answers of its layout, and theirs on the
pool's.

References
----------
Saerens et al. (2002), Adjusting the outputs of a classifier to new a priori probabilities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_CUT = 0.05  # of a pool's answers
_GRANTED = (1.0, 200.0)  # cut answers, and answers in all, beyond those seen, so that few prove nothing
_GRANTED_OPEN = 2.0  # whole answers without a full stop, beyond those seen
_LEAN = 30.0  # answers that the layout's custom counts for in each group's
_STEADY, _MOST_ROUNDS = 1e-6, 300


class Shares(NamedTuple):
    """What was found.

    Attributes
    ----------
    cut : (2,) float64
        Shares of all answers that were cut behind a word, and within one.
    open_ended : (n_groups,) float64
        Share of each group's whole answers that go without a full stop.
    """

    cut: NDArray[np.float64]
    open_ended: NDArray[np.float64]

    def probabilities(self, ratios: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
        """Tell how likely each open-ended answer was cut behind a word, and within one: (2, n_answers).

        `ratios` are (2, n_answers) likelihoods of each way of cutting beside being whole, `groups` (n_answers,).
        """
        cut = self.cut[:, None] * ratios
        told: NDArray[np.float64] = cut / (cut.sum(axis=0) + (1 - self.cut.sum()) * self.open_ended[groups])
        return told


def shares(
    ratios: NDArray[np.float64], groups: NDArray[np.int64], sizes: NDArray[np.float64], layouts: NDArray[np.int64]
) -> Shares:
    """Estimate the shares of a pool.

    Parameters
    ----------
    ratios : (2, n_answers) float64
        Of each open-ended answer: how much likelier a cut one looks so than a whole one, cut behind a word or within.
    groups : (n_answers,) int64
        The group of each.
    sizes, layouts : (n_groups,) float64 and int64
        How many answers a group has in all, open-ended or not, and of which layout they are.
    """
    found = Shares(np.full(2, 0.01), _customs(_sums(groups, np.full(len(groups), 0.5), len(sizes)), sizes, layouts))
    for _ in range(_MOST_ROUNDS):
        told = found.probabilities(ratios, groups)
        cut = told.sum(axis=0)
        whole, gone = (_sums(groups, side, len(sizes)) for side in (1 - cut, cut))
        customs = _customs(whole, sizes - gone, layouts)
        moved = (told.sum(axis=1) + _GRANTED[0] / 2) / (sizes.sum() + _GRANTED[1])
        moved *= min(1.0, _MOST_CUT / moved.sum())
        step = np.abs(moved - found.cut).sum() + np.abs(customs - found.open_ended).max()
        found = Shares(moved, customs)
        if step < _STEADY:
            break
    return found


def _sums(groups: NDArray[np.int64], weights: NDArray[np.float64], n_groups: int) -> NDArray[np.float64]:
    return np.bincount(groups, weights, n_groups).astype(np.float64)


def _customs(
    open_ended: NDArray[np.float64], sizes: NDArray[np.float64], layouts: NDArray[np.int64]
) -> NDArray[np.float64]:
    of_pool = (open_ended.sum() + _GRANTED_OPEN) / (sizes.sum() + _GRANTED_OPEN)
    laid_out = np.bincount(layouts, sizes)
    of_layout = (np.bincount(layouts, open_ended) + _LEAN * of_pool) / (laid_out + _LEAN)
    of_layout = np.where(laid_out < _LEAN, of_pool, of_layout)
    leaning = (open_ended + _LEAN * of_layout[layouts]) / (sizes + _LEAN)
    # A few answers would tell a custom of their own.
    customs: NDArray[np.float64] = np.where(sizes < _LEAN, of_layout[layouts], leaning)
    return customs
