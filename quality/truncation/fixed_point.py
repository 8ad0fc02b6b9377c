"""Where a rule that moves a few shares towards each other comes to rest, found in a tenth of its own steps.

Each step of expectation maximisation goes the same part of what is left, and reads all answers. Anderson's method
looks at the last few steps, works out where steps would vanish, and goes there: the place where the rule rests is the
same. Where no smaller a step is left to go there, that led astray, and it goes on from the rule's own step.

References
----------
Walker and Ni, "Anderson acceleration for fixed-point iterations", 2011.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_STEADY = 1e-6  # of each share: who moves it by less is at rest
_MOST_STEPS = 300
_LOOKED_BACK = 2  # steps before the last: of a few shares, more tell nothing new
_FARTHEST = 1.0  # ahead of a step of the rule, as a logarithm
_SMALLER = 0.999  # times the step before: what is no less is no smaller


def rest(
    move: Callable[[NDArray[np.float64]], NDArray[np.float64]], start: NDArray[np.float64], most: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Find shares that a rule leaves as they are.

    Parameters
    ----------
    move : callable
        Given shares, returns where the rule moves them: (n,) float64 above 0.
    start, most : (n,) float64
        Where to begin, and how large each may be at most.

    Returns
    -------
    (n,) float64
        Where `move` changes no share by more than a millionth of it.
    """
    at = plain = np.log(start)
    before, looked_ahead = np.inf, False
    trail: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for _ in range(_MOST_STEPS):
        moved = np.log(move(np.exp(at)))
        step = moved - at
        left = float(np.abs(step).max())
        if left < _STEADY:
            return np.exp(moved)
        if looked_ahead and left > _SMALLER * before:
            at, trail, looked_ahead = plain, [], False
            continue
        trail = [*trail, (moved, step)][-_LOOKED_BACK - 1 :]
        ahead = _ahead(trail)
        plain, before, looked_ahead = moved, left, bool(ahead.any())
        at = np.minimum(plain + ahead, np.log(most))
    return np.exp(plain)


def _ahead(trail: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> NDArray[np.float64]:
    """Tell how far ahead the place lies where steps vanish, if they go on to change as the last ones did: (n,)."""
    moved, steps = (np.stack(of) for of in zip(*trail, strict=True))
    if len(steps) < 2:
        return np.zeros(steps.shape[1])
    parts = np.linalg.lstsq(np.diff(steps, axis=0).T, steps[-1], rcond=1e-8)[0]
    ahead = np.clip(-np.diff(moved, axis=0).T @ parts, -_FARTHEST, _FARTHEST)
    # The rule itself does not overshoot: what lies behind it is no place of rest.
    return np.where(ahead * steps[-1] > 0, ahead, 0.0)
