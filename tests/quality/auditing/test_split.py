"""Rows sealed for the exam take their whole cluster with them, and no other row."""

import polars as pl
import pytest

from quality.auditing.split import prove_sealed
from quality.receipts import RECEIPTS

ROWS = {"a": "d1", "b": "d1", "c": None, "e": "d2", "f": "d2"}
SEALED = {"a": "a", "b": "a"}  # row and witness
RESERVE = pl.DataFrame({"item": ["garden/a", "garden/gone"]})


def failed(sealed: dict[str, str], reserve: pl.DataFrame = RESERVE) -> int:
    receipts = [
        (row, row, "s", "seal_exam", "dropped", "sealed_for_exam", sealed[row], None, None)
        if row in sealed
        else (row, row, "s", "split", "kept", "train", None, None, None)
        for row in ROWS
    ]
    said = [[{"role": "user", "content": f"what of {row}"}, {"role": "assistant", "content": row * 3}] for row in ROWS]
    rows = pl.DataFrame({"id": list(ROWS), "origin": list(ROWS), "messages": said})
    documents = pl.DataFrame({"id": list(ROWS), "origin": list(ROWS), "group": list(ROWS.values())}).drop_nulls()
    found = prove_sealed(pl.DataFrame(receipts, schema=RECEIPTS, orient="row"), rows, reserve, documents)
    return sum(proof.failed for proof in found)


def test_a_cluster_is_sealed_with_its_drawn_row_and_with_one_drawn_from_an_earlier_pool() -> None:
    assert failed(SEALED) == 0
    assert failed(SEALED | {"e": "gone", "f": "gone"}) == 0
    assert failed({}) == 0


@pytest.mark.parametrize(
    "sealed",
    [
        {"a": "a"},  # b is of the same document
        SEALED | {"c": "a"},
        SEALED | {"c": "c"},  # no item
        SEALED | {"e": "nobody"},
        {"a": "a", "b": "c"},
        {"a": "b", "b": "b"},
    ],
)
def test_a_row_sealed_without_a_reason_or_left_behind_is_found(sealed: dict[str, str]) -> None:
    assert failed(sealed) > 0


def test_a_drawn_row_is_an_item_of_the_reserve() -> None:
    assert failed(SEALED, RESERVE[1:]) > 0
