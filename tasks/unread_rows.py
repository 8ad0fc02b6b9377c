"""Why rows of a run could not be read, and which of them took a line along."""

import re
from pathlib import Path

import polars as pl

from tasks import run_files

_PLACE = re.compile(r"(.+):(\d+)")


def details(folder: Path) -> dict[tuple[str, str], str]:
    """Say by origin and reason what was wrong with each row that could not be read."""
    rows = run_files.unread(folder).select("origin", "reason", "detail").iter_rows()
    return {(origin, reason): detail for origin, reason, detail in rows}


def took_along(folder: Path, ledger: pl.DataFrame, place: str) -> pl.DataFrame:
    """Return the receipts of unreadable rows that the line of a file, `file:line`, was lost with.

    Parameters
    ----------
    folder : Path
        The run.
    ledger : pl.DataFrame
        Its receipts.
    place : str
        The file as origins name it, or its end, or a path that ends with it; anything else is no place.
    """
    named = _PLACE.fullmatch(place)
    if named is None:
        return ledger.clear()
    asked, line = named[1], int(named[2])
    parts = pl.col("origin").str.extract_groups(r"^(?<file>.+):(?<first>\d+)(?:#\d+)?$")
    rows = run_files.unread(folder).drop_nulls("last").with_columns(parts.alias("at")).unnest("at")
    file = pl.col("file")
    same = (file == asked) | file.str.ends_with(f"/{asked}") | pl.lit(asked).str.ends_with(pl.format("/{}", file))
    found = rows.filter(same, pl.col("first").cast(pl.Int64) <= line, pl.col("last") >= line)
    return ledger.filter(fate="quarantined").join(found, on=["origin", "reason"], how="semi", maintain_order="left")
