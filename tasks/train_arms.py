"""Train and examine every arm with every seed, the ones that tell most first, as long as the time allows."""

import contextlib
import functools
import inspect
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from evals.dividend import ARM_SCORES, BASE
from tasks import cards, store
from tasks.ablation.arms import Arm
from tasks.ablation.settings import Ablate
from tasks.ablation.slots import call_off, claim
from tasks.caching import plain
from tasks.examine import Scores
from tasks.exams import SealedExam
from tasks.general import GeneralText
from tasks.models import ModelFiles
from tasks.reporting.text import counted
from tasks.train_arm import Sat, train_arm
from tasks.training.settings import Tune
from tasks.turns import share, turn

if TYPE_CHECKING:
    from prefect.futures import PrefectFuture
    from prefect.task_runners import TaskRunner

_LOOK_SECONDS = 1.0
_ORDER = ("curated", "control", "without", "share", "slice")


@dataclass(frozen=True)
class Training:
    """One training of an arm."""

    arm: Arm
    seed: int
    sat: Sat


@dataclass(frozen=True)
class Trained:
    """What was trained, of which arms, the base's scores, and how many trainings the time did not allow."""

    arms: tuple[Arm, ...]
    trainings: tuple[Training, ...]
    before: Scores
    left_out: int

    @property
    def scores(self) -> pl.DataFrame:
        """Item-level scores of all (schema `evals.dividend.ARM_SCORES`)."""
        parts = [_scores(self.before, BASE, 0)]
        parts += [_scores(one.sat.scores, one.arm.name, one.seed) for one in self.trainings if one.sat.scores]
        return pl.concat(parts)


def train_arms(
    arms: Sequence[Arm],
    general: GeneralText | None,
    base: ModelFiles,
    judged: ModelFiles,
    exam: SealedExam,
    before: Scores,
    tune: Tune,
    ablate: Ablate,
) -> Trained:
    """Train by the steps of a run and examine each adapter on the whole exam, `ablate.parallel` at a time.

    Every step is cached by content: a run that was killed goes on behind its last, arms of the same rows are trained
    once, and the curated arm with the recipe's own seed is the training of `winnow run`.

    Parameters
    ----------
    base, judged
        The base to train, and as it is scored beside an adapter (`tasks.examine.base_beside`).
    before
        The base's scores.
    """
    began = time.monotonic()
    if not (ablate.arms or ablate.shares):
        arms = [arm for arm in arms if arm.kind == "slice"]
    planned = list(_in_turn(arms, ablate.seeds))
    with cards.shown("train_arms") as say:
        say(_plan(arms, planned))
    found: list[Training] = []
    with cards.progress("Arms trained and examined") as tick, _at_once(ablate) as start:
        for begin in range(0, len(planned), ablate.parallel):
            wave = planned[begin : begin + ablate.parallel]
            if ablate.minutes is not None and time.monotonic() - began > 60 * ablate.minutes:
                break
            with _turn(ablate):
                begun = [
                    start(arm.tuned(tune, ablate.seeds, place), arm.data[place], general, base, judged, exam)
                    for arm, place in wave
                ]
                found += [
                    _told(Training(arm, ablate.seeds[place], sat()))
                    for (arm, place), sat in zip(wave, begun, strict=True)
                ]
            tick(len(found), len(planned))
    left_out = len(planned) - len(found)
    if left_out:
        cards.warn(
            f"{counted(left_out, 'training')} of {len(planned):,} not begun: ablate.minutes is {ablate.minutes:g}. "
            "The same command goes on from here."
        )
    return Trained(tuple(arms), tuple(found), before, left_out)


@contextlib.contextmanager
def _at_once(ablate: Ablate) -> Iterator[Callable[..., Callable[[], Sat]]]:
    """Give what begins a training and returns how its end is waited for: here, in processes, or on Dask's workers."""
    if ablate.parallel == 1 and ablate.dask is None:
        yield lambda *given: functools.partial(plain(train_arm), *given)
        return
    names = inspect.signature(plain(train_arm)).parameters
    with tempfile.TemporaryDirectory() as folder, _runner(ablate, Path(folder)) as runner:
        try:
            yield lambda *given: functools.partial(
                _awaited, runner.submit(train_arm, dict(zip(names, given, strict=True)))
            )
        except BaseException:
            call_off(Path(folder))  # else the runner would wait for the end of what is trained
            raise


def _awaited(future: "PrefectFuture[Sat]") -> Sat:
    """Wait for a training, and wake now and then: Ctrl-C does not end a wait without end."""
    while True:
        with contextlib.suppress(TimeoutError):
            return future.result(timeout=_LOOK_SECONDS)


def _turn(ablate: Ablate) -> contextlib.AbstractContextManager[None]:
    """Take one turn for all that train at once on this machine; elsewhere, or one by one, each takes its own."""
    return turn() if ablate.parallel > 1 and ablate.dask is None else contextlib.nullcontext()


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


def _told(training: Training) -> Training:
    sat = training.sat
    came = sat.diverged or f"{sat.facts['seconds']:,.0f} s of training"
    with cards.shown("arm") as say:
        say(f"{training.arm.name}, seed {training.seed}: {came}")
    if sat.diverged:
        cards.warn(f"{training.arm.name} with seed {training.seed} diverged: {sat.diverged}")
    return training


def _in_turn(arms: Sequence[Arm], seeds: Sequence[int]) -> Iterator[tuple[Arm, int]]:
    """Yield trainings: what the sentence needs first, all arms of a kind with a seed before the next seed."""
    for kinds in (_ORDER[:2], *((kind,) for kind in _ORDER[2:])):
        for place in range(len(seeds)):
            yield from ((arm, place) for arm in arms if arm.kind in kinds)


def _plan(arms: Sequence[Arm], planned: Sequence[tuple[Arm, int]]) -> str:
    tokens = sum(arm.token_budget for arm, _ in planned)
    return f"{counted(len(arms), 'arm')}, {counted(len(planned), 'training')} of {tokens:,} tokens in all"


def _scores(found: Scores, arm: str, seed: int) -> pl.DataFrame:
    told = {"arm": pl.lit(arm), "seed": pl.lit(seed, pl.UInt32)}
    return store.read_table(found.scores).with_columns(**told).select(ARM_SCORES.keys()).cast(pl.Schema(ARM_SCORES))
