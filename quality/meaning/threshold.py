"""From which cosine two rows of this pool may say the same: found on the pool itself.

Random pairs would be too easy a background: they have a cosine of about .1. What a threshold must tell copies from
is each row's nearest neighbour with other words, and that differs from pool to pool: .80 among encyclopedia
articles, .94 among software weaknesses, which are all written to one pattern. And what it must let pass are
lightly edited copies of the pool's own rows, some of which move further than others.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.drawing import drawn, vector_keys
from quality.lsh.shingles import stable_hash
from quality.meaning.same_said import same_said

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.meaning.pool_texts import PoolTexts
    from quality.meaning.semantic import Semantic

RATES = (0.02, 0.05)
# Rows whose nearest neighbours are looked at, how many of them each, and how long a row to edit must be, in words.
_BACKGROUND_ROWS = 2000
_NEAREST = 8
_LONG = 30
_BLOCK_ROWS = 256
_HEAP = 32  # columns, of which the largest stands for all

BINS = tuple(round(0.5 + 0.02 * step, 2) for step in range(26))


@dataclass(frozen=True)
class Threshold:
    """The cosine found, and what it rests on.

    Attributes
    ----------
    cosine : float
        Least cosine of semantic duplicates.
    false_merges : float
        Share of rows (0 to 1) whose nearest neighbour with other words reaches it.
    recall : float
        Share of edited copies that reach it; NaN when no row was long enough to be edited.
    distribution : pl.DataFrame
        `cosine, others, copies`: lower end of each bin, and how many neighbours and copies fall into it. Where only
        pairs above the floor were listed, the first bin, from -1, holds all below.
    """

    cosine: float
    false_merges: float
    recall: float
    distribution: pl.DataFrame


def edited_copies(texts: pl.Series, samples: int, seed: int) -> pl.DataFrame:
    """Edit a sample of rows lightly: words are left out, replaced or put in, from another row of the sample.

    Rows are drawn, and edited, by their own texts' hashes, wherever they stand: where a few rows of a pool are new,
    nearly all copies are those of the run before, and need not be embedded again.

    Parameters
    ----------
    texts : pl.Series of String
        Whole texts; those of fewer than 30 words are left out.
    samples : int
        Rows to edit, each once for every rate in `RATES`.
    seed : int
        Another seed, other rows and edits.

    Returns
    -------
    pl.DataFrame
        `row: UInt32` (position in `texts`), `text`: the edited copy.
    """
    long = texts.str.count_matches(" ", literal=True) + 1 >= _LONG
    rows = long.fill_null(value=False).arg_true()
    hashes = stable_hash(pl.Series([f"{seed} "]) + texts.gather(rows)) if len(rows) else np.empty(0, np.uint64)
    drawn = np.argsort(hashes, kind="stable")[:samples].tolist()
    edits = []
    for at, place in enumerate(drawn):
        lent = [word for word in texts[rows[drawn[at - 1]]].split(" ") if word.isalpha()] or [""]
        rng = random.Random(int(hashes[place]))  # noqa: S311 - no secret
        edits += [(rows[place], _edit(texts[rows[place]], rate, lent, rng)) for rate in RATES]
    return pl.DataFrame(edits, schema={"row": pl.UInt32, "text": pl.String}, orient="row")


def background_rows(vectors: NDArray[np.float32], seed: int) -> NDArray[np.int64]:
    """Draw the rows whose nearest neighbours tell how close rows of other words lie: places, ascending.

    Who lists close pairs for `find_threshold` must compare these with all.
    """
    return drawn(vector_keys(vectors), _BACKGROUND_ROWS, seed)


def find_threshold(
    pool: PoolTexts,
    vectors: NDArray[np.float32],
    copies: NDArray[np.float64],
    settings: Semantic,
    close: pl.DataFrame | None = None,
) -> Threshold:
    """Find the least cosine that keeps to `false_merges`, unless `recall` asks for a lower one.

    Parameters
    ----------
    pool : PoolTexts
        The pool.
    vectors : (n, dim) float32
        Its embeddings, of length 1.
    copies : (m,) float64
        Cosine of each edited copy with its row.
    settings : Semantic
        What to aim at.
    close : pl.DataFrame, optional
        All pairs at `settings.floor` or above, as from `quality.meaning.cosine_index`: no other can move the threshold.
    """
    others = _background(pool, vectors, settings, close)
    wanted = [1.0]
    if len(others):
        wanted.append(float(np.quantile(others, 1 - settings.false_merges, method="higher")) + 1e-6)
    if len(copies):
        wanted.append(float(np.quantile(copies, 1 - settings.recall, method="lower")))
    cosine = max(settings.floor, min(wanted))
    # Of what lies below the floor, a list of close pairs knows no more than that.
    lowest = BINS[0] if close is None else settings.floor
    edges = [-1.0, *(edge for edge in BINS[1:-1] if edge >= lowest), 1.01]
    ends = edges[:-1] if close is not None else BINS[:-1]
    return Threshold(
        cosine=cosine,
        false_merges=float((others >= cosine).mean()) if len(others) else 0.0,
        recall=float((copies >= cosine).mean()) if len(copies) else float("nan"),
        distribution=pl.DataFrame(
            {
                "cosine": ends,
                "others": np.histogram(others, edges)[0],
                "copies": np.histogram(copies, edges)[0],
            }
        ),
    )


def _edit(text: str, rate: float, words: list[str], rng: random.Random) -> str:
    """Edit a share of a text's words, at least one, where they stand."""
    parts = text.split(" ")
    for at in rng.sample(range(len(parts)), max(1, round(len(parts) * rate))):
        other = rng.choice(words)
        parts[at] = rng.choice(["", other, f"{parts[at]} {other}"])
    return " ".join(part for part in parts if part)


