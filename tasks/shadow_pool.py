"""The shadow of a pool: its rows with canaries among them, in memory alone, so that no canary is ever written down."""

from __future__ import annotations

import polars as pl
from pydantic import PrivateAttr

from quality.reasons import OF_THE_EXAM
from quality.records import RECORDS
from tasks import store
from tasks.pool import Pool

SOURCE = "canary"
# A larger pool's shadow is a sample of it: the audit takes a bounded time, about that of the stages on so many rows.
MOST_ROWS = 50_000


class ShadowPool(Pool):
    """A pool whose tables are frames in memory; steps see no difference."""

    _frames: dict[str, pl.DataFrame] = PrivateAttr(default_factory=dict)

    def _fetch(self, table: store.Table) -> pl.DataFrame:
        return self._frames[table.path]

    def _put(self, frame: pl.DataFrame) -> store.Table:
        name = str(len(self._frames))
        self._frames[name] = frame
        return store.Table(path=name, digest="", rows=frame.height)


def shadow_of(pool: Pool, planted: pl.DataFrame, *, most_rows: int = MOST_ROWS, seed: int = 0) -> ShadowPool:
    """Return a pool's rows as they were ingested, with canaries behind them; no row has a fate yet.

    Rows that canaries replace are left out. So are those sealed for the exam or found to leak it, with their copies:
    a canary that leaks the same item would be taken for a copy of theirs before decontamination sees it.

    Parameters
    ----------
    pool : Pool
        After its real curation, exam sealed.
    planted : pl.DataFrame
        Canaries (schema `quality.canaries.CANARIES`) with a `row` beyond the pool's.
    most_rows, seed : int
        Of a larger pool, a sample of so many rows, besides those that canaries are copies of.
    """
    ingested, fates = store.read_table(pool.records), pool.removed()
    named = pool.read().select("row", "id")  # as witnesses name rows, edited ones as well
    of_exam = fates.filter(pl.col("stage").is_in(OF_THE_EXAM)).select("row")
    sealed = named.join(of_exam, on="row", how="semi")["id"]
    copies = fates.filter(pl.col("witness").is_in(sealed.implode())).select("row")
    out = pl.concat([of_exam, copies, planted.select(row="replaces").drop_nulls()])
    rest = ingested.join(out, on="row", how="anti", maintain_order="left")
    if rest.height > most_rows:
        given_away = named.filter(pl.col("id").is_in(planted["witness"].drop_nulls().implode()))
        proving = rest.join(given_away, on="row", how="semi", maintain_order="left")
        sample = rest.sample(most_rows, seed=seed)
        rest = pl.concat([proving, sample]).unique("row").sort("row")
    # A canary stands among the rows of its host's source, whose customs it is judged by.
    by_row, by_id = ingested.select("source", replaces="row"), named.join(ingested.select("row", "source"), on="row")
    hosts = planted.join(by_row, on="replaces", how="left", maintain_order="left").join(
        by_id.unique("id", keep="first", maintain_order=True).select(witness="id", copied="source"),
        on="witness",
        how="left",
        maintain_order="left",
    )
    canaries = hosts.select(
        "row", "id", "messages", source=pl.coalesce("source", "copied", pl.lit(SOURCE))
    ).with_columns(
        origin=pl.format(f"{SOURCE}:{{}}", pl.int_range(1, pl.len() + 1)),
        group=pl.lit(None, pl.String),
    )
    records = pl.concat([rest, canaries.select(RECORDS.keys()).cast(pl.Schema(RECORDS))])
    shadow = ShadowPool(records=store.Table(path="", digest="", rows=0), quarantined=pool.quarantined)
    return shadow.model_copy(update={"records": shadow._put(records)})
