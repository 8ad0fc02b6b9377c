"""How many processor cores training uses, and how many processes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from tasks.training.settings import Tune

# A process takes seconds to start. It pays from about 40 seconds of one core's work on, which with 4 operations for
# each weight and token at 2e11 a second is this many weights times tokens.
_WORTH_IT = 2e12
_SHARE_TOKENS = 512  # of a step, below which a process has too little to do
_BESIDE_WEIGHTS = 2 * 2**30  # bytes that a process takes without its model
_TIMES_WEIGHTS = 8  # of its weights' size, for them, activations and gradients
_LIMIT = Path("/sys/fs/cgroup/memory.max")


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
    """Count the processes that train together: one, unless the settings say otherwise (`spread` may let them).

    Raises
    ------
    TooManyWorkersError
        If they would be more than the GPUs, or than the threads.
    """
    import torch

    gpus = torch.cuda.device_count() if device == "cuda" else 0
    count = settings.workers or 1
    if gpus and count > gpus:
        raise TooManyWorkersError(f"workers: {count} is more than this machine's GPUs ({gpus}); lower it.")
    if not gpus and count > (most := settings.threads or available()):
        raise TooManyWorkersError(f"workers: {count} is more than the threads to train with ({most}); lower it.")
    return count


def spread(settings: "Tune", model: "PreTrainedModel") -> "Tune":
    """Say how many processes are to train a model on this CPU, where the settings leave it open.

    One to a thread where that pays: with SmolLM2-135M on two cores, two processes took 2.5 s for a step that one with
    two threads took 3.4 s for. It depends on settings and machine alone: a killed training goes on with as many.
    """
    if settings.workers is not None or model.device.type != "cpu":
        return settings
    weights = sum(weight.numel() for weight in model.parameters())
    size = sum(weight.numel() * weight.element_size() for weight in model.parameters())
    count = min(
        settings.threads or available(),
        settings.batch_tokens // _SHARE_TOKENS,
        memory() // (_BESIDE_WEIGHTS + _TIMES_WEIGHTS * size),
    )
    pays = count > 1 and weights * settings.token_budget >= _WORTH_IT
    return settings.model_copy(update={"workers": count if pays else 1})


def memory() -> int:
    """Count the bytes of memory that this process may use at most."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(whole, int(_LIMIT.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no container, or one without a limit
        return whole
