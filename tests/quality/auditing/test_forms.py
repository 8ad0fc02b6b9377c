"""The proof that receipts name where their rows come from."""

import polars as pl
import pytest

from quality.auditing.forms import prove_forms

ROWS = pl.DataFrame({"id": ["a", "b"], "source": ["lectures", "mine"], "origin": ["p.jsonl:1", "p.jsonl:2"]})
KEPT = {"stage": "split", "fate": "kept", "reason": "kept", "witness": None, "score": None, "threshold": None}
UNREAD = {"stage": "ingest", "fate": "quarantined", "reason": "broken_json"}


def wrong(sources: list[str], *, named_by_rows: bool, unread: str = "mine") -> list[str]:
    told = [KEPT | {"id": key, "origin": f"p.jsonl:{line}"} for line, key in enumerate("ab", 1)]
    told.append(KEPT | UNREAD | {"id": None, "origin": "p.jsonl:3"})
    receipts = pl.DataFrame([row | {"source": name} for row, name in zip(told, [*sources, unread], strict=True)])
    proof = prove_forms(receipts, ROWS, ["mine"], named_by_rows=named_by_rows)[1]
    return list(proof.examples)


def test_names_that_rows_tell_stand_beside_the_recipe_s() -> None:
    assert wrong(["lectures", "mine"], named_by_rows=True) == []
    assert wrong(["lectures", "mine"], named_by_rows=False) == ["p.jsonl:1"]


@pytest.mark.parametrize(
    ("sources", "unread", "told"),
    [(["mine", "mine"], "mine", "p.jsonl:1"), (["lectures", "mine"], "else", "p.jsonl:3")],
)
def test_a_name_that_neither_row_nor_recipe_tells_is_found(sources: list[str], unread: str, told: str) -> None:
    assert wrong(sources, named_by_rows=True, unread=unread) == [told]
