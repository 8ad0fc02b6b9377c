"""An audit ends in one paragraph: how many proofs hold, of what, of how many rows, and what is not proven."""

from pathlib import Path

import pytest

from quality.row_memory import RowMemory
from tasks import run_files
from tasks.auditing import audit
from tasks.auditing.summary import summary


@pytest.mark.parametrize("name", ["judged", "curated", "stopped"])
def test_every_proof_and_every_gap_is_counted_once(
    request: pytest.FixtureRequest, name: str, memory: RowMemory
) -> None:
    run: Path = request.getfixturevalue(name)
    found = audit(run, memory)
    count, gaps, rows = len(found.proofs), len(found.unproven), run_files.receipts(run).height
    assert sum(found.kinds.values()) == count
    assert ({"the training", "the probe"} <= found.kinds.keys()) == (name == "judged")
    told = summary(found)
    assert "\n" not in told
    assert told.startswith(f"{count} of {count} proofs hold (files {found.kinds['files']}, ")
    assert (
        f"{rows} rows were held against their receipts, and the texts of {rows - 2} read anew; 2 could not be" in told
    )
    parts = told.partition(f"Not proven, as told above: {gaps} things (")[2].split(", ")
    assert sum(int(part.split()[0]) for part in parts if part[0].isdecimal()) == gaps


def test_what_failed_is_counted_apart(curated: Path, memory: RowMemory) -> None:
    (curated / "config.yaml").write_bytes((curated / "config.yaml").read_bytes() + b"\n")
    found = audit(curated, memory)
    assert [proof.claim for proof in found.proofs if proof.failed] == ["every file is the one the manifest names"]
    assert summary(found).startswith(f"{len(found.proofs) - 1} of {len(found.proofs)} proofs hold (")
    assert " 1 proof failed: what the run says there is not so, or can't be read." in summary(found)


def test_a_run_whose_rows_can_not_be_read_claims_none(curated: Path, memory: RowMemory) -> None:
    (curated / "receipts.parquet").unlink()
    told = summary(audit(curated, memory))
    assert told == "0 of 2 proofs hold (files 2). 2 proofs failed: what the run says there is not so, or can't be read."
