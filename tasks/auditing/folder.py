"""Prove that a run's files belong together: folder and manifest, books, ending, digests, card and verdict.

A manifest can't prove itself: who rewrites every file consistently writes a run that holds. What they can't rewrite is
a digest of the manifest that was kept elsewhere; `manifest_digest` is what to keep.
"""

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from evals.items import digest, questions
from evals.sitting import Sitting
from evals.verdict import Verdict
from quality.auditing.audit import Proof
from quality.receipts import books, books_told
from tasks import dataset_card, probing, run_ids, runs, store
from tasks.auditing.judgement import Told, prove_judged
from tasks.auditing.reach import is_left, reached, stopped_at
from tasks.outcome import OF_DECISION, as_before, key_of
from tasks.runs import DamagedRun
from tasks.sealed_suites import asked_digest

_CURATED = (
    "attributes/decontaminated.parquet", "attributes/screen.parquet", "attributes/unsure.parquet", "config.yaml",
    "contract.json",
    "dataset/README.md", "dataset/train.parquet", "dataset/validation.parquet", "edits.parquet", "exam.parquet",
    "receipts.parquet", "removed.parquet", "reserve.parquet", "suites.json",
)  # fmt: skip
_JUDGED = ("answers.parquet", "metrics.parquet", "report.html", "scores.parquet", "verdict.json", *probing.FILES)
_EXAMINED = (
    "answers.parquet", "config.yaml", "exam.parquet", "report.html", "reserve.parquet", "scores.parquet",
    "suites.json", "verdict.json",
)  # fmt: skip

_LATEST = 60  # seconds between the naming of a run and its start, at the most; clocks may be set in between


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
    """Compare the folder with the manifest's list, and the list with what such a run leaves.

    One that was stopped left no dataset; that it holds none, `tasks.auditing.stopped` proves.
    """
    curated = [name for name in _CURATED if is_left(name, facts)]
    wanted = [*curated, *(_JUDGED if judged else ())]
    lacking = [name for name in wanted if name not in facts["files"]]
    if judged and not any(name.startswith("adapter/") for name in facts["files"]):
        lacking.append("adapter/")
    return [
        listed(folder, facts),
        Proof.of("the manifest names every file that such a run leaves", len(wanted), lacking),
    ]


def complete_alone(folder: Path, facts: Mapping[str, Any]) -> list[Proof]:
    """Compare the folder and the manifest's list with what a run leaves that examined an adapter trained elsewhere."""
    optional = set() if "examined" in facts else {"report.html"}  # one from before such runs left a report
    return exactly(folder, facts, "a run leaves which examined an adapter", _EXAMINED, optional)


def exactly(
    folder: Path, facts: Mapping[str, Any], who: str, names: Collection[str], optional: Collection[str] = ()
) -> list[Proof]:
    """Compare the folder with the manifest's list, and the list with the only files that such a run leaves."""
    wrong = sorted((set(names) ^ set(facts["files"])) - set(optional))
    claim = f"the manifest names every file that {who}, and no other"
    return [listed(folder, facts), Proof.of(claim, len(names), wrong)]


