"""Where the domain was cut in a finished run: rows near the line, what another threshold would change, and labels.

A run keeps the domain scores of all rows it judged (`attributes/domain.parquet`), so that nothing here embeds or fits.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl

from quality.domain_settings import Domain, Told
from quality.records import MESSAGE, full_text
from tasks import run_files, store

Answer = Literal["yes", "no"]

_SCORES: dict[str, pl.DataType] = {
    "id": pl.String(), "origin": pl.String(), "score": pl.Float64(), "threshold": pl.Float64(), "domain": pl.String(),
}  # fmt: skip


class NotLabelled(ValueError):
    """Answers can't be written back; the message says what would help."""


@dataclass(frozen=True)
class Borderline:
    """A row near the threshold (`margin`: score minus threshold, log-odds)."""

    id: str
    origin: str
    domain: str
    margin: float
    messages: list[dict[str, str]]
    text: str


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


def borderline(folder: Path, *, most: int, margin: float = 1.0) -> list[Borderline]:
    """Return the rows within `margin` (log-odds) of the threshold, the closest first, at most `most`."""
    near = (
        _scores(folder)
        .with_columns(margin=pl.col("score") - pl.col("threshold"))
        .filter(pl.col("margin").abs() <= margin)
        .sort(pl.col("margin").abs(), "origin")
        .unique("id", keep="first", maintain_order=True)
        .head(most)
    )
    rows = near.join(_rows(folder), on=["id", "origin"], how="inner", maintain_order="left")
    fields = rows.select("id", "origin", "domain", "margin", "messages", text=full_text(rows))
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


def write_back(folder: Path, answers: list[tuple[Borderline, Answer]]) -> dict[Path, int]:
    """Add labelled rows to the recipe's seeds (yes) and negatives (no); return the files and how many each gained.

    A row that a file already holds is not added twice. Where the recipe names no negatives, they go into a new file
    beside the seeds, which the caller should name to the person.

    Raises
    ------
    NotLabelled
        When there are no seeds in a JSONL file to add to.
    """
    told = run_files.domain_settings(folder)
    added: dict[Path, int] = {}
    for answer in ("yes", "no"):
        for name in dict.fromkeys(row.domain for row, given in answers if given == answer):
            file = _file_for(told, name, answer)
            rows = [row.messages for row, given in answers if given == answer and row.domain == name]
            added[file] = added.get(file, 0) + _append(file, rows)
    return added


def _file_for(settings: Domain, name: str, answer: Answer) -> Path:
    told = settings.all_told.get(name, Told())
    key = "curate.domain" if name == "domain" else f"curate.domain.also.{name}"
    if told.seeds is None or not told.seeds.endswith(".jsonl") or "://" in told.seeds:
        raise NotLabelled(
            f"{key}.seeds names no JSONL file here ({told.seeds or 'the domain is told by a description'}), so there "
            "is nothing to add labelled rows to. Keep your seeds in a .jsonl file, and label again after the next run."
        )
    seeds = Path(told.seeds)
    if answer == "yes":
        return seeds
    return Path(told.negatives) if told.negatives else seeds.with_name(f"{seeds.stem}-negatives.jsonl")


def _append(file: Path, rows: list[list[dict[str, str]]]) -> int:
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    lines = [json.dumps({"messages": messages}, ensure_ascii=False) for messages in rows]
    held = set(before.splitlines())
    fresh = [line for line in dict.fromkeys(lines) if line not in held]
    if fresh:
        ending = "" if not before or before.endswith("\n") else "\n"
        store.write_text(file, before + ending + "\n".join(fresh) + "\n")
    return len(fresh)


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
