"""Facility location: which rows stand best for all, chosen one by one where the next token buys the most.

A set of rows S is worth what it covers of the pool,

    F(S) = Σ_i mass_i · max_{j ∈ S} quality_j · max(0, cos(i, j)),

so that every row i counts with the best row that stands for it. F is monotone and submodular: a row adds less the more
is there already. Rows are taken by gain per cost, those that no longer fit are passed over; and if the best single row
alone is worth more than all that, the choice begins with it (gain per cost alone can be led astray by a cheap row).

Guarantees, against the best set of the same cost:

- rows of one cost: F(S) ≥ (1 − 1/e) · optimum [1]_;
- rows of any cost: F(S) ≥ ½ (1 − 1/e) · optimum [2]_ [3]_, and F(S) ≥ (1 − e^(−u/b)) · optimum, where u is what was
  spent of the budget b when the first row was passed over: with rows small against the budget, close to 1 − 1/e;
- with quotas a row is passed over sooner, and nothing is promised beyond what u says.

Beyond `CELL_ROWS` rows the pool is halved, across its longest axis, until the parts (cells) are no larger, and a row
stands for rows of its own cell alone; the guarantees then hold for that F. Time is O(n · cell · dim), memory two bytes
for each pair within a cell: n · 2 KiB at most, about what the embeddings take.

References
----------
.. [1] Nemhauser, Wolsey, Fisher 1978, "An analysis of approximations for maximizing submodular set functions".
.. [2] Khuller, Moss, Naor 1999, "The budgeted maximum coverage problem".
.. [3] Leskovec et al. 2007, "Cost-effective outbreak detection in networks".
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from quality.choosing.purse import Purse
from quality.one_thread import one_blas_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    Numbers = NDArray[np.float64]

CELL_ROWS = 1024

Progress = Callable[[int, int], None]


@one_blas_thread()
def facility_location(
    vectors: Vectors,
    mass: Numbers,
    quality: Numbers,
    purse: Purse,
    progress: Progress | None = None,
) -> Numbers:
    """Choose rows until the purse is empty.

    Parameters
    ----------
    vectors : (n, dim) float32
        Rows of length 1.
    mass : (n,) float64
        What it is worth to cover a row fully.
    quality : (n,) float64
        How well a row stands for others, above 0 and up to 1.
    purse : Purse
        What rows cost and what there is to spend; a fresh one.
    progress : callable, optional
        Called with (cost spent, budget).

    Returns
    -------
    (n,) float64
        What each row added to F when it was taken; NaN for rows that were not.
    """
    parts = [_Cell(rows, vectors[rows], mass[rows], quality[rows], purse.costs[rows]) for rows in cells(vectors)]
    alone = np.full(len(vectors), -np.inf)
    for part in parts:
        alone[part.rows] = part.gains
    gains = _spend(parts, purse, progress)
    best = int(np.argmax(np.where(purse.fit_alone(), alone, -np.inf))) if len(alone) else 0
    if len(alone) and np.isfinite(alone[best]) and alone[best] > np.nansum(gains):
        purse.refill()
        for part in parts:
            part.reset()
        gains = _spend(parts, purse, progress, first=best)
    return gains


def cells(vectors: Vectors, most: int = CELL_ROWS) -> list[NDArray[np.int64]]:
    """Halve rows across the longest axis of their cloud until no part has more than `most`; each part ascends."""
    waiting, done = [np.arange(len(vectors))], []
    while waiting:
        rows = waiting.pop()
        if len(rows) <= most:
            done.append(rows)
            continue
        cloud = vectors[rows] - vectors[rows].mean(axis=0)
        axis = np.linalg.eigh(cloud.T @ cloud)[1][:, -1]
        order = np.argsort(cloud @ axis, kind="stable")
        middle = len(rows) // 2
        waiting += [np.sort(rows[order[middle:]]), np.sort(rows[order[:middle]])]
    return [rows for rows in done if len(rows)]


class _Cell:
    """Rows that may stand for each other, what each would add now, and which is the best to add next."""

    def __init__(
        self, rows: NDArray[np.int64], vectors: Vectors, mass: Numbers, quality: Numbers, costs: NDArray[np.int64]
    ) -> None:
        self.rows = rows
        self._likeness = np.maximum(vectors @ vectors.T, 0).astype(np.float16)
        self._mass, self._quality, self._costs = mass, quality.astype(np.float32), costs
        self.reset()

    def reset(self) -> None:
        """Take no row yet."""
        self._cover = np.zeros(len(self.rows), np.float32)
        self.gains = (self._mass @ self._likeness.astype(np.float32)) * self._quality
        self._open = np.ones(len(self.rows), np.bool_)

    def best(self) -> tuple[float, int] | None:
        """Return gain per cost and place of the row to take next, the first of equals."""
        if not self._open.any():
            return None
        rates = np.where(self._open, self.gains / self._costs, -np.inf)
        place = int(rates.argmax())
        return float(rates[place]), place

    def shut(self, place: int) -> None:
        """Pass a row over for good."""
        self._open[place] = False

    def take(self, place: int) -> float:
        """Take a row, and return what it added."""
        gain = max(float(self.gains[place]), 0.0)
        covered = self._likeness[place].astype(np.float32) * self._quality[place]
        changed = np.flatnonzero(covered > self._cover)
        offers = self._likeness[changed].astype(np.float32) * self._quality
        before, after = self._cover[changed, None], covered[changed, None]
        # What a row would add by one it covers falls from (offer − before) to (offer − after), never below 0.
        lost = np.maximum(offers, before) - np.maximum(offers, after) + (after - before)
        self.gains -= self._mass[changed] @ lost
        self._cover[changed] = covered[changed]
        self.shut(place)
        return gain


def _spend(parts: list[_Cell], purse: Purse, progress: Progress | None, first: int | None = None) -> Numbers:
    """Take rows by gain per cost, over all cells."""
    gains = np.full(len(purse.costs), np.nan)
    if first is not None and purse.pay(first):
        home = next(part for part in parts if first in part.rows)
        gains[first] = home.take(int(np.searchsorted(home.rows, first)))
    queue: list[tuple[float, int, int, int]] = []

    def enqueue(number: int) -> None:
        if found := parts[number].best():
            rate, place = found
            heapq.heappush(queue, (-rate, int(parts[number].rows[place]), number, place))

    for number in range(len(parts)):
        enqueue(number)
    # A row changes the gains of its own cell alone, so the heads of all cells are always exact.
    while queue and purse.room() >= purse.least:
        _, row, number, place = heapq.heappop(queue)
        if purse.pay(row):
            gains[row] = parts[number].take(place)
        else:
            parts[number].shut(place)
        if progress is not None:
            progress(purse.spent, purse.budget)
        enqueue(number)
    return gains
