"""Keep as many tokens as the budget allows, in the rows that serve best: diverse ones, or those of a control arm."""

from __future__ import annotations

import polars as pl

from quality.choosing.budget import Budget, choose_rows
from quality.choosing.row_quality import row_quality
from quality.preambles import about
from tasks import cards
from tasks.caching import step
from tasks.check_quotas import check_quotas
from tasks.fates import removed, tell
from tasks.keep_domain import embed
from tasks.models import ModelFiles
from tasks.pool import Pool, ensure_rows
from tasks.row_tokens import row_tokens


@step(name="choose")
def choose(pool: Pool, settings: Budget, embedder: ModelFiles, base: ModelFiles) -> Pool:
    """Return the pool with the attribute `choice` (`row, tokens, quality, gain`) and without what is over budget.

    Tokens are the base model's, as its chat template shows a row. Where `weigh` or `keep_domain` measured scores,
    better rows come first.

    Raises
    ------
    ValueError
        When a quota names a source that the pool does not have, or rows are to be chosen by scores that no stage
        measured.
    """
    if settings.tokens is None:
        cards.say("no token budget given: every row stays")
        return pool
    check_quotas(pool, settings)
    rows = pool.left()
    quality = row_quality(rows, pool.attribute("difficulty"), pool.attribute("domain"))
    if quality is None and settings.by == "top-quality":
        raise ValueError(
            "curate.budget.by: top-quality needs scores, and no stage measured any. Set curate.weigh.measure, describe "
            "a domain, or choose by diverse, random or longest."
        )
    candidates = rows.select("row", "id", "source").with_columns(
        row_tokens(rows, base),
        quality=pl.Series([1.0] * rows.height, dtype=pl.Float64) if quality is None else quality,
    )
    vectors = embed(about(rows, pool.preambles()), embedder) if settings.by == "diverse" else None
    with cards.progress("Choosing rows") as tick:
        found = choose_rows(candidates, settings, vectors, tick)
    over = found.drop("chosen", "gain").with_row_index("row").filter(~found["chosen"])
    fates = removed(rows, over, stage="choose")
    tell(fates, left=rows.height)
    kept = int(candidates.filter(found["chosen"])["tokens"].sum())
    cards.say(f"{kept:,} tokens of {candidates['tokens'].sum():,} kept, {settings.by}; {settings.tokens:,} allowed")
    choice = candidates.drop("id", "source").with_columns(found["gain"])
    return ensure_rows(pool.with_fates(fates, choice=choice), "choose", "Give a larger curate.budget.tokens.")
