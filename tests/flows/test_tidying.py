"""The home is tidied up from the terminal, and the doctor tells when it is time."""

import os
import shutil
import time
from pathlib import Path

import polars as pl
import pytest

from flows.tidying import tidy
from tasks import health, store


def table(days: int) -> Path:
    """Store a table that nobody has asked for in so many days, and return where it lies."""
    place = store.locate(store.write_table(pl.DataFrame({"a": [os.urandom(1000).hex()]})))
    long_ago = time.time() - days * 24 * 3600
    os.utime(place, (long_ago, long_ago))
    return place


def test_a_preview_shows_what_would_go_and_then_it_goes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = table(10)
    size = f"{place.stat().st_size / 1000:.1f} kB"
    for days, gone in ((11, "0 bytes"), (9, size)):
        tidy(days, preview=True)
        told = capsys.readouterr().out
        assert f"not asked for in {days} days" in told
        assert f"{gone} of {size} would go from {home / 'store'}." in told
        assert place.exists()
    tidy(9, preview=False)
    assert f"{size} of {size} are gone from" in capsys.readouterr().out
    assert not place.exists()
    tidy(9, preview=False)
    assert f"There is nothing in {home / 'store'}." in capsys.readouterr().out


def test_the_doctor_tells_what_is_kept_and_when_some_of_it_was_forgotten(home: Path) -> None:
    def told() -> health.Check:
        (check,) = (one for one in health.checks(home, shutil.disk_usage) if one.name == "store")
        return check

    assert told() == health.Check("store", "ok", "empty")
    size = table(29).stat().st_size
    kept = f"{size / 1000:.1f} kB kept to be found again"
    assert told() == health.Check("store", "ok", kept)
    more = table(31).stat().st_size
    kept = f"{(size + more) / 1000:.1f} kB kept to be found again"
    assert told() == health.Check(
        "store", "ok", f"{kept}, {more / 1000:.1f} kB of it not asked for in 30 days", "winnow tidy"
    )
