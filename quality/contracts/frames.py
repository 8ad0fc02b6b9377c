"""The frames a contract looks at: small ones of numbers and names, and the texts where a file asks about them."""

from collections.abc import Sequence

import polars as pl

from quality.contracts.checks import Frame
from quality.records import answer_text, prompt_text


def frames_of(
    kept: pl.DataFrame,
    fates: pl.DataFrame,
    ingested: pl.DataFrame,
    stages: Sequence[str],
    *,
    unread: int = 0,
    drift: pl.DataFrame | None = None,
    texts: bool = False,
) -> dict[Frame, pl.DataFrame]:
    """Derive the frames.

    Parameters
    ----------
    kept
        Records that are left.
    fates
        Rows that were removed, in the order the stages ran.
    ingested
        `row, source` of all records.
    stages
        Stages that must have a column even if they removed nothing.
    unread
        Records that were quarantined since they can't be read.
    drift
        `length_psi, centroid_shift` since the last run: one line; None when there is none.
    texts
        Whether the frame `texts` is wanted.

    Returns
    -------
    dict
        The columns are in `quality.contracts.checks.COLUMNS`. `rows` and `texts` have a line per record, `messages`
        one per message, `sources` one per source, `pool`, `drift` and `stages` (a column per stage with the share it
        removed of what reached it) one in all.
    """
    found: dict[Frame, pl.DataFrame] = {
        "rows": _rows(kept),
        "messages": _messages(kept),
        "pool": _pool(kept, fates, ingested, unread),
        "sources": _sources(kept, fates, ingested),
        "stages": _stages(fates, len(ingested), stages),
    }
    if drift is not None:
        found["drift"] = drift
    if texts:
        found["texts"] = kept.select("id", "source").with_columns(prompt=prompt_text(kept), answer=answer_text(kept))
    return found


def _rows(kept: pl.DataFrame) -> pl.DataFrame:
    last = pl.col("messages").list.last().struct.field("role")
    return kept.select(
        "id",
        "source",
        pl.col("messages").list.len().fill_null(0).cast(pl.Int64),
        # A row without messages has no last role, and a null would be passed over.
        last.fill_null("(none)").alias("last_role"),
        answer_text(kept).str.len_chars().cast(pl.Int64).alias("answer_chars"),
        prompt_text(kept).str.len_chars().cast(pl.Int64).alias("prompt_chars"),
    )


def _messages(kept: pl.DataFrame) -> pl.DataFrame:
    message = kept.select(pl.col("messages").explode(empty_as_null=False, keep_nulls=False)).to_series()
    parts = message.struct.unnest()
    return parts.select("role", pl.col("content").str.len_chars().cast(pl.Float64).alias("content_chars"))


def _pool(kept: pl.DataFrame, fates: pl.DataFrame, ingested: pl.DataFrame, unread: int) -> pl.DataFrame:
    copies = fates.filter(pl.col("reason").str.ends_with("duplicate"), pl.col("witness").is_not_null())
    largest = copies["witness"].value_counts()["count"].max() if len(copies) else None
    cluster = int(str(largest)) + 1 if largest is not None else min(1, len(ingested))
    rows = max(len(ingested), 1)
    left = len(kept) + len(_over_budget(fates))
    lost = unread / max(len(ingested) + unread, 1)
    return pl.DataFrame({"share_kept": [left / rows], "share_unread": [lost], "cluster_share": [cluster / rows]})


def _sources(kept: pl.DataFrame, fates: pl.DataFrame, ingested: pl.DataFrame) -> pl.DataFrame:
    spared = ingested.join(_over_budget(fates), on="row", how="semi")
    left = pl.concat([kept.select("source"), spared.select("source")]).group_by("source").len("kept")
    shares = ingested.group_by("source", maintain_order=True).len("rows").join(left, on="source", how="left")
    return shares.select("source", share_kept=pl.col("kept").fill_null(0) / pl.col("rows"))


def _over_budget(fates: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that were fit to be kept, had the budget been larger: what was asked for is no accident."""
    return fates.filter(pl.col("stage") == "choose").select("row")


def _stages(fates: pl.DataFrame, rows: int, stages: Sequence[str]) -> pl.DataFrame:
    removed = fates.group_by("stage", maintain_order=True).len("removed")
    reached = rows - removed["removed"].cast(pl.Int64).cum_sum().shift(1, fill_value=0)
    shares = dict(zip(removed["stage"], removed["removed"] / reached, strict=True))
    return pl.DataFrame({stage: [float(shares.get(stage, 0.0))] for stage in {**shares, **dict.fromkeys(stages)}})
