"""Perplexity and IFD on disk, by model and by row, so that ten new rows cost ten rows and a kill at most a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl
import polars_hash as plh

from evals.difficulty import DIFFICULTY, difficulty
from evals.models import load
from quality.shards import merge_small, read_shards, write_shard
from tasks import cards, store
from tasks.caching import code_digest
from tasks.models import ModelFiles, measured_by, ready

if TYPE_CHECKING:
    from pathlib import Path

Progress = Callable[[int, int], None]

# A kill costs at most this many rows: some minutes on one core with a small model.
BLOCK_ROWS = 256
_FULL_BYTES = 8 << 20  # of a shard that is merged no more


def difficulty_of(messages: pl.Series, base: ModelFiles, *, threads: int | None = None) -> pl.DataFrame:
    """Measure the difficulty of rows that this model has not read yet, and remember it; look up that of the others.

    A score depends on the row alone but for rounding, as rows are read in batches. Scores of another precision, or of
    another version of the code, of torch or of transformers, are not looked at.

    Parameters
    ----------
    messages : pl.Series of List(Struct(role, content))
        Conversations.
    base : ModelFiles
        The model; loaded only if a row is new.
    threads : int, optional
        Threads that torch may use.

    Returns
    -------
    pl.DataFrame
        `evals.difficulty.DIFFICULTY`, in the order of `messages`.
    """
    keys = _keys(messages)
    folder = store.ensure_home() / "store" / "difficulty" / _name(base)
    known = _remembered(folder)
    new = pl.DataFrame({"key": keys, "messages": messages}).unique("key", keep="first", maintain_order=True)
    new = new.join(known, on="key", how="anti", maintain_order="left")
    with cards.progress("Weighing rows") as tick:
        found = [known, *_measured(new, base, folder, threads, tick)]
    scores = pl.concat(found).unique("key", keep="first")
    return keys.to_frame("key").join(scores, on="key", how="left", maintain_order="left").select(DIFFICULTY.names())


def _measured(
    new: pl.DataFrame, base: ModelFiles, folder: Path, threads: int | None, tick: Progress
) -> list[pl.DataFrame]:
    """Measure block by block, each written down before the next one begins."""
    if not len(new):
        return []
    model, tokenizer = load(ready(base), threads=threads)
    blocks = []
    for begin in range(0, len(new), BLOCK_ROWS):
        block = new[begin : begin + BLOCK_ROWS]
        scores = difficulty(model, tokenizer, block["messages"].to_list(), progress=_shifted(tick, begin, len(new)))
        blocks.append(pl.concat([block.select("key"), scores], how="horizontal"))
        with store.room(folder):
            write_shard(folder, blocks[-1])
    merge_small(folder, _FULL_BYTES)
    return blocks


def _remembered(folder: Path) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"key": pl.String, **DIFFICULTY})
    return pl.concat([empty, *read_shards(folder)]).unique("key", keep="first")


def _keys(messages: pl.Series) -> pl.Series:
    turns = pl.col("messages").list.eval(pl.element().struct.json_encode()).list.join("\n")
    keyed = messages.to_frame("messages").select(key=turns)
    return keyed.select(plh.col("key").chash.blake3().str.slice(0, 32))["key"]


def _name(base: ModelFiles) -> str:
    """Name the folder of all scores that this model gives in this precision with this code and these libraries."""
    code = [code_digest(module) for module in ("evals.difficulty", "evals.models")]
    return store.value_digest([base.content, measured_by(), code])[:32]


def _shifted(tick: Progress, rows: int, total: int) -> Progress:
    """Count on behind the blocks before: a row is read twice."""
    return lambda done, _: tick(2 * rows + done, 2 * total)
