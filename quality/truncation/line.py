"""Where to draw the line between cut answers and whole ones: how many whole answers are given up for the cut.

At a probability of one half both mistakes weigh the same. But where hardly a whole answer of a pool looks cut, a lower
line catches more and costs nothing; where many do, a higher one is kinder. So the line is drawn as low as it may be
while the whole answers that are expected above it are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Of a pool's answers: whole ones that are expected above the line. On three pools with known truth 1.4 to 2.1 times as
# many were there.
_GIVEN_UP = 0.002
# Nine in ten that look so are whole. Of lines at .05, .1 and .2 on fifteen pools, .1 caught 92.6% of cut answers for
# .41% of whole ones (92.6% for .41%, 91.9% for .39%); of three whole answers in a thousand given up, 93.9% for .50%.
_LOWEST = 0.1


def weighed(probability: NDArray[np.float64], answers: int) -> NDArray[np.float64]:
    """Move probabilities so that the pool's line is at one half.

    Parameters
    ----------
    probability : (n,) float64
        How likely each answer was cut off, of those that may have been.
    answers : int
        How many the pool has in all.

    Returns
    -------
    (n,) float64
        From 0 to 1, in the same order; the odds of each beside those of the line.
    """
    line = _line(probability, answers)
    cut, whole = probability * (1 - line), (1 - probability) * line
    return cut / (cut + whole)


def _line(probability: NDArray[np.float64], answers: int) -> float:
    likeliest = np.sort(probability)[::-1]
    given_up = np.cumsum(1 - likeliest)
    first_below = int(np.searchsorted(given_up, _GIVEN_UP * answers, side="right"))
    below = float(likeliest[first_below]) if first_below < len(likeliest) else 0.0
    return max(_LOWEST, min(below, 1 - 1e-9))
