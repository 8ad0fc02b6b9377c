"""How many answers of a pool were cut, and how many whole ones go without a full stop: what likelihoods can't tell.

An answer without a full stop is a cut one or a whole one of a group where that is the custom. The share of cut answers
is one for the pool, the custom is one for each group; expectation maximisation finds both at once, from how cut or
whole each such answer looks (`quality.truncation.fixed_point` tells where it comes to rest). A group is expected to do
as all answers of its kind of prompt and of its layout do, these as their source does, and a source as the pool does
(`quality.truncation.customs`). Answers that begin alike, “The ontology of …”, may have a custom of their own. No answer
vouches for itself: its custom is that of the others.

References
----------
Saerens et al. (2002), Adjusting the outputs of a classifier to new a priori probabilities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quality.truncation.customs import SLIPS, Learnt, Odds, learn_customs
from quality.truncation.families import Families, by_family
from quality.truncation.fixed_point import rest

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_CUT = 0.05  # of a pool's answers
_GRANTED = (1.0, 200.0)  # cut answers, and answers in all, beyond those seen, so that few prove nothing
_FEWEST_FOR_CUSTOM = 30.0  # answers
_FEWEST_ALIKE = 5  # other answers that begin alike
_MOST_SLIPS = 0.005  # who leaves out one full stop in two hundred slips, who leaves out more has a custom
_START = np.array([0.01, 0.01, SLIPS])  # cut behind a word, within one, and slips


class Groups(NamedTuple):
    """Which answers share customs.

    Attributes
    ----------
    of : (n_answers,) int64
        The group of each open-ended answer: its kind of prompt and its layout.
    sizes : (n_groups,) float64
        How many answers a group has in all, open-ended or not.
    kinds, layouts, sources : (n_groups,) int64
        Of which kind of prompt (each of one source), of which layout and from which source they are.
    beginnings : (n_answers,) int64
        How each open-ended answer begins.
    alike : (n_beginnings,) float64
        How many answers in all begin so.
    families : Families, optional
        Whose prompts are alike in many small ways.
    """

    of: NDArray[np.int64]
    sizes: NDArray[np.float64]
    kinds: NDArray[np.int64]
    layouts: NDArray[np.int64]
    sources: NDArray[np.int64]
    beginnings: NDArray[np.int64]
    alike: NDArray[np.float64]
    families: Families | None = None


class Shares(NamedTuple):
    """What was found.

    Attributes
    ----------
    cut : (2,) float64
        Shares of all answers that were cut behind a word, and within one.
    open_ended : (n_answers,) float64
        Of each open-ended answer: which share of other whole ones, as far as they share its customs, is open-ended too.
    slips : float
        Which share is, where full stops are the custom.
    """

    cut: NDArray[np.float64]
    open_ended: NDArray[np.float64]
    slips: float

    def probabilities(self, ratios: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell how likely each open-ended answer was cut behind a word, and within one: (2, n_answers).

        `ratios` are (2, n_answers) likelihoods of each way of cutting beside being whole.
        """
        cut = self.cut[:, None] * ratios
        told: NDArray[np.float64] = cut / (cut.sum(axis=0) + (1 - self.cut.sum()) * self.open_ended)
        return told


def shares(ratios: NDArray[np.float64], groups: Groups, most_cut: float = _MOST_CUT) -> Shares:
    """Estimate the shares of a pool.

    Parameters
    ----------
    ratios : (2, n_answers) float64
        Of each open-ended answer: how much likelier a cut one looks so than a whole one, cut behind a word or within.
    groups : Groups
        Whose customs it shares.
    most_cut : float
        How many of the pool's answers were cut at most.
    """

    def move(before: NDArray[np.float64]) -> NDArray[np.float64]:
        told = _told(before, ratios, groups)
        cut = (told.probabilities(ratios).sum(axis=1) + _GRANTED[0] / 2) / (groups.sizes.sum() + _GRANTED[1])
        return np.append(cut * min(1.0, most_cut / cut.sum()), told.slips)

    # All else follows from these three.
    return _told(rest(move, _START, np.array([most_cut, most_cut, _MOST_SLIPS])), ratios, groups)


def _told(found: NDArray[np.float64], ratios: NDArray[np.float64], groups: Groups) -> Shares:
    """Tell the customs that go with shares of cut answers of both kinds and of slips: (3,) float64."""
    return Shares(found[:2], *_customs(found[:2], float(found[2]), ratios, groups))


