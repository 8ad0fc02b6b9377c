"""Where the domain was cut in a finished run: rows near the line, and what another threshold would change.

A run keeps the domain scores of all rows it judged (`attributes/domain.parquet`), so that nothing here embeds or fits.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from quality.records import MESSAGE, full_text
from tasks import run_files

_SCORES: dict[str, pl.DataType] = {
    "id": pl.String(), "origin": pl.String(), "score": pl.Float64(), "threshold": pl.Float64(), "domain": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Borderline:
    """A row near the threshold (`margin`: score minus threshold, log-odds)."""

    id: str
    origin: str
    domain: str
    margin: float
    messages: list[dict[str, str]]


@dataclass(frozen=True)
class Shift:
    """What another threshold would change at the stage keep_domain.

    `entering` rows were dropped there, and later stages would still judge them; of the `leaving` rows, `published`
    are in the run's dataset. Samples are the rows nearest to the line, as (origin, score, text).
    """

    before: float
    after: float
    judged: int
    entering: int
    leaving: int
    published: int
    entering_samples: list[tuple[str, float, str]]
    leaving_samples: list[tuple[str, float, str]]


def borderline(folder: Path, *, most: int | None = None, margin: float = 1.0) -> list[Borderline]:
    """Return the rows within `margin` (log-odds) of the threshold, the closest first, and no more than `most`."""
    near = (
        _scores(folder)
        .with_columns(margin=pl.col("score") - pl.col("threshold"))
        .filter(pl.col("margin").abs() <= margin)
        .sort(pl.col("margin").abs(), "origin")
        .unique("id", keep="first", maintain_order=True)
    )
    near = near if most is None else near.head(most)
    rows = near.join(_rows(folder), on=["id", "origin"], how="inner", maintain_order="left")
    fields = rows.select("id", "origin", "domain", "margin", "messages")
    return [Borderline(**row) for row in fields.iter_rows(named=True)]


def shift(folder: Path, threshold: float, *, samples: int = 5) -> Shift:
    """Compare the run's threshold of the domain with another one, from its scores alone.

    Raises
    ------
    ValueError
        When the recipe has several domains, each with a threshold of its own.
    """
    scores = _scores(folder)
    if scores["domain"].n_unique() > 1:
        names = ", ".join(scores["domain"].unique().sort())
        raise ValueError(f"The run {folder.name} has several domains ({names}), each with a threshold of its own.")
    before = float(scores["threshold"][0])
    entering = scores.filter((pl.col("score") < before) & (pl.col("score") >= threshold)).sort("score", descending=True)
    leaving = scores.filter((pl.col("score") >= before) & (pl.col("score") < threshold)).sort("score")
    kept = run_files.receipts(folder).filter(pl.col("fate") == "kept")
    return Shift(
        before=before,
        after=threshold,
        judged=scores.height,
        entering=entering.height,
        leaving=leaving.height,
        published=leaving.join(kept, on=["id", "origin"], how="semi").height,
        entering_samples=_samples(folder, entering.head(samples)),
        leaving_samples=_samples(folder, leaving.tail(samples)),
    )


def _samples(folder: Path, scores: pl.DataFrame) -> list[tuple[str, float, str]]:
    rows = scores.join(_rows(folder), on=["id", "origin"], how="inner", maintain_order="left")
    return list(rows.select("origin", "score", full_text(rows)).iter_rows())


def _scores(folder: Path) -> pl.DataFrame:
    found = run_files.attribute(folder, "domain", _SCORES)
    if found is None or found.is_empty():
        raise ValueError(f"The run {folder.name} has no domain scores: its recipe asks for no domain (curate.domain).")
    return found


def _rows(folder: Path) -> pl.DataFrame:
    rows: Any = pl.concat([run_files.dataset(folder), run_files.removed(folder)])
    return rows.select("id", "origin", pl.col("messages").cast(pl.List(MESSAGE)))  # type: ignore[no-any-return]
