"""Drop semantic duplicates: rows that say what a kept row says, found on the embeddings the domain filter needs too."""

import numpy as np
import polars as pl

from quality.meaning.above import Above
from quality.meaning.cells import cells_of
from quality.meaning.cosine_index import CosineIndex
from quality.meaning.cosine_pairs import Progress
from quality.meaning.pool_texts import PoolTexts
from quality.meaning.semantic import Semantic, semantic_duplicates
from quality.meaning.threshold import Threshold, background_rows, edited_copies, find_threshold
from quality.preambles import led_by, without_preambles, without_system
from quality.records import answer_text, full_text, prompt_text
from tasks import cards, store
from tasks.caching import step
from tasks.fates import removed, tell
from tasks.keep_domain import embed_each
from tasks.models import ModelFiles
from tasks.pool import Pool


@step(name="dedupe_meaning")
def dedupe_meaning(pool: Pool, settings: Semantic, embedder: ModelFiles) -> Pool:
    """Return the pool without semantic duplicates; unchanged when they are not asked for."""
    rows = pool.left()
    if not settings.active or rows.is_empty():
        cards.say("semantic duplicates not asked for: every row stays")
        return pool
    preambles = pool.preambles()
    led, rows = led_by(rows, preambles), without_preambles(rows, preambles)
    below = without_system(rows)
    texts = PoolTexts(prompt_text(below), answer_text(below), store.home() / "store" / "meaning")
    vectors, copies = _embedded(full_text(below), settings, embedder)
    with cards.progress("Comparing meanings") as tick:
        close = _close(vectors, settings, tick)
        threshold = find_threshold(texts, vectors, copies, settings, close)
        found = semantic_duplicates(
            texts, vectors, threshold.cosine, settings, tick, close=close, above=Above(rows, led)
        )
    fates = removed(rows, _told(found, threshold.cosine, settings.likeness), stage="dedupe_meaning")
    tell(fates, left=rows.height)
    _tell_threshold(threshold)
    facts = {name: [getattr(threshold, name)] for name in ("cosine", "false_merges", "recall")}
    return pool.with_fates(fates, meaning=threshold.distribution, meaning_facts=pl.DataFrame(facts))


def _close(vectors: np.ndarray, settings: Semantic, progress: Progress) -> pl.DataFrame | None:
    """List the pairs that may be close enough: those of earlier runs, and those of new rows. None: too many to list."""
    cells = None
    if len(vectors) > settings.exact_rows:
        hubs = background_rows(vectors, settings.seed)
        cells = cells_of(vectors, settings.probes, settings.seed, hubs)
    return CosineIndex(store.home() / "store" / "cosines").pairs(vectors, settings.floor, progress, cells)


def _told(found: pl.DataFrame, cosine: float, likeness: float) -> pl.DataFrame:
    """Tell of each row what gave it away: its meaning, or where that fell short, its words."""
    by_words = pl.col("jaccard").is_not_null()
    return found.select(
        "row",
        "witness",
        reason=pl.when(by_words).then(pl.lit("edited_copy")).otherwise(pl.lit("semantic_duplicate")),
        score=pl.coalesce("jaccard", "cosine"),
        threshold=pl.when(by_words).then(pl.lit(likeness)).otherwise(pl.lit(cosine)),
    )


def _embedded(texts: pl.Series, settings: Semantic, embedder: ModelFiles) -> tuple[np.ndarray, np.ndarray]:
    """Embed rows: (n, dim) float32, and return the cosines of edited copies of some with these rows: (m,) float64."""
    edited = edited_copies(texts, settings.samples, settings.seed)
    rows, copies = embed_each([texts, edited["text"]], embedder)
    own: np.ndarray = rows[edited["row"].to_numpy()]
    cosines: np.ndarray = np.einsum("ij,ij->i", own, copies).astype(np.float64)
    return rows, cosines


def _tell_threshold(found: Threshold) -> None:
    recall = "" if np.isnan(found.recall) else f", and so are {found.recall:.0%} of lightly edited copies"
    cards.say(
        f"same meaning from cosine {found.cosine:.3f} on: {found.false_merges:.1%} of rows are as close to a row of "
        f"other words{recall}"
    )
    cards.table(
        "dedupe-meaning-distribution",
        found.distribution.rename({"others": "rows whose nearest row of other words is here"}).to_dicts(),
        f"Cosines, by lower end of the bin; same meaning from {found.cosine:.3f} on",
    )
