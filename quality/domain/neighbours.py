"""Rows seen among the rows most like them.

A short row says little of where it is from: "The name of the connection" may stand in any manual. But in a pool it
stands among rows that do tell, and where these are of the domain, so mostly is it. So what a row is told apart by is
moved half way to the mean of its nearest rows, as one layer of a graph network without weights does (Wu et al. 2019,
"Simplifying graph convolutional networks", arXiv:1902.07153). Seeds are moved in the same way, among the pool's rows
alone, so a hidden seed still looks as a row of the pool does.
"""

import numpy as np

from quality.domain.positive_unlabelled import TWIN_COSINE, Matrix, directions

# On 14 mixtures of manuals (64 seeds, 20%) F1 is .939 without neighbours, .953 with five, .951 with ten, .948 with
# twenty; with five, .952 for own shares of .3 and .7.
NEAREST = 5
OWN_SHARE = 0.5
# Rows among which neighbours are looked for, at most; all against all would take four times as long for twice as many
# rows. Of 5,727 rows F1 is .920 without, .942 among all of them, .940, .934 and .937 among 4,000, 2,000 and 1,000.
MOST_NEIGHBOURS = 8_000
_BLOCK_ROWS = 512


def move_to_neighbours(rows: Matrix, others: Matrix) -> Matrix:
    """Move rows half way to the mean of the nearest others, each weighing as much as its cosine.

    Parameters
    ----------
    rows
        (n, d) float32. They are changed where they lie: a copy of a pool is large.
    others
        (m, d) float32, another array. Rows that point the same way are no neighbours: a row may be among the others.

    Returns
    -------
    np.ndarray
        The rows; one that no other is near to, by a cosine above 0, stays as it is.
    """
    units = directions(others)
    for start in range(0, len(rows) if len(others) else 0, _BLOCK_ROWS):
        block = rows[start : start + _BLOCK_ROWS]
        cosines = directions(block) @ units.T
        cosines[cosines > TWIN_COSINE] = 0
        block += (1 - OWN_SHARE) * _to_nearest(block, cosines, others)
    return rows


def _to_nearest(rows: Matrix, cosines: Matrix, others: Matrix) -> Matrix:
    """(n, d) from each row to the mean of its nearest others; (n, m) `cosines` are used up."""
    at, total, weight = np.arange(len(rows)), np.zeros_like(rows), np.zeros((len(rows), 1), np.float32)
    # Largest by largest: for few of many this is faster than to part them, and of equals the first comes first.
    for _ in range(NEAREST):
        nearest = cosines.argmax(axis=1)
        likeness = np.maximum(cosines[at, nearest], 0)[:, None]
        cosines[at, nearest] = 0
        total += likeness * others[nearest]
        weight += likeness
    return np.where(weight > 0, total / np.maximum(weight, np.finfo(np.float32).tiny) - rows, 0)
