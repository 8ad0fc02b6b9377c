"""Compare what a run tells beside its verdict with its exam, scores and training rows; the models are not run again."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from evals.choices import first_sentences
from evals.divergence import DIVERGENCES
from evals.recall import RECALLED, flips
from quality.auditing.audit import Proof
from tasks import run_files
from tasks.auditing.comparing import alike
from tasks.early_warning import AS_SCORED
from tasks.probing import summary
from tasks.runs import DamagedRun
from tasks.sealed_suites import choice_of
from tasks.trace import NEAREST, ROWS

_DOMAIN: dict[str, pl.DataType] = {"origin": pl.String(), "score": pl.Float64(), "threshold": pl.Float64()}
_OPEN = ("base", "candidate")  # null where an item was not known
_ALIKE = 1e-9


def prove_probe(folder: Path, train: pl.DataFrame) -> list[Proof]:
    """Check what is told beside the verdict; `train` are the training rows."""
    moved = run_files.probed(folder, "divergence", DIVERGENCES)
    again = run_files.probed(folder, "recalled", RECALLED, but=_OPEN)
    near = run_files.probed(folder, "nearest", NEAREST, but=("score", "threshold"))
    exam, scores = run_files.exam(folder), run_files.scores(folder)
    return [
        _added_up(folder, moved, again),
        _as_scored(moved, exam, scores),
        _asked(again, exam, scores),
        _traced(near, again, train, run_files.attribute(folder, "domain", _DOMAIN)),
    ]


def _added_up(folder: Path, moved: pl.DataFrame, again: pl.DataFrame) -> Proof:
    claim = "what is told beside the verdict adds up from its items"
    file = folder / "probe" / "probe.json"
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        missing = [str(sentence) for sentence in told["missing"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedRun(file, "is not what is told beside a verdict") from error
    verdict = run_files.verdict(folder)
    alpha = float("nan") if verdict is None else verdict.gate.alpha
    again_told = summary(moved, again, missing, alpha)
    wrong = [key for key in {**told, **again_told} if not alike(told.get(key), again_told.get(key))]
    return Proof.of(claim, moved.height + again.height, wrong)


def _as_scored(moved: pl.DataFrame, exam: pl.DataFrame, scores: pl.DataFrame) -> Proof:
    """Compare the scores that came with the divergence with the exam's, as near as other batches round."""
    claim = "base and candidate predict the exam's items beside the verdict as they did in the exam"
    keys = ["suite", "role", "item", "cluster"]
    wrong = [*moved.join(exam, on=keys, how="anti")["item"], *moved.filter(moved["item"].is_duplicated())["item"]]
    wrong += moved.filter((pl.col("nats") < 0) | (pl.col("tokens") < 1))["item"].to_list()
    spoken = exam.filter(pl.col("kind") != "choice").select("item")
    for side in ("base", "candidate"):
        both = moved.join(spoken, on="item", how="semi").join(
            scores.filter(model=side).select("item", "score"), on="item"
        )
        off = both.group_by("role").agg((pl.col(side) - pl.col("score")).abs().median())
        wrong += [f"{side}, {role}" for role, value in off.iter_rows() if value > AS_SCORED]
    return Proof.of(claim, moved.height, wrong)


def _asked(again: pl.DataFrame, exam: pl.DataFrame, scores: pl.DataFrame) -> Proof:
    """Compare items asked again with the exam: its own multiple choice, or one made of its questions and answers."""
    claim = "what was asked again is of the exam, and known where the base had it right"
    right = dict(scores.filter(model="base").select("item", pl.col("score") == 1.0).iter_rows())
    own = {row["item"]: row for row in exam.iter_rows(named=True)}
    wrong = again.filter(again["item"].is_duplicated())["item"].to_list()
    for row in again.iter_rows(named=True):
        suite, _, name = row["item"].rpartition("/")
        asked = own.get(row["item"])
        if asked is not None:
            same = all(asked[key] == row[key] for key in ("suite", "cluster", "prompt", "options", "answer"))
            # What the chat template refuses has no score, and is not known.
            fits = same and row["knew"] == right.get(row["item"], False)
        else:
            source = own.get(f"{suite.removesuffix(choice_of(''))}/{name}")
            fits = source is not None and _is_made_of(row, source)
        picks = [row[side] for side in _OPEN if row[side] is not None]
        if not fits or (picks and not row["knew"]) or any(pick >= len(row["options"]) for pick in picks):
            wrong.append(row["item"])
    return Proof.of(claim, again.height, wrong)


def _is_made_of(row: dict[str, Any], source: dict[str, Any]) -> bool:
    """Tell whether a multiple-choice item asks what an item of the exam asks, with that one's answer as the right."""
    offered = row["answer"] < len(row["options"])
    same = all(row[key] == source[key] for key in ("cluster", "prompt", "role"))
    return offered and same and row["options"][row["answer"]] == first_sentences(source["target"])


def _traced(near: pl.DataFrame, again: pl.DataFrame, train: pl.DataFrame, domain: pl.DataFrame | None) -> Proof:
    """Compare the rows told of lost items with the training set and with the scores by which they were let in."""
    claim = "every lost item is told with training rows, which were let in as it says"
    lost, most = flips(again)["item"], min(ROWS, train.height)
    counts = dict(near.group_by("item").len().iter_rows())
    wrong = [item for item in lost if counts.get(item) != most] + [item for item in counts if item not in set(lost)]
    wrong += near.join(train, on=["id", "origin", "source"], how="anti")["id"].to_list()
    if domain is not None:
        scores = near.join(domain, on="origin", how="left", suffix="_told", maintain_order="left")
        for column in ("score", "threshold"):
            off = (pl.col(column) - pl.col(f"{column}_told")).abs()
            wrong += scores.filter(~(off <= _ALIKE).fill_null(value=False))["id"].to_list()
    return Proof.of(claim, lost.len() + near.height, wrong)
