"""Prove that a run's files belong together: folder and manifest, books, ending, digests, card and verdict.

A manifest can't prove itself: who rewrites every file consistently writes a run that holds. What they can't rewrite is
a digest of the manifest that was kept elsewhere; `manifest_digest` is what to keep.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from evals.items import digest, questions
from evals.verdict import Gate, Verdict, judge
from quality.audit import Proof
from quality.receipts import books, books_told
from tasks import dataset_card, runs, store
from tasks.exams import Exam, unexamined
from tasks.outcome import OF_DECISION, as_before, key_of
from tasks.runs import DamagedRun

_CURATED = (
    "attributes/decontaminated.parquet", "attributes/screen.parquet", "config.yaml", "contract.json",
    "dataset/README.md", "dataset/train.parquet", "dataset/validation.parquet", "edits.parquet", "exam.parquet",
    "receipts.parquet", "removed.parquet", "reserve.parquet",
)  # fmt: skip
_JUDGED = ("metrics.parquet", "report.html", "scores.parquet", "verdict.json")
_LATEST = 60  # seconds between the naming of a run and its start, at the most; clocks may be set in between


@dataclass(frozen=True)
class Told:
    """What the files of a run say, beside its manifest; `gate`, `verdict` and `scores` of a run that judged."""

    receipts: pl.DataFrame
    train: int
    validation: int
    exam: pl.DataFrame
    reserve: pl.DataFrame
    recipe: Mapping[str, Any]
    gate: Gate | None
    verdict: Verdict | None
    scores: pl.DataFrame | None


def unaltered(folder: Path) -> Proof:
    """Compare every file with the digest that the manifest names."""
    claim = "every file is the one the manifest names"
    try:
        said = runs.manifest(folder)["files"]
    except DamagedRun as error:
        return Proof(claim, 1, 1, (str(error),))
    wrong = [name for name, wanted in said.items() if not _same(folder, name, wanted)]
    return Proof.of(claim, len(said), wrong)


def complete(folder: Path, facts: Mapping[str, Any], *, judged: bool) -> list[Proof]:
    """Compare the folder with the manifest's list, and the list with what such a run leaves."""
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    # The lock of a run that was killed behind its commit; `runs.sweep` takes it away.
    unnamed = there - {"manifest.json", ".lock"} - set(facts["files"])
    wanted = [*_CURATED, *(_JUDGED if judged else ())]
    lacking = [name for name in wanted if name not in facts["files"]]
    if judged and not any(name.startswith("adapter/") for name in facts["files"]):
        lacking.append("adapter/")
    return [
        Proof.of("the folder holds no file that the manifest does not name", len(there), sorted(unnamed)),
        Proof.of("the manifest names every file that such a run leaves", len(wanted), lacking),
    ]


def consistent(folder: Path, facts: Mapping[str, Any], told: Told) -> list[Proof]:
    """Compare the manifest's facts, the dataset card and the verdict with what the files add up to."""
    counted, verdict = books(told.receipts), told.verdict
    proofs = [
        _equal("the manifest's books are its receipts, added up", counted, facts.get("books")),
        _ending(folder, facts, counted, verdict),
        _named(folder, facts, told.recipe),
        _digests(facts, told),
        _card(folder, facts, told),
        _asked(told),
    ]
    return proofs if verdict is None else [*proofs, _examined(told), _possible(told), _verdict(told, verdict)]


def manifest_digest(folder: Path) -> str:
    """Return the digest of a run's manifest, which pins all of its files: keep it where the run can't be changed."""
    return store.file_digest(folder / "manifest.json")


def _same(folder: Path, name: str, wanted: object) -> bool:
    """Tell whether a file of the folder has a digest; one that is named by way of another folder has none."""
    plain = PurePosixPath(name)
    if plain.is_absolute() or ".." in plain.parts:
        return False
    try:
        return store.file_digest(folder / plain) == wanted
    except OSError:
        return False


def _equal(claim: str, wanted: Mapping[str, object], said: object) -> Proof:
    """Compare facts with what the manifest says, key by key; more keys than wanted do no harm."""
    found = said if isinstance(said, dict) else {}
    wrong = [f"{key}: {found.get(key)}, not {value}" for key, value in wanted.items() if found.get(key) != value]
    return Proof.of(claim, len(wanted), wrong)


def _ending(folder: Path, facts: Mapping[str, Any], counted: dict[str, int], verdict: Verdict | None) -> Proof:
    claim = "state and reason are those that the books or the verdict lead to"
    if verdict is None:
        return _equal(claim, {"state": "Curated", "reason": books_told(counted), "decision": None}, dict(facts))
    wanted = {"state": OF_DECISION[verdict.decision], "reason": verdict.reason, "decision": verdict.decision}
    if facts["state"] == "Unchanged":
        earlier = facts["reason"].removeprefix(as_before("", verdict).split(" (")[0]).split(" (")[0].strip()
        alike = _decided_alike(folder.parent / Path(earlier).name, facts)
        wanted |= {"state": "Unchanged" if alike else "other than Unchanged", "reason": as_before(earlier, verdict)}
    return _equal(claim, wanted, dict(facts))


def _decided_alike(earlier: Path, facts: Mapping[str, Any]) -> bool:
    """Tell whether an earlier run decided the same; one that is not there any more is believed."""
    if earlier.name == facts.get("run"):
        return False
    try:
        return bool(runs.manifest(earlier).get("outcome") == facts.get("outcome"))
    except DamagedRun:
        return not earlier.exists()


