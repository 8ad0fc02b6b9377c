"""Calibrate the gate on the exam: a base against itself, and resamples of what the last candidate changed."""

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.calibration import Alarms, calibrate, noise
from evals.comparing import pair_up
from evals.gate import NOISE
from evals.judging import judge
from evals.sitting import Sitting
from evals.verdict import Decision, Gate
from tasks import cards, run_files, runs, store
from tasks.examine import loaded, sit
from tasks.exams import SealedExam
from tasks.models import ModelFiles
from tasks.sealed_suites import margins_of, units_of

Precision = Literal["float32", "bfloat16"]

_PARTS = 3


class Again(BaseModel):
    """A base that was scored once more with something changed that should not matter."""

    model_config = ConfigDict(frozen=True)

    change: str = Field(description="What was changed.")
    decision: Decision = Field(description="What the gate says of it against itself; SHIP and REJECT are wrong.")
    largest: float = Field(description="Largest difference of an item's score (bits per byte; 1 for right or wrong).")
    noise: dict[str, float] = Field(
        default={},
        description="Mean difference of each suite in bits per byte: no chance, but rounding, which no item evens out.",
    )
    alarms: list[Alarms] = Field(description="The gate on resamples of these differences.")


class Calibration(BaseModel):
    """The gate's own false alarms on an exam."""

    model_config = ConfigDict(frozen=True)

    exam: str = Field(description="Digest of the exam.")
    gate: Gate = Field(description="What was calibrated.")
    resamples: int = Field(description="Resamples for each truth.")
    seed: int = Field(description="Seed of the signs.")
    base: list[Again] = Field(description="The base against itself; empty where it was not asked again.")
    run: str | None = Field(description="The run whose candidate's differences were resampled, if there is one.")
    candidate: list[Alarms] = Field(description="The gate on resamples of that candidate's differences.")
    complete: bool = Field(default=True, description="Whether all was counted; else it was interrupted.")

    @property
    def named(self) -> Iterator[tuple[str, Alarms]]:
        """Every rate that was counted, with what the differences are of."""
        yield from ((again.change, one) for again in self.base for one in again.alarms[:1])
        yield from (("the last candidate", one) for one in self.candidate)

    @property
    def noise(self) -> float:
        """Largest mean difference of a base against itself on a suite in bits per byte; 0 where none was measured."""
        return max((abs(mean) for again in self.base for mean in again.noise.values()), default=0.0)

    @property
    def advice(self) -> str:
        """What the model's numeric noise asks of the gate, with the line for the recipe; empty if not measured."""
        if not any(again.noise for again in self.base):
            return ""
        told = f"Other batches and another precision move a suite's mean by {self.noise:.2g} bits per byte at the most"
        least = self.gate.least_gain("bits per byte")
        if self.noise < least:
            why = "gate.min_gain" if least > NOISE else "what the gate takes for rounding"
            return f"{told}, less than {why} ({least:g})."
        digit = 10.0 ** math.floor(math.log10(self.noise))
        advised = (math.floor(self.noise / digit) + 1) * digit
        return f"{told}: a gain of that size is none. Set in the recipe: gate: {{min_gain: {advised:g}}}"

    @property
    def sentence(self) -> str:
        """What it comes to, in one sentence."""
        # Where min_gain is beyond all noise, a base surely gains too little on itself: to reject it is right.
        right = {"INCONCLUSIVE", "REJECT"} if self.gate.min_gain > self.noise else {"INCONCLUSIVE"}
        if wrong := [again for again in self.base if again.decision not in right]:
            return f"Take care: the gate says {wrong[0].decision} of a base against itself ({wrong[0].change})."
        if not any(self.named):
            return "Nothing was counted yet."
        worst = max((one for _, one in self.named), key=lambda one: one.ship.share)
        told = f"wrong SHIP in {worst.ship.share:.1%} of {worst.ship.runs:,} resamples at the most ({worst.truth})"
        allowed = f"and gate.alpha allows {self.gate.alpha:.1%}"
        if worst.ship.lower > self.gate.alpha:
            return f"Take care: {told}, {allowed}: the exam has too few source documents, or too unequal ones."
        return f"Nothing here speaks against what the gate promises: {told}, {allowed}."


