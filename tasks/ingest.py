"""Read every source into one table of records; what can't be read is quarantined with file, line and reason."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from quality.sources import Source, read
from quality.sources.faults import to_utf8
from quality.sources.losses import not_utf8
from tasks import cards, store
from tasks.caching import step
from tasks.check import Pinned
from tasks.pool import EmptyPool, Pool, told_reasons
from tasks.reporting.text import counted

_REASONS_TOLD = 3


@step(name="ingest")
def ingest(pinned: Pinned) -> Pool:
    """Return the pool as ingested; which rows were mended while they were read is its attribute `mended`.

    Why the others could not be read is its attribute `unread`, for receipts give the reason in one word alone.

    Raises
    ------
    EmptyPool
        When the sources hold no readable row.
    """
    with cards.warnings_of("quality.sources.pool"), cards.progress("Reading sources") as tick:
        found = read(pinned.sources, base=Path(pinned.base), copies=pinned.copies, progress=tick)
    records, quarantined = store.write_table(found.records), store.write_table(found.quarantined)
    if found.records.is_empty():
        unread = Pool(records=records, quarantined=quarantined, attributes={"unread": quarantined})
        pool = None if found.quarantined.is_empty() else unread
        why = _why(found.quarantined) if pool else _none_held(found.skipped, pinned.sources)
        raise EmptyPool(f"No row is left after the stage “ingest”: {why}", "ingest", pool)
    cards.say(
        f"{counted(found.records.height, 'record')} from "
        f"{counted(found.records['source'].n_unique(), 'source')}, "
        f"{_quarantined(found.quarantined)}"
    )
    if found.cut:
        cards.say(f"{counted(found.cut, 'record')}: turns after the last answer left out")
    told = {} if found.quarantined.is_empty() else {"unread": quarantined}
    if not found.mended.is_empty():
        cards.say(f"{counted(found.mended.height, 'record')} mended")
        told["mended"] = store.write_table(found.mended)
    return Pool(records=records, quarantined=quarantined, attributes=told)


def _quarantined(rows: pl.DataFrame) -> str:
    """Count the rows that could not be read, and tell the most frequent reasons and where the first row stands."""
    told = f"{rows.height:,} quarantined"
    if rows.is_empty():
        return told
    return f"{told} ({told_reasons(rows['reason'], most=_REASONS_TOLD)}; first {rows['origin'][0]})"


def _none_held(skipped: int, sources: Sequence[Source]) -> str:
    if not skipped:
        return "the sources hold no row."
    skips = ", ".join(f"{source.label}: {source.skip:,}" for source in sources if source.skip)
    rows = f"all {skipped:,} rows" if skipped > 1 else "the only row"
    return f"skip ({skips}) left out {rows} of the sources. Make it smaller, or take it out."


def _why(quarantined: pl.DataFrame) -> str:
    first = quarantined.row(0, named=True)
    count = quarantined.height
    all_of_them = f"none of {count:,} rows could be read ({told_reasons(quarantined['reason'])}). The first"
    unread = all_of_them if count > 1 else "the only row could not be read. It"
    undecoded = not_utf8(pl.Series("origin", [], pl.String), quarantined).height
    how = f" ({to_utf8(undecoded)})" if undecoded else ""
    return (
        f"{unread}, {first['origin']}, is {first['reason']} "
        f"({first['detail']}). Mend the files{how}, or name others in sources."
    )
