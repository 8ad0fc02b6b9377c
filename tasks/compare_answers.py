"""Set prompts beside answers: boilerplate leaves the pool, and rows that contradict each other are quarantined.

It comes last of the steps that judge rows: a row that leaves the pool for another reason (a leak of the exam, a row
outside the domain) must not take a good one with it into quarantine.
"""

from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import incompatible_answers, sources_of_many_voices
from tasks import cards
from tasks.caching import step
from tasks.fates import removed, tell
from tasks.pool import Pool, ensure_rows

STAGE = "compare_answers"


@step(name=STAGE)
def compare_answers(pool: Pool, settings: Pairing) -> Pool:
    """Return the pool without answers that stand below anything, and without questions answered in several ways.

    Boilerplate goes first: a canned reply contradicts nothing.
    """
    rows = pool.left()
    voices = sources_of_many_voices(pool.that_reached("keep_domain"), settings)
    fates = removed(rows, incompatible_answers(rows, voices, settings), stage=STAGE)
    tell(fates, left=rows.height)
    for source in voices.filter(voices.is_in(rows["source"].implode())):
        cards.say(f"{source} answers many questions in several ways, on purpose it seems: none of them is a conflict")
    return ensure_rows(pool.with_fates(fates), STAGE, "Loosen curate.pairing or look at the pool.")
