"""Train and examine every arm with every seed, the ones that tell most first, as long as the time allows."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from evals.dividend import ARM_SCORES, BASE
from tasks import cards, store
from tasks.ablation.arms import Arm
from tasks.ablation.at_once import as_they_end
from tasks.ablation.settings import Ablate
from tasks.ablation.training import Training
from tasks.examine import Scores
from tasks.exams import SealedExam
from tasks.general import GeneralText
from tasks.models import ModelFiles
from tasks.reporting.text import counted
from tasks.reporting.wording import duration
from tasks.spare_items import Spare
from tasks.split import Data
from tasks.training.settings import Tune

_ORDER = ("curated", "control", "without", "share", "slice")


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
    spare: Spare | None = None,
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
    spare
        As a run takes them to choose a scale by (`tasks.choose_scale`).
    """
    if not (ablate.arms or ablate.shares):
        arms = [arm for arm in arms if arm.kind == "slice"]
    planned = list(_in_turn(arms, ablate.seeds))
    work = _distinct(planned, tune, ablate.seeds)
    with cards.shown("train_arms") as say:
        say(_plan(arms, len(planned), [tuned.token_budget for tuned, _, _ in work]))
    first = [planned[places[0]] for _, _, places in work]
    names = [_called(arm, ablate.seeds[at]) for arm, at in first]
    given = [(tuned, data, general, base, judged, exam, spare) for tuned, data, _ in work]
    found: dict[int, Training] = {}
    allowed = None if ablate.minutes is None else 60 * ablate.minutes
    pace = Pace(sum(tuned.token_budget for tuned, _, _ in work), ablate.parallel, allowed)
    begun = as_they_end(list(zip(names, given, strict=True)), ablate, _in_time(ablate))
    with cards.progress("Arms trained and examined") as tick, contextlib.closing(begun) as ends:
        for number, sat, seconds in ends:
            tuned, _, places = work[number]
            left = pace.ended(tuned.token_budget, seconds, sat.facts.get("seconds"))
            for place in places:
                arm, at = planned[place]
                found[place] = _told(Training(arm, at, ablate.seeds[at], sat), left)
            tick(len(found), len(planned))
    left_out = len(planned) - len(found)
    if left_out:
        with cards.shown("train_arms"):
            cards.warn(
                f"{counted(left_out, 'training')} of {len(planned):,} not begun: ablate.minutes is {ablate.minutes:g}. "
                "The same command goes on from here."
            )
    in_order = tuple(found[place] for place in sorted(found))
    return Trained(tuple(arms), in_order, before, left_out)


def _in_time(ablate: Ablate) -> Callable[[], bool]:
    """Return what says whether the time from now on still allows to begin a training."""
    began = time.monotonic()
    return lambda: ablate.minutes is None or time.monotonic() - began <= 60 * ablate.minutes


def _distinct(
    planned: Sequence[tuple[Arm, int]], tune: Tune, seeds: Sequence[int]
) -> list[tuple[Tune, Data, list[int]]]:
    """Return each training once, with the places of all that it is: two at once would write into one folder."""
    work: list[tuple[Tune, Data, list[int]]] = []
    for place, (arm, at) in enumerate(planned):
        tuned, data = arm.tuned(tune, seeds, at), arm.data[at]
        same = next((places for *asked, places in work if asked == [tuned, data]), None)
        if same is None:
            work.append((tuned, data, [place]))
        else:
            same.append(place)
    return work


def _called(arm: Arm, seed: int) -> str:
    return f"{arm.name}, seed {seed}"


class Pace:
    """Foretells how long the trainings that are left will take, from those that were not answered from the cache.

    Parameters
    ----------
    tokens
        What all of them are to see.
    at_once
        How many are on at a time.
    allowed
        Seconds from now on in which trainings are begun, if there is an end to them.
    """

    def __init__(self, tokens: int, at_once: int, allowed: float | None = None) -> None:
        self._left = tokens
        self._at_once = at_once
        self._until = math.inf if allowed is None else time.monotonic() + allowed
        self._seconds = self._tokens = 0.0

    def ended(self, tokens: int, seconds: float, training: float | None) -> str:
        """Count one that ended, and say what the others will take; nothing while that can't be known, or at the end.

        Parameters
        ----------
        seconds
            From its beginning to its end, examination included.
        training
            What the training alone took when it was done: all of it now only if no less has passed. None of one that
            diverged, after which nobody knows how many tokens.
        """
        self._left -= tokens
        if training is not None and seconds >= training:
            self._seconds += seconds
            self._tokens += tokens
        if not (self._tokens and self._left):
            return ""
        to_go = self._left * self._seconds / self._tokens / self._at_once
        told = f"about {duration(to_go)} to go"
        if (allowed := self._until - time.monotonic()) >= to_go:
            return told
        return f"{told}, of which ablate.minutes allows {duration(allowed) if allowed >= 1 else 'no more'}"


def _told(training: Training, left: str) -> Training:
    sat = training.sat
    came = "diverged" if sat.diverged else f"{sat.facts['seconds']:,.0f} s of training"
    with cards.shown("arm") as say:
        say(" · ".join(filter(None, (f"{_called(training.arm, training.seed)}: {came}", left))))
        if sat.diverged:
            cards.warn(f"{training.arm.name} with seed {training.seed} diverged: {sat.diverged}")
    return training


def _in_turn(arms: Sequence[Arm], seeds: Sequence[int]) -> Iterator[tuple[Arm, int]]:
    """Yield trainings: what the sentence needs first, all arms of a kind with a seed before the next seed."""
    for kinds in (_ORDER[:2], *((kind,) for kind in _ORDER[2:])):
        for place in range(len(seeds)):
            yield from ((arm, place) for arm in arms if arm.kind in kinds)


def _plan(arms: Sequence[Arm], planned: int, budgets: Sequence[int]) -> str:
    """Tell what is to be trained; of trainings that are one, though of several arms, `budgets` has one."""
    once = f", {len(budgets):,} of them different," if len(budgets) < planned else ""
    return f"{counted(len(arms), 'arm')}, {counted(planned, 'training')}{once} of {sum(budgets):,} tokens in all"


def _scores(found: Scores, arm: str, seed: int) -> pl.DataFrame:
    told = {"arm": pl.lit(arm), "seed": pl.lit(seed, pl.UInt32)}
    return store.read_table(found.scores).with_columns(**told).select(ARM_SCORES.keys()).cast(pl.Schema(ARM_SCORES))
