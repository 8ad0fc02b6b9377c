"""The exam: what it asks for, and how a sealed one lies in the home.

`$WINNOW_HOME/exams/<name>/{items.parquet, drawn.parquet, reserve.parquet, exam.json}`; `exam.json` is written last
and pins the rest.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.items import digest
from evals.suites import Suite
from tasks import store


class Exam(BaseModel):
    """What the exam is made of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(
        default=None,
        description="Name under which the exam is sealed; the recipe's name when left out. "
        "A new name starts a new baseline.",
    )
    domain: list[str] = Field(
        default=[],
        description="Files (or package:, hub:, suite:) of domain rows whose answers are scored; no row of theirs "
        "stays in the training set, scored or not. Left out: rows of the kept pool are sealed.",
    )
    retention: list[str] = Field(
        default=[],
        description="What must not be forgotten: files of rows, .txt files of plain text, package:, hub: or suite:.",
    )
    domain_items: int = Field(default=120, ge=2, description="Domain rows scored in bits per byte (rows).")
    choice_items: int = Field(default=60, ge=0, description="Domain multiple-choice items (items); 0 for none.")
    retention_items: int = Field(default=60, ge=2, description="Items drawn from each retention suite (items).")
    largest_share: float = Field(
        default=0.2, gt=0, lt=1, description="Largest share of the kept rows that may be sealed (0 to 1)."
    )
    seed: int = Field(default=0, description="Seed of the draw (any whole number).")


class PinnedSuite(BaseModel):
    """A suite and the digest of its source's content."""

    model_config = ConfigDict(frozen=True)

    suite: Suite
    content: str


class SealedExam(BaseModel):
    """A sealed exam: its items, the pool rows drawn for it (none when it came from files), and its reserve.

    The reserve (`item, question, answer`) is what no training row may give away: the items, and all that the exam's
    own files hold beside them.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    digest: str
    items: store.Table
    drawn: store.Table
    reserve: store.Table


class Draw(NamedTuple):
    """What a sealed exam is made of, as frames."""

    items: pl.DataFrame
    drawn: pl.DataFrame
    reserve: pl.DataFrame


class ExamChanged(ValueError):
    """A sealed exam no longer matches what the recipe asks for, or its files were altered."""


def request_of(settings: Exam, suites: tuple[PinnedSuite, ...]) -> str:
    """Digest what an exam was asked for: settings, suites and their content, wherever the files lie."""
    own = settings.model_dump(exclude={"domain", "retention"})
    return store.value_digest([own, [[s.suite.model_dump(exclude={"source"}), s.content] for s in suites]])


def load(name: str, request: str) -> SealedExam | None:
    """Return the sealed exam of that name, or None when none was sealed yet.

    Raises
    ------
    ExamChanged
        When it was sealed for another request, or its items were altered since.
    """
    folder = _folder(name)
    if not (folder / "exam.json").is_file():
        return None
    facts = json.loads((folder / "exam.json").read_text(encoding="utf-8"))
    if facts["request"] != request:
        raise ExamChanged(
            f"The exam “{name}” was sealed on {facts['sealed']} from other settings or files than this recipe names "
            f"now. Scores on different exams can't be compared: set exam.name to a new name for a new baseline, or "
            "restore the recipe's exam."
        )
    files = {part: folder / f"{part}.parquet" for part in Draw._fields}
    frames = {part: pl.read_parquet(file) for part, file in files.items() if file.is_file()}
    for part, file in files.items():
        if part not in frames or _digest(frames[part]) != facts.get(part):
            raise ExamChanged(
                f"{file} was altered since it was sealed on {facts['sealed']}. Restore it, or set exam.name to a new "
                "name for a new baseline."
            )
    return hold(name, Draw(**frames))


def seal(name: str, request: str, made: Draw) -> SealedExam:
    """Seal an exam under the home; `exam.json`, which makes it count, is written last."""
    folder = _folder(name)
    with store.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for part, frame in made._asdict().items():
        store.write_parquet(folder / f"{part}.parquet", frame)
    facts = {
        "name": name,
        "digest": digest(made.items),
        **{part: _digest(frame) for part, frame in made._asdict().items()},
        "request": request,
        "sealed": datetime.now(UTC).strftime("%Y-%m-%d"),
        "counts": dict(made.items["suite"].value_counts().sort("suite").iter_rows()),
    }
    store.write_json(folder / "exam.json", facts)
    return hold(name, made)


def hold(name: str, made: Draw) -> SealedExam:
    """Store an exam's tables without sealing it."""
    tables = {part: store.write_table(frame) for part, frame in made._asdict().items()}
    return SealedExam(name=name, digest=digest(made.items), **tables)


def _digest(table: pl.DataFrame) -> str:
    """Digest a table by its rows in their order, however it is stored."""
    return store.value_digest(table.rows())


def _folder(name: str) -> Path:
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).strip(".")
    if safe != name or not safe:  # “a/b” and “a-b” are two exams
        safe = f"{safe}-{store.value_digest(name)[:8]}"
    return store.home() / "exams" / safe
