"""Trainings of an ablation, some at a time: here, in processes of this machine, or on Dask's workers."""

import contextlib
import inspect
import math
import tempfile
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks import cards
from tasks.ablation.settings import Ablate
from tasks.ablation.slots import call_off, claim
from tasks.caching import plain
from tasks.train_arm import Sat, train_arm
from tasks.turns import share, turn

if TYPE_CHECKING:
    from prefect.futures import PrefectFuture
    from prefect.task_runners import TaskRunner

_LOOK_SECONDS = 0.2
_TURN_SECONDS = 1800.0
"""So long trainings at once are begun in one turn."""
_AWAY_SECONDS = 60.0
"""Between two turns: whoever waits for one asks for it about every half a minute, and there is no queue."""

_Given = tuple[Any, ...]
_Begin = Callable[[str, _Given], Callable[[], Sat | None]]
"""Begin a training of that name; what comes back tells what came of it, None as long as it is on."""


def as_they_end(
    work: Sequence[tuple[str, _Given]], ablate: Ablate, in_time: Callable[[], bool]
) -> Generator[tuple[int, Sat, float]]:
    """Train `ablate.parallel` at a time and yield, as soon as it has ended, place, outcome and seconds of each.

    As one ends the next begins, so that none waits for the longer one beside it; where a turn of the machine was taken,
    all end after a while, and others may have it. Close the iterator (`contextlib.closing`) where something may come
    between: what is on is called off then.

    Parameters
    ----------
    work
        What each training is called, which its steps tell in this process, and the arguments of `train_arm`; in the
        order in which they are begun.
    in_time
        Whether another may be begun.
    """
    left = deque(enumerate(work))
    with _beginning(ablate) as begin:
        while left and in_time():
            with _turn(ablate) as is_taken:
                until = time.monotonic() + _TURN_SECONDS if is_taken else math.inf
                yield from _together(left, ablate.parallel, begin, lambda: time.monotonic() < until and in_time())  # noqa: B023 - used up here
            if left and is_taken and in_time():
                time.sleep(_AWAY_SECONDS)


def _together(
    left: deque[tuple[int, tuple[str, _Given]]], most: int, begin: _Begin, may: Callable[[], bool]
) -> Iterator[tuple[int, Sat, float]]:
    """Begin so many, and another whenever one has ended; end when nothing is on and no other may be begun."""
    going: dict[int, Callable[[], Sat | None]] = {}
    begun: dict[int, float] = {}
    while True:
        while left and len(going) < most and may():
            place, named = left.popleft()
            begun[place] = time.monotonic()
            going[place] = begin(*named)
        if not going:
            return
        ended = {place: sat for place, look in going.items() if (sat := look()) is not None}
        for place, sat in ended.items():
            del going[place]
            yield place, sat, time.monotonic() - begun[place]
        if not ended:
            time.sleep(_LOOK_SECONDS)  # Ctrl-C ends it, as it does not a wait for a future


@contextlib.contextmanager
def _beginning(ablate: Ablate) -> Iterator[_Begin]:
    """Give what begins a training."""
    if ablate.parallel == 1 and ablate.dask is None:
        yield _here
        return
    names = inspect.signature(plain(train_arm)).parameters
    with tempfile.TemporaryDirectory() as folder, _runner(ablate, Path(folder)) as runner:

        def elsewhere(_: str, given: _Given) -> Callable[[], Sat | None]:
            future = runner.submit(train_arm, dict(zip(names, given, strict=True)))
            return lambda: _came(future) if future.wrapped_future.done() else None

        try:
            yield elsewhere
        except BaseException:
            call_off(Path(folder))  # else the runner would wait for the end of what is trained
            raise


def _came(future: "PrefectFuture[Sat]") -> Sat:
    try:
        return future.result()
    except BrokenExecutor as error:
        raise ChildProcessError(
            "The process of a training was killed, perhaps since memory ran out: ablate.parallel says how many are "
            "trained at once. Finished trainings are kept, and the same command goes on."
        ) from error


def _here(name: str, given: _Given) -> Callable[[], Sat]:
    with cards.part(name):
        sat = plain(train_arm)(*given)
    return lambda: sat


def _turn(ablate: Ablate) -> contextlib.AbstractContextManager[bool]:
    """Take one turn for all that train at once on this machine; elsewhere, or one by one, each takes its own."""
    return turn() if ablate.parallel > 1 and ablate.dask is None else contextlib.nullcontext(False)


def _begin(folder: Path, slots: int) -> None:
    """Begin a process for trainings."""
    claim(folder, slots)
    share()


def _runner(ablate: Ablate, folder: Path) -> "TaskRunner[Any]":
    """Return what runs steps elsewhere."""
    if ablate.dask is None:
        from prefect.task_runners import ProcessPoolTaskRunner

        return ProcessPoolTaskRunner(ablate.parallel, initializer=_begin, initargs=(folder, ablate.parallel))
    from prefect_dask import DaskTaskRunner

    workers: TaskRunner[Any] = DaskTaskRunner(address=ablate.dask)
    return workers
