"""The pool as it travels from step to step: one immutable table of records, and the fates decided so far.

No step copies or rewrites rows. A step that removes rows adds a small table of fates; what is left is an anti-join.
"""

import polars as pl
from pydantic import BaseModel, ConfigDict

from quality.records import FATES
from tasks import store


class Pool(BaseModel):
    """References to the ingested records, the rows that could not be read, fates and attributes by stage."""

    model_config = ConfigDict(frozen=True)

    records: store.Table
    quarantined: store.Table
    fates: tuple[store.Table, ...] = ()
    attributes: dict[str, store.Table] = {}

    def read(self) -> pl.DataFrame:
        """Return all ingested records, whatever their fate."""
        return store.read_table(self.records)

    def removed(self) -> pl.DataFrame:
        """Return the fates decided so far (schema `quality.records.FATES`), in stage order."""
        return pl.concat([pl.DataFrame(schema=FATES), *(store.read_table(table) for table in self.fates)])

    def left(self) -> pl.DataFrame:
        """Return the records that no stage has removed, in ingestion order."""
        return self.read().join(self.removed(), on="row", how="anti", maintain_order="left")

    def attribute(self, name: str) -> pl.DataFrame | None:
        """Return an attribute table by name, or None when no stage wrote it."""
        table = self.attributes.get(name)
        return None if table is None else store.read_table(table)

    def with_fates(self, fates: pl.DataFrame, **attributes: pl.DataFrame) -> "Pool":
        """Return a pool in which the rows named by `fates` are removed as well."""
        added = () if fates.is_empty() else (store.write_table(fates.select(FATES.keys()).cast(pl.Schema(FATES))),)
        written = {name: store.write_table(frame) for name, frame in attributes.items()}
        return self.model_copy(update={"fates": self.fates + added, "attributes": {**self.attributes, **written}})


class EmptyPool(ValueError):
    """A stage removed every row that was left."""


def ensure_rows(pool: Pool, stage: str, advice: str) -> Pool:
    """Return the pool, or raise a sentence that names the stage that emptied it."""
    before = pool.records.rows
    if before - pool.removed().height > 0:
        return pool
    reasons = pool.removed().filter(pl.col("stage") == stage)["reason"].value_counts(sort=True).head(3).rows()
    told = ", ".join(f"{reason} {count:,}" for reason, count in reasons) or "no row reached it"
    raise EmptyPool(f"No row is left after the stage “{stage}” ({told}; {before:,} were ingested). {advice}")
