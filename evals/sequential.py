"""Looks at part of an exam, and at which level each may decide.

Whoever looks four times at level .05, as items come in, is wrong in 12 of 100 exams. O'Brien and Fleming's bounds ask
much of early looks and leave the last one nearly the whole level: of .05 in all, looks at a quarter, half, three
quarters and all of the items are made at .0001, .006, .022 and .043. Lan and DeMets turned this into a level that is
spent as items come in, α(t) = 2 − 2Φ(z_{1−α/2} / √t), so that looks need not be planned at equal distances.

The level of a look is found by carrying the distribution of the score process, among exams that have not stopped
before, from look to look (Armitage, McPherson and Rowe), on a grid.

References
----------
O'Brien and Fleming (1979), A multiple testing procedure for clinical trials, Biometrics 35(3).
Lan and DeMets (1983), Discrete sequential boundaries for clinical trials, Biometrika 70(3).
Armitage, McPherson and Rowe (1969), Repeated significance tests on accumulating data, JRSS A 132(2).
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_GRID = 1_001  # points; twice as many change levels by less than 1 in 10,000
_FAR = 9.0  # standard deviations below which nothing lies
_LARGEST = 9.0  # a bound so high stands for a look that can't decide
_STEADY = 1e-9


def levels(fractions: Sequence[float], alpha: float) -> list[float]:
    """Return the one-sided level of each look, so that all looks together are wrong with chance alpha.

    Parameters
    ----------
    fractions
        Share of the clusters that each look sees, rising, up to 1. A level depends on no later look.
    alpha
        Level of all looks together (0 to .5).

    Raises
    ------
    ValueError
        If there is no look, or fractions do not rise within (0, 1].
    """
    if not fractions or fractions[0] <= 0 or fractions[-1] > 1 or list(fractions) != sorted(set(fractions)):
        raise ValueError(f"Looks must see a rising share of the items, up to all: {list(fractions)}.")
    return list(_levels(tuple(fractions), alpha))


@functools.lru_cache(maxsize=256)
def _levels(fractions: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    from scipy.special import ndtr

    found: list[float] = []
    before, spent = 0.0, 0.0
    places, density = np.zeros(1), np.ones(1)  # all of the process is at 0 when nothing was seen
    for fraction in fractions:
        step = math.sqrt(fraction - before)
        bound = _bound(places, density, step, math.sqrt(fraction), _spent(fraction, alpha) - spent)
        found.append(float(ndtr(-bound / math.sqrt(fraction))))
        places, density = _carried(places, density, step, bound, math.sqrt(fraction))
        before, spent = fraction, _spent(fraction, alpha)
    return tuple(found)


def _spent(fraction: float, alpha: float) -> float:
    from scipy.special import ndtr, ndtri

    return 2 * float(ndtr(float(ndtri(alpha / 2)) / math.sqrt(fraction)))


def _bound(places: np.ndarray, density: np.ndarray, step: float, spread: float, chance: float) -> float:
    """Find the bound that the process passes with the given chance at this look, and at none before."""
    from scipy.special import ndtr

    low, high = 0.0, _LARGEST * spread
    while high - low > _STEADY:
        middle = (low + high) / 2
        passed = float(density @ ndtr((places - middle) / step))
        low, high = (middle, high) if passed > chance else (low, middle)
    return high


def _carried(
    places: np.ndarray, density: np.ndarray, step: float, bound: float, spread: float
) -> tuple[np.ndarray, np.ndarray]:
    """Carry what has not passed on to the next look: places on a grid, and how much of the process is at each."""
    grid = np.linspace(-_FAR * spread, bound, _GRID)
    kernel = np.exp(-0.5 * ((grid[:, None] - places[None, :]) / step) ** 2) / (step * math.sqrt(2 * math.pi))
    weight = np.full(_GRID, grid[1] - grid[0])
    weight[[0, -1]] /= 2
    return grid, weight * (kernel @ density)
