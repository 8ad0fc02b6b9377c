"""What a run tells beside its verdict is held against its exam, scores and training rows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evals.items import ITEMS, SCORES
from evals.recall import recalled
from tasks.auditing import audit
from tasks.auditing import probe as under_test

Tamper = Callable[[Path], object]

ADDED = "what is told beside the verdict adds up from its items"
SCORED = "base and candidate predict the exam's items beside the verdict as they did in the exam"
ASKED = "what was asked again is of the exam, and known where the base had it right"
TRACED = "every lost item is told with training rows, which were let in as it says"
WHOLE = "the manifest names every file that such a run leaves"
UNREAD = "the files that the proofs of the probe need can be read"
FIRST = pl.int_range(pl.len()) == 0


def failed(folder: Path) -> list[str]:
    return [proof.claim for proof in audit(folder).proofs if proof.failed]


def table(name: str, **values: Any) -> Tamper:
    """Change values of a table's first row."""

    def tamper(folder: Path) -> None:
        file = folder / "probe" / f"{name}.parquet"
        rows = pl.read_parquet(file)
        said = {key: pl.lit(value, rows.schema[key]) for key, value in values.items()}
        rows.with_columns(**{key: pl.when(FIRST).then(v).otherwise(key) for key, v in said.items()}).write_parquet(file)

    return tamper


def all_rows(name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Tamper:
    return lambda folder: change(pl.read_parquet(folder / "probe" / f"{name}.parquet")).write_parquet(
        folder / "probe" / f"{name}.parquet"
    )


def told(**values: Any) -> Tamper:
    def tamper(folder: Path) -> None:
        file = folder / "probe" / "probe.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | values))

    return tamper


def gone(name: str) -> Tamper:
    return lambda folder: (folder / "probe" / name).unlink()


CASES: list[tuple[str, Tamper, str]] = [
    ("a sum", told(divergence=[]), ADDED),
    ("another alpha", told(alpha=0.2), ADDED),
    ("one more sum", told(verdict="ship it"), ADDED),
    ("a smaller divergence", table("divergence", nats=0.0), ADDED),
    ("a negative divergence", table("divergence", nats=-1.0), SCORED),
    ("an item that is not asked", table("divergence", item="garden/x"), SCORED),
    ("other scores", all_rows("divergence", lambda rows: rows.with_columns(pl.col("candidate") + 0.5)), SCORED),
    ("an item twice", all_rows("divergence", lambda rows: pl.concat([rows, rows[:1]])), SCORED),
    ("a flip hidden", table("recalled", candidate=0), TRACED),
    ("a question that is not asked", table("recalled", item="prose-choice/x"), ASKED),
    ("another right option", table("recalled", answer=1), ASKED),
    ("an option that is none", table("recalled", candidate=9), ASKED),
    ("an answer to what was not known", table("recalled", knew=False), ASKED),
    ("a row that is not trained on", table("nearest", id="f" * 32), TRACED),
    ("another score", table("nearest", score=9.0), TRACED),
    ("no threshold", table("nearest", threshold=None), TRACED),
    ("rows of another item", table("nearest", item="prose-choice/x"), TRACED),
    ("no rows", all_rows("nearest", lambda rows: rows.clear()), TRACED),
    ("no table", gone("recalled.parquet"), WHOLE),
    ("no sums", gone("probe.json"), UNREAD),
    ("sums of another form", told(missing=None), UNREAD),
    ("a column of another kind", all_rows("divergence", lambda rows: rows.with_columns(nats=pl.lit("x"))), UNREAD),
]


def test_what_was_written_is_proven(judged: Path) -> None:
    found = audit(judged)
    assert not [proof.claim for proof in found.proofs if proof.failed]
    assert {ADDED, SCORED, ASKED, TRACED} <= {proof.claim for proof in found.proofs}
    assert not [gap for gap in found.unproven if gap.startswith("probe")]
    assert "how far the candidate moved" in " ".join(found.unproven)


@pytest.mark.parametrize(("tamper", "claim"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_forged_is_found(judged: Path, repair: Callable[..., None], tamper: Tamper, claim: str) -> None:
    tamper(judged)
    repair(judged)
    found = failed(judged)
    assert [one for one in found if one.startswith(claim)], found


def test_a_choice_item_that_the_template_refused_is_not_known() -> None:
    item = (
        "quiz",
        "retention",
        "choice",
        "quiz/1",
        "1",
        [{"role": "user", "content": "Who?"}],
        "Ada.",
        ["Ada.", "I."],
        0,
    )
    exam = pl.DataFrame([item], ITEMS, orient="row")
    scores = pl.DataFrame(schema=SCORES)
    for knew, failed in ((False, 0), (True, 1)):
        assert under_test._asked(recalled(exam, [knew], [0] * knew, [0] * knew), exam, scores).failed == failed
