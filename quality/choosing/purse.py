"""A budget to spend on rows, of which no source may take more than its quota."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class Purse:
    """What rows cost, what may be spent on them together and on each source, and what was spent.

    Parameters
    ----------
    costs : pl.Series of integers
        Cost of each row; a row costs at least 1.
    sources : pl.Series of String
        Source of each row.
    budget : int
        What may be spent.
    quotas : mapping of str to float
        Largest share (0 to 1) of the budget by source; a source that is not named has no quota.
    """

    def __init__(self, costs: pl.Series, sources: pl.Series, budget: int, quotas: Mapping[str, float]) -> None:
        self.costs: NDArray[np.int64] = np.maximum(costs.cast(pl.Int64).to_numpy(), 1)
        self.budget = budget
        self.least = int(self.costs.min()) if len(self.costs) else 0
        names = sources.unique().sort()
        self._source: NDArray[np.int64] = sources.replace_strict(
            names, range(len(names)), return_dtype=pl.Int64
        ).to_numpy()
        self.limits = [int(quotas[name] * budget + 1e-9) if name in quotas else budget for name in names]
        self.refill()

    def refill(self) -> None:
        """Take everything back."""
        self.spent = 0
        self._of = [0] * len(self.limits)

    def room(self) -> int:
        """Return what is left to spend."""
        return self.budget - self.spent

    def pay(self, row: int) -> bool:
        """Pay for a row if there is room for it, in the budget and in its source's quota."""
        cost, source = int(self.costs[row]), int(self._source[row])
        if self.spent + cost > self.budget or self._of[source] + cost > self.limits[source]:
            return False
        self.spent += cost
        self._of[source] += cost
        return True

    def fit_alone(self) -> NDArray[np.bool_]:
        """Say of each row whether a full purse could pay for it."""
        return self.costs <= np.minimum(self.budget, self.limit_of())

    def limit_of(self) -> NDArray[np.int64]:
        """Return the limit of each row's source: (n,) int64."""
        return np.array(self.limits, np.int64)[self._source]

    def spent_on(self) -> NDArray[np.int64]:
        """Return what was spent on each row's source: (n,) int64."""
        return np.array(self._of, np.int64)[self._source]
