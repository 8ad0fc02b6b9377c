"""What each stage of curation bought and each slice of the training set brought, in sentences."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from evals.gate import NOISE
from evals.power import LEAST_CLUSTERS
from tasks.reporting.comparisons import UNITS
from tasks.reporting.dividend_evidence import DividendEvidence, SliceShown
from tasks.reporting.intervals import interval
from tasks.reporting.text import counted, one_line

_BROUGHT = {
    ("domain", True): "brings gain",
    ("domain", False): "holds gain back",
    ("retention", True): "helps what must be kept",
    ("retention", False): "harms what must be kept",
}


def stage(lines: Sequence[dict[str, Any]]) -> str:
    """Say what a stage bought on domain and retention: it paid, it hurt, or these seeds and items can't tell."""
    name = lines[0]["control"].removeprefix("no-")
    sure = [one for one in lines if one["sure"]]
    if not sure:
        return f"What {name} bought can't be told."
    told = " and ".join(_BROUGHT[one["role"], one["mean"] > 0] for one in sure)
    signs = {one["mean"] > 0 for one in sure}
    word = "both pays and hurts" if len(signs) > 1 else "pays" if True in signs else "hurts"
    return f"{name.capitalize()} {word}: it {told}."


def stages_told(evidence: DividendEvidence) -> Iterator[str]:
    """Say of each stage what it bought, and where to look first."""
    for lines in _by_stage(evidence):
        yield stage(lines)
    yield from _first_stage(evidence)


def costly_stages(evidence: DividendEvidence) -> Iterator[str]:
    """Name the stages that surely cost something, or the one to look at first where none does."""
    for lines in _by_stage(evidence):
        if any(one["sure"] and one["mean"] < 0 for one in lines):
            yield stage(lines)
    yield from _first_stage(evidence)


def _by_stage(evidence: DividendEvidence) -> Iterator[list[dict[str, Any]]]:
    judged = evidence.stages.filter(pl.col("judged"))
    for control in judged["control"].unique(maintain_order=True):
        yield judged.filter(pl.col("control") == control).to_dicts()


def _first_stage(evidence: DividendEvidence) -> Iterator[str]:
    if (first := suspected(evidence.stages, evidence.alpha)) is not None:
        several = evidence.stages.filter(pl.col("judged")).height
        yield (
            f"The first stage to look at is {first['control'].removeprefix('no-')}: by itself it "
            f"{_BROUGHT[first['role'], False]} {_told(first)}. {_by_chance(several)}"
        )


def slices_told(evidence: DividendEvidence) -> Iterator[str]:
    """Name the slices that surely cost something, each by the row at its middle; or say that none does.

    One that would, were it alone looked at, is offered as a place to look then.
    """
    judged = evidence.slices.filter(pl.col("judged"))
    if judged.is_empty():
        return
    shown = {one.arm: one for one in evidence.slices_shown}
    costly = list(judged.filter(pl.col("sure"), pl.col("mean") < 0).iter_rows(named=True))
    for line in costly:
        one = shown[line["control"]]
        yield f"Slice {one.number} {_BROUGHT[line['role'], False]} {_told_slice(line, one)}."
    if costly:
        return
    told = counted(judged["control"].n_unique(), "slice")  # of those that the time did not reach nothing is known
    yield f"None of {told} surely harms what must be kept, or holds the gain back."
    if (first := suspected(evidence.slices, evidence.alpha)) is not None:
        one = shown[first["control"]]
        yield (
            f"The first place to look is slice {one.number}: by itself it {_BROUGHT[first['role'], False]} "
            f"{_told_slice(first, one)}. {_by_chance(judged.height)}"
        )


def suspected(lines: pl.DataFrame, alpha: float) -> dict[str, Any] | None:
    """Return the line of the stage, or slice, that most likely costs something, where none surely does.

    By itself its p-value is at most alpha, and not among all of them (Holm); None where none is. As what is sure, it is
    more than rounding may bring, and more than a few documents agree on.

    Parameters
    ----------
    lines
        Shaped as `DIFFERENCES`: all stages, or all slices.
    """
    judged = lines.filter(pl.col("judged"), pl.col("mean") < 0)
    rounding = pl.when(pl.col("unit") == "bits per byte").then(NOISE).otherwise(0.0)
    told = (pl.col("p") <= alpha) & (pl.col("upper") < -rounding) & (pl.col("clusters") >= LEAST_CLUSTERS)
    alone = judged.filter(told).sort("p", maintain_order=True)
    return None if judged["sure"].any() or alone.is_empty() else alone.row(0, named=True)


def _told(line: dict[str, Any]) -> str:
    return f"({interval(line, line['unit'])} {UNITS[line['unit']].name})"


def _by_chance(questions: int) -> str:
    return f"One of {questions} questions may come out so by chance; more seeds (ablate.seeds) or more items tell."


def _told_slice(line: dict[str, Any], one: SliceShown) -> str:
    prompt, answer = (one_line(text, 90) for text in one.samples[0])
    return f"{_told(line)}: {counted(one.rows, 'row')} like “{prompt}”, answered “{answer}”"


def slice_told(line: dict[str, Any]) -> str:
    """Say what a slice brought."""
    if not line["sure"]:
        return "can't be told"
    return _BROUGHT[line["role"], line["mean"] > 0]
