"""Semantic duplicates: rows whose meaning is that of a row before them, said in nearly the same words.

The net beneath near-duplicates: an edit of one word in twenty leaves few 5-grams of a short text alone, but neither
its meaning nor the most of its words. A row is dropped if a kept row before it has a cosine of at least the
threshold, which `quality.meaning.threshold` finds on the pool itself, and the same words, numbers and prompt
(`quality.meaning.same_said`), no other signs (`quality.texts.signs`), and no other fact
(`quality.texts.told_otherwise`); that row is its witness.

One odd word can turn the meaning of a short row (“What is malaria?”, “What is wheelbarrow?” with one answer). So rows
that have half of their 5-grams in common are compared in words, numbers and prompts whatever their cosine: edited
copies, which texts alone prove. So are rows whose answers alone have half of theirs in common, since a prompt in
another template leaves a short row fewer; of these both must name one subject (`quality.meaning.asked_otherwise`).

All this is asked of what stands below system messages: a long one that rows share but for a date would answer for them.
What it says itself may tell two rows apart all the same (`quality.meaning.above`); and rows that say the same below, be
it a word, are copies where their system messages are edited copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from quality.clusters import LOOSE
from quality.duplicates.contradictions import apart
from quality.lsh.star import PAIRS, star
from quality.meaning.cosine_pairs import Progress, Search, close_pairs, closest
from quality.meaning.pair_signs import Agreement
from quality.meaning.same_said import said_of_one_subject, same_said
from quality.meaning.vector_bounds import products
from quality.texts.signs import have_other_signs

if TYPE_CHECKING:
    from typing import Literal

    from numpy.typing import NDArray

    from quality.meaning.above import Above
    from quality.meaning.pool_texts import PoolTexts
    from quality.neardup import NearDup


class Semantic(BaseModel):
    """When two rows say the same, and how hard to look for such rows."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    active: bool = Field(default=True, description="Look for semantic duplicates (embeds every row left).")
    words: float = Field(
        default=0.85,
        gt=0,
        le=1,
        description="Least share (0 to 1) of their words that two rows have in common, or their answers, where the "
        "prompt of one is the other's in another template.",
    )
    prompt_words: float = Field(
        default=0.7,
        gt=0,
        le=1,
        description="Least share (0 to 1) of their words that two prompts have in common, if neither holds the other.",
    )
    least_words: int = Field(default=20, ge=1, description="Rows of fewer words are left alone.")
    likeness: float = Field(
        default=0.5,
        ge=0.5,
        le=1,
        description="Exact Jaccard similarity of 5-grams (0.5 to 1), of whole rows or of answers, from which rows are "
        "compared in words, numbers and prompts whatever their cosine.",
    )
    floor: float = Field(
        default=0.8, ge=0, le=1, description="Least cosine (0 to 1); the threshold found on the pool is not below it."
    )
    false_merges: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Share of rows (0 to 1) that the threshold alone, words aside, may take for a copy of a row that "
        "has other words.",
    )
    recall: float = Field(
        default=0.99,
        ge=0,
        le=1,
        description="Share (0 to 1) of lightly edited copies of the pool's own rows that the threshold lets pass in "
        "any case; where this asks for a lower threshold than false_merges, it wins, since words are compared too.",
    )
    samples: int = Field(
        default=64, ge=0, description="Rows that are edited, at 2% and 5% of their words, to find the threshold."
    )
    neighbours: int = Field(default=16, ge=1, description="Rows before it that a row is compared with, at most.")
    exact_rows: int = Field(
        default=100_000, ge=0, description="Up to this many rows all are compared; beyond, those in common cells."
    )
    probes: int = Field(default=4, ge=1, description="Cells each row is in; more find more pairs and take longer.")
    seed: int = Field(default=0, ge=0, lt=1 << 63, description="Seed of the samples and of the cells.")

    def agreement(self) -> Agreement:
        """Return the part that words are compared by."""
        return Agreement(self.words, self.prompt_words, self.least_words)

    def search(self) -> Search:
        """Return the part that the search goes by."""
        return Search(self.neighbours, self.exact_rows, self.probes, self.seed)


DEFAULT = Semantic()