def _background(
    pool: PoolTexts, vectors: NDArray[np.float32], settings: Semantic, close: pl.DataFrame | None
) -> NDArray[np.float64]:
    """Return the cosine of a sample of rows with the nearest neighbour of each that has other words: (k,) float64."""
    size = len(vectors)
    if size < 2:
        return np.empty(0)
    sample = background_rows(vectors, settings.seed)
    near = _near_among_all(vectors, sample) if close is None else _near_among(close, sample)
    agree = same_said(near, pool, settings.agreement()._replace(least_words=0))
    nearest = np.full(size, -1.0)
    others = near.filter(~pl.Series(agree, dtype=pl.Boolean))
    np.maximum.at(nearest, others["left"].to_numpy(), others["cosine"].to_numpy())
    return nearest[sample]


def _near_among(close: pl.DataFrame, sample: NDArray[np.int64]) -> pl.DataFrame:
    """Choose the nearest neighbours of each row of a sample, from a list of pairs: `left, right, cosine`."""
    turned = close.select(left="right", right="left", cosine="cosine")
    both = pl.concat([close, turned]).filter(pl.col("left").is_in(sample))
    near = both.sort("left", "cosine", "right", descending=[False, True, False])
    return near.filter(pl.int_range(pl.len()).over("left") < _NEAREST).cast({"cosine": pl.Float64})


def _near_among_all(vectors: NDArray[np.float32], sample: NDArray[np.int64]) -> pl.DataFrame:
    """Find the nearest neighbours of each row of a sample: `left, right, cosine`."""
    width = min(_NEAREST, len(vectors) - 1)
    places, cosines = [], []
    for start in range(0, len(sample), _BLOCK_ROWS):
        rows = sample[start : start + _BLOCK_ROWS]
        tile = vectors[rows] @ vectors.T
        tile[np.arange(len(rows)), rows] = -1.0
        near = _largest(tile, width)
        places.append(near)
        cosines.append(np.take_along_axis(tile, near, axis=1))
    near, cosine = np.concatenate(places), np.concatenate(cosines).astype(np.float64)
    pairs = {"left": np.repeat(sample, width), "right": near.ravel(), "cosine": cosine.ravel()}
    return pl.DataFrame(pairs).cast({"left": pl.UInt32, "right": pl.UInt32})


def _largest(tile: NDArray[np.float32], most: int) -> NDArray[np.int64]:
    """Find the places of the largest numbers of each row, in no order: (n, most) of (n, m), m ≥ most.

    Each lies in one of the `most` heaps of columns whose largest are largest: only these are sorted out.
    """
    count, width = len(tile), tile.shape[1] // _HEAP
    if width <= most:
        return np.argpartition(tile, -most, axis=1)[:, -most:]
    whole, rest = tile[:, : width * _HEAP].reshape(count, _HEAP, width), np.arange(width * _HEAP, tile.shape[1])
    heaps = np.argpartition(whole.max(axis=1), -most, axis=1)[:, -most:]
    inside = (heaps[:, None, :] + width * np.arange(_HEAP)[:, None]).reshape(count, -1)
    places = np.concatenate([inside, np.broadcast_to(rest, (count, len(rest)))], axis=1)
    among = np.argpartition(np.take_along_axis(tile, places, axis=1), -most, axis=1)[:, -most:]
    return np.take_along_axis(places, among, axis=1)
