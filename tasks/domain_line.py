"""Where the domain was cut in a finished run: rows near the line, and what another threshold would change.

A run keeps the domain scores of all rows it judged (`attributes/domain.parquet`), so that nothing here embeds or fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from quality.records import MESSAGE, full_text
from tasks import run_files

_SCORES: dict[str, pl.DataType] = {
    "id": pl.String(), "origin": pl.String(), "score": pl.Float64(), "threshold": pl.Float64(), "domain": pl.String(),
}  # fmt: skip

_LINES: dict[str, pl.DataType] = {"domain": pl.String(), "threshold": pl.Float64()}
_EACH: dict[str, pl.DataType] = {"id": pl.String(), "origin": pl.String(), "domain": pl.String(), "score": pl.Float64()}
_ROW = ["id", "origin"]


@dataclass(frozen=True)
class Borderline:
    """A row near the threshold (`margin`: score minus threshold, log-odds)."""

    id: str
    origin: str
    domain: str
    margin: float
    messages: list[dict[str, str]]


@dataclass(frozen=True)
class Line:
    """A domain's threshold (log-odds) in the run, and the one asked about."""

    domain: str
    before: float
    after: float

    @property
    def key(self) -> str:
        """Return the recipe's key that sets it."""
        also = "" if self.domain == "domain" else f"also.{self.domain}."
        return f"curate.domain.{also}threshold"


@dataclass(frozen=True)
class Sample:
    """A row that would come or go: the domain that it is, or was, of, and its score (log-odds) for that one."""

    domain: str
    origin: str
    score: float
    text: str


@dataclass(frozen=True)
class Shift:
    """What other thresholds would change at the stage keep_domain.

    `entering` rows were dropped there, and later stages would still judge them; of the `leaving` rows, `published`
    are in the run's dataset. Samples are the rows nearest to the line. `lines` are those of the domains asked about.
    """

    lines: list[Line]
    judged: int
    entering: int
    leaving: int
    published: int
    entering_samples: list[Sample]
    leaving_samples: list[Sample]


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
    rows = near.join(_rows(folder), on=_ROW, how="inner", maintain_order="left")
    fields = rows.select("id", "origin", "domain", "margin", "messages")
    return [Borderline(**row) for row in fields.iter_rows(named=True)]


def shift(folder: Path, asked: Mapping[str, float], *, samples: int = 5) -> Shift:
    """Compare the run's thresholds with others, from its scores alone.

    Parameters
    ----------
    folder : Path
        The run.
    asked : mapping of str to float
        Thresholds (log-odds) by domain; where the run has one domain alone, "" names it, too.
    samples : int
        Rows to show on either side.

    Raises
    ------
    ValueError
        When a domain is not one of the run's, or the run does not hold what every row scored for each.
    """
    scores = _each_score(folder)
    before = dict(scores.select("domain", "threshold").unique(maintain_order=True).iter_rows())
    after = before | _named(asked, list(before), folder.name)
    margins = scores.with_columns(
        was=pl.col("score") - pl.col("threshold"),
        now=pl.col("score") - pl.col("domain").replace_strict(after, return_dtype=pl.Float64),
    )
    # A row is of the domain that it comes nearest to, and kept where it reaches that one's line.
    was, now = (margins.sort(by, descending=True).unique(_ROW, keep="first") for by in ("was", "now"))
    entering = now.filter(pl.col("now") >= 0).join(was.filter(pl.col("was") < 0), on=_ROW, how="semi")
    leaving = was.filter(pl.col("was") >= 0).join(now.filter(pl.col("now") < 0), on=_ROW, how="semi")
    kept = run_files.receipts(folder).filter(pl.col("fate") == "kept")
    return Shift(
        lines=[
            Line(name, before[name], line) for name, line in after.items() if line != before[name] or len(after) == 1
        ],
        judged=was.height,
        entering=entering.height,
        leaving=leaving.height,
        published=leaving.join(kept, on=_ROW, how="semi").height,
        entering_samples=_samples(folder, entering.sort("was", "origin", descending=[True, False]).head(samples)),
        leaving_samples=_samples(folder, leaving.sort("was", "origin").tail(samples)),
    )


def _named(asked: Mapping[str, float], names: list[str], run: str) -> dict[str, float]:
    if len(names) == 1 and "" in asked:
        return {names[0]: asked[""]}
    told = ", ".join(names)
    if "" in asked:
        raise ValueError(
            f"The run {run} has several domains ({told}), each with a threshold of its own: say of which, as in "
            f"--domain {names[-1]}={asked['']:g}."
        )
    for name in asked:
        if name not in names:
            raise ValueError(f"The run {run} has no domain “{name}”. It has {told}.")
    return dict(asked)


def _each_score(folder: Path) -> pl.DataFrame:
    """Return what every row scored for every domain: `id, origin, domain, score`, and the domain's `threshold`."""
    nearest = _scores(folder)
    lines = run_files.attribute(folder, "domain_facts", _LINES)
    if lines is None or lines.height < 2:
        return nearest
    each = run_files.attribute(folder, "domain_scores", _EACH)
    if each is None:
        names = ", ".join(lines["domain"])
        raise ValueError(
            f"The run {folder.name} has several domains ({names}) and kept each row's score for its nearest alone, "
            "as winnow did before: run it again to ask about another threshold."
        )
    return each.join(lines.select(_LINES.keys()), on="domain", how="inner", maintain_order="left")


def _samples(folder: Path, scores: pl.DataFrame) -> list[Sample]:
    rows = scores.join(_rows(folder), on=_ROW, how="inner", maintain_order="left")
    found = rows.select("domain", "origin", "score", full_text(rows))
    return [Sample(*row) for row in found.iter_rows()]


def _scores(folder: Path) -> pl.DataFrame:
    found = run_files.attribute(folder, "domain", _SCORES)
    if found is None or found.is_empty():
        raise ValueError(f"The run {folder.name} has no domain scores: its recipe asks for no domain (curate.domain).")
    return found


def _rows(folder: Path) -> pl.DataFrame:
    rows: Any = pl.concat([run_files.dataset(folder), run_files.removed(folder)])
    return rows.select("id", "origin", pl.col("messages").cast(pl.List(MESSAGE)))  # type: ignore[no-any-return]
