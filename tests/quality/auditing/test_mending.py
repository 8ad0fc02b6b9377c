"""An audit finds what was left to mend, what is on record and was not mended, and what is on record twice."""

import polars as pl
import pytest

from quality.auditing.mending import prove_mended
from quality.receipts import EDITED
from quality.records import MESSAGE
from quality.sources.mending import MENDED

EDITS = pl.DataFrame(schema=EDITED)


@pytest.fixture
def rows() -> pl.DataFrame:
    answers = ["Stir in ½ cup.", "Stir in &frac14; cup.", "Stir."]
    said = [[{"role": "user", "content": "How?"}, {"role": "assistant", "content": answer}] for answer in answers]
    columns = {"id": ["a", "b", "c"], "messages": pl.Series(said, dtype=pl.List(MESSAGE)), "origin": ["1", "2", "3"]}
    return pl.DataFrame(columns)


def mended(*lines: tuple[str, str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(lines, schema={"id": pl.String(), "origin": pl.String(), **MENDED}, orient="row")


def test_nothing_left_to_mend_holds(rows: pl.DataFrame) -> None:
    proof = prove_mended(rows[[0, 2]], mended(("a", "1", 1, 0)), EDITS, everywhere=True)
    assert (proof.checked, proof.failed) == (2, 0)
    assert prove_mended(rows[[0, 2]], None, EDITS, everywhere=True).failed == 0


def test_a_row_left_to_mend_is_found_where_its_source_is_mended(rows: pl.DataFrame) -> None:
    told = mended(("a", "1", 1, 0))
    assert prove_mended(rows, told, EDITS, everywhere=True).examples == ("2",)
    assert prove_mended(rows, told, EDITS, everywhere=False).failed == 0
    assert prove_mended(rows, mended(("b", "2", 1, 0)), EDITS, everywhere=False).examples == ("2",)


@pytest.mark.parametrize(
    "told",
    [
        [("a", "1", 0, 0)],
        [("z", "1", 1, 0)],
        [("z", "9", 1, 0)],
        [("a", "1", 1, 0), ("a", "1", 1, 0)],
    ],
)
def test_what_is_on_record_wrongly_is_found(rows: pl.DataFrame, told: list[tuple[str, str, int, int]]) -> None:
    assert prove_mended(rows[[0, 2]], mended(*told), EDITS, everywhere=True).failed
