"""The exam: what it asks for, and how a sealed one lies in the home.

`$WINNOW_HOME/exams/<name>/{items.parquet, drawn.parquet, reserve.parquet, spare.parquet, exam.json}`; `exam.json` is
written last and pins the rest: every suite with its version and digest, and the exam as a whole.

An exam is sealed by the first run that *uses* it: that examines a candidate on it, or publishes a training set kept
clean of it. From then on scores and data depend on it, and it never changes. Until then a run only holds it in the
store: a stage that stops the run (an empty pool, a broken contract, a failed training) shows that the recipe needs
mending, and the mended recipe must not be bound to an exam drawn from the broken pool. A run killed before it used
its exam draws the same one again, since the draw depends on pool and settings alone.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.asking import Example
from evals.guest_tasks import Guest
from evals.items import digest
from evals.verdict import Unexamined
from quality.texts.written import Written
from tasks import store
from tasks.places import folder_name
from tasks.sealed_suites import (
    PinnedSuite,
    SealedSuite,
    asked_digest,
    choice_of,
    sealed_suites,
    told,
    told_changes,
)

_NO_SIBLINGS = (
    "multiple choice needs three sibling answers (of other documents, saying something else) as wrong options, and no "
    "row has them"
)


class Exam(BaseModel):
    """What the exam is made of."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: Written | None = Field(
        default=None,
        description="Name under which the exam is sealed; the recipe's name when left out. "
        "A new name starts a new baseline.",
    )
    domain: list[Written] = Field(
        default=[],
        description="Files (or package:, hub:, suite:, lm-eval:TASK, or a .yaml file of a suite) of domain rows whose "
        "answers are scored; no row of theirs stays in the training set, scored or not. Left out: rows of the pool are "
        "sealed.",
    )
    retention: list[Written] = Field(
        default=[],
        description="What must not be forgotten: files of rows, whose answers are scored; .txt (also .gz or .zst), or "
        "rows of a field text and no question, scored whole; package:, hub:, suite:, a .yaml file of a suite, "
        "or lm-eval: and a task of lm-evaluation-harness (name or YAML file).",
    )
    domain_items: int = Field(default=120, ge=2, description="Domain rows scored in bits per byte (rows).")
    choice_items: int = Field(default=60, ge=0, description="Domain multiple-choice items (items); 0 for none.")
    retention_items: int = Field(default=60, ge=2, description="Items drawn from each retention suite (items).")
    largest_share: float = Field(
        default=0.2, gt=0, lt=1, description="Largest share of the kept rows that may be sealed (0 to 1)."
    )
    seed: int = Field(default=0, description="Seed of the draw (any whole number).")


class SealedExam(BaseModel):
    """An exam, sealed or not yet: its items, the pool rows drawn for it (none when it came from files), its reserve.

    The reserve (`item, question, answer`) is what no training row may give away: the items, the spare ones, and all
    that the exam's own files hold beside them. `spare` are items of the retention suites that come next in the draw:
    what is tried on them is no look at the exam. An exam sealed before there were such has none. `request` digests what
    it was asked for, `unexamined` is what was asked for and could not be made. `suites` says how its items are asked,
    `guests` which of them lm-evaluation-harness scores.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    digest: str
    items: store.Table
    drawn: store.Table
    reserve: store.Table
    request: str
    spare: store.Table | None = None
    unexamined: tuple[Unexamined, ...] = ()
    guests: dict[str, Guest] = {}
    suites: tuple[SealedSuite, ...] = ()
    settings: dict[str, Any] = {}

    @property
    def asked(self) -> str:
        """Digest of how its suites ask; the exam's own is of its items alone."""
        return asked_digest(self.suites)


class Draw(NamedTuple):
    """What a sealed exam is made of, as frames."""

    items: pl.DataFrame
    drawn: pl.DataFrame
    reserve: pl.DataFrame
    spare: pl.DataFrame | None = None

    def parts(self) -> dict[str, pl.DataFrame]:
        """Return what there is, by name."""
        return {part: frame for part, frame in self._asdict().items() if frame is not None}


class ExamChanged(ValueError):
    """A sealed exam no longer matches what the recipe asks for, or its files were altered."""


def request_of(settings: Exam, suites: tuple[PinnedSuite, ...]) -> str:
    """Digest what an exam was asked for: settings, suites and their content, wherever the files lie."""
    return store.value_digest([_own(settings), [[told(s.suite), s.content] for s in suites]])


def _own(settings: Exam) -> dict[str, Any]:
    return settings.model_dump(exclude={"domain", "retention"})


def load(name: str, settings: Exam, suites: tuple[PinnedSuite, ...]) -> SealedExam | None:
    """Return the sealed exam of that name, or None when none was sealed yet.

    Raises
    ------
    ExamChanged
        When it was sealed for another request, or its items were altered since.
    """
    folder = _folder(name)
    facts = _facts(folder)
    if facts is None:
        return None
    if facts["request"] != request_of(settings, suites):
        raise ExamChanged(
            f"The exam “{name}” was sealed on {facts['sealed']} from other settings or files than this recipe names "
            f"now{told_changes(facts, _own(settings), suites)}. Scores on different exams can't be compared: set "
            "exam.name to a new name for a new baseline, or restore the recipe's exam."
        )
    files = {part: folder / f"{part}.parquet" for part in Draw._fields if part != "spare" or part in facts}
    frames = {part: pl.read_parquet(file) for part, file in files.items() if file.is_file()}
    for part, file in files.items():
        if part not in frames or _digest(frames[part]) != facts.get(part):
            raise ExamChanged(
                f"{file} was altered since it was sealed on {facts['sealed']}. Restore it, or set exam.name to a new "
                "name for a new baseline."
            )
    sealed = _suites(facts, folder / "exam.json")
    for pinned in suites:
        shown = sum(len(one.shots) for one in sealed if one.suite.name == pinned.suite.name)
        if pinned.suite.kind != "lm-eval" and shown != pinned.suite.shots:
            raise _unreadable(folder / "exam.json")
    shots, cut = ({one.suite.name: getattr(one, part) for one in sealed} for part in ("shots", "cut"))
    found = hold(name, settings, suites, Draw(**frames), shots, cut)
    altered = [one.suite.name for one in sealed if one not in found.suites]
    if altered:
        raise ExamChanged(
            f"{folder / 'exam.json'} was altered since it was sealed on {facts['sealed']}: what it says of the suite "
            f"“{altered[0]}” is not what its digest pins. Restore it, or set exam.name to a new name."
        )
    return found


