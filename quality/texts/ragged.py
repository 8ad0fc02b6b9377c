"""Index arithmetic for ragged rows that lie one after another in a flat array."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add up lengths so that row `i` lies at `offsets[i]:offsets[i + 1]`: (n_rows + 1,) int64."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Concatenate `arange(start, start + length)` of every row: (sum(lengths),) int64."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    shifts: NDArray[np.int64] = np.repeat(starts - (ends - lengths), lengths)
    return np.arange(total) + shifts


def runs(sizes: NDArray[np.int64], target: int) -> Iterator[tuple[int, int]]:
    """Cut rows into runs of about `target` in total size: (first row, row after the last) of each.

    No run holds more than `target` and one row besides.
    """
    run = np.cumsum(sizes) // target
    yield from pairwise(np.flatnonzero(np.diff(run, prepend=-1, append=-1)).tolist())
