"""Several trainings at once on one machine: each process has a share of the cores, or a GPU, as long as it lives."""

import contextlib
import fcntl
import os
import signal
import threading
import time
from pathlib import Path
from typing import IO

_DRIVER = Path("/proc/driver/nvidia/gpus")
_STOP = "stop"
_LOOK_SECONDS = 1.0
_held: list[IO[str]] = []


def claim(folder: Path, slots: int) -> None:
    """Take a free slot of so many, and keep to its part of the machine; called first thing in a new process.

    The kernel frees the slot of a process that is killed, and it ends with the process that began it. Threads follow
    from the cores that a process may use (`tasks.training.threads`), so that no setting differs from that of a training
    alone, and its cache holds.

    Parameters
    ----------
    folder
        Where the slots' locks lie.
    slots
        Processes at once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of Ctrl-C, the process that began this one decides
    threading.Thread(target=_end_with, args=(os.getppid(), folder / _STOP), daemon=True).start()
    slot = _free(folder, slots)
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[slot::slots] or cores)
    if gpus := _gpus():
        os.environ["CUDA_VISIBLE_DEVICES"] = gpus[slot % len(gpus)]


def call_off(folder: Path) -> None:
    """End the processes that hold slots of a folder, within a second or two; checkpoints of their trainings stay."""
    (folder / _STOP).touch()


def _end_with(parent: int, stop: Path) -> None:
    """End this process once that which began it is gone, killed or not, or calls it off."""
    while os.getppid() == parent and not stop.exists():
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def _free(folder: Path, slots: int) -> int:
    for slot in range(slots):
        lock = (folder / f"slot-{slot}").open("w")
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _held.append(lock)  # open, and so locked, as long as this process
            return slot
        lock.close()
    raise RuntimeError(f"All {slots} slots of {folder} are taken.")


def _gpus() -> list[str]:
    """Name the GPUs that this process may use; none where it was told to use none."""
    told = os.environ.get("CUDA_VISIBLE_DEVICES")
    if told is not None:
        return [one.strip() for one in told.split(",") if one.strip()]
    return [str(number) for number, _ in enumerate(sorted(_DRIVER.iterdir()))] if _DRIVER.is_dir() else []