def _suites(facts: Mapping[str, Any], file: Path) -> list[SealedSuite]:
    """Read the suites that a seal pins; one from before suites were pinned has none."""
    try:
        return [SealedSuite.model_validate(one) for one in facts.get("suites", ())]
    except ValueError as error:
        raise _unreadable(file) from error


def seal(exam: SealedExam) -> None:
    """Seal an exam under the home, unless it is; `exam.json`, which makes it count, is written last.

    Raises
    ------
    ExamChanged
        When another exam was sealed under its name since the run drew this one.
    """
    folder = _folder(exam.name)
    frames = {part: store.read_table(table) for part in Draw._fields if (table := getattr(exam, part)) is not None}
    pinned = {"request": exam.request, **{part: _digest(frame) for part, frame in frames.items()}}
    facts = _facts(folder)
    if facts is not None:
        if any(facts.get(key) != value for key, value in pinned.items()):
            raise ExamChanged(
                f"Another run sealed another exam under the name “{exam.name}” while this one ran. Start this one "
                "again, or set exam.name to a name of its own."
            )
        return
    with store.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for part, frame in frames.items():
        store.write_parquet(folder / f"{part}.parquet", frame)
    facts = {
        "name": exam.name,
        "digest": exam.digest,
        **pinned,
        "settings": exam.settings,
        "suites": [one.model_dump(mode="json") for one in exam.suites],
        "sealed": datetime.now(UTC).strftime("%Y-%m-%d"),
        "counts": dict(frames["items"]["suite"].value_counts().sort("suite").iter_rows()),
    }
    store.write_json(folder / "exam.json", facts)


def differing(
    name: str,
    digest: str,
    items: pl.DataFrame,
    reserve: pl.DataFrame,
    suites: Sequence[SealedSuite] | None = None,
) -> list[str] | None:
    """Name what is not that of the exam sealed here under a name; None where none of that name is.

    Items and reserve are compared row by row in their order, so that nothing of them can be swapped for another; suites
    are where both tell them.

    Raises
    ------
    ExamChanged
        When what pins the sealed exam can't be read.
    """
    facts = _facts(_folder(name))
    if facts is None:
        return None
    found = {"digest": digest, "items": _digest(items), "reserve": _digest(reserve)}
    wrong = [part for part, value in found.items() if facts.get(part) != value]
    if suites is not None and "suites" in facts:
        pinned = [[one.digest for one in part] for part in (suites, _suites(facts, _folder(name) / "exam.json"))]
        wrong += ["suites"] if pinned[0] != pinned[1] else []
    return wrong


def hold(
    name: str,
    settings: Exam,
    suites: tuple[PinnedSuite, ...],
    made: Draw,
    shots: Mapping[str, tuple[Example, ...]] | None = None,
    cut: Mapping[str, int | None] | None = None,
) -> SealedExam:
    """Store an exam's tables without sealing it; `shots` and `cut` are those of `tasks.sealed_suites`."""
    return SealedExam(
        name=name,
        digest=digest(made.items),
        request=request_of(settings, suites),
        unexamined=unexamined(made.items, settings),
        guests={s.suite.name: Guest.of(s.suite) for s in suites if s.suite.kind == "lm-eval"},
        suites=sealed_suites(made.items, suites, shots or {}, cut or {}),
        settings=_own(settings),
        **{part: store.write_table(frame) for part, frame in made.parts().items()},
    )


def unexamined(items: pl.DataFrame, settings: Exam) -> tuple[Unexamined, ...]:
    """Tell which domain suites have no multiple choice beside them, though the recipe asked for it."""
    if not settings.choice_items:
        return ()
    written = items.filter(role="domain", kind="completion")["suite"].unique(maintain_order=True)
    missing = [choice_of(suite) for suite in written if choice_of(suite) not in items["suite"]]
    return tuple(Unexamined(suite=suite, reason=_NO_SIBLINGS) for suite in missing)


def _facts(folder: Path) -> dict[str, Any] | None:
    """Read what pins a sealed exam; None when none is sealed there."""
    file = folder / "exam.json"
    if not file.is_file():
        return None
    try:
        facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        facts["request"], facts["sealed"]
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(file) from error
    return facts


def _unreadable(file: Path) -> ExamChanged:
    return ExamChanged(
        f"{file} can't be read as what was sealed. Restore it, or set exam.name to a new name for a new baseline."
    )


def _digest(table: pl.DataFrame) -> str:
    """Digest a table by its rows in their order, however it is stored."""
    return store.value_digest(table.rows())


def _folder(name: str) -> Path:
    return store.home() / "exams" / folder_name(name)