def _customs(
    cut: NDArray[np.float64], slipped: float, ratios: NDArray[np.float64], groups: Groups
) -> tuple[NDArray[np.float64], float]:
    """Tell each open-ended answer the custom of others, (n_answers,) float64, and the share of slips."""
    of, sizes = groups.of, groups.sizes
    odds = Odds.of((cut[:, None] * ratios).sum(axis=0) / (1 - cut.sum()), slipped, of, len(sizes))
    customs, of_groups, told = _by_groups(odds, groups)
    if groups.families is not None:
        few = sizes < _FEWEST_FOR_CUSTOM
        customs = by_family(customs, of_groups, odds, groups.families, told.sorts, few)
    gone = odds.cut / (odds.cut + customs)
    whole = told.slips[of] * (1 - gone)
    # The likeliest is left out, since no answer vouches for itself.
    open_ended = whole.sum() - whole.max(initial=0)
    among = (told.slips * sizes).sum() - (told.slips[of] * gone).sum()
    moved = float(np.clip(open_ended / max(among, 1.0), SLIPS, _MOST_SLIPS))
    return _by_beginnings(customs, odds, groups, told.sorts), moved


def _by_groups(odds: Odds, groups: Groups) -> tuple[NDArray[np.float64], NDArray[np.float64], Learnt]:
    """Tell each open-ended answer and each group its custom, as its kind, its layout and its source let expect."""
    of, sizes = groups.of, groups.sizes
    by_source = _of_class(odds, groups, groups.sources, np.full(len(sizes), odds.slips), fewest=0)
    # A layout of few answers says nothing: it does as the pool does, which leaves the kind's custom as it is.
    of_pool = _of_pool(by_source, sizes)
    by_layout = _of_class(odds, groups, groups.layouts, np.full(len(sizes), of_pool))
    if groups.sources.any():
        within = np.unique(groups.sources * (groups.layouts.max() + 1) + groups.layouts, return_inverse=True)[1]
        both = _share(_odds(by_source) * _odds(by_layout) / _odds(of_pool))
        by_layout = _of_class(odds, groups, within, both)
    by_kind = _of_class(odds, groups, groups.kinds, by_source)
    # What both say of a group, as if each knew nothing of the other.
    expected = np.maximum(_share(_odds(by_kind) * _odds(by_layout) / _odds(by_source)), SLIPS)
    told = learn_customs(odds, sizes - np.bincount(of, minlength=len(sizes)), expected)
    # A few answers would tell a custom of their own.
    few = sizes < _FEWEST_FOR_CUSTOM
    return np.where(few[of], expected[of], told.others(odds)), np.where(few, expected, told.customs), told


def _of_pool(customs: NDArray[np.float64], sizes: NDArray[np.float64]) -> float:
    return float((customs * sizes).sum() / sizes.sum())


def _by_beginnings(
    customs: NDArray[np.float64], odds: Odds, groups: Groups, sorts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Correct customs by what others that begin alike do, where there are some: (n_answers,) float64."""
    several = np.flatnonzero(groups.alike[groups.beginnings] > _FEWEST_ALIKE)
    if not len(several):
        return customs
    classes, at = np.unique(groups.beginnings[several], return_inverse=True)
    n_open = np.bincount(at)
    expected = np.exp(np.bincount(at, np.log(customs[several])) / n_open)
    corrected = customs.copy()
    closed = (groups.alike[classes] - n_open).astype(np.float64)
    of_several = Odds.of(odds.cut[several], odds.slips, at, len(classes))
    corrected[several] = learn_customs(of_several, closed, expected, sorts=sorts).others(of_several)
    return corrected


def _of_class(
    odds: Odds,
    groups: Groups,
    classes: NDArray[np.int64],
    expected: NDArray[np.float64],
    fewest: float = _FEWEST_FOR_CUSTOM,
) -> NDArray[np.float64]:
    """Tell each group the custom of all groups of its class, of which something is `expected`: (n_groups,) float64."""
    n_classes = int(classes.max()) + 1
    beforehand = np.zeros(n_classes)
    beforehand[classes] = np.clip(expected, SLIPS, 1 - SLIPS)
    size = np.bincount(classes, groups.sizes).astype(np.float64)
    closed = size - np.bincount(classes[groups.of], minlength=n_classes)
    told = learn_customs(odds, closed, beforehand, classes).customs
    return np.where(size < fewest, beforehand, told)[classes]


def _odds(share: NDArray[np.float64] | float) -> NDArray[np.float64]:
    kept = np.clip(share, 1e-6, 1 - 1e-6)
    return np.asarray(kept / (1 - kept))


def _share(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(odds / (1 + odds))
