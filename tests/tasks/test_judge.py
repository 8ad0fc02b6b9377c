"""Judging: the verdict also says what the exam could not ask."""

from pathlib import Path

import polars as pl

from evals.items import SCORES
from evals.verdict import Gate, Unexamined, Verdict
from tasks import store
from tasks.examine import Scores
from tasks.judge import judge


def test_what_the_exam_could_not_ask_stands_in_the_verdict(home: Path) -> None:
    missing = (Unexamined(suite="garden-choice", reason="no row has siblings"),)
    before, after = (
        Scores(
            scores=store.write_table(
                pl.DataFrame([("g", "domain", f"g/{n}", str(n), model, 0.5) for n in range(6)], SCORES, orient="row")
            ),
            answers=store.write_table(pl.DataFrame({"item": []})),
            unexamined=missing,
        )
        for model in ("base", "candidate")
    )
    verdict = judge.fn(before, after, Gate())
    assert verdict.unexamined == missing
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
