"""Drop rows with personal data, or put masks or surrogates in its place. What is found is told by kind alone."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING

import polars as pl

from quality.personal import Personal, edits, found_in
from quality.row_memory import RowMemory
from tasks import cards, store
from tasks.caching import code_digest, step
from tasks.fates import removed, tell
from tasks.pool import Pool, ensure_rows
from tasks.reporting.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quality.personal import Entity, Kind


@step(name="protect")
def protect(pool: Pool, settings: Personal) -> Pool:
    """Return the pool without personal data; it goes before all stages that compare texts.

    In every mode the row reads without its secrets from here on, rows that an earlier stage removed and those that
    are dropped here as well: nothing a run publishes (removed rows, the report, witnesses) holds what was found. The
    ingested table alone does. From here on such a row's id is the hash of what it says now, so that no id confirms who
    guesses a secret.
    """
    rows, left = pool.read(), pool.left()
    pool, found = rewritten(pool, settings)
    cards.say(", ".join(f"{kind} {count:,}" for kind, count in _counted(found.values())) or "no personal data")
    if settings.mode != "drop":
        cards.say(f"{counted(len(found), 'row')} edited ({settings.mode}), {left.height:,} left")
        return pool
    fates = removed(rows, _drops(found), stage="protect").join(left, on="row", how="semi", maintain_order="left")
    tell(fates, left=left.height)
    return ensure_rows(
        pool.with_fates(fates), "protect", "Set curate.personal.mode to mask, or name fewer kinds in curate.personal."
    )


def rewritten(pool: Pool, settings: Personal) -> tuple[Pool, dict[int, list[list[Entity]]]]:
    """Return the pool with all its rows rewritten, whatever their fate, and what was found in which (`found_in`)."""
    rows = pool.read()
    # Numbering plans, check digits and Unicode are known by libraries.
    libraries = [version(name) for name in ("phonenumberslite", "python-stdnum", "polars")]
    made_by = store.value_digest([code_digest(__name__), settings, *libraries])
    found = found_in(rows, settings, RowMemory(store.home() / "store" / "protected" / made_by))
    surrogates = settings.seed if settings.mode == "surrogate" else None
    return pool.with_edits(edits(rows, found, stage="protect", surrogates=surrogates)), found


def _counted(found: Iterable[list[list[Entity]]]) -> list[tuple[Kind, int]]:
    """Count values by kind, the commonest first."""
    return Counter(entity.kind for by_message in found for entities in by_message for entity in entities).most_common()


def _drops(found: dict[int, list[list[Entity]]]) -> pl.DataFrame:
    """Say of each row how many values it holds; one is too many."""
    counts = [sum(len(entities) for entities in by_message) for by_message in found.values()]
    return pl.DataFrame(
        {"row": list(found), "score": counts}, schema={"row": pl.UInt32(), "score": pl.Float64()}
    ).with_columns(reason=pl.lit("personal_data"), threshold=pl.lit(0.0))
