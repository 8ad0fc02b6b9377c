"""Set prompts beside answers: boilerplate leaves the pool, and rows that contradict each other are quarantined.

It comes last of the steps that judge rows: a row that leaves the pool for another reason (a leak of the exam, a row
outside the domain) must not take a good one with it into quarantine.
"""

from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import incompatible_answers, sources_of_many_voices, stock_answers
from quality.judged_pairs import JudgedPairs
from tasks import cards, store
from tasks.caching import made_by, step
from tasks.fates import removed, tell
from tasks.pool import Pool, ensure_rows

STAGE = "compare_answers"


@step(name=STAGE)
def compare_answers(pool: Pool, settings: Pairing) -> Pool:
    """Return the pool without answers that stand below anything, and without questions answered in several ways.

    Boilerplate goes first: a canned reply contradicts nothing.
    """
    rows = pool.left()
    # What pairs tell by themselves is kept from run to run.
    judged = JudgedPairs(store.home() / "store" / "judged" / STAGE, made_by(__name__))
    wide = pool.of_any_domain()
    voices = sources_of_many_voices(wide, settings, judged)
    found = incompatible_answers(rows, voices, settings, judged, stock_answers(wide, settings))
    fates = removed(rows, found, stage=STAGE)
    judged.keep()
    tell(fates, left=rows.height)
    for source in voices.filter(voices.is_in(rows["source"].implode())):
        cards.say(f"{source} answers many questions in several ways, on purpose it seems: none of them is a conflict")
    return ensure_rows(pool.with_fates(fates), STAGE, "Loosen curate.pairing or look at the pool.")
