"""Keep the rows of the domain: embeddings, then positive-unlabelled regression from seeds, or from a sentence."""

from pathlib import Path

import numpy as np
import polars as pl

from quality.domain import DOUBTFUL_PRECISION, Domain, DomainScores, score_by_description, score_domain
from quality.embedding import Embedder
from quality.embedding_cache import EmbeddingCache
from quality.lexical import lexical_features
from quality.records import full_text
from quality.sources import read
from tasks import cards, store
from tasks.caching import step
from tasks.check import Pinned
from tasks.fates import removed, tell, tell_unread
from tasks.models import ModelFiles
from tasks.pool import Pool, ensure_rows


@step(name="keep_domain")
def keep_domain(pool: Pool, settings: Domain, seeds: Pinned | None, embedder: ModelFiles) -> Pool:
    """Return the pool without rows outside the domain; unchanged when neither seeds nor a description are given."""
    if seeds is None and settings.description is None:
        cards.say("no domain asked for: every row stays")
        return pool
    rows = pool.left()
    found = _score(full_text(rows), settings, seeds, embedder)
    scores = pl.DataFrame({"row": rows["row"], "score": found.scores})
    outside = (
        pl.DataFrame({"score": found.scores, "keep": found.kept})
        .with_row_index("row")
        .filter(~pl.col("keep"))
        .with_columns(reason=pl.lit("out_of_domain"), threshold=pl.lit(found.threshold))
    )
    fates = removed(rows, outside, stage="keep_domain")
    tell(fates, left=rows.height)
    _tell_quality(found)
    facts = pl.DataFrame(
        {
            "threshold": [found.threshold],
            "precision": [found.precision],
            "recall": [found.recall],
            "prevalence": [found.prevalence],
            "auc": [found.auc],
        }
    )
    kept = pool.with_fates(fates, domain=scores, domain_facts=facts)
    return ensure_rows(kept, "keep_domain", "Give seeds that look like the rows you want, or drop curate.domain.")


def _tell_quality(found: DomainScores) -> None:
    cards.say(f"about {found.precision:.0%} of them of the domain, which is about {found.prevalence:.0%} of the pool")
    if found.stand_ins:
        cards.say("the seeds are not written like the pool, so rows nearest to them stood in for them")
    if found.precision < DOUBTFUL_PRECISION:
        cards.say(
            "most of what is left may be something else: give more seeds, or seeds written like the rows you want"
        )


def embed(texts: pl.Series, model: ModelFiles) -> np.ndarray:
    """Embed texts through the home's cache: only texts never seen with this model cost anything."""
    cache = EmbeddingCache(store.home() / "store" / "embeddings")
    with cards.progress("Embedding rows") as tick:
        return cache.encode(Embedder(model.folder), texts, progress=tick)


def _score(texts: pl.Series, settings: Domain, seeds: Pinned | None, embedder: ModelFiles) -> DomainScores:
    vectors = embed(texts, embedder)
    if seeds is None:
        sentence = embed(pl.Series([settings.description]), embedder)
        return score_by_description(vectors, sentence[0], settings)
    given = read(seeds.sources, base=Path(seeds.base), copies=seeds.copies)
    tell_unread("seeds", given.quarantined)
    examples = full_text(given.records)
    words, seed_words = lexical_features(texts, examples) if settings.lexical_weight else (None, None)
    return score_domain(vectors, embed(examples, embedder), settings, pool_lexical=words, seed_lexical=seed_words)
