"""Drop duplicates: equal texts, near-duplicates, copies of an answer; each with the kept row that proves it."""

from functools import partial

from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import duplicates
from quality.judged_pairs import JudgedPairs
from quality.neardup import NearDup
from quality.neardup_index import NearDupIndex
from quality.preambles import preambles
from tasks import cards, store
from tasks.caching import made_by, step
from tasks.fates import removed, tell
from tasks.pool import Pool
from tasks.reporting.text import counted


@step(name="dedupe")
def dedupe(pool: Pool, settings: NearDup, pairing: Pairing = Pairing()) -> Pool:  # noqa: B008 - frozen
    """Return the pool without duplicates. Earlier rows win: list the sources you trust most first.

    Stumps never win, and disguised rows (letters of another script, hidden characters) only against each other.

    One pass finds exact and near-duplicates, a second, among what is left, answers that another answer to the same
    prompt completes, and a third alike answers to one prompt. None drops a row that proves another, so that every
    witness is a row this stage keeps.
    """
    rows = pool.left()
    # What was read and compared in earlier runs is remembered, so that a retrain pays for new rows only.
    index = NearDupIndex(store.home() / "store" / "neardup")
    near = partial(index.near_duplicates, settings=settings)
    judged = JudgedPairs(store.home() / "store" / "judged" / "dedupe", made_by(__name__))
    fates = removed(rows, duplicates(rows, near, settings, pairing, judged), stage="dedupe")
    judged.keep()
    tell(fates, left=rows.height)
    if shared := preambles(rows)["of"].n_unique():
        cards.say(f"{counted(shared, 'system message')} shared by many rows: left out of what is compared")
    return pool.with_fates(fates)
