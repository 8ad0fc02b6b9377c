"""Read the files of a finished run; whatever is wrong with one is told in a sentence that names it."""

from collections.abc import Container
from pathlib import Path
from typing import TypeVar

import polars as pl
from pydantic import TypeAdapter

from evals.items import ANSWERS, ITEMS, SCORES
from evals.repairing import Repair
from evals.verdict import Verdict
from quality.receipts import EDITED, RECEIPTS
from quality.records import MESSAGE, QUARANTINED
from quality.screening.measuring import SCORES as SCREENED
from quality.sources.mending import FIRST, MENDED
from tasks import runs
from tasks.runs import DamagedRun
from tasks.sealed_suites import SealedSuite
from tasks.training.result import CURVE

GENERAL = "general"
"""Folder of a run that holds the general rows of its training."""

GENERAL_PARTS = {"train": "general", "validation": "general_held"}
"""Tables of general rows, named as the parts of a dataset are, and what the manifest calls their digests."""

_Read = TypeVar("_Read")

_SUITES = TypeAdapter(list[SealedSuite])

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
            alone = ""
            if "verdict.json" in facts["files"]:
                alone = ". It examined an adapter that was trained elsewhere, and curated no row."
            elif "trials.parquet" in facts["files"]:
                alone = (
                    " A sweep keeps what its trials did, and no rows, so that nothing of it can be proven again: "
                    f"`winnow run {folder / 'recipe.yaml'}` makes a run of its winner, which keeps all."
                )
            elif "differences.parquet" in facts["files"]:
                alone = (
                    " An ablation keeps what its arms gained and forgot, and no rows: "
                    f"`winnow run {folder / 'config.yaml'}` makes a run of its curated arm, which keeps all."
                )
            raise ValueError(
                f"The run {folder.name} has no receipts. It ended as {facts['state']}: {facts['reason']}{alone}"
            )
    return _table(folder / "receipts.parquet", RECEIPTS, needed=("origin", "fate", "stage", "reason"))


def dataset(folder: Path) -> pl.DataFrame:
    """Return the rows of `dataset/`, training and validation together."""
    return pl.concat([part(folder, name) for name in ("train", "validation")])


def part(folder: Path, name: str) -> pl.DataFrame:
    """Return the rows of one part of `dataset/`; a run that was stopped published none."""
    if runs.is_stopped(folder) and not (folder / "dataset").exists():
        return pl.DataFrame(schema=_ROWS)
    return _table(folder / "dataset" / f"{name}.parquet", _ROWS, needed=_ROWS)


def removed(folder: Path) -> pl.DataFrame:
    """Return the rows that were read and not kept."""
    return _table(folder / "removed.parquet", _ROWS, needed=_ROWS)


def general(folder: Path) -> dict[str, pl.DataFrame] | None:
    """Return the general rows of a training as `train, validation, removed, receipts, edits`; None where none are kept.

    `validation` is what was held back to measure forgetting on.
    """
    place = folder / GENERAL
    parts = (*GENERAL_PARTS, "removed")
    if not place.is_dir() and not any(_is_named(folder, f"{GENERAL}/{name}.parquet") for name in parts):
        return None
    return {
        **{name: _table(place / f"{name}.parquet", _ROWS, needed=_ROWS) for name in parts},
        "receipts": _table(place / "receipts.parquet", RECEIPTS, needed=("id", "origin", "fate", "stage", "reason")),
        "edits": _table(place / "edits.parquet", EDITED, needed=EDITED),
    }


def edits(folder: Path) -> pl.DataFrame:
    """Return the receipts of edited rows; a run from before rows were edited has none.

    Runs from before edited rows were named by what they say since are read as well, under the ids that their other
    files have; that these are not hashes of what the rows say, the audit tells.
    """
    file = folder / "edits.parquet"
    if file.is_file() or _is_named(folder, file.name):
        return _table(file, EDITED, needed=EDITED)
    return pl.DataFrame(schema=EDITED)


def mended(folder: Path) -> pl.DataFrame | None:
    """Return what was mended in rows while they were read, or None where nothing was."""
    name = "attributes/mended.parquet"
    schema = {"id": pl.String(), "origin": pl.String(), **MENDED}
    if not ((folder / name).is_file() or _is_named(folder, name)):
        return None
    found = _table(folder / name, schema, needed=schema)
    told = pl.read_parquet(folder / name, glob=False)
    if not FIRST.keys() <= set(told.columns):  # a run from before the first place was told
        return found
    return _table(folder / name, schema | FIRST, needed=schema)


def unread(folder: Path) -> pl.DataFrame:
    """Return why rows could not be read; a run from before that was kept, or that could read all, tells none."""
    name, schema = "attributes/unread.parquet", {key: kind for key, kind in QUARANTINED.items() if key != "source"}
    if not ((folder / name).is_file() or _is_named(folder, name)):
        return pl.DataFrame(schema=schema)
    return _table(folder / name, schema, needed=("origin", "reason", "detail"))


def reserve(folder: Path) -> pl.DataFrame:
    """Return what the exam kept out of the training set; a run that was stopped before it had an exam has none."""
    if _was_not_reached(folder, "reserve.parquet"):
        return pl.DataFrame(schema=_RESERVE)
    return _table(folder / "reserve.parquet", _RESERVE)


def exam(folder: Path) -> pl.DataFrame:
    """Return the items of the exam that the run kept clear of; one that was stopped before it had one has none."""
    if _was_not_reached(folder, "exam.parquet"):
        return pl.DataFrame(schema=ITEMS)
    return _table(folder / "exam.parquet", ITEMS)


