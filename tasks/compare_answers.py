"""Set prompts beside answers: boilerplate leaves the pool, and rows that contradict each other are quarantined.

It comes last of the steps that judge rows: a row that leaves the pool for another reason (a leak of the exam, a row
outside the domain) must not take a good one with it into quarantine.
"""

import polars as pl

from quality.asked_again import Pairing, conflicts
from quality.boilerplate import boilerplate
from quality.records import answer_text, prompt_text
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
    canned = boilerplate(prompt_text(rows), answer_text(rows), settings)
    fates = pl.concat([_canned(rows, canned, settings), _contradictions(rows, canned, settings)]).sort("row")
    tell(fates, left=rows.height)
    return ensure_rows(pool.with_fates(fates), STAGE, "Loosen curate.pairing or look at the pool.")


def _canned(rows: pl.DataFrame, canned: pl.DataFrame, settings: Pairing) -> pl.DataFrame:
    found = canned.rename({"prompts": "score"}).with_columns(
        reason=pl.lit("boilerplate"), threshold=pl.lit(float(settings.boilerplate_prompts))
    )
    return removed(rows, found, stage=STAGE)


def _contradictions(rows: pl.DataFrame, canned: pl.DataFrame, settings: Pairing) -> pl.DataFrame:
    places = pl.concat([canned["row"], canned["witness"]])
    rest = rows.with_row_index("place").filter(~pl.col("place").is_in(places.implode()))
    found = conflicts(prompt_text(rest), answer_text(rest), rest["source"], settings)
    found = found.rename({"jaccard": "score"}).with_columns(reason=pl.lit("conflict"), threshold=pl.lit(settings.alike))
    return removed(rest, found, stage=STAGE)
