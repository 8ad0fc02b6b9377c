"""Tells what of a source was lost beyond single rows: all of it, most of a file, or many rows behind one receipt."""

from collections.abc import Iterator, Sequence

import polars as pl

from quality.sources.faults import few, to_utf8

_LINE = r":\d+(#\d+)?$"  # what follows the file in an origin
_CUT = ("corrupt_file", "truncated_file")  # they stand for all that followed
_SWALLOWS = ("broken_csv", "broken_json", *_CUT)


def losses(place: str, read: Sequence[pl.Series], quarantined: pl.DataFrame) -> Iterator[str]:
    """Iterate over the sentences that tell it, none where single rows alone could not be read.

    Parameters
    ----------
    place : str
        The source, as messages name it.
    read : sequence of pl.Series
        Origins of its rows that could be read.
    quarantined : pl.DataFrame
        Its rows that could not, with the columns of `quality.records.QUARANTINED`.
    """
    if quarantined.is_empty():
        return
    origins = pl.concat([pl.Series("origin", [], pl.String), *read])
    undecoded = not_utf8(origins, quarantined)
    if origins.is_empty():
        first = quarantined.row(0, named=True)
        rows = "its only row could not" if quarantined.height == 1 else f"none of its {quarantined.height:,} rows could"
        advice = f": {to_utf8(undecoded.height)}" if undecoded.height else ""
        yield f"{place}: {rows} be read (first {first['origin']}: {first['reason']}){advice}"
    elif undecoded.height:
        names = [f"{file} ({bad:,} of {rows:,} rows)" for file, bad, rows in undecoded.iter_rows()]
        yield f"{few(names)} {'is' if len(names) == 1 else 'are'} not UTF-8: {to_utf8(undecoded.height)}"
    yield from _swallowed(quarantined)


def not_utf8(read: pl.Series, quarantined: pl.DataFrame) -> pl.DataFrame:
    """Find the files of which more than half of the rows are not UTF-8: `file`, how many are not, and `rows` in all."""
    file = pl.col("origin").str.replace(_LINE, "").alias("file")
    bad = quarantined.group_by(file, maintain_order=True).agg(
        bad=(pl.col("reason") == "invalid_utf8").sum(), unread=pl.len()
    )
    good = read.to_frame("origin").group_by(file).agg(good=pl.len())
    both = bad.join(good, on="file", how="left", maintain_order="left")
    counted = both.select("file", "bad", rows=pl.col("unread") + pl.col("good").fill_null(0))
    return counted.filter(pl.col("bad") * 2 > pl.col("rows"))


def _swallowed(quarantined: pl.DataFrame) -> Iterator[str]:
    """Tell the row that took most of the lines behind it along, what is cut off first, and how many more did."""
    size = pl.col("last") - pl.col("origin").str.extract(r":(\d+)(?:#\d+)?$").cast(pl.UInt32)
    taken = pl.col("reason").is_in(_SWALLOWS) & pl.col("last").is_not_null() | pl.col("reason").is_in(_CUT)
    found = quarantined.filter(taken).sort(size, descending=True, nulls_last=False, maintain_order=True)
    if found.is_empty():
        return
    first = found.row(0, named=True)
    more = f" (and so at {found.height - 1:,} more of its places)" if found.height > 1 else ""
    yield f"{first['origin']}: {first['detail']}{more}"
