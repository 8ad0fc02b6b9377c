"""Calibrate the gate on the exam: a base against itself, and resamples of what the last candidate changed."""

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.calibration import Alarms, calibrate, noise
from evals.comparing import pair_up
from evals.gate import NOISE
from evals.judging import judge
from evals.sitting import Sitting
from evals.verdict import Decision, Gate
from tasks import cards, run_files, runs, store
from tasks.caching import library_digest
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

    @property
    def sentence(self) -> str:
        """What it comes to, in one sentence."""
        return f"{self.change}: {self.decision} against itself; no item moves by more than {self.largest:.2g}"


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
    request: str = Field(default="", description="Digest of all that it hangs on: what was begun goes on by the same.")
    scores: store.Table | None = Field(default=None, description="The base's scores as runs have them, once it has.")

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

    It is written as `<name>.part.json` after every part, so that what was counted stays when the rest is interrupted
    (`so_far`), and the same call goes on behind it. What an earlier one found stays until all is counted, and what it
    found of the base stays where that is not asked: the candidate's is then written as `<name>.candidate.json`.

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
    request = store.value_digest([exam.digest, exam.asked, base.content, gate, resamples, seed, library_digest()])
    if scores is None and not ask:
        raise ValueError(
            f"No finished run of “{name}” judged a candidate of this base on the exam sealed now, so there are no "
            "differences to resample. Make one with `winnow run`, or leave out --no-base."
        )
    told: dict[str, Any] = {"exam": exam.digest, "gate": gate, "resamples": resamples, "seed": seed, "run": run}
    found = Calibration(base=[], candidate=[], complete=False, request=request, **told)
    file, part = _files(name, store.ensure_home(), ask=ask)
    with store.writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    for known in _again(exam, base, _begun(name, found), threads) if ask else ():
        found = known
        store.write_json(part, found.model_dump(mode="json"))
    if scores is not None:
        with cards.shown("resample") as say:
            counted = _counted(scores, exam, found, "the last candidate")
            say(f"differences of the last candidate, of the run {run}")
        found = found.model_copy(update={"candidate": counted})
    found = found.model_copy(update={"complete": True, "scores": None})
    store.write_json(file, found.model_dump(mode="json"))
    if ask:
        part.unlink(missing_ok=True)
    return found, file


def so_far(name: str) -> tuple[Calibration, Path] | None:
    """Return what an interrupted calibration counted, and where it is written; None where it had counted nothing."""
    _, part = _files(name, store.home())
    return (Calibration.model_validate_json(part.read_bytes()), part) if part.is_file() else None


def _begun(name: str, found: Calibration) -> Calibration:
    """Take up what an interrupted calibration of the same request counted of the base."""
    try:
        before = so_far(name)
    except ValueError:  # written by another version, and so of another request
        return found
    if before is None or before[0].request != found.request:
        return found
    for again in before[0].base:
        cards.notify(cards.Event("asked", "examine", again.sentence))
    return found.model_copy(update={"base": before[0].base, "scores": before[0].scores})


def _files(name: str, home: Path, *, ask: bool = True) -> tuple[Path, Path]:
    """Return where a calibration is written, and where while it is not complete."""
    folder = home / "calibrations"
    return folder / (f"{name}.json" if ask else f"{name}.candidate.json"), folder / f"{name}.part.json"


def _counted(scores: pl.DataFrame, exam: SealedExam, asked: Calibration, what: str) -> list[Alarms]:
    with cards.progress(f"Resampling {what}") as tick:
        return calibrate(
            scores,
            asked.gate,
            units=units_of(exam.suites),
            resamples=asked.resamples,
            seed=asked.seed,
            whole=[*exam.guests],
            progress=tick,
        )


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


def _again(exam: SealedExam, base: ModelFiles, found: Calibration, threads: int | None) -> Iterator[Calibration]:
    """Score the base as runs do, then in other batches, and in the other precision; yield what is known by then."""
    items, done = store.read_table(exam.items), [again.change for again in found.base]
    if found.scores is None or not store.locate(found.scores).is_file():
        with cards.shown("examine") as say:
            scored = _scored(exam, items, base, threads, "base", None)
            say("the base, as runs do")
        found = found.model_copy(update={"scores": store.write_table(scored)})
        yield found
    assert found.scores is not None
    plain = store.read_table(found.scores)
    other: Precision = "bfloat16" if _precision() == "float32" else "float32"
    parts = _parted(items, found.seed)
    ways: dict[str, tuple[list[pl.DataFrame], Precision | None]] = {
        "base, in other batches and another order": (parts, None),
        f"base, in {other}": ([items], other),
    }
    for change, (asked, precision) in ways.items():
        if change in done:
            continue
        with cards.shown("examine") as say:
            scores = pl.concat(_scored(exam, part, base, threads, "candidate", precision) for part in asked)
            both = pl.concat([plain, scores])
            moved = plain.join(scores, on=["suite", "item"])
            again = Again(
                change=change,
                decision=judge(both, found.gate, units=units_of(exam.suites)).decision,
                largest=moved.select((pl.col("score_right") - pl.col("score")).abs().max()).item(),
                noise=noise(pair_up(both, "base", "candidate", units=units_of(exam.suites))),
                alarms=_counted(both, exam, found, change),
            )
            say(again.sentence)
        found = found.model_copy(update={"base": [*found.base, again]})
        yield found


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
