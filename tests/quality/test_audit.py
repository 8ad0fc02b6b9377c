"""The audit finds a lie in any of a run's files."""

import polars as pl
import pytest

from quality.audit import prove
from quality.receipts import RECEIPTS

LONG = "one two three four five six seven eight nine ten eleven twelve"
ROWS = {
    "f:1": ("a", LONG),
    "f:2": ("b", LONG + " thirteen"),
    "f:3": ("c", LONG.upper()),
    "f:4": ("d", "something else entirely, and long enough to have shingles of its own"),
}


def _frame(*origins: str) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "id": ROWS[o][0],
                "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": ROWS[o][1]}],
                "origin": o,
            }
            for o in origins
        ]
    )


def _ledger(**changes: tuple) -> pl.DataFrame:
    lines = {
        "f:1": ("a", "split", "kept", "train", None, None, None),
        "f:2": ("b", "dedupe", "dropped", "near_duplicate", "a", 0.9, 0.7),
        "f:3": ("c", "dedupe", "dropped", "exact_duplicate", "a", 1.0, 1.0),
        "f:4": ("d", "keep_domain", "dropped", "out_of_domain", None, 0.1, 0.5),
    }
    lines |= {key.replace("_", ":"): value for key, value in changes.items()}
    rows = [(v[0], origin, "s", *v[1:]) for origin, v in lines.items()]
    return pl.DataFrame(rows, schema=RECEIPTS, orient="row")


def _failed(receipts: pl.DataFrame, dataset: pl.DataFrame, removed: pl.DataFrame) -> list[str]:
    return [proof.claim for proof in prove(receipts, dataset, removed, words=5) if proof.failed]


def test_an_honest_run_is_proven() -> None:
    proofs = prove(_ledger(), _frame("f:1"), _frame("f:2", "f:3", "f:4"), words=5)
    assert [proof.failed for proof in proofs] == [0] * len(proofs)
    assert [proof.checked for proof in proofs] == [4, 1, 4, 1, 2, 1, 1]


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        (
            {"f_2": ("b", "dedupe", "dropped", "near_duplicate", "d", 0.9, 0.7)},
            "every near-duplicate has Jaccard",
        ),
        ({"f_3": ("c", "dedupe", "dropped", "exact_duplicate", "b", 1.0, 1.0)}, "every duplicate's witness"),
        (
            {"f_4": ("d", "dedupe", "dropped", "exact_duplicate", "a", 1.0, 1.0)},
            "every exact duplicate equals",
        ),
        ({"f_4": ("d", "split", "kept", "train", None, None, None)}, "the dataset holds the rows"),
        (
            {"f_4": ("d", "lost", "vanished", "", None, None, None)},
            "every ingested row has exactly one receipt",
        ),
    ],
)
def test_a_lie_in_the_receipts_is_found(change: dict, claim: str) -> None:
    failed = _failed(_ledger(**change), _frame("f:1"), _frame("f:2", "f:3", "f:4"))
    assert any(text.startswith(claim) for text in failed)


def test_a_row_that_vanished_is_found() -> None:
    assert any("row by row" in claim for claim in _failed(_ledger(), _frame("f:1"), _frame("f:2", "f:3")))


def test_twins_left_in_the_dataset_are_found() -> None:
    ledger = _ledger(f_3=("c", "split", "kept", "train", None, None, None))
    assert any("same text" in claim for claim in _failed(ledger, _frame("f:1", "f:3"), _frame("f:2", "f:4")))
