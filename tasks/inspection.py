"""Read finished runs: a row's life, the differences of two runs, and the proofs of the audit."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from quality.audit import Proof, prove
from quality.receipts import books
from quality.records import full_text, record_ids
from tasks import runs, store


@dataclass(frozen=True)
class Life:
    """A row's receipt with its text and its witness's."""

    receipt: dict[str, Any]
    text: str
    witness_origin: str = ""
    witness_text: str = ""


@dataclass(frozen=True)
class Differences:
    """Two runs side by side: facts (name, first, second), and rows that moved between fates."""

    facts: list[tuple[str, str, str]]
    new: int
    gone: int
    moved: list[tuple[str, str, int]]


def lives(folder: Path, row: str) -> list[Life]:
    """Return the life of every row whose id begins with `row` or whose origin ends with it.

    Raises
    ------
    ValueError
        When the run has no such row.
    """
    ledger = _receipts(folder)
    found = ledger.filter(pl.col("id").str.starts_with(row) | pl.col("origin").str.ends_with(row)).head(20)
    if found.is_empty():
        raise ValueError(f"The run {folder.name} has no row “{row}”. Give an id, its beginning, or file:line.")
    texts = _texts(folder)
    reserve = pl.read_parquet(folder / "reserve.parquet")
    return [_life(receipt, texts, reserve) for receipt in found.iter_rows(named=True)]


def differences(before: Path, after: Path) -> Differences:
    """Compare two runs by their manifests, receipts and verdicts."""
    one, other = _receipts(before), _receipts(after)
    ends = pl.concat_str([pl.col("fate"), pl.lit(" "), pl.col("stage"), pl.lit(" "), pl.col("reason")])
    pairs = one.select("origin", "id", was=ends).join(
        other.select("origin", "id", now=ends),
        on=["origin", "id"],
        how="full",
        nulls_equal=True,
        coalesce=True,
    )
    both = pairs.drop_nulls(["was", "now"]).filter(pl.col("was") != pl.col("now"))
    moved = both.group_by("was", "now").agg(rows=pl.len()).sort("rows", descending=True)
    return Differences(
        facts=_facts(before, after, one, other),
        new=pairs.filter(pl.col("was").is_null()).height,
        gone=pairs.filter(pl.col("now").is_null()).height,
        moved=list(moved.iter_rows()),
    )


def audit(folder: Path, *, words: int, threshold: float = 0.0) -> list[Proof]:
    """Re-prove a run from its files: what they hold is what the manifest says, the books, every duplicate."""
    receipts = _receipts(folder)
    dataset = pl.concat([pl.read_parquet(folder / "dataset" / f"{part}.parquet") for part in ("train", "validation")])
    removed = pl.read_parquet(folder / "removed.parquet")
    proofs = prove(receipts, dataset, removed, words=words, threshold=threshold)
    return [_unaltered(folder), _named_by_content(pl.concat([dataset, removed])), *proofs]


def _unaltered(folder: Path) -> Proof:
    said = runs.manifest(folder)["files"]
    wrong = [name for name, digest in said.items() if not _same(folder / name, digest)]
    return Proof("every file is the one the manifest names", len(said), len(wrong), tuple(wrong[:3]))


def _named_by_content(rows: pl.DataFrame) -> Proof:
    wrong = rows.filter(pl.col("id") != record_ids(rows["messages"]))["origin"]
    return Proof("every row's id is the hash of its messages", rows.height, len(wrong), tuple(wrong.head(3)))


def _same(path: Path, digest: str) -> bool:
    return path.is_file() and store.file_digest(path) == digest


def _life(receipt: dict[str, Any], texts: pl.DataFrame, reserve: pl.DataFrame) -> Life:
    own = texts.filter(pl.col("origin") == receipt["origin"])["text"].to_list()
    if receipt["witness"] is None:
        return Life(receipt, "".join(own))
    witness = texts.filter((pl.col("id") == receipt["witness"]) & (pl.col("origin") != receipt["origin"])).head(1)
    if not witness.is_empty():
        return Life(receipt, "".join(own), witness["origin"][0], witness["text"][0])
    item = reserve.filter(pl.col("item") == receipt["witness"]).head(1)
    if not item.is_empty():
        return Life(receipt, "".join(own), "row of the exam", f"{item['question'][0]} {item['answer'][0]}")
    return Life(receipt, "".join(own))


def _texts(folder: Path) -> pl.DataFrame:
    files = [
        folder / "dataset" / "train.parquet",
        folder / "dataset" / "validation.parquet",
        folder / "removed.parquet",
    ]
    rows = pl.concat([pl.read_parquet(path) for path in files])
    return rows.select("id", "origin", text=full_text(rows))


def _receipts(folder: Path) -> pl.DataFrame:
    if not (folder / "receipts.parquet").is_file():
        facts = runs.manifest(folder)
        raise ValueError(f"The run {folder.name} has no receipts. It ended as {facts['state']}: {facts['reason']}")
    return pl.read_parquet(folder / "receipts.parquet")


def _facts(before: Path, after: Path, one: pl.DataFrame, other: pl.DataFrame) -> list[tuple[str, str, str]]:
    manifests = runs.manifest(before), runs.manifest(after)
    facts = [(key, str(manifests[0].get(key)), str(manifests[1].get(key))) for key in ("state", "reason", "started")]
    counts = books(one), books(other)
    facts += [(f"rows {key}", f"{counts[0][key]:,}", f"{counts[1][key]:,}") for key in counts[0]]
    verdicts = _changes(before), _changes(after)
    for suite in dict.fromkeys([*verdicts[0], *verdicts[1]]):
        facts.append((suite, verdicts[0].get(suite, "–"), verdicts[1].get(suite, "–")))
    return facts


def _changes(folder: Path) -> dict[str, str]:
    path = folder / "verdict.json"
    if not path.is_file():
        return {}
    verdict = json.loads(path.read_text(encoding="utf-8"))
    lines = [verdict["gain"], *verdict["retention"]]
    return {
        line["suite"]: f"{line['mean']:+.4f} ({line['status']})" for line in lines if line and line["mean"] is not None
    }
