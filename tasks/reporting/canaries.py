"""The canary audit as a table a manager reads: by stage, how many planted rows were caught, and what that proves."""

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from tasks.reporting.evidence import ALL
from tasks.reporting.text import humanise, listed

_TOLD = ("kind", "removed", "planted")


class Line(NamedTuple):
    """One kind of canary, or a whole stage; shares and bounds are percentages."""

    label: str
    caught: str
    own: int
    share: float
    low: float
    high: float

    @property
    def missed(self) -> bool:
        """Whether some got through."""
        return self.share < 100


class Stage(NamedTuple):
    """A stage: all it should have caught, and the kinds."""

    whole: Line
    kinds: list[Line]


class Audit(NamedTuple):
    """The audit in a sentence, as a figure with the lower bound of its share (0 to 1), and by stage."""

    sentence: str
    caught: str
    least: float
    stages: list[Stage]


def audit_of(canaries: pl.DataFrame) -> Audit | None:
    """Return the audit of a run (schema `evidence.CANARIES`), or None when no canaries were planted."""
    planted = canaries.filter((pl.col("kind") != ALL) & (pl.col("planted") > 0))
    if planted.is_empty():
        return None
    total = canaries.filter(kind=ALL, stage=ALL).row(0, named=True)
    said = (
        f"{total['planted']:,} rows whose right fate is known were planted in a copy of the pool and went through the "
        f"same stages. {total['removed']:,} were caught: at least {total['low']:.0%} of such rows are."
    )
    if missed := _missed(planted):
        said += f" Some got through of {missed}."
    caught = f"{total['removed']:,} of {total['planted']:,}"
    return Audit(said, caught, float(total["low"]), list(_stages(canaries, planted)))


def _missed(planted: pl.DataFrame) -> str:
    """Name the kinds of which not all were caught, the weakest first."""
    weak = planted.filter(pl.col("removed") < pl.col("planted"))
    weak = weak.sort(pl.col("removed") / pl.col("planted"), "kind")
    told = [f"{humanise(kind)} ({n:,} of {all_:,} caught)" for kind, n, all_ in weak.select(*_TOLD).iter_rows()]
    return listed(told) if told else ""


def _stages(canaries: pl.DataFrame, planted: pl.DataFrame) -> Iterator[Stage]:
    for stage in planted["stage"].unique(maintain_order=True):
        (whole,) = canaries.filter(kind=ALL, stage=stage).iter_rows(named=True)
        kinds = planted.filter(stage=stage).iter_rows(named=True)
        yield Stage(_line(whole, stage), [_line(kind, kind["kind"]) for kind in kinds])


def _line(row: dict[str, int | float], name: str) -> Line:
    planted, removed = int(row["planted"]), int(row["removed"])
    return Line(
        label=humanise(name),
        caught=f"{removed:,} of {planted:,}",
        own=int(row["under_own_reason"]),
        share=100 * removed / planted,
        low=100 * row["low"],
        high=100 * row["high"],
    )
