"""What two stages remove, from texts alone: duplicates, and answers that contradict each other or stand below anything.

The stages and the auditor run the same functions: what is removed twice from the same rows is what had to be removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from quality.asked_again import alike_answers, conflicts
from quality.boilerplate import boilerplate
from quality.normalise import normalised
from quality.records import answer_text, full_text, prompt_text
from quality.unfinished import unfinished_answers

if TYPE_CHECKING:
    from quality.asked_again import Pairing
    from quality.neardup import NearDup

REMOVED = pl.Schema(
    {
        "row": pl.UInt32(),
        "witness": pl.UInt32(),
        "reason": pl.String(),
        "score": pl.Float64(),
        "threshold": pl.Float64(),
    }
)


def duplicates(rows: pl.DataFrame, near: pl.DataFrame, settings: NearDup, pairing: Pairing) -> pl.DataFrame:
    """Find exact and near-duplicates, stumps, and copied answers, so that no row is dropped that proves another.

    Parameters
    ----------
    rows : pl.DataFrame
        `messages`, in priority order.
    near : pl.DataFrame
        What `quality.neardup.near_duplicates` finds in their texts.
    settings, pairing : NearDup, Pairing
        What the recipe asks of near-duplicates, and of prompts and answers.

    Returns
    -------
    pl.DataFrame
        Schema `REMOVED`, ascending by row; `row` and `witness` are positions.
    """
    found = _near(rows, near, settings)
    found = pl.concat([found, _unfinished(rows, found)])
    return pl.concat([found, _alike(rows, found, pairing)]).sort("row")


def incompatible_answers(rows: pl.DataFrame, settings: Pairing) -> pl.DataFrame:
    """Find boilerplate, and conflicts among the rest: a canned reply contradicts nothing.

    Parameters
    ----------
    rows : pl.DataFrame
        `messages, source`, in priority order.
    settings : Pairing
        What the recipe asks.

    Returns
    -------
    pl.DataFrame
        Schema `REMOVED`, ascending by row; `row` and `witness` are positions.
    """
    canned = boilerplate(prompt_text(rows), answer_text(rows), settings)
    told = _said(canned.rename({"prompts": "score"}), "boilerplate", settings.boilerplate_prompts)
    places = pl.concat([canned["row"], canned["witness"]])
    rest = rows.with_row_index("place").filter(~pl.col("place").is_in(places.implode()))
    found = conflicts(prompt_text(rest), answer_text(rest), rest["source"], settings)
    return pl.concat([told, _in_all(rest, found, "conflict", settings.alike)]).sort("row")


def _near(rows: pl.DataFrame, found: pl.DataFrame, settings: NearDup) -> pl.DataFrame:
    texts = full_text(rows)
    exact = normalised(texts.gather(found["row"])) == normalised(texts.gather(found["witness"]))
    return found.select(
        "row",
        "witness",
        reason=pl.when(exact).then(pl.lit("exact_duplicate")).otherwise(pl.lit("near_duplicate")),
        score="jaccard",
        threshold=pl.when(exact).then(1.0).otherwise(settings.threshold),
    ).cast(REMOVED)


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
    places = {name: rest["place"].gather(found[name]) for name in ("row", "witness")}
    return _said(pl.DataFrame(places | {"score": found["jaccard"]}), reason, threshold)


def _said(found: pl.DataFrame, reason: str, threshold: float) -> pl.DataFrame:
    told = found.with_columns(reason=pl.lit(reason), threshold=pl.lit(float(threshold)))
    return told.select(REMOVED.names()).cast(REMOVED)
