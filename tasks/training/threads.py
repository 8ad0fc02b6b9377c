"""How many processor cores training uses."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def available() -> int:
    """Count the cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def limited_to(threads: int | None) -> Iterator[int]:
    """Run torch on so many threads while the context lasts (None: every available core)."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads or available())
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
