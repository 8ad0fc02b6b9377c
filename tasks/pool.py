"""The pool as it travels from step to step: one immutable table of records, and the fates decided so far.

No step copies or rewrites rows. A step that removes rows adds a small table of fates; what is left is an anti-join.
A step that edits rows (personal data) adds a small table of edits, which whoever reads the pool from then on sees in
the rows' place; from then on an edited row is named by what it says since. `row` and `origin` stay.
"""

import polars as pl
from pydantic import BaseModel, ConfigDict

from quality.preambles import preambles
from quality.reasons import STAGES, WHATEVER_DOMAIN, before
from quality.receipts import EDITS
from quality.records import FATES
from tasks import store
from tasks.reporting.text import counted


class Pool(BaseModel):
    """References to the ingested records, the rows that could not be read, fates and attributes by stage."""

    model_config = ConfigDict(frozen=True)

    records: store.Table
    quarantined: store.Table
    fates: tuple[store.Table, ...] = ()
    attributes: dict[str, store.Table] = {}
    edits: store.Table | None = None

    def read(self) -> pl.DataFrame:
        """Return all ingested records, whatever their fate, as edited: what may be shown and published."""
        ingested = self._fetch(self.records)
        if self.edits is None:
            return ingested
        told = self.edited().select("row", pl.col("id", "messages").name.prefix("edited_"))
        both = ingested.join(told, on="row", how="left", maintain_order="left")
        since = {name: pl.coalesce(f"edited_{name}", name) for name in ("id", "messages")}
        return both.with_columns(**since).select(ingested.columns)

    def edited(self) -> pl.DataFrame:
        """Return the edits so far (schema `quality.receipts.EDITS`), in ingestion order."""
        return pl.DataFrame(schema=EDITS) if self.edits is None else self._fetch(self.edits)

    def removed(self) -> pl.DataFrame:
        """Return the fates decided so far (schema `quality.records.FATES`), in stage order."""
        return pl.concat([pl.DataFrame(schema=FATES), *(self._fetch(table) for table in self.fates)])

    def left(self) -> pl.DataFrame:
        """Return the records that no stage has removed, in ingestion order."""
        return self.read().join(self.removed(), on="row", how="anti", maintain_order="left")

    def preambles(self) -> pl.DataFrame:
        """List the system messages that many share of the rows that came to `dedupe`: they are compared without."""
        gone = self.removed().filter(pl.col("stage").is_in(before("dedupe")))
        return preambles(self.read().join(gone, on="row", how="anti", maintain_order="left"))

    def of_any_domain(self) -> pl.DataFrame:
        """Return the records that no stage has removed before the domain was asked for, in ingestion order."""
        gone = self.removed().filter(pl.col("stage").is_in(WHATEVER_DOMAIN))
        return self.read().join(gone, on="row", how="anti", maintain_order="left")

    def attribute(self, name: str) -> pl.DataFrame | None:
        """Return an attribute table by name, or None when no stage wrote it."""
        table = self.attributes.get(name)
        return None if table is None else self._fetch(table)

    def with_fates(self, fates: pl.DataFrame, **attributes: pl.DataFrame) -> "Pool":
        """Return a pool in which the rows named by `fates` are removed as well."""
        added = () if fates.is_empty() else (self._put(fates.select(FATES.keys()).cast(pl.Schema(FATES))),)
        written = {name: self._put(frame) for name, frame in attributes.items()}
        return self.model_copy(update={"fates": self.fates + added, "attributes": {**self.attributes, **written}})

    def with_edits(self, edits: pl.DataFrame) -> "Pool":
        """Return a pool whose rows read as `edits` say; of a row's two edits the later is read, both are counted."""
        if edits.is_empty():
            return self
        both = pl.concat([self.edited(), edits.select(EDITS.keys()).cast(pl.Schema(EDITS))])
        kinds = pl.col("kinds").list.explode(empty_as_null=False, keep_nulls=False).unique().sort()
        last = pl.col("stage", "id", "messages").last()
        written = both.group_by("row", maintain_order=True).agg(kinds, pl.col("replaced").sum(), last).sort("row")
        return self.model_copy(update={"edits": self._put(written.select(EDITS.keys()).cast(pl.Schema(EDITS)))})

    def _fetch(self, table: store.Table) -> pl.DataFrame:
        return store.read_table(table)

    def _put(self, frame: pl.DataFrame) -> store.Table:
        return store.write_table(frame)


class EmptyPool(ValueError):
    """No row is left to go on with behind a stage.

    Parameters
    ----------
    message : str
        A sentence that names the stage, what it removed, and what would help.
    stage : str
        The stage, as receipts name it.
    pool : Pool, optional
        What was decided by then, for the receipts that the run leaves (`tasks.stop`).
    """

    def __init__(self, message: str, stage: str = "", pool: Pool | None = None) -> None:
        super().__init__(message)
        self.stage = stage
        self.pool = pool


def ensure_rows(pool: Pool, stage: str, advice: str) -> Pool:
    """Return the pool, or raise a sentence that names the stage that emptied it, and counts its reasons."""
    before = pool.records.rows
    if before - pool.removed().height > 0:
        return pool
    reasons = pool.removed().filter(pl.col("stage") == stage)["reason"]
    told = told_reasons(reasons) or "no row reached it"
    raise EmptyPool(f"No row is left after the stage “{stage}” ({told}). {told_losses(pool)} {advice}", stage, pool)


def told_reasons(reasons: pl.Series, most: int | None = None) -> str:
    """Count reasons, the largest number first, those beyond so many in one; nothing where there is none."""
    counts = reasons.alias("reason").value_counts().sort(-pl.col("count").cast(pl.Int64), "reason").rows()
    told = counts[:most]
    if rest := reasons.len() - sum(count for _, count in told):
        told.append(("others", rest))
    return ", ".join(f"{reason} {count:,}" for reason, count in told)


def told_losses(pool: Pool) -> str:
    """Say in one sentence where the rows went: how many were ingested, and how many each stage removed."""
    return told_removals(pool.records.rows, pool.removed()["stage"])


def told_removals(ingested: int, stages: pl.Series) -> str:
    """Say it of a number of ingested rows, and the stage of each that was removed."""
    counts = dict(stages.value_counts().iter_rows())
    order = sorted(counts, key=lambda stage: (-counts[stage], [*STAGES].index(stage)))
    told = ", ".join(f"{stage} removed {counts[stage]:,}" for stage in order) or "no stage removed any"
    return f"Of {counted(ingested, 'row')} ingested, {told}."
