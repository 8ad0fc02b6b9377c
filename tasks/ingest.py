"""Read every source into one table of records; what can't be read is quarantined with file, line and reason."""

from pathlib import Path

from quality.sources import read
from tasks import cards, store
from tasks.caching import step
from tasks.check import Pinned
from tasks.pool import EmptyPool, Pool


@step(name="ingest")
def ingest(pinned: Pinned) -> Pool:
    """Return the pool as ingested.

    Raises
    ------
    EmptyPool
        When the sources hold no readable row.
    """
    with cards.progress("Reading sources") as tick:
        found = read(pinned.sources, base=Path(pinned.base), progress=tick)
    if found.records.is_empty():
        raise EmptyPool(
            f"No row is left after the stage “ingest”: {found.quarantined.height:,} rows were quarantined and none "
            "could be read. The receipts of a smaller sample tell why; check the files' shape."
        )
    cards.say(
        f"{found.records.height:,} records from {found.records['source'].n_unique()} sources, "
        f"{found.quarantined.height:,} quarantined"
    )
    return Pool(records=store.write_table(found.records), quarantined=store.write_table(found.quarantined))
