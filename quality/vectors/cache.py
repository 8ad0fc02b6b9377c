"""Vectors on disk, by model and by text, so that a retrain embeds only what is new.

A folder per model digest holds shards of vectors (`quality.shards`).
"""

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import polars_hash as plh

from quality.lsh.shingles import stable_hash
from quality.shards import merge_small, named_shards, write_shard
from quality.texts.sorted_numbers import places_of
from quality.vectors.texts import Encoder, Progress, Vectors, as_text_series

logger = logging.getLogger(__name__)

# Of shards read by this process, the hashes of their keys: 8 bytes a text, where a vector takes 1,500. A step embeds
# some seeds or exam items after the whole pool, and most shards hold none of them.
_hashes_in: dict[Path, npt.NDArray[np.uint64]] = {}

# A kill costs at most this many texts: about half a minute on one core.
SHARD_ROWS = 2048


class EmbeddingCache:
    """Vectors already computed, under one folder.

    Precision is no part of the key: bf16 and fp32 vectors of one text are within a cosine of 1e-4.

    Parameters
    ----------
    folder
        Made when the first shard is written. If it can't be written, vectors are computed and not kept.
    shard_rows
        Texts embedded before they are written down.
    """

    def __init__(self, folder: Path, *, shard_rows: int = SHARD_ROWS) -> None:
        self.folder = folder
        self.shard_rows = shard_rows

    def encode(self, embedder: Encoder, texts: Iterable[str] | pl.Series, progress: Progress | None = None) -> Vectors:
        """Embed texts as `embedder.encode` does; the model is loaded only if a text is new.

        Parameters
        ----------
        embedder
            The model; its digest names the folder of shards.
        texts
            Strings, of a generator too; no nulls.
        progress
            Called with (distinct texts done, distinct texts in all).

        Returns
        -------
        np.ndarray
            (n, dim) float32, in the order of `texts`: rows of length 1, or 0 where a static model knows no token.
        """
        key = plh.col("text").chash.blake3().str.slice(0, 32)
        keyed = as_text_series(texts).to_frame().with_columns(key=key).with_row_index("row")
        keyed = keyed.with_columns(first=pl.col("row").min().over("key"))
        distinct = keyed.filter(pl.col("row") == pl.col("first"))
        folder = self.folder / embedder.digest[:32]
        result, missing = _cached(folder, distinct, len(keyed))
        new = distinct.filter(missing)
        done, total = len(distinct) - len(new), len(distinct)
        counts = (f"{count:,}" for count in (total, done, len(new)))
        logger.info("Embeddings: %s distinct texts, %s cached, %s to embed", *counts)
        for block in new.iter_slices(self.shard_rows):
            vectors = embedder.encode(block["text"], _shifted(progress, done, total))
            self._write(folder, _frame(block["key"], vectors))
            result = _room(result, len(keyed), vectors)
            result[block["row"].to_numpy()] = vectors
            done += len(block)
        if len(new):
            self._tidy(folder, embedder.dim)
        if progress is not None:
            progress(done, total)
        if result is None:
            return np.zeros((0, embedder.dim), dtype=np.float32)
        copies = keyed.filter(pl.col("row") != pl.col("first"))
        result[copies["row"].to_numpy()] = result[copies["first"].to_numpy()]
        return result

    def _write(self, folder: Path, frame: pl.DataFrame) -> None:
        try:
            write_shard(folder, frame)
        except OSError as error:
            logger.warning("Embeddings are not cached: %s can't be written (%s).", folder, error.strerror)

    def _tidy(self, folder: Path, dim: int) -> None:
        try:
            merge_small(folder, self.shard_rows * dim * np.dtype(np.float32).itemsize)
        except OSError as error:
            logger.warning("Embeddings lie in many small files: %s can't be tidied (%s).", folder, error.strerror)


def _frame(keys: pl.Series, vectors: Vectors) -> pl.DataFrame:
    width = pl.Array(pl.Float32, vectors.shape[1])
    return pl.DataFrame({"key": keys, "vector": pl.Series(vectors, dtype=width)})


def _cached(folder: Path, distinct: pl.DataFrame, rows: int) -> tuple[Vectors | None, pl.Series]:
    """Put the vectors of texts that a shard holds into their rows, shard by shard; mark the texts that none holds."""
    keys, distinct_rows = distinct["key"], distinct["row"].to_numpy()
    hashes = stable_hash(keys)
    order = np.argsort(hashes)
    table = hashes[order]
    missing = np.ones(len(keys), np.bool_)
    result: Vectors | None = None
    for path, shard in named_shards(folder, lambda path: _may_hold(path, table)):
        held_keys = _hashes_in[path] = stable_hash(shard["key"])
        at = places_of(held_keys, table)
        held = np.flatnonzero(at >= 0)
        at = order[at[held]]
        wanted = missing[at] & (shard["key"].gather(held) == keys.gather(at)).to_numpy()
        if not wanted.any():
            continue
        vectors = shard["vector"].to_numpy()
        result = _room(result, rows, vectors)
        # Of most shards all is wanted, and need not be copied twice.
        result[distinct_rows[at[wanted]]] = vectors if wanted.sum() == len(vectors) else vectors[held[wanted]]
        missing[at[wanted]] = False
    return result, pl.Series(missing)


def _may_hold(path: Path, table: npt.NDArray[np.uint64]) -> bool:
    """Tell whether a shard may hold any of the keys whose hashes are given, ascending; one never read may."""
    hashes = _hashes_in.get(path)
    return hashes is None or bool((places_of(hashes, table) >= 0).any())


def _room(result: Vectors | None, rows: int, vectors: Vectors) -> Vectors:
    """Make room for all rows once it is known how wide a vector is."""
    return np.empty((rows, vectors.shape[1]), np.float32) if result is None else result


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    """Count on from `done`: the embedder counts within one shard, the caller sees the whole."""
    if progress is None:
        return None
    report = progress
    return lambda inside, _: report(done + inside, total)
