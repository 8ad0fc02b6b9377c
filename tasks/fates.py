"""From what a library found (positions in a frame) to fates (rows of the pool), and how a step sums them up."""

from collections.abc import Callable

import polars as pl

from quality.reasons import STAGES
from quality.records import FATES
from tasks import cards
from tasks.reporting.text import counted


class UnlistedReason(ValueError):
    """A step gives a reason that the table of reasons doesn't list."""


def removed(rows: pl.DataFrame, found: pl.DataFrame, *, stage: str) -> pl.DataFrame:
    """Turn findings into fates.

    Parameters
    ----------
    rows : pl.DataFrame
        The records that were looked at (they have `row` and `id`).
    found : pl.DataFrame
        Column `row` is a *position* in `rows`; `reason`, `score` and `threshold` are taken over. A column `witness`
        may be a position too (unsigned) or already an id (string).
    stage : str
        Written into every fate. What becomes of the rows, `quality.reasons.STAGES` says.

    Raises
    ------
    UnlistedReason
        When it doesn't: the audit would take the receipts for forged.
    """
    position = found["row"]
    witness = found.get_column("witness", default=None)
    if witness is not None and witness.dtype != pl.String:
        witness = rows["id"].gather(witness)
    fates = pl.DataFrame({"row": rows["row"].gather(position)}).with_columns(
        pl.lit(stage).alias("stage"),
        _fates(stage, found["reason"]),
        (pl.lit(None) if witness is None else witness).alias("witness"),
        *(
            found[name] if name in found.columns else pl.lit(None).alias(name)
            for name in ("reason", "score", "threshold")
        ),
    )
    return fates.select(FATES.keys()).cast(pl.Schema(FATES))


def _fates(stage: str, reasons: pl.Series) -> pl.Series:
    known = {reason: form.fate for reason, form in STAGES.get(stage, {}).items()}
    for reason in reasons.unique().sort():
        if reason not in known:
            raise UnlistedReason(
                f"The step “{stage}” gives the reason “{reason}”, which STAGES in quality/reasons.py does not list. "
                "Add it there with its fate, or the audit will take its receipts for forged."
            )
    return reasons.replace_strict(known, return_dtype=pl.String).alias("fate")


def tell_unread(what: str, quarantined: pl.DataFrame, say: Callable[[str], None] = cards.say) -> None:
    """Say how many rows beside the pool's (a suite's, the seeds) could not be read, if any, and which was the first."""
    if not quarantined.is_empty():
        first = quarantined.row(0, named=True)
        rows = counted(quarantined.height, "row")
        say(f"{what}: {rows} could not be read (first {first['origin']}: {first['reason']})")


def tell(fates: pl.DataFrame, *, left: int) -> None:
    """Say in one line how many rows a step removed, and why."""
    reasons = fates["reason"].value_counts(sort=True).rows()
    told = ", ".join(f"{reason} {count:,}" for reason, count in reasons) or "nothing to remove"
    cards.say(f"−{counted(fates.height, 'row')} ({told}), {left - fates.height:,} left")
    if reasons:
        cards.table(
            cards.current_step().replace("_", "-"),
            [{"reason": reason, "rows": count} for reason, count in reasons],
            "Rows removed, by reason",
        )
