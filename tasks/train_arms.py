"""Train and examine every arm with every seed, the ones that tell most first, as long as the time allows."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from evals.dividend import ARM_SCORES, BASE
from tasks import cards, store
from tasks.ablation.arms import Arm
from tasks.ablation.settings import Ablate
from tasks.attempt import attempt
from tasks.examine import Scores, examine
from tasks.exams import SealedExam
from tasks.general import GeneralText
from tasks.models import ModelFiles
from tasks.reporting.text import counted
from tasks.training.settings import Tune

_ORDER = ("curated", "control", "without", "share", "slice")


@dataclass(frozen=True)
class Training:
    """One training of an arm: its adapter's facts and digest, the scores; or why there are none."""

    arm: Arm
    seed: int
    facts: dict[str, Any]
    adapter: str = ""
    scores: Scores | None = None
    diverged: str = ""


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
        parts += [_scores(one.scores, one.arm.name, one.seed) for one in self.trainings if one.scores is not None]
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
    """Train by the steps of a run and examine each adapter on the whole exam, one after the other.

    Every step is cached by content: a run that was killed goes on behind its last, arms of the same rows are trained
    once, and the curated arm's first seed is the training of `winnow run`.

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
    cards.say(_plan(arms, planned))
    found: list[Training] = []
    with cards.progress("Arms trained and examined") as tick:
        for arm, place in planned:
            if ablate.minutes is not None and time.monotonic() - began > 60 * ablate.minutes:
                break
            found.append(_training(arm, place, general, base, judged, exam, tune, ablate))
            tick(len(found), len(planned))
    left_out = len(planned) - len(found)
    if left_out:
        cards.warn(
            f"{counted(left_out, 'training')} of {len(planned):,} not begun: ablate.minutes is {ablate.minutes:g}. "
            "The same command goes on from here."
        )
    return Trained(tuple(arms), tuple(found), before, left_out)


def _in_turn(arms: Sequence[Arm], seeds: Sequence[int]) -> Iterator[tuple[Arm, int]]:
    """Yield trainings: what the sentence needs first, all arms of a kind with a seed before the next seed."""
    for kinds in (_ORDER[:2], *((kind,) for kind in _ORDER[2:])):
        for place in range(len(seeds)):
            yield from ((arm, place) for arm in arms if arm.kind in kinds)


def _training(
    arm: Arm,
    place: int,
    general: GeneralText | None,
    base: ModelFiles,
    judged: ModelFiles,
    exam: SealedExam,
    tune: Tune,
    ablate: Ablate,
) -> Training:
    seed = ablate.seeds[place]
    settings = arm.tuned(tune, seed)
    with cards.shown("arm") as say:
        say(f"{arm.name}, seed {seed}")
    trained = attempt(settings, arm.data[place], general, base)
    if isinstance(trained, str):
        cards.warn(f"{arm.name} with seed {seed} diverged: {trained}")
        return Training(arm, seed, {}, diverged=trained)
    scores = examine(exam, judged, trained.adapter, threads=tune.threads)
    return Training(arm, seed, trained.facts, trained.adapter.digest, scores)


def _plan(arms: Sequence[Arm], planned: Sequence[tuple[Arm, int]]) -> str:
    tokens = sum(arm.token_budget for arm, _ in planned)
    return f"{counted(len(arms), 'arm')}, {counted(len(planned), 'training')} of {tokens:,} tokens in all"


def _scores(found: Scores, arm: str, seed: int) -> pl.DataFrame:
    told = {"arm": pl.lit(arm), "seed": pl.lit(seed, pl.UInt32)}
    return store.read_table(found.scores).with_columns(**told).select(ARM_SCORES.keys()).cast(pl.Schema(ARM_SCORES))
