"""Judging: the verdict also says what the exam could not ask."""

from pathlib import Path

import numpy as np
import polars as pl

from evals.items import SCORES
from evals.shortening import Cut
from evals.verdict import Gate, Unexamined, Verdict
from tasks import store
from tasks.examine import Scores
from tasks.judge import judge


def test_what_the_exam_could_not_ask_or_not_whole_stands_in_the_verdict(home: Path) -> None:
    cut = Cut(suite="g", n=1, of=6, limit=2000, unit="bytes")
    missing = (Unexamined(suite="garden-choice", reason="no row has siblings"),)
    before, after = (
        Scores(
            scores=store.write_table(
                pl.DataFrame([("g", "domain", f"g/{n}", str(n), model, 0.5) for n in range(6)], SCORES, orient="row")
            ),
            answers=store.write_table(pl.DataFrame({"item": []})),
            unexamined=missing,
            cut=(cut,),
        )
        for model in ("base", "candidate")
    )
    verdict = judge.fn(before, after, Gate())
    assert (verdict.unexamined, verdict.cut) == (missing, (cut,))
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


def test_items_that_the_training_rows_may_give_away_are_left_out_once(home: Path, pool_of) -> None:
    rng = np.random.default_rng(0)
    moved = {"base": np.zeros(60), "candidate": np.concatenate([np.full(20, 1.0), 0.1 * rng.standard_normal(40)])}
    before, after = (
        Scores(
            scores=store.write_table(
                pl.DataFrame(
                    [("g", "domain", f"g/{n}", str(n), model, float(d)) for n, d in enumerate(moved[model] - 1)],
                    SCORES,
                    orient="row",
                )
            ),
            answers=store.write_table(pl.DataFrame({"item": []})),
        )
        for model in ("base", "candidate")
    )
    given_away = pl.DataFrame({"item": [f"g/{n}" for n in range(20)], "suite": ["g"] * 20})
    pool = pool_of([("a", "b")])
    trained = pool.with_fates(pool.removed(), unsure=given_away)
    assert judge.fn(before, after, Gate(), pool).decision == "SHIP"
    verdict = judge.fn(before, after, Gate(), trained)
    assert (verdict.decision, verdict.unsure) == ("INCONCLUSIVE", 20)