def scores(folder: Path) -> pl.DataFrame:
    """Return the scores of base and candidate, item by item."""
    return _table(folder / "scores.parquet", SCORES, needed=SCORES)


def answers(folder: Path) -> pl.DataFrame:
    """Return what base and candidate answered in their own words; a run from before answers were kept has none."""
    file = folder / "answers.parquet"
    if file.is_file() or _is_named(folder, file.name):
        return _table(file, ANSWERS, needed=ANSWERS)
    return pl.DataFrame(schema=ANSWERS)


def suites(folder: Path) -> list[SealedSuite] | None:
    """Return how the suites of the exam were asked; None for a run from before that was kept."""
    file = folder / "suites.json"
    if not file.is_file() and not _is_named(folder, file.name):
        return None
    return _json(file, _SUITES, "does not tell suites as this version reads them")


def ablated(folder: Path, name: str, schema: dict[str, pl.DataType], but: Container[str] = ()) -> pl.DataFrame:
    """Return a table of an ablation; only the columns in `but` may hold nulls."""
    return _table(folder / f"{name}.parquet", schema, needed=[column for column in schema if column not in but])


def probed(folder: Path, name: str, schema: dict[str, pl.DataType], but: Container[str] = ()) -> pl.DataFrame:
    """Return a table of what was looked at beside the exam; only the columns in `but` may hold nulls."""
    needed = [column for column in schema if column not in but]
    return _table(folder / "probe" / f"{name}.parquet", schema, needed=needed)


def curve(folder: Path) -> pl.DataFrame:
    """Return the training's curve, step by step; step 0 is the look before the first."""
    steps = ("step", "tokens", "learning_rate")
    return _table(folder / "metrics.parquet", CURVE, needed=steps)


def screened(folder: Path) -> pl.DataFrame:
    """Return what screening measured of each row that was read."""
    schema: dict[str, pl.DataType] = {"id": pl.String(), "origin": pl.String(), **dict.fromkeys(SCREENED, pl.Float64())}
    return _table(folder / "attributes" / "screen.parquet", schema, needed=("id", "origin"))


def ends(folder: Path) -> pl.Series | None:
    """Return how surprising ends were to the base model, in the order in which it was asked; None where it was not.

    Where the file is lost, the scores that rest on it are not found again.
    """
    file = folder / "attributes" / "ends.parquet"
    schema: dict[str, pl.DataType] = {"surprise": pl.Float64()}
    if not file.is_file():
        return None
    found = _table(file, schema, needed=schema)["surprise"]
    if not (found.is_finite() & (found >= 0)).all():
        raise runs.DamagedRun(file, "holds what is no surprise: a number below 0, or none")
    return found


def attribute(
    folder: Path, name: str, schema: dict[str, pl.DataType], needed: Container[str] | None = None
) -> pl.DataFrame | None:
    """Return an attribute table of a run's rows, or None where no stage wrote it; by default no value may be null."""
    file = folder / "attributes" / f"{name}.parquet"
    if not file.is_file() and f"attributes/{name}.parquet" not in runs.manifest(folder)["files"]:
        return None
    return _table(file, schema, needed=schema if needed is None else needed)


def unsure(folder: Path) -> tuple[str, ...]:
    """Name the exam items that training rows may give away; none where the run trained nothing."""
    schema: dict[str, pl.DataType] = {"item": pl.String(), "suite": pl.String()}
    found = attribute(folder, "unsure", schema)
    return () if found is None else tuple(found["item"])


def verdict(folder: Path) -> Verdict | None:
    """Return the verdict of a run, or None when it was not judged."""
    file = folder / "verdict.json"
    if not file.is_file() and "verdict.json" not in runs.manifest(folder)["files"]:
        return None
    return _json(file, TypeAdapter(Verdict), "is not a verdict that this version reads")


def repair(folder: Path) -> Repair | None:
    """Return how a smaller scale of the adapter was tried, or None when none was."""
    file = folder / "repair" / "repair.json"
    if not file.is_file() and "repair/repair.json" not in runs.manifest(folder)["files"]:
        return None
    return _json(file, TypeAdapter(Repair), "is not an account of a repair that this version reads")


def repair_items(folder: Path) -> pl.DataFrame:
    """Return the validation items of a repair."""
    return _table(folder / "repair" / "items.parquet", ITEMS)


def repair_scores(folder: Path) -> pl.DataFrame:
    """Return the scores on them."""
    return _table(folder / "repair" / "scores.parquet", SCORES, needed=SCORES)


def _was_not_reached(folder: Path, name: str) -> bool:
    """Tell whether a run was stopped before it wrote a file."""
    return runs.is_stopped(folder) and not (folder / name).is_file() and not _is_named(folder, name)


def _is_named(folder: Path, name: str) -> bool:
    """Tell whether the manifest of a run, where it can be read, names a file."""
    try:
        return name in runs.manifest(folder)["files"]
    except DamagedRun:
        return False


def _json(file: Path, kind: TypeAdapter[_Read], problem: str) -> _Read:
    """Read a JSON file as what it should hold, or say what is wrong with it."""
    try:
        return kind.validate_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DamagedRun(file, f"can't be read ({error.strerror})") from error
    except ValueError as error:
        raise DamagedRun(file, problem) from error


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
        if column in needed and kind.is_float() and found[column].is_nan().any():
            at = found[column].is_nan().arg_max()
            raise DamagedRun(file, f"holds no number as “{column}” in row {at}, counted from 0")
    return found.select(schema.keys())
