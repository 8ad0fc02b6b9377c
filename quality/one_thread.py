"""Linear algebra in one thread, for work that is made of many small products.

A product of a matrix with a vector waits for memory, not for a core: two threads do it hardly sooner. But they wait
for each other after every one, and where other processes keep the cores busy that takes far longer than the product:
judging 15,564 rows by 64 seeds took 76 CPU seconds with two threads beside other work, and 10 with one. What is
rounded in one thread is rounded alike on every machine, too.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# BLAS has one number of threads for the whole process: of those inside at once, the first sets it and the last puts
# back what was there before the first.
_door = threading.Lock()
_inside: list[Any] = []


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS (of numpy and of scipy) to one thread in this process; also a decorator."""
    import scipy.linalg  # noqa: F401 - its BLAS is a library of its own, and must be there to be told
    from threadpoolctl import threadpool_limits

    with _door:
        _inside.append(_inside[-1] if _inside else threadpool_limits(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _door:
            limits = _inside.pop()
            if not _inside:
                limits.restore_original_limits()
