"""Drop duplicates: equal texts, near-duplicates, copies of an answer; each with the kept row that proves it."""

import polars as pl

from quality.asked_again import Pairing, alike_answers
from quality.neardup import NearDup
from quality.neardup_index import NearDupIndex
from quality.normalise import normalised
from quality.records import answer_text, full_text, prompt_text
from quality.unfinished import unfinished_answers
from tasks import store
from tasks.caching import step
from tasks.fates import removed, tell
from tasks.pool import Pool


@step(name="dedupe")
def dedupe(pool: Pool, settings: NearDup, pairing: Pairing = Pairing()) -> Pool:  # noqa: B008 - frozen
    """Return the pool without duplicates. Earlier rows win: list the sources you trust most first.

    One pass finds exact and near-duplicates, a second, among what is left, answers that another answer to the same
    prompt completes, and a third alike answers to one prompt. None drops a row that proves another, so that every
    witness is a row this stage keeps.
    """
    rows = pool.left()
    near = _near(rows, settings)
    begun = pl.concat([near, _unfinished(rows, near)])
    found = pl.concat([begun, _alike(rows, begun, pairing)]).sort("row")
    fates = removed(rows, found, stage="dedupe")
    tell(fates, left=rows.height)
    return pool.with_fates(fates)


def _near(rows: pl.DataFrame, settings: NearDup) -> pl.DataFrame:
    texts = full_text(rows)
    # What was read and compared in earlier runs is remembered, so that a retrain pays for new rows only.
    found = NearDupIndex(store.home() / "store" / "neardup").near_duplicates(texts, settings)
    exact = normalised(texts.gather(found["row"])) == normalised(texts.gather(found["witness"]))
    return found.select(
        "row",
        "witness",
        score="jaccard",
        reason=pl.when(exact).then(pl.lit("exact_duplicate")).otherwise(pl.lit("near_duplicate")),
        threshold=pl.when(exact).then(1.0).otherwise(settings.threshold),
    )


def _unfinished(rows: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Find the rows that break off where another answer to the same prompt goes on."""
    rest, proving = _rest(rows, gone)
    found = unfinished_answers(prompt_text(rest), answer_text(rest), proving)
    return _in_all(rest, found, "unfinished_answer", 0.0)


def _alike(rows: pl.DataFrame, gone: pl.DataFrame, pairing: Pairing) -> pl.DataFrame:
    """Find the rows that ask what another row asks and answer alike."""
    rest, proving = _rest(rows, gone)
    found = alike_answers(prompt_text(rest), answer_text(rest), proving, pairing)
    return _in_all(rest, found, "same_prompt_alike_answer", pairing.alike)


def _rest(rows: pl.DataFrame, gone: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Leave the rows not gone yet, with their places, and mark those that prove what is gone."""
    rest = rows.with_row_index("place").filter(~pl.col("place").is_in(gone["row"].implode()))
    return rest, rest["place"].is_in(gone["witness"].implode())


def _in_all(rest: pl.DataFrame, found: pl.DataFrame, reason: str, threshold: float) -> pl.DataFrame:
    """Give what was found among the rest its places among all rows."""
    return pl.DataFrame(
        {
            "row": rest["place"].gather(found["row"]),
            "witness": rest["place"].gather(found["witness"]),
            "score": found["jaccard"],
        }
    ).with_columns(reason=pl.lit(reason), threshold=pl.lit(threshold))
