r"""Near-duplicates: candidates by MinHash bands, proof by exact Jaccard, removal by greedy star.

A row is dropped only if a kept row of higher priority (lower position) has exact Jaccard similarity of at
least the threshold; that row is its witness. Chains (A like B, B like C, A unlike C) never collapse.

Two texts are compared by their sets of word n-grams, words being `\w+` after NFC and case folding, and each
character where words are written without spaces (`quality.texts.words`). A text of fewer than n words, punctuation
alone included, has no n-gram: it is a duplicate only of texts that are equal after normalisation (so `C++` and `C#`
both stay). Null is never a duplicate of anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from quality.lsh.buckets import Buckets, bucket, unpack
from quality.lsh.jaccard import ShingleSets
from quality.lsh.kernels import Choice, Kernel, choose
from quality.lsh.minhash import band_keys
from quality.lsh.pairs import Comparer, VerifiedPairs
from quality.lsh.remembered import Comparisons
from quality.lsh.shingles import Shingles, shingle
from quality.lsh.star import PAIRS, star
from quality.lsh.templates import without_common

logger = logging.getLogger(__name__)


class NearDup(BaseModel):
    """How alike two texts must be to count as near-duplicates, and how hard to look for them."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    threshold: float = Field(
        default=0.7,
        gt=0,
        le=1,
        description="Exact Jaccard similarity (0 to 1) from which a row is a near-duplicate.",
    )
    words: int = Field(
        default=5,
        ge=1,
        le=100,
        description="Words per shingle; in scripts without spaces as many characters as say the same.",
    )
    bands: int = Field(
        default=25,
        ge=1,
        le=1000,
        description="MinHash bands: more of them find more pairs near the threshold and take longer.",
    )
    rows: int = Field(
        default=5, ge=1, le=100, description="Minima per band: more of them mean fewer chance candidates."
    )
    leaders: int = Field(
        default=8,
        ge=1,
        description="Where more than 16 texts share a bucket without being duplicates (templates): with how "
        "many kept texts each of them is compared there; this bounds the time.",
    )
    threads: int = Field(
        default=0,
        ge=0,
        description="Worker threads; 0 means as many as Polars uses. Results don't depend on it.",
    )
    kernel: Choice = Field(
        default="auto",
        description="Who does the heavy loops: numpy, numba (compiled; a package to install besides), or auto: numba "
        "where it is installed and there are more than 64 MB of text. Results don't depend on it.",
    )


DEFAULT = NearDup()
_TEXTS = (pl.String, pl.Categorical, pl.Enum, pl.Null)  # pl.Series([]) is of type Null


def near_duplicates(texts: pl.Series, settings: NearDup = DEFAULT) -> pl.DataFrame:
    """Find the rows to drop so that of each pair of near-duplicates found at most one stays.

    Parameters
    ----------
    texts : pl.Series of String
        In priority order: of two near-duplicates the one that comes first stays.
    settings : NearDup
        Threshold and effort.

    Returns
    -------
    pl.DataFrame
        `row: UInt32, witness: UInt32, jaccard: Float64`, one line per row to drop, ascending by row.
        The witness is a kept row before it: the most similar one found, the first of equals.

    Raises
    ------
    TypeError
        `texts` is no Series, or one of something other than strings.
    """
    return removals(*_compare(texts, settings))


