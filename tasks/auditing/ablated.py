"""Read what an ablation tells: its recipe, tables and, where they are in this home, the sealed exam and stored rows."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from evals.dividend import ARM_SCORES
from evals.gate import Gate
from evals.items import digest
from evals.units import Unit, unit_of_scores
from quality.auditing.audit import Proof
from tasks import exams, models, run_files, run_settings, runs, store
from tasks.ablation.settings import Ablate
from tasks.auditing.folder import exactly
from tasks.auditing.home import DIGEST, in_home, stored
from tasks.auditing.kept import kept
from tasks.fine_tune import Trained
from tasks.places import folder_name
from tasks.publish_dividend import TRAININGS
from tasks.reporting.dividend_evidence import ARMS, DIFFERENCES
from tasks.sealed_suites import SealedSuite, margins_of, units_of
from tasks.training.settings import Tune

_FILES = (
    "arms.parquet", "config.yaml", "differences.parquet", "dividend.html", "scores.parquet", "trainings.parquet",
)  # fmt: skip
_SUITES = TypeAdapter(list[SealedSuite])
_OF_BOUNDS = ("gain_mean", "gain_lower", "gain_upper", "gain_by_seeds", "kept_mean", "kept_lower", "kept_upper")
_OF_DIVERGED = ("tokens_seen", "replayed_tokens", "seconds", "chosen_step", "scale")


@dataclass(frozen=True)
class ExamHere:
    """The exam that is sealed in this home under the recipe's name, what seals it, and what is not as it was sealed."""

    name: str
    facts: Mapping[str, Any]
    draw: exams.Draw
    suites: dict[str, SealedSuite]
    differing: tuple[str, ...]

    @property
    def items(self) -> pl.DataFrame:
        """What is asked."""
        return self.draw.items

    @property
    def digest(self) -> str:
        """Digest of its items."""
        return digest(self.items)


@dataclass(frozen=True)
class Ablated:
    """What the files of an ablation say, and what of its exam and rows is still here.

    `exam` is None where the home holds none of that name; `rows` are tables of training rows by digest, without those
    that are gone, and of them `altered` names those whose files are not what their digest says. `adapters` are
    places in the store by digest, without those that are gone. `validation` is None where it is gone, or was not told.
    """

    folder: Path
    facts: Mapping[str, Any]
    recipe: Mapping[str, Any]
    settings: Ablate
    tune: Tune
    gate: Gate
    scores: pl.DataFrame
    arms: pl.DataFrame
    trainings: pl.DataFrame
    differences: pl.DataFrame
    exam: ExamHere | None
    rows: Mapping[str, pl.DataFrame]
    altered: tuple[str, ...]
    adapters: Mapping[str, Path]
    validation: pl.DataFrame | None

    @property
    def left_out(self) -> int:
        """Trainings that the recipe asks for and the time did not allow."""
        return max(0, self.arms.height * len(self.settings.seeds) - self.trainings.height)

    @cached_property
    def base(self) -> models.ModelFiles | None:
        """The base, where it is on this machine and is the one that the manifest names."""
        reference = str((self.recipe.get("model") or {}).get("base", ""))
        try:
            found = models.base_here(reference)
        except models.ModelNotFound:
            return None
        return found if found is not None and found.content == runs.digests(self.facts).get("base") else None

    @cached_property
    def trained(self) -> Mapping[str, list[Trained]]:
        """What this home's cache holds of trainings, by the digest of the adapter that they gave."""
        found: dict[str, list[Trained]] = {}
        for one in kept("choose_scale", Trained) if in_home(self.folder) else ():
            found.setdefault(one.value.adapter.digest, []).append(one.value)
        return found

    @cached_property
    def sat(self) -> pl.DataFrame:
        """`arm, seed` of the trainings that did not diverge, and so sat the exam."""
        return self.trainings.filter(pl.col("diverged") == "").select("arm", "seed")

    @property
    def units(self) -> dict[str, Unit]:
        """The unit of each suite: the exam's own, else what is told of it, or its scores look like."""
        if self.exam is not None:
            return units_of(self.exam.suites.values())
        told = dict(self.differences.filter(~pl.col("judged")).select("suite", "unit").unique().iter_rows())
        parts = self.scores.group_by("suite", maintain_order=True).agg("score").iter_rows()
        return {suite: told.get(suite) or unit_of_scores(pl.Series(own).to_numpy()) for suite, own in parts}

    @property
    def judging(self) -> Gate:
        """The recipe's gate, with margins that suites bring along."""
        if self.exam is not None:
            return self.gate.beside(margins_of(self.exam.suites.values()))
        lines = self.differences.filter(~pl.col("judged"), pl.col("margin").is_not_null())
        return self.gate.beside(dict(lines.select("suite", "margin").iter_rows()))


