"""What a model measures of rows, on disk by model and by row, so that ten new rows cost ten rows and a kill a block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import polars as pl

from evals.models import load
from quality.shards import merge_small, read_shards, write_shard
from tasks import cards, store
from tasks.caching import code_digest
from tasks.models import ModelFiles, measured_by, ready

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    Measure = Callable[[PreTrainedModel, PreTrainedTokenizerBase, pl.DataFrame, "Progress"], pl.DataFrame]

Progress = Callable[[int, int], None]

# A kill costs at most this many rows: some minutes on one core with a small model.
BLOCK_ROWS = 256
_FULL_BYTES = 8 << 20  # of a shard that is merged no more


def model_scores(
    rows: pl.DataFrame,
    schema: pl.Schema,
    measure: Measure,
    base: ModelFiles,
    *,
    folder: str,
    code: Sequence[str],
    passes: int = 1,
    threads: int | None = None,
    saying: str,
) -> pl.DataFrame:
    """Measure rows that this model has not read yet, and remember it; look up what it measured of the others.

    Scores of another precision, or of another version of the code, of torch or of transformers, are not looked at.

    Parameters
    ----------
    rows : pl.DataFrame
        `key: String`, and what `measure` reads.
    schema : pl.Schema
        The scores, without the key.
    measure : callable
        Given model, tokenizer, some of the rows and a progress, returns a line of scores for each.
    base : ModelFiles
        The model; loaded only if a row is new.
    folder : str
        Where the scores lie under the store.
    code : sequence of str
        Modules that the scores depend on, beside those that load the model.
    passes : int
        How often `measure` counts each row in its progress.
    threads : int, optional
        Threads that torch may use.
    saying : str
        What a person is told meanwhile.

    Returns
    -------
    pl.DataFrame
        `schema`, in the order of the rows.
    """
    place = store.ensure_home() / "store" / folder / _name(base, code)
    empty = pl.DataFrame(schema={"key": pl.String, **schema})
    known = pl.concat([empty, *read_shards(place)]).unique("key", keep="first")
    new = rows.unique("key", keep="first", maintain_order=True)
    new = new.join(known, on="key", how="anti", maintain_order="left")
    with cards.progress(saying) as tick:
        found = [known, *_measured(new, measure, base, place, passes, threads, tick)]
    scores = pl.concat(found).unique("key", keep="first")
    return rows.select("key").join(scores, on="key", how="left", maintain_order="left").select(schema.names())


def _measured(
    new: pl.DataFrame,
    measure: Measure,
    base: ModelFiles,
    place: Path,
    passes: int,
    threads: int | None,
    tick: Progress,
) -> list[pl.DataFrame]:
    """Measure block by block, each written down before the next one begins."""
    if not len(new):
        return []
    model, tokenizer = load(ready(base), threads=threads)
    blocks = []
    for begin in range(0, len(new), BLOCK_ROWS):
        block = new[begin : begin + BLOCK_ROWS]
        scores = measure(model, tokenizer, block, _shifted(tick, passes * begin, passes * len(new)))
        blocks.append(pl.concat([block.select("key"), scores], how="horizontal"))
        with store.room(place):
            write_shard(place, blocks[-1])
    merge_small(place, _FULL_BYTES)
    return blocks


def _name(base: ModelFiles, code: Sequence[str]) -> str:
    """Name the folder of all scores that this model gives in this precision with this code and these libraries."""
    digests = [code_digest(module) for module in (*code, "evals.models")]
    return store.value_digest([base.content, measured_by(), digests])[:32]


def _shifted(tick: Progress, before: int, total: int) -> Progress:
    """Count on behind the blocks before."""
    return lambda done, _: tick(before + done, total)
