"""From what a library found (positions in a frame) to fates (rows of the pool), and how a step sums them up."""

import polars as pl

from quality.records import FATES
from tasks import cards


def removed(rows: pl.DataFrame, found: pl.DataFrame, *, stage: str, fate: str = "dropped") -> pl.DataFrame:
    """Turn findings into fates.

    Parameters
    ----------
    rows : pl.DataFrame
        The records that were looked at (they have `row` and `id`).
    found : pl.DataFrame
        Column `row` is a *position* in `rows`; `reason`, `score` and `threshold` are taken over. A column `witness`
        may be a position too (unsigned) or already an id (string).
    stage, fate : str
        Written into every fate.
    """
    position = found["row"]
    witness = found.get_column("witness", default=None)
    if witness is not None and witness.dtype != pl.String:
        witness = rows["id"].gather(witness)
    fates = pl.DataFrame({"row": rows["row"].gather(position)}).with_columns(
        pl.lit(stage).alias("stage"),
        pl.lit(fate).alias("fate"),
        (pl.lit(None) if witness is None else witness).alias("witness"),
        *(
            found[name] if name in found.columns else pl.lit(None).alias(name)
            for name in ("reason", "score", "threshold")
        ),
    )
    return fates.select(FATES.keys()).cast(pl.Schema(FATES))


def tell_unread(what: str, quarantined: pl.DataFrame) -> None:
    """Say how many rows beside the pool's (a suite's, the seeds) could not be read, if any, and which was the first."""
    if not quarantined.is_empty():
        first = quarantined.row(0, named=True)
        cards.say(f"{what}: {quarantined.height:,} rows could not be read (first {first['origin']}: {first['reason']})")


def tell(fates: pl.DataFrame, *, left: int) -> None:
    """Say in one line how many rows a step removed, and why."""
    reasons = fates["reason"].value_counts(sort=True).rows()
    told = ", ".join(f"{reason} {count:,}" for reason, count in reasons) or "nothing to remove"
    cards.say(f"−{fates.height:,} rows ({told}), {left - fates.height:,} left")
    if reasons:
        cards.table(
            cards.current_step().replace("_", "-"),
            [{"reason": reason, "rows": count} for reason, count in reasons],
            "Rows removed, by reason",
        )
