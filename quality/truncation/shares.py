"""How many answers of a pool were cut, and how many whole ones go without a full stop: what likelihoods can't tell.

An answer without a full stop is a cut one or a whole one of a group where that is the custom. The share of cut answers
is one for the pool, the custom is one for each group; expectation maximisation finds both at once, from how cut or
whole each such answer looks. A small group's custom leans on that of all answers of its layout, and theirs on the
pool's. Answers that begin alike, “The ontology of …”, may have a custom of their own. No answer vouches for itself: its
custom is that of the others.

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
_LEANS = (0.3, 1.0, 3.0, 10.0, 30.0)  # answers that an expectation may count for in a group's custom
_FEWEST_FOR_CUSTOM = 30.0  # answers
_SLIPS = 2e-4  # of whole answers, that go without a full stop whatever their custom
_FEWEST_ALIKE, _LEAN_OF_BEGINNINGS = 5, 5.0  # other answers that begin alike; those that the group's custom counts for
_STEADY, _MOST_ROUNDS = 1e-6, 300


class Groups(NamedTuple):
    """Which answers share customs.

    Attributes
    ----------
    of : (n_answers,) int64
        The group of each open-ended answer: its kind of prompt and its layout.
    sizes : (n_groups,) float64
        How many answers a group has in all, open-ended or not.
    kinds, layouts : (n_groups,) int64
        Of which kind of prompt and of which layout they are.
    beginnings : (n_answers,) int64
        How each open-ended answer begins.
    alike : (n_beginnings,) float64
        How many answers in all begin so.
    """

    of: NDArray[np.int64]
    sizes: NDArray[np.float64]
    kinds: NDArray[np.int64]
    layouts: NDArray[np.int64]
    beginnings: NDArray[np.int64]
    alike: NDArray[np.float64]


class Shares(NamedTuple):
    """What was found.

    Attributes
    ----------
    cut : (2,) float64
        Shares of all answers that were cut behind a word, and within one.
    open_ended : (n_answers,) float64
        Of each open-ended answer: which share of other whole ones, as far as they share its customs, is open-ended too.
    """

    cut: NDArray[np.float64]
    open_ended: NDArray[np.float64]

    def probabilities(self, ratios: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell how likely each open-ended answer was cut behind a word, and within one: (2, n_answers).

        `ratios` are (2, n_answers) likelihoods of each way of cutting beside being whole.
        """
        cut = self.cut[:, None] * ratios
        told: NDArray[np.float64] = cut / (cut.sum(axis=0) + (1 - self.cut.sum()) * self.open_ended)
        return told


def shares(ratios: NDArray[np.float64], groups: Groups) -> Shares:
    """Estimate the shares of a pool.

    Parameters
    ----------
    ratios : (2, n_answers) float64
        Of each open-ended answer: how much likelier a cut one looks so than a whole one, cut behind a word or within.
    groups : Groups
        Whose customs it shares.
    """
    whole = np.full(len(groups.of), 0.5)
    found = Shares(np.full(2, 0.01), _customs(whole, groups, groups.sizes))
    for _ in range(_MOST_ROUNDS):
        told = found.probabilities(ratios)
        gone = told.sum(axis=0)
        customs = _customs(1 - gone, groups, groups.sizes - _sums(groups.of, gone, len(groups.sizes)))
        moved = (told.sum(axis=1) + _GRANTED[0] / 2) / (groups.sizes.sum() + _GRANTED[1])
        moved *= min(1.0, _MOST_CUT / moved.sum())
        step = np.abs(moved - found.cut).sum() + np.abs(customs - found.open_ended).max()
        found = Shares(moved, customs)
        if step < _STEADY:
            break
    return found


def _sums(groups: NDArray[np.int64], weights: NDArray[np.float64], n_groups: int) -> NDArray[np.float64]:
    return np.bincount(groups, weights, n_groups).astype(np.float64)


def _customs(whole: NDArray[np.float64], groups: Groups, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tell each open-ended answer the custom of others: (n_answers,) float64.

    `whole` is how likely each is whole, `sizes` (n_groups,) how many answers of each group are, open-ended or not.
    """
    open_ended = _sums(groups.of, whole, len(sizes))
    of_pool = (open_ended.sum() + _GRANTED_OPEN) / (sizes.sum() + _GRANTED_OPEN)
    by_kind, by_layout = (_of_class(open_ended, sizes, classes, of_pool) for classes in (groups.kinds, groups.layouts))
    # What both say of a group, as if each knew nothing of the other.
    expected = _share(_odds(by_kind) * _odds(by_layout) / _odds(np.float64(of_pool)))
    lean = _steadiness(open_ended, sizes, expected)
    own, of = expected[groups.of], groups.of
    others = (open_ended[of] - whole + lean * own) / (sizes[of] - whole + lean)
    # A few answers would tell a custom of their own.
    customs = np.maximum(np.where(sizes[of] < _FEWEST_FOR_CUSTOM, own, others), _SLIPS)
    return _by_beginnings(customs, whole, groups)


def _by_beginnings(customs: NDArray[np.float64], whole: NDArray[np.float64], groups: Groups) -> NDArray[np.float64]:
    """Correct customs by what others that begin alike do, where there are some: (n_answers,) float64."""
    others = groups.alike[groups.beginnings] - 1
    open_ended = _sums(groups.beginnings, whole, len(groups.alike))[groups.beginnings] - whole
    told = (open_ended + _LEAN_OF_BEGINNINGS * customs) / (others + _LEAN_OF_BEGINNINGS)
    return np.where(others >= _FEWEST_ALIKE, told, customs)


def _of_class(
    open_ended: NDArray[np.float64], sizes: NDArray[np.float64], classes: NDArray[np.int64], of_pool: float
) -> NDArray[np.float64]:
    """Tell each group the custom of all groups of its class, which leans on the pool's: (n_groups,) float64."""
    whole, size = (np.bincount(classes, of).astype(np.float64) for of in (open_ended, sizes))
    shared = np.full(len(size), of_pool)
    lean = _steadiness(whole, size, shared)
    customs: NDArray[np.float64] = np.where(size < _FEWEST_FOR_CUSTOM, of_pool, (whole + lean * shared) / (size + lean))
    return customs[classes]


def _steadiness(open_ended: NDArray[np.float64], sizes: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    """Tell how many answers an expectation is worth beside a group's own, by how well it foretells all groups.

    Where groups go by their expectation it is many; where one always has full stops and the next one never, it is one
    or none. The likelihood of a beta-binomial decides, among `_LEANS`.
    """
    from scipy.special import betaln

    lean, mean = np.array(_LEANS)[:, None], np.clip(expected, 1e-4, 1 - 1e-4)
    alpha, beta = lean * mean, lean * (1 - mean)
    closed = np.maximum(sizes - open_ended, 0)
    likelihood = (betaln(alpha + open_ended, beta + closed) - betaln(alpha, beta)).sum(axis=1)
    return float(_LEANS[int(np.argmax(likelihood))])


def _odds(share: NDArray[np.float64] | np.float64) -> NDArray[np.float64] | np.float64:
    kept = np.clip(share, 1e-6, 1 - 1e-6)
    return kept / (1 - kept)


def _share(odds: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return np.asarray(odds / (1 + odds))
