"""A run on suites of one's own: a story to write and a quiz, from files beside the recipe."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl

from tasks.auditing import audit

WRITTEN = "kind: generate\nmetric: rouge_l\nshots: 1\nmax_new_tokens: 4\nlimit: 6\nsource: {path: sums.jsonl}\n"
QUIZ = "kind: choice\nformat: 'Q: {question} A:'\nmargin: 0.9\nlimit: 6\nsource: {path: quiz.jsonl}\n"


def lines(file: Path, rows: list[dict[str, object]]) -> None:
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def test_a_run_on_suites_of_ones_own_tells_their_units_and_is_proven(
    winnow: Callable[..., object], recipe: Callable[..., Path], tmp_path: Path, home: Path
) -> None:
    plants = ["rose", "fern", "moss", "oak", "reed", "lily", "pine", "sage", "mint", "dill"]
    lines(
        tmp_path / "pool" / "rows.jsonl",
        [
            {"question": f"How should a {plant} be kept in month {n} of the year?", "answer": f"Water the {plant} {n + 2} times, then rest it {n * 7 + 3} days."}
            for n, plant in enumerate(plants * 4)
        ],
    )  # fmt: skip
    lines(
        tmp_path / "sums.jsonl", [{"question": f"What is {n} and {n}?", "answer": f"It is {n + n}."} for n in range(9)]
    )
    lines(
        tmp_path / "quiz.jsonl",
        [{"question": f"Is {n} even?", "options": ["Yes", "No"], "answer": n % 2} for n in range(9)],
    )
    (tmp_path / "sums.yaml").write_text(WRITTEN)
    (tmp_path / "quiz.yaml").write_text(QUIZ)
    exam = {"domain_items": 5, "choice_items": 0, "retention": ["sums.yaml", "quiz.yaml"]}
    tune = {"token_budget": 400, "batch_tokens": 200, "threads": 1}
    written = recipe(exam=exam, tune=tune, curate={"contract": {"min_rows": 5}})
    ended = winnow("run", written)
    (run,) = (home / "runs").iterdir()
    verdict = json.loads((run / "verdict.json").read_text())
    assert {line["suite"]: line["unit"] for line in verdict["retention"]} == {"sums": "ROUGE-L", "quiz": "share right"}
    assert verdict["gate"]["margins"] == {"quiz": 0.9}
    assert "in bits per byte: bad; ROUGE-L: sums; share right: quiz" in ended.printed + ended.told
    answers = pl.read_parquet(run / "answers.parquet")
    assert answers.filter(pl.col("item").str.starts_with("sums/")).group_by("model").len().sort("model").rows() == [
        ("base", 6), ("candidate", 6),
    ]  # fmt: skip
    report = (run / "report.html").read_text(encoding="utf-8")
    assert "ROUGE-L (0 to 1)" in report
    assert "rouge_l, 1 example<" in report
    found = audit(run)
    assert [proof for proof in found.proofs if proof.failed] == []
    assert any("written answer" in proof.claim for proof in found.proofs)
    (tmp_path / "sums.yaml").write_text("version: 2\n" + WRITTEN)
    again = winnow("run", written)
    assert "the suite “sums” changed since version 1 was sealed, and is version 2 now" in again.told