def _named(folder: Path, facts: Mapping[str, Any], recipe: Mapping[str, Any]) -> Proof:
    """Compare the run's name with its recipe, start and, among the runs of this home, folder."""
    called = str(facts.get("run"))
    wrong = [] if recipe.get("name") == facts["name"] else [f"name: {facts['name']}, not {recipe.get('name')}"]
    try:
        started = datetime.fromisoformat(facts["started"])
        since = started.replace(tzinfo=None) - datetime.strptime(called[:15], "%Y%m%d-%H%M%S")
        right = abs(since.total_seconds()) <= _LATEST
    except ValueError:
        right = False
    if not right or not called[15:].startswith(runs.id_of(facts["name"], started)[15:]):
        wrong.append(f"run: {called}, started {facts['started']}")
    if folder.parent == store.home() / "runs" and folder.name != called:
        wrong.append(f"run: {called}, in the folder {folder.name}")
    return Proof.of("the run is named for its recipe and its start", 3, wrong)


def _digests(facts: Mapping[str, Any], told: Told) -> Proof:
    files: Mapping[str, str] = facts["files"]
    wanted: dict[str, object] = {
        "train": files.get("dataset/train.parquet"),
        "validation": files.get("dataset/validation.parquet"),
        "exam": digest(told.exam),
    }
    said = runs.digests(facts)
    if told.verdict is not None:
        adapter = sorted(PurePosixPath(name) for name in files if name.startswith("adapter/"))
        wanted["adapter"] = store.value_digest([[str(PurePosixPath(*n.parts[1:])), files[str(n)]] for n in adapter])
        wanted["outcome"] = key_of(said, told.verdict)
    claim = "the manifest's digests of dataset, exam, adapter and outcome are those of the files"
    return _equal(claim, wanted, said | {"outcome": facts.get("outcome")})


def _card(folder: Path, facts: Mapping[str, Any], told: Told) -> Proof:
    parts = [
        store.Table(path="", digest=str(facts["files"].get(f"dataset/{part}.parquet")), rows=rows)
        for part, rows in (("train", told.train), ("validation", told.validation))
    ]
    card = dataset_card.write(facts["name"], str(facts.get("run")), told.receipts, *parts)
    try:
        said = (folder / "dataset" / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        said = str(error)
    wrong = [] if said == card else ["dataset/README.md"]
    return Proof.of("the dataset's card says what receipts and dataset add up to", 1, wrong)


def _asked(told: Told) -> Proof:
    """Look for the exam in the reserve: of an item that is not there, no leak would have been looked for."""
    asked = questions(told.exam).select("item", pl.col("question").fill_null(""))
    kept = told.reserve.select("item", pl.col("question").fill_null(""))
    wrong = [*asked.join(kept, on=["item", "question"], how="anti")["item"], *_twice(told.reserve)]
    return Proof.of("every item of the exam is in the reserve that the rows were kept clear of", asked.height, wrong)


def _twice(reserve: pl.DataFrame) -> pl.Series:
    return reserve.filter(pl.col("item").is_duplicated())["item"].unique(maintain_order=True)


def _examined(told: Told) -> Proof:
    """Compare what was scored with the exam: a suite or item left out might have decided otherwise."""
    claim = "base and candidate were scored on every item of the exam, and on no other"
    if told.scores is None:
        return Proof(claim, 1, 1, ("there are no scores",))
    asked = told.exam.select("suite", "role", "item", "cluster").join(
        pl.DataFrame({"model": ["base", "candidate"]}), how="cross"
    )
    scored = told.scores.select(asked.columns)
    lacking = asked.join(scored, on=asked.columns, how="anti", nulls_equal=True)
    beside = scored.join(asked, on=asked.columns, how="anti", nulls_equal=True)
    twice = scored.filter(scored.is_duplicated())
    return Proof.of(claim, asked.height, pl.concat([lacking, beside, twice])["item"])


def _possible(told: Told) -> Proof:
    """Compare scores with what their items can give: right or wrong, or minus some bits per byte."""
    claim = "every score is one that its kind of item can have"
    if told.scores is None:
        return Proof(claim, 1, 1, ("there are no scores",))
    kinds = told.exam.select("item", "kind").unique("item")
    found = told.scores.join(kinds, on="item", how="left", maintain_order="left")
    score, right = pl.col("score"), pl.col("score").is_in([0.0, 1.0])
    possible = pl.when(pl.col("kind") == "choice").then(right).otherwise(score.is_finite() & (score <= 0))
    wrong = found.filter(~possible.fill_null(value=False))
    return Proof.of(claim, found.height, wrong.select(pl.format("{} ({})", "item", "model")).to_series())


def _verdict(told: Told, verdict: Verdict) -> Proof:
    claim = "the verdict is what the scores and the recipe's gate give"
    if told.scores is None or told.gate is None:
        return Proof(claim, 1, 1, ("there are no scores, or the recipe has no gate",))
    try:
        missing = unexamined(told.exam, Exam.model_validate(told.recipe.get("exam") or {}))
        again = judge(told.scores, told.gate).model_copy(update={"unexamined": missing})
    except ValueError as error:
        return Proof(claim, 1, 1, (str(error),))
    one, other = again.model_dump(), verdict.model_dump()
    return Proof.of(claim, told.scores.height, [key for key in one if not _alike(one[key], other[key])])


def _alike(one: object, other: object) -> bool:
    """Compare two values, numbers as near as another machine's sums come."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == other or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other
