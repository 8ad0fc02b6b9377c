"""Trace what the candidate no longer knows to the training rows nearest to it, and to the rule that let them in."""

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict

from evals.recall import flips
from quality.preambles import about
from tasks import cards, store
from tasks.caching import step
from tasks.keep_domain import embed_each
from tasks.models import ModelFiles
from tasks.pool import Pool
from tasks.probe import Probed
from tasks.reporting.text import counted
from tasks.split import Data

NEAREST: dict[str, pl.DataType] = {
    "item": pl.String(),
    "rank": pl.UInt32(),  # 1 is the nearest
    "id": pl.String(),
    "origin": pl.String(),
    "source": pl.String(),
    "similarity": pl.Float64(),  # cosine of the question with the candidate's answer, and the row
    "stage": pl.String(),  # the last stage that measured the row; split where none did
    "score": pl.Float64(),
    "threshold": pl.Float64(),
}
ROWS = 3  # told of each item


class Traced(BaseModel):
    """What was probed, and the training rows nearest to each item that is no longer known (schema `NEAREST`)."""

    model_config = ConfigDict(frozen=True)

    probed: Probed
    nearest: store.Table


@step(name="trace")
def trace(probed: Probed, data: Data, pool: Pool, embedder: ModelFiles) -> Traced:
    """Return the training rows nearest in meaning to each lost item; a near row may teach it, and need not."""
    lost = flips(store.read_table(probed.recalled))
    found = pl.DataFrame(schema=NEAREST)
    if lost.is_empty():
        cards.say("nothing lost, so nothing to trace")
    else:
        found = _nearest(lost, _admitted(store.read_table(data.train), pool), embedder)
        cards.say(f"{counted(lost.height, 'lost item')}: the nearest training rows are in the report")
    return Traced(probed=probed, nearest=store.write_table(found))


def said(lost: pl.DataFrame, side: str) -> pl.Series:
    """Return the options that a side (`base`, `candidate` or `answer`) took; empty text where it took none."""
    return lost.select(pl.col("options").list.get(pl.col(side), null_on_oob=True).fill_null("")).to_series()


def _nearest(lost: pl.DataFrame, rows: pl.DataFrame, embedder: ModelFiles) -> pl.DataFrame:
    asked = lost.select(pl.col("prompt").list.last().struct.field("content")).to_series()
    texts, answered = embed_each([about(rows), asked + "\n" + said(lost, "candidate")], embedder)
    near = answered @ texts.T
    found: list[pl.DataFrame] = []
    for item, similarity in zip(lost["item"], near, strict=True):
        order = np.argsort(-similarity, kind="stable")[:ROWS]
        told = rows[order.tolist()].select("id", "origin", "source", "stage", "score", "threshold")
        ranks = pl.Series(range(1, told.height + 1), dtype=pl.UInt32)
        cosines = pl.Series(similarity[order].astype(np.float64))
        found.append(told.with_columns(item=pl.lit(item), rank=ranks, similarity=cosines))
    return pl.concat(found).select(NEAREST.keys()).cast(pl.Schema(NEAREST))


def _admitted(train: pl.DataFrame, pool: Pool) -> pl.DataFrame:
    """Add to each training row the stage that let it in, with its score and threshold where it has one."""
    measured = pool.attribute("domain")
    if measured is None:
        stage = "choose" if "choice" in pool.attributes else "split"
        none = pl.lit(None, dtype=pl.Float64)
        return train.with_columns(stage=pl.lit(stage), score=none, threshold=none)
    origins = pool.read().select("row", "origin")
    scores = measured.select("row", "score", "threshold").join(origins, on="row", how="left")
    both = train.join(scores.drop("row"), on="origin", how="left", maintain_order="left")
    return both.with_columns(stage=pl.lit("keep_domain"))