def complete(folder: Path, facts: Mapping[str, Any]) -> list[Proof]:
    """Compare the folder and the manifest's list with what an ablation leaves."""
    return exactly(folder, facts, "an ablation leaves", _FILES)


def read(folder: Path, facts: Mapping[str, Any]) -> Ablated:
    """Read an ablation.

    Parameters
    ----------
    folder : Path
        The run.
    facts : mapping
        Its manifest.

    Raises
    ------
    DamagedRun
        When a file that the proofs need can't be read.
    """
    recipe = run_settings.recipe(folder)
    asked = run_settings.of_training(folder, "ablate", Ablate)
    trainings = run_files.ablated(folder, "trainings", TRAININGS, but=_OF_DIVERGED)
    named = list(dict.fromkeys(trainings["data"]))
    found = {one: table for one in named if (table := stored(folder, one)) is not None}
    told = runs.digests(facts).get("validation", "")
    return Ablated(
        folder=folder,
        facts=facts,
        recipe=recipe,
        settings=asked.where_domain_is(told=run_settings.domain_settings(folder).is_told),
        tune=run_settings.of_training(folder, "tune", Tune),
        gate=run_settings.gate(folder) or Gate(),
        scores=run_files.ablated(folder, "scores", ARM_SCORES),
        arms=run_files.ablated(folder, "arms", ARMS, but=_OF_BOUNDS),
        trainings=trainings,
        differences=run_files.ablated(folder, "differences", DIFFERENCES, but=("margin",)),
        exam=_exam(folder, facts, recipe),
        rows=found,
        altered=tuple(one for one in named if one not in found and _is_there(folder, one)),
        adapters={one: place for one in trainings["adapter"].unique().sort() if (place := _adapter(folder, one))},
        validation=stored(folder, told) if told else None,
    )


def _is_there(folder: Path, named: str) -> bool:
    return in_home(folder) and (store.home() / "store" / "tables" / Path(f"{named}.parquet").name).is_file()


def _adapter(folder: Path, named: str) -> Path | None:
    place = store.home() / "store" / "adapters" / named
    is_there = in_home(folder) and DIGEST.fullmatch(named) and os.path.lexists(place)
    return place if is_there else None


def _exam(folder: Path, facts: Mapping[str, Any], recipe: Mapping[str, Any]) -> ExamHere | None:
    asked = recipe.get("exam")
    name = str((asked.get("name") if isinstance(asked, dict) else None) or facts["name"])
    sealed = store.home() / "exams" / folder_name(name)
    if not in_home(folder) or not (sealed / "exam.json").is_file():
        return None
    try:
        told = json.loads((sealed / "exam.json").read_text(encoding="utf-8"))
        lies = [part for part in exams.Draw._fields if part != "spare" or part in told]
        parts = {part: pl.read_parquet(sealed / f"{part}.parquet") for part in lies}
        suites = _SUITES.validate_python(told.get("suites", []))
        wrong = exams.differing(name, runs.digests(facts).get("exam", ""), parts["items"], parts["reserve"]) or []
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise runs.DamagedRun(sealed, f"can't be read as the exam that was sealed ({error})") from error
    if store.value_digest(parts["drawn"].rows()) != told.get("drawn"):
        wrong.append("drawn")
    by_name = {one.suite.name: one for one in suites}
    return ExamHere(name, told, exams.Draw(**parts), by_name, tuple(wrong))
