"""Give memory back to the system.

glibc keeps what threads freed in heaps of their own: embedding 3,000 texts on two threads left 300 MB behind, and
every further thousand 150 MB more.

Models hold cycles, which are freed when they are looked for. With torch and the like loaded that takes half a second,
a million objects being looked at, so it is done only where there may be something to gain. Nearly all of them are those
of modules, which stay till the end: they are looked at once, and then set apart.
"""

import ctypes
import functools
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

# Growth from which cycles are looked for: small embedding models weigh as much.
_GROWN = 64 << 20
# Growth from which also what was set apart is looked at: that takes less time than filling as much memory did.
_GROWN_MUCH = 512 << 20


def give_back() -> None:
    """Return freed memory to the system where the C library can; elsewhere do nothing."""
    _trim()(0)


class Tidier:
    """Frees what steps leave behind, again and again, at a price that follows what there is to free."""

    def __init__(self) -> None:
        self._after = 0
        self._modules = 0

    def tidy(self) -> bool:
        """Look for cycles if the process has grown since they were last looked for; tell whether they were."""
        give_back()
        size = resident()
        told = size is not None and not _on_an_accelerator()
        grown = (size or 0) - self._after
        if told and grown <= _GROWN:
            self._after += min(grown, 0)  # what has shrunk may grow again
            return False
        if not told or grown > _GROWN_MUCH:
            gc.unfreeze()
        gc.collect()
        if told and len(sys.modules) > self._modules:
            gc.freeze()
            self._modules = len(sys.modules)
        give_back()
        self._after = resident() or 0
        return True


def resident() -> int | None:
    """Return the bytes of memory that this process holds, or None where the system does not tell (Linux does)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _on_an_accelerator() -> bool:
    """Tell whether models may lie in memory that is not the process's own."""
    torch = sys.modules.get("torch")
    return torch is not None and (torch.cuda.is_initialized() or torch.backends.mps.is_available())


@functools.cache
def _trim() -> Callable[[int], int]:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return lambda _: 0
    return found
