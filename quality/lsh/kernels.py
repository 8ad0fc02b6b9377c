"""Who does the heavy loops of the near-duplicate search: numpy, always there, or numba, compiled (extra `fast`).

Both give the same results bit for bit. numba has to be loaded, and compiles the first time on a machine, so `auto` lets
it work on large pools only.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Literal, Protocol

from quality.lsh import kernel_numpy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Choice = Literal["auto", "numpy", "numba"]

# Bytes of text from which compiled loops are taken to save more than it costs to load them (not measured).
_LARGE = 64 << 20


class Kernel(Protocol):
    """The three loops; `quality.lsh.kernel_numpy` says what each takes and returns."""

    def hash_words(self, codes: bytes, ends: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Hash the words of texts and count them per text."""

    def minima(
        self,
        values: NDArray[np.uint64],
        starts: NDArray[np.int64],
        lengths: NDArray[np.int64],
        factors: NDArray[np.uint32],
        shifts: NDArray[np.uint32],
    ) -> NDArray[np.uint32]:
        """Find the least value of each text under each permutation."""

    def count_shared(
        self,
        values: NDArray[np.uint64],
        offsets: NDArray[np.int64],
        left: NDArray[np.int64],
        right: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """Count what the two sets of each pair have in common."""


def choose(choice: Choice, size: int) -> Kernel:
    """Return the loops asked for.

    Parameters
    ----------
    choice : "auto", "numpy" or "numba"
        "auto" is numba where it is installed and the texts are large enough to repay its start.
    size : int
        Bytes of text.

    Raises
    ------
    ModuleNotFoundError
        If numba is asked for and not installed.
    """
    installed = importlib.util.find_spec("numba") is not None
    if choice == "numba" and not installed:
        raise ModuleNotFoundError(
            "kernel: numba is asked for, but numba is not installed. Run: pip install 'numba>=0.63'. Or say kernel: "
            "auto; the results are the same."
        )
    if choice == "numpy" or not installed or (choice == "auto" and size < _LARGE):
        return kernel_numpy
    from quality.lsh import kernel_numba

    return kernel_numba
