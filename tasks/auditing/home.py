"""Compare a run with what its home holds beside it: the rows as they were ingested, and the exam as it was sealed.

A run that was copied elsewhere, or whose home was cleared, has neither; then that is not proven, and said.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from quality.auditing.audit import Proof
from quality.auditing.edits import prove_rewritten
from quality.auditing.stages import prove_screening
from quality.personal import Personal
from quality.screening.language import UnknownLanguage
from quality.screening.screen import Screen
from tasks import exams, run_files, runs, store
from tasks.auditing.gaps import is_unsealed
from tasks.auditing.steps import Rows
from tasks.sealed_suites import SealedSuite

_POOL, _UNREAD = ["id", "origin", "source", "group"], ["origin", "source", "reason"]
_PARTS = {"digest": "the exam's digest", "items": "exam.parquet", "reserve": "reserve.parquet", "suites": "suites.json"}
DIGEST = re.compile(r"[0-9a-f]{32}")


def prove_ingested(
    folder: Path, facts: Mapping[str, Any], receipts: pl.DataFrame, edits: pl.DataFrame, documents: pl.DataFrame | None
) -> Proof | None:
    """Compare receipts with the table of ingested rows, row by row and in its order, or return None without one.

    A row that reads otherwise has another id than it was ingested with; only the receipt of an edit explains that, and
    `prove_edited` holds such receipts against what was ingested.
    """
    pool, unread = _stored(folder, facts, "pool", _POOL), _stored(folder, facts, "unread", _UNREAD)
    if pool is None or unread is None:
        return None
    pool = _as_named(pool, edits)
    read = receipts.filter(pl.col("stage") != "ingest").select("id", "origin", "source")
    rest = receipts.filter(pl.col("stage") == "ingest").select("origin", "source", "reason")
    known = pool.select("id", "origin", "group").drop_nulls()
    told = known.clear() if documents is None else documents.select(known.columns)
    pairs = (
        (pool.select(read.columns), read),
        (unread.select(rest.columns), rest),
        (known, told),
    )
    wrong = [origin for one, other in pairs for origin in _differing(one, other)]
    claim = (
        "the receipts are those of the rows that were ingested, of all of them, in their order, and none reads "
        "otherwise without the receipt of an edit"
    )
    return Proof.of(claim, pool.height + unread.height, wrong)


def prove_sealed_exam(
    folder: Path,
    facts: Mapping[str, Any],
    recipe: Mapping[str, Any],
    items: pl.DataFrame,
    reserve: pl.DataFrame,
    suites: Sequence[SealedSuite] | None = None,
) -> Proof | None:
    """Compare exam and reserve with those sealed in this home under the recipe's name, or return None without such.

    An exam never changes once it is sealed, so one of that name with another digest is another exam. A run that was
    stopped sealed none: of what it drew, a later run may have sealed another under the name.
    """
    if not in_home(folder) or is_unsealed(facts):
        return None
    asked = recipe.get("exam")
    name = (asked.get("name") if isinstance(asked, dict) else None) or facts["name"]
    try:
        wrong = exams.differing(str(name), runs.digests(facts).get("exam", ""), items, reserve, suites)
    except exams.ExamChanged:
        return None
    if wrong is None:
        return None
    claim = "what was asked, and what the rows were kept clear of, is the exam that was sealed in this home"
    return Proof.of(claim, items.height + reserve.height, [_PARTS[part] for part in wrong])


def prove_edited(
    folder: Path, facts: Mapping[str, Any], rows: pl.DataFrame, edits: pl.DataFrame, settings: Personal
) -> Proof | None:
    """Rewrite edited rows again from the ingested ones; None without such rows, or without the table of those."""
    ingested = None if edits.is_empty() else _stored(folder, facts, "pool", ["row", "messages", *_POOL])
    return None if ingested is None else prove_rewritten(ingested, rows, edits, settings)


def prove_screened(
    folder: Path, facts: Mapping[str, Any], found: pl.DataFrame, rows: Rows, settings: Screen
) -> Proof | None:
    """Measure the ingested rows as screening did, where edits changed what it read; None without edits or the table."""
    ingested = None if rows.edits.is_empty() else _stored(folder, facts, "pool", ["messages", *_POOL])
    if ingested is None:
        return None
    ingested, unedited = _as_named(ingested, rows.edits), rows.edits["origin"].clear()
    prove = partial(
        prove_screening, ingested, unedited, found, settings, ends=run_files.ends(folder), memory=rows.memory
    )
    try:
        proof = prove()
    except UnknownLanguage:  # whoever tells languages is not installed here
        proof = prove(tell_languages=False)
    return replace(proof, claim=proof.claim.replace("of its text", "of its text as it was ingested"))


def _as_named(ingested: pl.DataFrame, edits: pl.DataFrame) -> pl.DataFrame:
    """Name ingested rows as the run does, edited ones by what their receipts say that they have become."""
    since = edits.select("origin", since="id").unique("origin", keep="first")
    both = ingested.join(since, on="origin", how="left", maintain_order="left")
    return both.with_columns(id=pl.coalesce("since", "id")).drop("since")


def _stored(folder: Path, facts: Mapping[str, Any], name: str, columns: list[str]) -> pl.DataFrame | None:
    return stored(folder, runs.digests(facts).get(name, ""), columns)


def stored(folder: Path, digest: str, columns: list[str] | None = None) -> pl.DataFrame | None:
    """Return a table of the store by its digest; None where it is gone, or is not what its digest says."""
    if not in_home(folder) or not DIGEST.fullmatch(digest):
        return None
    file = store.home() / "store" / "tables" / f"{digest}.parquet"
    if not file.is_file() or store.file_digest(file) != digest:
        return None
    try:
        return pl.read_parquet(file, columns=columns, glob=False)
    except pl.exceptions.PolarsError:
        return None


def in_home(folder: Path) -> bool:
    """Tell whether a run lies among the runs of this home."""
    return folder.parent == store.home() / "runs"


def _differing(one: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    """Name the rows of which two tables, line by line, are not of one mind."""
    if one.equals(other):
        return []
    both = pl.concat([one.select(pl.all().name.prefix("one_")), other.select(pl.all().name.prefix("other_"))],
                     how="horizontal_extend")  # fmt: skip
    same = pl.all_horizontal(pl.col(f"one_{name}").eq_missing(pl.col(f"other_{name}")) for name in one.columns)
    wrong = both.filter(~same).select(pl.coalesce("one_origin", "other_origin"))
    return [str(origin) for origin in wrong.to_series()]
