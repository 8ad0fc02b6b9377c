"""Clusters of rows that must not straddle a split, and draws of whole clusters that stay as pools grow.

Rows belong together when they come from one document, ask the same question, or are near-duplicates at a
looser threshold than deduplication's: what is too unlike to be dropped may still be alike enough to make a
validation row easy. Rows that other system messages of their own make alike are so only if they are without them, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.lsh.shingles import stable_hash
from quality.neardup import NearDup, jaccard_of, near_pairs
from quality.preambles import preambles, system_text, without_preambles, without_system
from quality.records import full_text, prompt_text
from quality.texts.normalise import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

# At J = 0.5, 60 bands of 4 find 98% of the pairs (25 bands of 5, which suit 0.7, find 55%).
LOOSE = NearDup(threshold=0.5, bands=60, rows=4)


def split_clusters(pairs: pl.DataFrame, prompts: pl.Series, groups: pl.Series) -> pl.Series:
    """Label rows so that all that must stay together have one label.

    Parameters
    ----------
    pairs : pl.DataFrame
        `left, right`: positions of rows that are near-duplicates.
    prompts : pl.Series of String
        Prompt of each row. Null and empty ones join nothing.
    groups : pl.Series of String
        Document each row comes from; null joins nothing.

    Returns
    -------
    pl.Series of UInt32
        The smallest position of each row's cluster.
    """
    joined = [
        (pairs["left"].to_numpy(), pairs["right"].to_numpy()),
        _same(groups),
        _same(normalised(prompts).replace("", None)),
    ]
    return pl.Series("cluster", clusters(len(prompts), joined), dtype=pl.UInt32)


def row_clusters(rows: pl.DataFrame) -> pl.Series:
    """Label records as `split_clusters` does, by their groups and messages; shared preambles join nothing."""
    compared = without_preambles(rows)
    return split_clusters(_alike(compared, LOOSE), prompt_text(compared), rows["group"])


def akin(rows: pl.DataFrame, others: pl.DataFrame, near: NearDup = LOOSE) -> pl.Series:
    """Tell of each row whether it asks what one of the others asks, or near-duplicates lead from it to one.

    Rows that share a prompt with such a row, and nothing else, are not akin for that.

    Parameters
    ----------
    rows, others : pl.DataFrame
        Records, of which the messages are looked at. Empty prompts ask nothing.
    near : NearDup
        When two whole texts are near-duplicates here.

    Returns
    -------
    pl.Series of Boolean
        One for each of `rows`.
    """
    shared = preambles(pl.concat([others.select("messages"), rows.select("messages")]))
    others, rows = (without_preambles(some, shared) for some in (others, rows))
    both = pl.concat([others.select("messages"), rows.select("messages")])
    nothing = pl.Series([None] * both.height, dtype=pl.String)
    labels = split_clusters(_alike(both, near), nothing, nothing)
    nearly = labels.tail(rows.height).is_in(labels.head(others.height).implode())
    asked = normalised(prompt_text(others)).replace("", None).drop_nulls()
    return nearly | normalised(prompt_text(rows)).is_in(asked.implode())


def _alike(rows: pl.DataFrame, near: NearDup) -> pl.DataFrame:
    """Pair near-duplicates (`left, right`); those below different system messages must be so without them, too."""
    whole, told = full_text(rows), normalised(system_text(rows))
    pairs = near_pairs(whole, near).select("left", "right")
    if told.null_count() == rows.height:
        return pairs
    below = full_text(without_system(rows))
    # Of a crowd that its system messages make alike not all pairs are listed.
    pairs = pl.concat([pairs, near_pairs(below, near).select("left", "right")]).unique(maintain_order=True)
    others = (told.gather(pairs["left"]) != told.gather(pairs["right"])).fill_null(value=False)
    apart = pairs.filter(others).select(row="left", witness="right")
    least = np.minimum(*(jaccard_of(texts, apart, near) for texts in (whole, below)))
    kept = apart.filter(pl.Series(least >= near.threshold, dtype=pl.Boolean))
    return pl.concat([pairs.filter(~others), kept.rename({"row": "left", "witness": "right"})])


def clusters(n_rows: int, pairs: Iterable[tuple[NDArray[np.integer], NDArray[np.integer]]]) -> NDArray[np.int64]:
    """Label the connected components of pairs of rows.

    Parameters
    ----------
    n_rows : int
        Number of rows; a row without a pair is a cluster of its own.
    pairs : iterable of ((n,) int, (n,) int)
        Left and right rows of pairs, in any number of lists.

    Returns
    -------
    (n_rows,) int64
        The smallest row of each row's component.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sides = list(zip(*pairs, strict=True)) or [(), ()]
    left, right = (np.concatenate([np.empty(0, np.int64), *side]) for side in sides)
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(n_rows, n_rows))
    component: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    first = np.full(n_rows, n_rows, np.int64)
    np.minimum.at(first, component, np.arange(n_rows))
    labels: NDArray[np.int64] = first[component]
    return labels


def draw_clusters(labels: pl.Series, ids: pl.Series, n_rows: int, seed: int = 0) -> pl.Series:
    """Draw whole clusters until they hold about `n_rows` rows, never more.

    Clusters are drawn in the order of a hash of their smallest record id and the seed; one that would exceed
    the number is passed over. So a draw depends on the records alone, not on their order, and when rows are
    added to a pool, those drawn before mostly are again. Only if every cluster exceeds the number, the
    smallest is drawn nevertheless.

    Parameters
    ----------
    labels : pl.Series
        Cluster of each row, as from `split_clusters`.
    ids : pl.Series of String
        Record id of each row.
    n_rows : int
        Number of rows wanted; 0 draws none.
    seed : int
        Another seed, another draw.

    Returns
    -------
    pl.Series of Boolean
        True for drawn rows.
    """
    rows = pl.DataFrame({"label": labels, "id": ids})
    sizes = rows.group_by("label").agg(size=pl.len(), id=pl.col("id").min())
    keys = stable_hash(sizes.select(pl.format("{}:{}", pl.lit(seed), "id")).to_series())
    order = sizes.with_columns(key=pl.Series(keys)).sort("key", "id")
    drawn = _fitting(order["size"].to_numpy(), n_rows)
    if n_rows > 0 and order.height and not drawn.any():
        drawn[int(order["size"].arg_min() or 0)] = True
    return labels.is_in(order.filter(pl.Series(drawn))["label"].implode()).alias("drawn")


def _fitting(sizes: NDArray[np.integer], capacity: int) -> NDArray[np.bool_]:
    """Take sizes in order, each that still fits: (n,) bool."""
    taken = np.zeros(len(sizes), np.bool_)
    # One step per cluster: what fits depends on what was taken before.
    for place, size in enumerate(sizes.tolist()):
        if size <= capacity:
            taken[place] = True
            capacity -= size
    return taken


def _same(keys: pl.Series) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Pair each row with the first of the same key; null is the same as nothing."""
    pairs = (
        keys.to_frame("key")
        .with_row_index("row")
        .drop_nulls("key")
        .select("row", first=pl.col("row").min().over("key"))
        .filter(pl.col("row") != pl.col("first"))
    )
    return pairs["first"].to_numpy(), pairs["row"].to_numpy()