def removals(copies: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Choose what to drop, given copies (`row, first`) and pairs of the rest (`left, right, jaccard`)."""
    starred = star(pairs)
    # A copy has the shingles of its first occurrence: where that one is dropped, they share the witness.
    copied = copies.join(starred, left_on="first", right_on="row", how="left").select(
        "row", pl.coalesce("witness", "first").alias("witness"), pl.col("jaccard").fill_null(1.0)
    )
    return pl.concat([starred, copied]).sort("row")


def near_pairs(texts: pl.Series, settings: NearDup = DEFAULT) -> pl.DataFrame:
    """List pairs of near-duplicates, each verified.

    These connect whatever near-duplicates were found, but are not all of them: a copy is paired with its
    first occurrence only, and where more than 16 texts share a bucket, those that already have a kept
    near-duplicate aren't compared with each other.

    Parameters
    ----------
    texts : pl.Series of String
        Null texts have no pair.
    settings : NearDup
        Threshold and effort.

    Returns
    -------
    pl.DataFrame
        `left: UInt32, right: UInt32, jaccard: Float64`, left < right, ascending.
    """
    return with_copies(*_compare(texts, settings))


def jaccard_of(texts: pl.Series, pairs: pl.DataFrame, settings: NearDup = DEFAULT) -> NDArray[np.float64]:
    """Compare pairs of texts (`row, witness`, by position): (n_pairs,) float64.

    Where the sizes alone show that it is below the threshold, 0; of texts without n-grams 1 where they are equal after
    normalisation, else 0.
    """
    sides = [pairs[name].to_numpy().astype(np.int64) for name in ("row", "witness")]
    places: NDArray[np.int64] = np.unique(np.concatenate(sides))
    shingles, digests = shingle(texts.gather(places), settings.words)
    sets = ShingleSets(len(places))
    sets.add(shingles, np.arange(len(shingles)), shingles.rows)
    one, other = (np.searchsorted(places, side) for side in sides)
    told = np.full(len(places), np.uint64(0))
    told[digests["row"].to_numpy()] = digests["digest"].to_numpy()
    found: NDArray[np.float64] = (told[one] == told[other]).astype(np.float64)
    long = np.isin(one, shingles.rows) & np.isin(other, shingles.rows)
    found[long] = sets.jaccard(one[long], other[long], settings.threshold, 1)
    return found


def with_copies(copies: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Pair copies (`row, first`) with their first occurrence, beside pairs of the rest (`left, right, jaccard`)."""
    copied = copies.select(left="first", right="row", jaccard=pl.lit(1.0))
    return pl.concat([pairs, copied]).unique(["left", "right"]).sort("left", "right")


def _compare(texts: pl.Series, settings: NearDup) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Collapse copies (`row, first`), then pair the rest (`left, right, jaccard`)."""
    if not isinstance(texts, pl.Series) or texts.dtype not in _TEXTS:
        given = f"a Series of {texts.dtype}" if isinstance(texts, pl.Series) else type(texts).__name__
        raise TypeError(f"Near-duplicates are looked for in a Series of String, and {given} was given: cast it first.")
    texts = texts.cast(pl.String)
    kernel = choose(settings.kernel, int(texts.str.len_bytes().sum()))
    threads = settings.threads or pl.thread_pool_size()
    shingles, digests = shingle(texts, settings.words, kernel, threads)
    copies = (
        digests.with_columns(first=pl.col("row").min().over("digest"))
        .filter(pl.col("row") != pl.col("first"))
        .select("row", "first")
    )
    if copies.height:
        shingles = shingles.take(np.flatnonzero(~np.isin(shingles.rows, copies["row"].to_numpy())))
    buckets = bucket(band_keys(shingles, settings.bands, settings.rows, threads, kernel))
    sets, held = ShingleSets(len(shingles), kernel), buckets.texts(len(shingles))
    sets.add(shingles, held, held)
    found = search(buckets, sets, shingles.rows, shingles.take, settings, kernel=kernel, threads=threads)
    return copies, found


def search(
    buckets: Buckets,
    sets: Comparer,
    rows: NDArray[np.int64],
    shingles_of: Callable[[NDArray[np.int64]], Shingles],
    settings: NearDup,
    *,
    kernel: Kernel,
    threads: int,
    known: Comparisons | None = None,
) -> pl.DataFrame:
    """Compare what shares a bucket, and look once more where a template hides who is like whom.

    Parameters
    ----------
    buckets : Buckets
        Of distinct texts, numbered by priority.
    sets : Comparer
        Who compares these texts.
    rows : (n_texts,) int64
        Where each text stands in the pool, ascending.
    shingles_of : callable
        Gives the shingles of texts, by their numbers.
    known : Comparisons, optional
        Pairs of these texts that are alike and that `buckets` need not hold.

    Returns
    -------
    pl.DataFrame
        Verified pairs of rows (schema `quality.lsh.star.PAIRS`).
    """
    found = VerifiedPairs(sets, len(rows), threshold=settings.threshold, leaders=settings.leaders, threads=threads)
    if known is not None:
        found.take(known.codes, known.jaccard)
    crowded = found.search(buckets)
    if len(crowded):
        stripped, places = without_common(shingles_of(crowded), settings.leaders)
        # Without the template, near-duplicates are less alike: twice the bands, half the minima in each.
        keys = band_keys(stripped, 3 * settings.bands, max(settings.rows // 3, 1), threads, kernel)
        left = found.search(bucket(keys).renamed(crowded[places]))
        counts = f"{len(crowded):,}", f"{len(left):,}"
        logger.info("%s texts share a template; %s of them still share a crowded bucket", *counts)
    one, other = unpack(found.codes)
    return pl.DataFrame({"left": rows[one], "right": rows[other], "jaccard": found.jaccard}).cast(PAIRS)
