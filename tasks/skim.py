"""Skim a large pool: rows whose words alone tell that they are far from the domain go before anything is embedded."""

from collections.abc import Sequence

import polars as pl

from quality.domain.estimates import DomainScores, facts, nearest_domain
from quality.domain.lexical import lexical_features
from quality.domain.settings import Domain
from quality.domain.skimming import AllPassError, ensure_spared, skim_by_words
from quality.preambles import about
from tasks import cards
from tasks.caching import step
from tasks.check import PinnedDomain
from tasks.domain_examples import examples
from tasks.fates import removed, tell
from tasks.pool import Pool

LEAST_ROWS = 2_000
"""Fewer rows are soon embedded."""


@step(name="skim")
def skim(pool: Pool, settings: Domain, domains: Sequence[PinnedDomain]) -> Pool:
    """Return the pool without rows that by their words are far from all domains.

    It is unchanged where words tell too little, or where nearly all rows would be left.
    It leaves `curate.domain.skim` times as many rows as it takes for the domain's, for the steps that embed them.
    """
    rows = pool.left().sort("id")  # in whichever order rows come, the same is learnt from them
    times = settings.skim
    why = _not_skimmed(rows.height, settings, domains)
    if times is None or why:
        cards.say(f"{why or 'not asked for'}: every row is embedded")
        return pool
    preambles = pool.preambles()
    texts = about(rows, preambles)
    try:
        found = {told.name: _passing(texts, told, times, settings, preambles) for told in domains}
        scores = nearest_domain(found)
        ensure_spared(scores.select((pl.col("score") >= pl.col("threshold")).mean()).item())
    except AllPassError as error:
        cards.say(f"{error}: every row is embedded")
        return pool
    far = scores.with_row_index("row").filter(pl.col("score") < pl.col("threshold"))
    fates = removed(rows, far.with_columns(reason=pl.lit("out_of_domain")), stage="skim").sort("row")
    tell(fates, left=rows.height)
    for name, passing in found.items():
        cards.say(f"{f'{name}: ' if len(found) > 1 else ''}{_told(passing)}")
    return pool.with_fates(fates, skim=scores.with_columns(row=rows["row"]).sort("row"), skim_facts=facts(found))


def _not_skimmed(rows: int, settings: Domain, domains: Sequence[PinnedDomain]) -> str:
    """Say why words are not asked, if they aren't."""
    if not domains:
        return "no domain asked for"
    if any(told.seeds is None for told in domains):
        return "a domain is told by a sentence"
    if not settings.lexical_weight:
        return "words are not looked at (curate.domain.lexical_weight)"
    return f"{rows:,} rows are few" if rows < LEAST_ROWS else ""


def _told(passing: DomainScores) -> str:
    seeds = len(passing.seed_scores)
    return f"by their words alone; of {seeds} seeds, each hidden in turn, {round(passing.recall * seeds)} would stay"


def _passing(
    texts: pl.Series, told: PinnedDomain, times: float, settings: Domain, preambles: pl.DataFrame
) -> DomainScores:
    """Score rows by their words, with the threshold above which they are worth embedding."""
    with cards.muted():  # what can't be read is told by the step that judges
        seeds = examples(told.seeds, "seeds", preambles)
        negatives = examples(told.negatives, "negatives", preambles)
    words, example_words = lexical_features(texts, pl.concat([seeds, negatives]))
    seed_words, negative_words = example_words[: len(seeds)], example_words[len(seeds) :]
    return skim_by_words(words, seed_words, times, settings, negative_words if len(negatives) else None)