def once_each(folder: Path, facts: Mapping[str, Any]) -> Proof:
    """Look for keys that a JSON file names twice: one reader takes the first for true, another the last."""
    names = ["manifest.json", *(name for name in facts["files"] if name.endswith(".json"))]
    wrong: list[str] = []

    def keep(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        wrong.extend(f"{name}: {key}" for key in dict.fromkeys(keys) if keys.count(key) > 1)
        return dict(pairs)

    for name in names:
        with contextlib.suppress(OSError, ValueError):  # told elsewhere
            json.loads((folder / name).read_text(encoding="utf-8"), object_pairs_hook=keep)
    return Proof.of("no JSON file says a thing twice", len(names), wrong)


def json_of(file: Path) -> object:
    """Read a JSON file of a run."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DamagedRun(file, f"can't be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise DamagedRun(file, f"is not JSON ({error})") from error


def consistent(folder: Path, facts: Mapping[str, Any], told: Told) -> list[Proof]:
    """Compare the manifest's facts, the dataset card and the verdict with what the files add up to.

    How one ended that was stopped, `tasks.auditing.stopped` proves.
    """
    counted, verdict = books(told.receipts), told.verdict
    return [
        equal("the manifest's books are its receipts, added up", counted, facts.get("books")),
        *([] if stopped_at(facts) else [_ending(folder, facts, counted, verdict)]),
        named(folder, facts, told.recipe),
        _digests(facts, told),
        *([] if stopped_at(facts) else [_card(folder, facts, told), _contract(told)]),
        _asked(told),
        *_course(facts, told),
        *(prove_judged(told) if _has_exam(facts, told) else []),
    ]


def consistent_alone(folder: Path, facts: Mapping[str, Any], told: Told) -> list[Proof]:
    """Compare what `consistent` does of a run that examined an adapter trained elsewhere, and curated nothing."""
    return [
        _ending(folder, facts, {}, told.verdict),
        named(folder, facts, told.recipe),
        equal(
            "the manifest's digests of the exam are those of its items and suites",
            {"exam": digest(told.exam), **_asked_by(told)},
            runs.digests(facts),
        ),
        _asked(told),
        *_course(facts, told),
        *prove_judged(told),
    ]


def _course(facts: Mapping[str, Any], told: Told) -> list[Proof]:
    """Compare what the manifest says of how far the candidate was asked with verdict and exam."""
    said = facts.get("examined")
    if told.verdict is None or said is None:  # a run from before that was told
        return []
    left = Sitting.of(told.verdict).left(told.exam)
    asked = told.exam.height - sum(left.values())
    known = {key: said.get(key) for key in ("asked", "items", "left")} if isinstance(said, Mapping) else said
    wanted = {"asked": asked, "items": told.exam.height, "left": left}
    return [equal("the manifest tells how far the candidate was asked", wanted, known)]


def manifest_digest(folder: Path) -> str:
    """Return the digest of a run's manifest, which pins all of its files: keep it where the run can't be changed."""
    return store.file_digest(folder / "manifest.json")


def listed(folder: Path, facts: Mapping[str, Any]) -> Proof:
    """Compare what lies in the folder with the manifest's list."""
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    # The lock of a run that was killed behind its commit; `runs.sweep` takes it away.
    unnamed = there - {"manifest.json", ".lock"} - set(facts["files"])
    return Proof.of("the folder holds no file that the manifest does not name", len(there), sorted(unnamed))


def _same(folder: Path, name: str, wanted: object) -> bool:
    """Tell whether a file of the folder has a digest; one that is named by way of another folder has none."""
    plain = PurePosixPath(name)
    if plain.is_absolute() or ".." in plain.parts:
        return False
    try:
        return store.file_digest(folder / plain) == wanted
    except OSError:
        return False


def equal(claim: str, wanted: Mapping[str, object], said: object) -> Proof:
    """Compare facts with what the manifest says, key by key; more keys than wanted do no harm."""
    found = said if isinstance(said, dict) else {}
    wrong = [f"{key}: {found.get(key)}, not {value}" for key, value in wanted.items() if found.get(key) != value]
    return Proof.of(claim, len(wanted), wrong)


def _ending(folder: Path, facts: Mapping[str, Any], counted: dict[str, int], verdict: Verdict | None) -> Proof:
    claim = "state and reason are those that the books or the verdict lead to"
    if verdict is None:
        return equal(claim, {"state": "Curated", "reason": books_told(counted), "decision": None}, dict(facts))
    wanted = {"state": OF_DECISION[verdict.decision], "reason": verdict.reason, "decision": verdict.decision}
    if facts["state"] == "Unchanged":
        earlier = facts["reason"].removeprefix(as_before("", verdict).split(" (")[0]).split(" (")[0].strip()
        alike = _decided_alike(folder.parent / Path(earlier).name, facts)
        wanted |= {"state": "Unchanged" if alike else "other than Unchanged", "reason": as_before(earlier, verdict)}
    return equal(claim, wanted, dict(facts))


def _decided_alike(earlier: Path, facts: Mapping[str, Any]) -> bool:
    """Tell whether an earlier run decided the same; one that is not there any more is believed."""
    if earlier.name == facts.get("run"):
        return False
    try:
        return bool(runs.manifest(earlier).get("outcome") == facts.get("outcome"))
    except DamagedRun:
        return not earlier.exists()


def named(folder: Path, facts: Mapping[str, Any], recipe: Mapping[str, Any]) -> Proof:
    """Compare the run's name with its recipe, start and, among the runs of this home, folder."""
    called = str(facts.get("run"))
    wrong = [] if recipe.get("name") == facts["name"] else [f"name: {facts['name']}, not {recipe.get('name')}"]
    try:
        started = datetime.fromisoformat(facts["started"])
        since = started.replace(tzinfo=None) - datetime.strptime(called[:15], "%Y%m%d-%H%M%S")
        right = abs(since.total_seconds()) <= _LATEST
    except ValueError:
        right = False
    if not right or not called[15:].startswith(run_ids.id_of(facts["name"], started)[15:]):
        wrong.append(f"run: {called}, started {facts['started']}")
    if folder.parent == store.home() / "runs" and folder.name != called:
        wrong.append(f"run: {called}, in the folder {folder.name}")
    return Proof.of("the run is named for its recipe and its start", 3, wrong)


def _digests(facts: Mapping[str, Any], told: Told) -> Proof:
    files: Mapping[str, str] = facts["files"]
    wanted: dict[str, object] = {
        "train": files.get("dataset/train.parquet"),  # of a run that was stopped, none
        "validation": files.get("dataset/validation.parquet"),
        # A run that was stopped before it had an exam names none.
        **({"exam": digest(told.exam)} if _has_exam(facts, told) else {}),
        **_asked_by(told),
    }
    said = runs.digests(facts)
    if "config" in said:  # a run from before it was named has none
        wanted["config"] = files.get("config.yaml")
    if told.verdict is not None:
        named = [name for name in files if name.startswith("adapter/") and name != f"adapter/{store.CARD}"]
        adapter = sorted(PurePosixPath(name) for name in named)
        wanted["adapter"] = store.value_digest([[str(PurePosixPath(*n.parts[1:])), files[str(n)]] for n in adapter])
        wanted["outcome"] = key_of(said, told.verdict)
    claim = "the manifest's digests of dataset, exam, configuration, adapter and outcome are those of the files"
    return equal(claim, wanted, said | {"outcome": facts.get("outcome")})


def _has_exam(facts: Mapping[str, Any], told: Told) -> bool:
    return reached(facts, "decontaminate") or not told.exam.is_empty()


def _asked_by(told: Told) -> dict[str, object]:
    """Digest how the exam was asked; a run from before that was kept says nothing of it."""
    return {} if told.suites is None else {"asked": asked_digest(told.suites)}


def _card(folder: Path, facts: Mapping[str, Any], told: Told) -> Proof:
    train, validation = (
        store.Table(path="", digest=str(facts["files"].get(f"dataset/{part}.parquet")), rows=rows)
        for part, rows in (("train", told.train), ("validation", told.validation))
    )
    card = dataset_card.write(facts["name"], str(facts.get("run")), told.receipts, train, validation, told.mending)
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


def _contract(told: Told) -> Proof:
    """Look for a critical expectation that failed: it stops a run, so that nothing is published."""
    results = list(results_of(told.contract))
    asked = [one["expectation_config"] for one in results if not one.get("success")]
    wrong = [config.get("type") for config in asked if config.get("severity") == "critical"]
    return Proof.of("the contract's result holds no critical expectation that failed", len(results), wrong)


def results_of(content: object) -> Iterator[Mapping[str, Any]]:
    """Return what Great Expectations' own result says of every expectation, its `expectation_config` included."""
    if isinstance(content, dict) and isinstance(content.get("expectation_config"), dict):
        yield content
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    for one in inner:
        yield from results_of(one)