def semantic_duplicates(
    pool: PoolTexts,
    vectors: NDArray[np.float32],
    threshold: float,
    settings: Semantic = DEFAULT,
    progress: Progress | None = None,
    *,
    close: pl.DataFrame | None = None,
    above: Above | None = None,
) -> pl.DataFrame:
    """Find the rows to drop.

    Parameters
    ----------
    pool : PoolTexts
        In priority order: of two rows that say the same the first stays.
    vectors : (n, dim) float32
        Their embeddings, of length 1.
    threshold : float
        Least cosine.
    settings : Semantic
        Agreement of words, and effort.
    progress : callable, optional
        Called with (rows done, rows in all).
    close : pl.DataFrame, optional
        All pairs at `settings.floor` or above, as from `quality.meaning.cosine_index`; without them they are looked for
        here.
    above : Above, optional
        System messages that the texts of the pool are without.

    Returns
    -------
    pl.DataFrame
        `row: UInt32, witness: UInt32, cosine: Float64, jaccard: Float64`, ascending by row. The witness is a kept row
        before it: the closest in meaning that was found. The similarity is that of edited copies, of their answers
        where that of the rows falls short; it is null where the cosine reaches the threshold.
    """
    if close is None:
        close = close_pairs(vectors, threshold, settings.search(), progress)
    else:
        close = closest(close.filter(close["cosine"].to_numpy() >= threshold), settings.neighbours)
    pairs = pl.concat(
        [close.with_columns(jaccard=None), _alike("rows", pool, vectors, settings)], how="vertical_relaxed"
    )
    pairs = pairs.unique(["left", "right"], keep="first", maintain_order=True)
    told = _alike("answers", pool, vectors, settings).join(
        pairs, on=["left", "right"], how="anti", maintain_order="left"
    )
    agreed = (
        rows.filter(pl.Series(agree(rows, pool, settings.agreement()), dtype=pl.Boolean))
        for rows, agree in ((pairs, same_said), (told, said_of_one_subject))
    )
    alike = pl.concat(agreed, how="vertical_relaxed")
    if above is not None:
        again = above.said_again(pool, _near(settings), settings.least_words)
        again = _with_cosines(again.with_columns(jaccard=1.0), vectors)
        alike = pl.concat([alike, again], how="vertical_relaxed").unique(
            ["left", "right"], keep="first", maintain_order=True
        )
    left, right = (alike[side].to_numpy() for side in ("left", "right"))
    others = have_other_signs(pool.rows.gather(left), pool.rows.gather(right))
    others |= apart(pool.prompts, pool.answers, left, right)
    if above is not None:
        others |= above.differ(left, right, settings.words)
    alike = alike.filter(~pl.Series(others, dtype=pl.Boolean))
    starred = star(alike.select("left", "right", jaccard="cosine").cast(PAIRS)).rename({"jaccard": "cosine"})
    alike = alike.select(pl.col("left", "right").cast(pl.UInt32), "jaccard")
    found = starred.join(
        alike, left_on=["witness", "row"], right_on=["left", "right"], how="left", maintain_order="left"
    )
    # Of equal vectors it may come out a little above 1.
    return found.with_columns(
        cosine=pl.col("cosine").clip(-1, 1), jaccard=pl.when(pl.col("cosine") < threshold).then("jaccard")
    )


def _alike(
    of: Literal["rows", "answers"], pool: PoolTexts, vectors: NDArray[np.float32], settings: Semantic
) -> pl.DataFrame:
    """List pairs of rows that have so many 5-grams in common: `left, right, cosine, jaccard`."""
    return _with_cosines(pool.alike(of, _near(settings)), vectors)


def _near(settings: Semantic) -> NearDup:
    return LOOSE.model_copy(update={"threshold": settings.likeness})


def _with_cosines(pairs: pl.DataFrame, vectors: NDArray[np.float32]) -> pl.DataFrame:
    left, right = (pairs[side].to_numpy() for side in ("left", "right"))
    cosine = products(vectors, left, right).astype(np.float64)
    return pairs.select("left", "right", pl.Series("cosine", cosine, dtype=pl.Float64), "jaccard")
