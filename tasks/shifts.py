"""What another threshold would change at a stage of a finished run: who would come, who would go."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from quality.records import MESSAGE, full_text
from tasks import run_files

ROW = ["id", "origin"]


@dataclass(frozen=True)
class Line:
    """A threshold in the run, None where the recipe set none, and the one asked about; `key` is the recipe's."""

    name: str
    key: str
    before: float | None
    after: float


@dataclass(frozen=True)
class Sample:
    """A row that would come or go: what it is judged by (a domain, a score), where it stands, its score and text."""

    name: str
    origin: str
    score: float
    text: str


@dataclass(frozen=True)
class Shift:
    """What other thresholds would change at a stage.

    `entering` rows were dropped there, and later stages would still judge them; of the `leaving` rows, `published`
    are in the run's dataset. Samples are the rows nearest to the line.
    """

    lines: list[Line]
    judged: int
    entering: int
    leaving: int
    published: int
    entering_samples: list[Sample]
    leaving_samples: list[Sample]


def compared(
    folder: Path, lines: Sequence[Line], judged: int, entering: pl.DataFrame, leaving: pl.DataFrame, samples: int
) -> Shift:
    """Gather what is shown of the rows that would come and go.

    Parameters
    ----------
    folder : Path
        The run.
    lines : sequence of Line
        The thresholds asked about.
    judged : int
        Rows that the stage judged.
    entering, leaving : pl.DataFrame
        `id, origin, name, score`, and `beyond`, by which the nearest rows come first.
    samples : int
        Rows to show on either side.
    """
    kept = run_files.receipts(folder).filter(pl.col("fate") == "kept")
    shown = [_samples(folder, rows.sort("beyond", "origin").head(samples)) for rows in (entering, leaving)]
    published = leaving.join(kept, on=ROW, how="semi").height
    return Shift(list(lines), judged, entering.height, leaving.height, published, *shown)


def messages_of(folder: Path) -> pl.DataFrame:
    """Return the rows of a run, kept and removed: `id, origin, messages`."""
    rows: Any = pl.concat([run_files.dataset(folder), run_files.removed(folder)])
    return rows.select("id", "origin", pl.col("messages").cast(pl.List(MESSAGE)))  # type: ignore[no-any-return]


def _samples(folder: Path, scores: pl.DataFrame) -> list[Sample]:
    rows = scores.join(messages_of(folder), on=ROW, how="inner", maintain_order="left")
    return [Sample(*row) for row in rows.select("name", "origin", "score", full_text(rows)).iter_rows()]
