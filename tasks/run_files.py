"""Read the files of a finished run; whatever is wrong with one is told in a sentence that names it."""

from collections.abc import Container
from pathlib import Path
from typing import TypeVar

import polars as pl
import yaml
from pydantic import BaseModel

from evals.verdict import Verdict
from quality.asked_again import Pairing
from quality.choosing import Budget
from quality.decontaminate import Decontaminate
from quality.domain_settings import Domain
from quality.neardup import NearDup
from quality.receipts import EDITED, RECEIPTS
from quality.records import MESSAGE
from quality.semantic import Semantic
from tasks import runs
from tasks.runs import DamagedRun

_Settings = TypeVar("_Settings", bound=BaseModel)

_ROWS: dict[str, pl.DataType] = {
    "id": pl.String(), "messages": pl.List(MESSAGE), "source": pl.String(), "origin": pl.String(),
}  # fmt: skip
_RESERVE: dict[str, pl.DataType] = {"item": pl.String(), "question": pl.String(), "answer": pl.String()}


def receipts(folder: Path) -> pl.DataFrame:
    """Return the receipts of a run.

    Raises
    ------
    ValueError
        When the run has none, since it was stopped or curated nothing.
    DamagedRun
        When it had some.
    """
    if not (folder / "receipts.parquet").is_file():
        facts = runs.manifest(folder)
        if "receipts.parquet" not in facts["files"]:
            raise ValueError(f"The run {folder.name} has no receipts. It ended as {facts['state']}: {facts['reason']}")
    return _table(folder / "receipts.parquet", RECEIPTS, needed=("origin", "fate", "stage", "reason"))


def dataset(folder: Path) -> pl.DataFrame:
    """Return the rows of `dataset/`, training and validation together."""
    parts = [folder / "dataset" / f"{part}.parquet" for part in ("train", "validation")]
    return pl.concat([_table(part, _ROWS, needed=_ROWS) for part in parts])


def removed(folder: Path) -> pl.DataFrame:
    """Return the rows that were read and not kept."""
    return _table(folder / "removed.parquet", _ROWS, needed=_ROWS)


def edits(folder: Path) -> pl.DataFrame:
    """Return the receipts of edited rows; a run from before rows were edited has none."""
    file = folder / "edits.parquet"
    if file.is_file() or _is_named(file):
        return _table(file, EDITED, needed=EDITED)
    return pl.DataFrame(schema=EDITED)


def reserve(folder: Path) -> pl.DataFrame:
    """Return what the exam kept out of the training set."""
    return _table(folder / "reserve.parquet", _RESERVE)


def attribute(folder: Path, name: str, schema: dict[str, pl.DataType]) -> pl.DataFrame | None:
    """Return an attribute table of a run's rows, or None where no stage wrote it."""
    file = folder / "attributes" / f"{name}.parquet"
    if not file.is_file() and f"attributes/{name}.parquet" not in runs.manifest(folder)["files"]:
        return None
    return _table(file, schema, needed=schema)


def domain_settings(folder: Path) -> Domain:
    """Return what the recipe of a run told of the domain."""
    return _settings(folder, "domain", Domain)


def dedupe_settings(folder: Path) -> NearDup:
    """Return what the recipe of a run asked of near-duplicates."""
    return _settings(folder, "dedupe", NearDup)


def decontaminate_settings(folder: Path) -> Decontaminate:
    """Return what the recipe of a run asked of decontamination."""
    return _settings(folder, "decontaminate", Decontaminate)


def pairing_settings(folder: Path) -> Pairing:
    """Return what the recipe of a run asked of prompts and answers."""
    return _settings(folder, "pairing", Pairing)


def meaning_settings(folder: Path) -> Semantic:
    """Return what the recipe of a run asked of semantic duplicates."""
    return _settings(folder, "meaning", Semantic)


def budget_settings(folder: Path) -> Budget:
    """Return what the recipe of a run asked of the token budget."""
    return _settings(folder, "budget", Budget)


def _settings(folder: Path, stage: str, kind: type[_Settings]) -> _Settings:
    file = folder / "config.yaml"
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return kind.model_validate(content.get("curate", {}).get(stage, {}))
    except OSError as error:
        raise DamagedRun(file, f"can't be read ({error.strerror})") from error
    except (yaml.YAMLError, ValueError, AttributeError) as error:
        raise DamagedRun(file, f"is not a recipe that this version reads (curate.{stage})") from error


def verdict(folder: Path) -> Verdict | None:
    """Return the verdict of a run, or None when it was not judged."""
    file = folder / "verdict.json"
    if not file.is_file() and "verdict.json" not in runs.manifest(folder)["files"]:
        return None
    try:
        return Verdict.model_validate_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DamagedRun(file, f"can't be read ({error.strerror})") from error
    except ValueError as error:
        raise DamagedRun(file, "is not a verdict that this version reads") from error


def _is_named(file: Path) -> bool:
    """Tell whether the manifest, where it can be read, names a file of its folder."""
    try:
        return file.name in runs.manifest(file.parent)["files"]
    except DamagedRun:
        return False


def _table(file: Path, schema: dict[str, pl.DataType], needed: Container[str] = ()) -> pl.DataFrame:
    """Read a table that has the columns of `schema`, the `needed` ones without nulls."""
    if not file.is_file():
        raise DamagedRun(file, "is missing")
    try:
        found = pl.read_parquet(file, glob=False)
    except OSError as error:
        raise DamagedRun(file, f"can't be read ({error.strerror or error})") from error
    except pl.exceptions.PolarsError as error:
        raise DamagedRun(file, f"is no whole Parquet file ({' '.join(str(error).split())})") from error
    for column, kind in schema.items():
        if column not in found.columns:
            raise DamagedRun(file, f"lacks the column “{column}”")
        if found.schema[column] != kind:
            raise DamagedRun(file, f"holds {found.schema[column]} in the column “{column}”, not {kind}")
        if column in needed and found[column].has_nulls():
            raise DamagedRun(file, f"has no “{column}” in row {found[column].is_null().arg_max()}, counted from 0")
    return found.select(schema.keys())
