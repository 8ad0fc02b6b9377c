"""Rows with personal data: dropped or rewritten, and their secrets in no file of the run."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from quality.neardup import NearDup
from quality.personal import Personal
from quality.records import record_ids
from tasks import inspection, run_files, runs, store
from tasks.auditing import audit
from tasks.auditing.home import prove_ingested
from tasks.dedupe import dedupe
from tasks.exams import SealedExam
from tasks.pool import EmptyPool, Pool
from tasks.protect import protect
from tasks.publish import publish
from tasks.split import Data
from tasks.validate import Validation

MAIL, CARD = "bob.jones@acme.io", "4539 1488 0343 6467"


@pytest.fixture
def pool(pool_of: Callable[..., Pool], noise: Callable[[int], str]) -> Pool:
    """Four rows, two with personal data: one in its answer, one in its prompt and answer."""
    return pool_of(
        [
            (noise(5), noise(20)),
            (noise(5), f"{noise(9)} write to {MAIL} {noise(9)}"),
            (noise(5), noise(20)),
            (f"Charge {CARD}, please, and tell {MAIL}", f"{noise(9)} {CARD} is charged"),
        ]
    )


def _published(pool: Pool, mode: str = "drop") -> Path:
    left = pool.left().select("id", "messages", "source", "origin")
    items = store.write_table(
        pl.DataFrame(
            {
                **{"item": ["x/1"], "suite": ["x"], "role": ["domain"], "kind": ["completion"], "cluster": ["x"]},
                **{"target": ["!"], "question": ["?"], "answer": ["!"]},
            },
        )
    )
    evidence = store.write_folder("contracts", lambda folder: store.write_json(folder / "contract.json", {}))
    with runs.open_run("x", f"name: x\ncurate: {{personal: {{mode: {mode}}}}}") as run:
        publish.fn(
            run,
            pool,
            Data(train=store.write_table(left[:1]), validation=store.write_table(left[1:])),
            Validation(failures=(), checked=1, evidence=evidence),
            SealedExam(name="x", digest="d", items=items, drawn=items, reserve=items, request="asked"),
        )
    return run.folder


def test_by_default_rows_with_personal_data_are_dropped_with_a_count_and_never_the_value(pool: Pool) -> None:
    protected = protect.fn(pool, Personal())
    assert protected.left()["row"].to_list() == [0, 2]
    fates = protected.removed()
    assert fates.select("row", "stage", "fate", "reason", "score", "threshold").rows() == [
        (1, "protect", "dropped", "personal_data", 1.0, 0.0),
        (3, "protect", "dropped", "personal_data", 3.0, 0.0),
    ]
    assert protected.edited().select("row", "kinds", "replaced").rows() == [
        (1, ["email"], 1),
        (3, ["card", "email"], 3),
    ]


def _told(file: Path) -> str:
    if file.suffix == ".parquet":
        return str(pl.read_parquet(file).to_dicts())
    return file.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("mode", ["mask", "surrogate"])
def test_every_later_stage_reads_edited_rows_edited_and_named_by_what_they_say_since(pool: Pool, mode: str) -> None:
    protected = protect.fn(pool, Personal(mode=mode))
    assert protected.removed().is_empty()
    left = protected.left()
    assert left.select("row", "source", "origin", "group").equals(
        pool.read().select("row", "source", "origin", "group")
    )
    assert left["id"].equals(record_ids(left["messages"]))
    assert left.columns == pool.read().columns
    assert left[[0, 2]].equals(pool.read()[[0, 2]])
    shown = str(left["messages"].to_list())
    assert MAIL not in shown
    assert CARD not in shown
    assert (shown.count("[CARD]"), shown.count("[EMAIL]")) == ((2, 2) if mode == "mask" else (0, 0))
    assert shown.count("@example.com") == (0 if mode == "mask" else 2)
    assert left["id"][[1, 3]].equals(protected.edited()["id"])


@pytest.mark.parametrize("mode", ["drop", "mask", "surrogate"])
def test_a_published_run_holds_no_secret_keeps_receipts_of_edits_and_passes_the_audit_of_edits(
    pool: Pool, mode: str
) -> None:
    folder = _published(protect.fn(pool, Personal(mode=mode)), mode)
    # Who guesses a secret knows the whole text, and could look for its hash.
    ingested = store.read_table(pool.records)["id"]
    files = {file.relative_to(folder).as_posix(): _told(file) for file in folder.rglob("*") if file.is_file()}
    assert {"report.html", "manifest.json", "receipts.parquet", "edits.parquet"} < files.keys()
    for name, told in files.items():
        assert not [secret for secret in (MAIL, CARD, ingested[1], ingested[3]) if secret in told], name
    assert ingested[0] in files["dataset/train.parquet"]
    edits = pl.read_parquet(folder / "edits.parquet")
    assert edits.columns == ["id", "origin", "stage", "kinds", "replaced"]
    assert edits.select("origin", "stage", "kinds", "replaced").rows() == [
        ("rows.jsonl:2", "protect", ["email"], 1),
        ("rows.jsonl:4", "protect", ["card", "email"], 3),
    ]
    told = ("edit has", "row's id", "personal data")
    proofs = [proof for proof in audit(folder).proofs if any(part in proof.claim for part in told)]
    assert [proof.failed for proof in proofs] == [0] * 5
    (life,) = inspection.lives(folder, edits["id"][1])
    assert life.edited == "protect: 3 replaced (card, email)"
    assert all(life.said)
    assert CARD not in " ".join(life.said)


@pytest.mark.parametrize("mode", ["drop", "mask"])
def test_a_row_that_an_earlier_stage_removed_keeps_its_fate_and_loses_its_secret(
    pool_of: Callable[..., Pool], noise: Callable[[int], str], mode: str
) -> None:
    rows = [("Who?", noise(9)), ("Whom?", MAIL), ("What?", noise(9)), ("Why?", f"Ask {MAIL}")]
    pool = protect.fn(pool_of(rows, removed=[1]), Personal(mode=mode))
    fates = [(1, "short_answer"), (3, "personal_data")]
    assert pool.removed().select("row", "reason").rows() == (fates if mode == "drop" else fates[:1])
    told = str(pl.read_parquet(_published(pool) / "removed.parquet").to_dicts())
    assert MAIL not in told
    assert "[EMAIL]" in told


def test_the_audit_sees_an_edit_that_is_not_on_record_and_a_row_that_kept_its_secret(pool: Pool) -> None:
    folder = _published(protect.fn(pool, Personal()))
    whole = pl.read_parquet(folder / "edits.parquet")
    store.write_parquet(folder / "edits.parquet", whole[:1])
    failed = {proof.claim: proof.examples for proof in audit(folder).proofs if proof.failed}
    assert failed["every row dropped for personal data stands in the run without it"] == ("rows.jsonl:4",)
    store.write_parquet(folder / "edits.parquet", pl.concat([whole, whole[:1]]))
    failed = {proof.claim: proof.examples for proof in audit(folder).proofs if proof.failed}
    assert failed["every edit has one receipt, of a row of the run where its masks stand"] == ("rows.jsonl:2",)


@pytest.mark.parametrize("mode", ["mask", "surrogate"])
def test_a_kept_row_that_was_edited_without_a_receipt_is_found_beside_what_was_ingested(
    pool: Pool, mode: str, tmp_path: Path
) -> None:
    folder = _published(protect.fn(pool, Personal(mode=mode)), mode)
    told, ledger, edits = runs.manifest(folder), run_files.receipts(folder), run_files.edits(folder)
    whole, lacking = (prove_ingested(folder, told, ledger, part, None) for part in (edits, edits[:1]))
    assert (whole.failed, whole.checked) == (0, 4)
    assert lacking.examples == ("rows.jsonl:4",)
    away = shutil.copytree(folder, tmp_path / "away" / folder.name)
    assert prove_ingested(away, told, ledger, edits[:1], None) is None
    assert "none reads otherwise than it came without the receipt of an edit" in " ".join(audit(away).unproven)


def test_rows_that_become_equal_share_their_id_and_all_but_the_first_are_duplicates(
    pool_of: Callable[..., Pool], noise: Callable[[int], str]
) -> None:
    asked, said = noise(5), noise(30)
    rows = [(asked, f"Tell {name}@acme.io. {said}") for name in ("bob", "eve", "[EMAIL]")] + [(noise(5), noise(30))]
    rows[2] = (asked, f"Tell [EMAIL]. {said}")
    pool = dedupe.fn(protect.fn(pool_of(rows, removed=[0]), Personal(mode="mask")), NearDup())
    named = pool.read()["id"]
    assert named[0] == named[1] == named[2] != named[3]
    assert pool.left()["row"].to_list() == [1, 3]
    ends = pool.removed().filter(stage="dedupe")
    assert ends.select("row", "reason", "witness").rows() == [(2, "exact_duplicate", named[1])]
    folder = _published(pool, "mask")
    assert [life.edited for life in inspection.lives(folder, named[1])] == ["protect: 1 replaced (email)"] * 2 + [""]
    told = ("duplicate", "edit", "personal data", "row's id", "one receipt", "row by row", "same text")
    proofs = [proof for proof in audit(folder).proofs if any(part in proof.claim for part in told)]
    assert len(proofs) > 8
    assert [proof.claim for proof in proofs if proof.failed] == []


def test_a_run_without_receipts_of_edits_is_not_whole_and_its_rows_are_proven_all_the_same(pool: Pool) -> None:
    folder = _published(pool)
    unwritten = [
        name for name in ("decontaminated", "screen", "unsure") if not (folder / f"attributes/{name}.parquet").exists()
    ]
    (folder / "edits.parquet").unlink()
    facts = store.json.loads((folder / "manifest.json").read_text())
    del facts["files"]["edits.parquet"]
    store.write_json(folder / "manifest.json", facts)
    lacking, named = (
        [proof for proof in audit(folder).proofs if proof.claim.startswith(claim)]
        for claim in ("the manifest names every file", "every row's id")
    )
    assert lacking[0].failed == len(unwritten) + 1  # what no step wrote here, and the edits
    assert named[0].failed == 0


def test_of_two_edits_of_a_row_the_later_is_read_and_both_are_counted(pool: Pool) -> None:
    once = protect.fn(pool, Personal(mode="mask", kinds=("email",)))
    twice = protect.fn(once, Personal(mode="mask"))
    assert twice.edited().select("row", "kinds").rows() == [(1, ["email"]), (3, ["card", "email"])]
    assert twice.edited()["replaced"].to_list() == [1, 3]
    assert "[CARD], please, and tell [EMAIL]" in twice.read()["messages"][3][0]["content"]


def test_a_pool_of_nothing_else_is_told_how_to_be_kept(pool_of: Callable[..., Pool]) -> None:
    with pytest.raises(
        EmptyPool, match=r"stage “protect” \(personal_data 1\)\. Of 1 row ingested, protect removed 1\..*mode to mask"
    ):
        protect.fn(pool_of([("Who?", MAIL)]), Personal())