def calibrate_gate(
    name: str,
    exam: SealedExam,
    base: ModelFiles,
    gate: Gate,
    *,
    resamples: int,
    seed: int = 0,
    ask: bool = True,
    threads: int | None = None,
) -> tuple[Calibration, Path]:
    """Calibrate the gate, and write what was found to `$WINNOW_HOME/calibrations/<name>.json`.

    It is written after every part, so that what was counted stays when the rest is interrupted (`so_far`).

    Parameters
    ----------
    name
        Of the recipe, whose newest run on this exam gives the candidate.
    exam, base, gate
        As of a run.
    resamples, seed
        Of each truth.
    ask
        Whether the base is scored again, which takes three examinations.
    threads
        CPU threads for that.

    Raises
    ------
    ValueError
        Where there is nothing to calibrate on: no run on this exam judged a candidate, and the base is not asked.
    """
    gate = gate.beside(margins_of(exam.suites))
    run, scores = _last(name, exam, base)
    if scores is None and not ask:
        raise ValueError(
            f"No finished run of “{name}” judged a candidate of this base on the exam sealed now, so there are no "
            "differences to resample. Make one with `winnow run`, or leave out --no-base."
        )
    found = Calibration(
        exam=exam.digest, gate=gate, resamples=resamples, seed=seed, base=[], run=run, candidate=[], complete=False
    )
    file = _file(name, store.ensure_home())
    with store.writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)  # of an earlier calibration nobody should take a part for this one's
    for again in _again(exam, base, gate, resamples, seed, threads) if ask else ():
        found = found.model_copy(update={"base": [*found.base, again]})
        store.write_json(file, found.model_dump(mode="json"))
    if scores is not None:
        counted = _counted(scores, exam, gate, resamples, seed, "the last candidate")
        found = found.model_copy(update={"candidate": counted})
    found = found.model_copy(update={"complete": True})
    store.write_json(file, found.model_dump(mode="json"))
    return found, file


def so_far(name: str) -> tuple[Calibration, Path] | None:
    """Return what an interrupted calibration counted, and where it is written; None where it had counted nothing."""
    file = _file(name, store.home())
    return (Calibration.model_validate_json(file.read_bytes()), file) if file.is_file() else None


def _file(name: str, home: Path) -> Path:
    return home / "calibrations" / f"{name}.json"


def _counted(scores: pl.DataFrame, exam: SealedExam, gate: Gate, resamples: int, seed: int, what: str) -> list[Alarms]:
    units = units_of(exam.suites)
    with cards.progress(f"Resampling {what}") as tick:
        return calibrate(scores, gate, units=units, resamples=resamples, seed=seed, whole=[*exam.guests], progress=tick)


def _last(name: str, exam: SealedExam, base: ModelFiles) -> tuple[str | None, pl.DataFrame | None]:
    """Return the newest run of the recipe that judged a candidate of this base on this exam, and its scores.

    One whose candidate was asked all of it comes before a newer one that was rejected sooner, of which only suites that
    were asked whole are taken.
    """
    found: tuple[str | None, pl.DataFrame | None] = None, None
    for folder in reversed(runs.finished(name)):
        facts = runs.manifest(folder)
        made = runs.digests(facts)
        here = (made.get("exam"), made.get("asked"), made.get("base")) == (exam.digest, exam.asked, base.content)
        if here and "scores.parquet" in facts["files"]:
            scores, verdict = run_files.scores(folder), run_files.verdict(folder)
            sitting = Sitting() if verdict is None else Sitting.of(verdict)
            asked = sitting.asked(scores).filter(~pl.col("suite").is_in(sitting.unasked))
            if not sitting.unasked:
                return folder.name, asked
            if found[0] is None:
                found = folder.name, asked
    return found


def _again(
    exam: SealedExam, base: ModelFiles, gate: Gate, resamples: int, seed: int, threads: int | None
) -> Iterator[Again]:
    """Score the base as runs do, then in other batches, and in the other precision."""
    items = store.read_table(exam.items)
    plain = _scored(exam, items, base, threads, "base", None)
    other: Precision = "bfloat16" if _precision() == "float32" else "float32"
    parts = _parted(items, seed)
    ways: dict[str, tuple[list[pl.DataFrame], Precision | None]] = {
        "base, in other batches and another order": (parts, None),
        f"base, in {other}": ([items], other),
    }
    for change, (asked, precision) in ways.items():
        scores = pl.concat(_scored(exam, part, base, threads, "candidate", precision) for part in asked)
        both = pl.concat([plain, scores])
        moved = plain.join(scores, on=["suite", "item"]).select((pl.col("score_right") - pl.col("score")).abs().max())
        yield Again(
            change=change,
            decision=judge(both, gate, units=units_of(exam.suites)).decision,
            largest=moved.item(),
            noise=noise(pair_up(both, "base", "candidate", units=units_of(exam.suites))),
            alarms=_counted(both, exam, gate, resamples, seed, change),
        )


def _parted(items: pl.DataFrame, seed: int) -> list[pl.DataFrame]:
    """Part items by chance; those of lm-eval stay together, since the examples it shows depend on what it asks."""
    foreign = pl.col("kind") == "lm-eval"
    own = items.filter(~foreign).sample(fraction=1.0, shuffle=True, seed=seed)
    cuts = [own.height * part // _PARTS for part in range(_PARTS + 1)]
    parts = [own.slice(start, end - start) for start, end in pairwise(cuts)]
    return [part for part in (*parts, items.filter(foreign)) if part.height]


def _scored(
    exam: SealedExam,
    items: pl.DataFrame,
    base: ModelFiles,
    threads: int | None,
    name: str,
    precision: Precision | None,
) -> pl.DataFrame:
    import torch

    model, tokenizer = loaded(base, None, threads)
    if precision is not None:
        module: torch.nn.Module = model
        module.to(getattr(torch, precision))
    return sit(exam, items, model, tokenizer, name, f"base ({precision or 'as in a run'})").scores


def _precision() -> str:
    from evals.models import device_and_dtype

    return str(device_and_dtype()[1]).removeprefix("torch.")
