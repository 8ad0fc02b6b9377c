"""Run the stages that go by texts alone again: what they remove from the rows that reached them is what had to go.

`quality.auditing.audit` proves by code of its own that each removal is just; that no other row had to be removed can
only be proved by the search that the recipe asked for, which is the curator's.
"""

from collections.abc import Sequence
from functools import partial

import polars as pl

from quality.auditing.audit import Proof
from quality.auditing.stages import follows
from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import duplicates, incompatible_answers, sources_of_many_voices, stock_answers
from quality.neardup import NearDup, near_duplicates
from quality.reasons import WHATEVER_DOMAIN, before

_KEY = ["id", "origin"]


def prove_again(receipts: pl.DataFrame, rows: pl.DataFrame, near: NearDup, pairing: Pairing) -> list[Proof]:
    """Check that duplicates, stumps, copies, boilerplate and conflicts are all that there are, with their witnesses.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`, in ingestion order.
    rows : pl.DataFrame
        All rows that were read (`id, messages, source, origin`).
    near, pairing : NearDup, Pairing
        What the recipe asked.
    """
    earlier = (before("dedupe"), WHATEVER_DOMAIN, before("compare_answers"))
    alike, wide, asked = (_without(stages, receipts, rows) for stages in earlier)
    voices, stock = sources_of_many_voices(wide, pairing), stock_answers(wide, pairing)
    found = duplicates(alike, partial(near_duplicates, settings=near), near, pairing)
    return [
        _same(receipts, "dedupe", alike, found),
        _same(receipts, "compare_answers", asked, incompatible_answers(asked, voices, pairing, stock=stock)),
    ]


def _without(stages: Sequence[str], receipts: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that none of these stages has removed."""
    came = receipts.filter(~pl.col("stage").is_in(stages)).select(_KEY)
    return came.join(rows.select(*_KEY, "messages", "source"), on=_KEY, how="inner", maintain_order="left")


def _same(receipts: pl.DataFrame, stage: str, came: pl.DataFrame, found: pl.DataFrame) -> Proof:
    named = pl.concat([came.select(_KEY)[found["row"]], found.drop("row", "witness")], how="horizontal")
    ends = named.with_columns(witness=came["id"].gather(found["witness"]))
    return follows(receipts, stage, ends, f"the stage {stage}, run again, removes the same rows for the same reasons")
