"""Between which bounds a share lies of which some cases tell.

References
----------
Clopper and Pearson (1934), The use of confidence or fiducial limits, Biometrika 26(4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_TAIL = 0.025


def share_bounds(found: ArrayLike, of: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the exact two-sided 95% bounds of a share (Clopper–Pearson); of nothing, 0 and 1.

    Parameters
    ----------
    found, of : (n,) int
        So many of so many.

    Returns
    -------
    low, high : (n,) float64

    Examples
    --------
    >>> low, high = share_bounds([18], [20])
    >>> f"{low[0]:.3f} {high[0]:.3f}"
    '0.683 0.988'
    """
    from scipy.stats import beta

    some, whole = np.asarray(found, np.float64), np.asarray(of, np.float64)
    with np.errstate(invalid="ignore"):
        low = np.where(some > 0, beta.ppf(_TAIL, some, whole - some + 1), 0.0)
        high = np.where(some < whole, beta.ppf(1 - _TAIL, some + 1, whole - some), 1.0)
    return low, high
