"""How many processor cores training uses, and how many processes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.training.settings import Tune


class TooManyWorkersError(ValueError):
    """More processes than there are threads or GPUs for them."""


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


def share(threads: int | None, workers: int) -> int:
    """Count the threads of each of several workers."""
    return max(1, (threads or available()) // workers)


def workers(settings: "Tune", device: str) -> int:
    """Count the processes that train together.

    Raises
    ------
    TooManyWorkersError
        If they would be more than the GPUs, or than the threads.
    """
    import torch

    gpus = torch.cuda.device_count() if device == "cuda" else 0
    count = settings.workers or gpus or 1
    if gpus and count > gpus:
        raise TooManyWorkersError(f"workers: {count} is more than this machine's GPUs ({gpus}); lower it.")
    if not gpus and count > (most := settings.threads or available()):
        raise TooManyWorkersError(f"workers: {count} is more than the threads to train with ({most}); lower it.")
    return count
