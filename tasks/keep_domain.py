"""Keep the rows of the domain: embeddings, then positive-unlabelled regression from seeds, or from a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import polars as pl

from quality.domain.estimates import DomainScores, all_scores, facts, nearest_domain
from quality.domain.lexical import lexical_features
from quality.domain.scoring import DOUBTFUL_PRECISION, SeedError, score_by_description, score_domain
from quality.domain.settings import Domain
from quality.domain.subjects import SUBJECTS
from quality.embedding import Embedder
from quality.preambles import about
from quality.vectors.cache import EmbeddingCache
from tasks import cards, store
from tasks.caching import step
from tasks.check import PinnedDomain
from tasks.domain_examples import examples
from tasks.fates import removed, tell
from tasks.models import ModelFiles
from tasks.named_places import domain_key
from tasks.pool import Pool, ensure_rows

_ENOUGH_SEEDS = 24
"""Of so many and more, none of 50 draws that were written like the pool was taken for another; 9 of 150 of 8 to 16."""


class _Judged(NamedTuple):
    """Texts and embeddings (n, dim) of the rows that are judged, and the system messages left out of them."""

    texts: pl.Series
    vectors: np.ndarray
    preambles: pl.DataFrame


@step(name="keep_domain")
def keep_domain(pool: Pool, settings: Domain, domains: Sequence[PinnedDomain], embedder: ModelFiles) -> Pool:
    """Return the pool without rows outside the domain, or outside all of several; unchanged when none is asked for.

    Of several, those whose sentence tells nothing apart in this pool keep no row: a recipe that names many subjects
    holds for pools that lack some.

    Raises
    ------
    SeedError
        When seeds don't tell their domain, or no domain is told apart.
    """
    if not domains:
        cards.say("no domain asked for: every row stays")
        return pool
    preambles = pool.preambles()
    # In whichever order rows come, the same is learnt from them.
    rows = pool.left().sort("id")
    texts = about(rows, preambles)
    judged = _Judged(texts, embed(texts, embedder), preambles)
    found = _of_whole_pool(pool, _told_apart(judged, domains, settings, embedder), rows.height)
    scores = nearest_domain(found)
    outside = (
        scores.with_row_index("row")
        .filter(pl.col("score") < pl.col("threshold"))
        .with_columns(reason=pl.lit("out_of_domain"))
    )
    fates = removed(rows, outside, stage="keep_domain").sort("row")
    tell(fates, left=rows.height)
    for told in domains:
        name = f"{told.name}: " if len(domains) > 1 else ""
        if told.name in found:
            _tell_quality(found[told.name], name, by_sentence=told.seeds is None)
    if untold := [told.name for told in domains if told.name not in found]:
        cards.say(not_told_apart(untold))
    several = {}
    if len(domains) > 1:  # which domain is the nearest follows from all scores, and another line would change it
        each = all_scores(found)
        each = each.with_columns(row=rows["row"].gather(each["row"]))
        several["domain_scores"] = each.sort("row", maintain_order=True)
    scores = scores.with_columns(row=rows["row"]).sort("row")
    kept = pool.with_fates(fates, domain=scores, domain_facts=facts(found), **several)
    return ensure_rows(kept, "keep_domain", _advice(domains, found))


def _of_whole_pool(pool: Pool, found: Mapping[str, DomainScores], rows: int) -> dict[str, DomainScores]:
    """Tell prevalences as shares of the pool before it was skimmed, which takes hardly a row of the domain."""
    skimmed = pool.removed().filter(pl.col("stage") == "skim").height
    share = rows / max(rows + skimmed, 1)
    return {name: replace(one, prevalence=one.prevalence * share) for name, one in found.items()}


def not_told_apart(names: Sequence[str]) -> str:
    """Say which of several domains kept no row, and what would change that."""
    return (
        f"no row was kept for {', '.join(names)}, as their sentences tell no rows of this pool apart from other "
        "subjects; where it holds some, name the subject in other words, or give seeds"
    )


def _told_apart(
    rows: _Judged, domains: Sequence[PinnedDomain], settings: Domain, embedder: ModelFiles
) -> dict[str, DomainScores]:
    """Score rows for every domain; of several, those are left out whose sentence tells nothing apart in this pool."""
    found: dict[str, DomainScores] = {}
    refused: list[SeedError] = []
    for one in domains:
        try:
            with _telling_the_key(one):
                found[one.name] = _score(rows, one, settings, embedder)
        except SeedError as error:
            if one.seeds is not None or len(domains) == 1:
                raise
            refused.append(error)
    if not found:
        others = ", ".join(one.name for one in domains[1:])
        raise SeedError(f"{refused[0]} Nor does this pool show what the other sentences describe: {others}.")
    return found


def _advice(domains: Sequence[PinnedDomain], found: Mapping[str, DomainScores]) -> str:
    """Say what would leave a row, where none is left."""
    for told in domains:
        if told.threshold is not None and told.name in found:
            return (
                f"{domain_key(told.name)}.threshold asks for a score of {told.threshold:g}, and the highest is "
                f"{found[told.name].scores.max():.2f}: lower it, or leave it out to have it found."
            )
    return "Give seeds that look like the rows you want, or drop curate.domain."


def _tell_quality(found: DomainScores, name: str, *, by_sentence: bool) -> None:
    if by_sentence:
        cards.say(
            f"{name}{found.prevalence:.0%} of the pool is nearer to the sentence than to other subjects; how much of "
            "it is the domain no sentence tells: look at rows that were kept, or give seeds"
        )
        return
    cards.say(
        f"{name}about {found.precision:.0%} of the rows kept are of the domain, as are about {found.prevalence:.0%} of "
        "the whole pool"
    )
    if found.manner_left_out or found.stand_ins:
        how = (
            "what sets them apart from the rows nearest to them was left out"
            if found.manner_left_out
            else "rows nearest to them stood in for them"
        )
        few = f" ({found.seeds_used} are few: it may only seem so)" if found.seeds_used < _ENOUGH_SEEDS else ""
        cards.warn(
            f"the seeds are not written like the pool{few}, so {how}, and less may be of the domain than is thought: "
            "look at what was kept, and take seeds from there"
        )
    if found.kind_found:
        cards.say(f"{found.kind_found} of the {found.seeds_used} seeds are of a kind of their own: its rows stay, too")
    if found.kind_lost:
        cards.warn(
            f"{found.kind_lost} of the {found.seeds_used} seeds are of a kind of their own that so few do not tell "
            "from what lies around it, so most rows like them are left out: give more seeds of this kind"
        )
    if found.precision < DOUBTFUL_PRECISION:
        cards.warn(
            "most of what is left may be something else: give more seeds, or seeds written like the rows you want"
        )


def embed(texts: pl.Series, model: ModelFiles | Embedder) -> np.ndarray:
    """Embed texts through the home's cache: only texts never seen with this model cost anything.

    Whoever embeds more than once hands an `Embedder`, which loads its model once.
    """
    cache = EmbeddingCache(store.home() / "store" / "embeddings")
    embedder = loaded(model) if isinstance(model, ModelFiles) else model
    with cards.progress("Embedding rows") as tick:
        return cache.encode(embedder, texts, progress=tick)


def loaded(model: ModelFiles) -> Embedder:
    """Return what embeds with this model; the home keeps it as it is run, for runs of few new texts."""
    return Embedder(model.folder, kept=store.home() / "store" / "embedders")


def embed_each(texts: Sequence[pl.Series], model: ModelFiles | Embedder) -> list[np.ndarray]:
    """Embed several series, see `embed`: together, so that the model is loaded and the cache is read once."""
    whole = embed(pl.concat([each.alias("text") for each in texts]), model)
    return np.split(whole, np.cumsum([len(each) for each in texts])[:-1])


def _score(rows: _Judged, told: PinnedDomain, settings: Domain, embedder: ModelFiles) -> DomainScores:
    settings = settings.model_copy(update={"threshold": told.threshold})
    texts, vectors, preambles = rows
    seeds, negatives = (
        examples(given, what, preambles) for given, what in ((told.seeds, "seeds"), (told.negatives, "negatives"))
    )
    both = pl.concat([seeds, negatives])
    words, example_words = lexical_features(texts, both) if settings.lexical_weight else (None, None)
    asked = [seeds] if told.seeds is not None else [pl.Series([told.description]), pl.Series(SUBJECTS)]
    *meant, negative = embed_each([*asked, negatives], embedder)
    beside = {
        "pool_lexical": words,
        "negatives": negative if len(negatives) else None,
        "negative_lexical": example_words[len(seeds) :] if example_words is not None else None,
    }
    if told.seeds is None:
        sentence, subjects = meant
        return score_by_description(vectors, sentence[0], subjects, settings, **beside)
    seed_words = example_words[: len(seeds)] if example_words is not None else None
    return score_domain(vectors, meant[0], settings, seed_lexical=seed_words, **beside)


@contextmanager
def _telling_the_key(told: PinnedDomain) -> Iterator[None]:
    """Name the recipe's key in errors about a domain's seeds or sentence."""
    try:
        yield
    except SeedError as error:
        key = f"{domain_key(told.name)}.{'seeds' if told.seeds else 'description'}"
        raise SeedError(f"{key}: {error} Nothing passed the stage “keep_domain”.") from error
