"""From positions that a library found to rows of the pool, and what is told of them."""

import polars as pl
import pytest

from quality.records import QUARANTINED
from tasks import cards
from tasks.fates import UnlistedReason, removed, tell, tell_unread

# What is left of a pool: positions 0, 1, 2 are rows 3, 5, 9.
ROWS = pl.DataFrame({"row": [3, 5, 9], "id": ["three", "five", "nine"]}, schema_overrides={"row": pl.UInt32})


def found(**columns: object) -> pl.DataFrame:
    return pl.DataFrame(
        {"row": [2, 0], "reason": ["long_answer", "short_answer"]} | columns, schema_overrides={"row": pl.UInt32}
    )


def test_positions_become_rows_and_findings_are_taken_over() -> None:
    fates = removed(ROWS, found(score=[0.5, 1.0], threshold=[0.4, 0.4]), stage="screen")
    assert fates.rows() == [
        (9, "screen", "dropped", "long_answer", None, 0.5, 0.4),
        (3, "screen", "dropped", "short_answer", None, 1.0, 0.4),
    ]


def test_what_was_not_measured_is_null_and_the_fate_is_the_reasons_own() -> None:
    fates = removed(ROWS, found(reason=["conflict", "boilerplate"]), stage="compare_answers")
    assert fates.select("fate", "score", "threshold").rows() == [("quarantined", None, None), ("dropped", None, None)]


@pytest.mark.parametrize(("stage", "reason"), [("screen", "b"), ("dedupe", "long_answer"), ("here", "long_answer")])
def test_a_reason_that_the_audit_would_not_know_is_not_given(stage: str, reason: str) -> None:
    with pytest.raises(UnlistedReason, match=f"step “{stage}” gives the reason “{reason}”.*quality/reasons.py"):
        removed(ROWS, found(reason=["long_answer", reason]), stage=stage)
    assert removed(ROWS, found().clear(), stage=stage).is_empty()


@pytest.mark.parametrize(
    "witness", [pl.Series([0, 1], dtype=pl.UInt32), pl.Series(["three", "five"])], ids=["position", "id"]
)
def test_a_witness_may_be_a_position_or_an_id(witness: pl.Series) -> None:
    assert removed(ROWS, found(witness=witness), stage="screen")["witness"].to_list() == ["three", "five"]


def test_a_step_tells_how_many_rows_it_removed_why_and_what_is_left() -> None:
    heard: list[str] = []
    with cards.listen(lambda event: heard.append(event.text)):
        reasons = ["refusal", "long_answer", "long_answer"]
        fates = removed(ROWS, pl.DataFrame({"row": [0, 1, 2], "reason": reasons}), stage="screen")
        tell(fates, left=10)
        tell(fates.clear(), left=7)
    assert heard == ["−3 rows (long_answer 2, refusal 1), 7 left", "−0 rows (nothing to remove), 7 left"]


def test_rows_that_could_not_be_read_are_counted_and_the_first_is_named() -> None:
    heard: list[str] = []
    broken = pl.DataFrame(
        [
            ("seeds", f"seeds.jsonl:{line}", reason, "", None)
            for line, reason in ((3, "broken_json"), (7, "empty_answer"))
        ],
        schema=QUARANTINED,
        orient="row",
    )
    with cards.listen(lambda event: heard.append(event.text)):
        tell_unread("seeds", broken)
        tell_unread("seeds", broken.clear())
    assert heard == ["seeds: 2 rows could not be read (first seeds.jsonl:3: broken_json)"]
