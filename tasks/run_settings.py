"""Read what the recipe of a finished run asked for; whatever is wrong with it is told in a sentence."""

import functools
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel

from evals.verdict import Gate, asked_whole
from quality.choosing.budget import Budget
from quality.domain.settings import Domain
from quality.duplicates.asked_again import Pairing
from quality.leaks.decontaminate import Decontaminate
from quality.meaning.semantic import Semantic
from quality.neardup import NearDup
from quality.sources import Source
from tasks.exams import Exam
from tasks.runs import DamagedRun

_Settings = TypeVar("_Settings", bound=BaseModel)


def recipe(folder: Path) -> dict[str, Any]:
    """Return the recipe that a run kept."""
    file = folder / "config.yaml"
    try:
        content = _parsed(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DamagedRun(file, f"can't be read ({error.strerror})") from error
    except (yaml.YAMLError, ValueError) as error:
        raise DamagedRun(file, "is no YAML file") from error
    if not isinstance(content, dict):
        raise DamagedRun(file, "is not a recipe that this version reads (it holds no keys)")
    return content


@functools.lru_cache(maxsize=4)
def _parsed(text: str) -> Any:  # noqa: ANN401 - any YAML value
    """Parse YAML once: an audit asks for every stage's settings, and parsing takes longer than most proofs."""
    return yaml.safe_load(text) or {}


def sources(folder: Path) -> list[Source]:
    """Return the sources that the recipe of a run named."""
    try:
        return [Source.model_validate(source) for source in recipe(folder).get("sources", [])]
    except (ValueError, TypeError) as error:
        if isinstance(error, DamagedRun):
            raise
        raise DamagedRun(folder / "config.yaml", "is not a recipe that this version reads (sources)") from error


def exam_settings(folder: Path) -> Exam:
    """Return what the recipe of a run asked of its exam."""
    try:
        return Exam.model_validate(recipe(folder).get("exam") or {})
    except ValueError as error:
        if isinstance(error, DamagedRun):
            raise
        raise DamagedRun(folder / "config.yaml", "is not a recipe that this version reads (exam)") from error


def gate(folder: Path) -> Gate | None:
    """Return what the recipe of a run asked of a candidate; None where it only curated."""
    asked = recipe(folder).get("gate")
    try:
        return None if asked is None else Gate.model_validate(asked_whole(asked))
    except ValueError as error:
        raise DamagedRun(folder / "config.yaml", "is not a recipe that this version reads (gate)") from error


def domain_settings(folder: Path) -> Domain:
    """Return what the recipe of a run told of the domain."""
    return settings(folder, "domain", Domain)


def dedupe_settings(folder: Path) -> NearDup:
    """Return what the recipe of a run asked of near-duplicates."""
    return settings(folder, "dedupe", NearDup)


def decontaminate_settings(folder: Path) -> Decontaminate:
    """Return what the recipe of a run asked of decontamination."""
    return settings(folder, "decontaminate", Decontaminate)


def pairing_settings(folder: Path) -> Pairing:
    """Return what the recipe of a run asked of prompts and answers."""
    return settings(folder, "pairing", Pairing)


def meaning_settings(folder: Path) -> Semantic:
    """Return what the recipe of a run asked of semantic duplicates."""
    return settings(folder, "meaning", Semantic)


def budget_settings(folder: Path) -> Budget:
    """Return what the recipe of a run asked of the token budget."""
    return settings(folder, "budget", Budget)


def of_training(folder: Path, part: str, kind: type[_Settings]) -> _Settings:
    """Return what the recipe of a run asked beside curation (`tune`, `ablate`), in its settings' own class."""
    try:
        return kind.model_validate(recipe(folder).get(part) or {})
    except ValueError as error:
        if isinstance(error, DamagedRun):
            raise
        raise DamagedRun(folder / "config.yaml", f"is not a recipe that this version reads ({part})") from error


def settings(folder: Path, stage: str, kind: type[_Settings]) -> _Settings:
    """Return what the recipe of a run asked of a stage of curation (`curate.<stage>`), in its settings' own class."""
    try:
        return kind.model_validate(recipe(folder).get("curate", {}).get(stage, {}))
    except (ValueError, AttributeError) as error:
        if isinstance(error, DamagedRun):
            raise
        raise DamagedRun(folder / "config.yaml", f"is not a recipe that this version reads (curate.{stage})") from error
