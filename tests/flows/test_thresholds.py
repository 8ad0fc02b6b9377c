"""What another threshold would change, as the terminal tells it."""

import pytest

from flows import thresholds
from tasks.shifts import Line, Sample, Shift


def shift(entering: int, leaving: int) -> Shift:
    """A shift of so many rows, of which five at most are shown."""
    shown = [
        [Sample("domain", f"rows.jsonl:{n}", 0.1 * n, "moss") for n in range(min(rows, 5))]
        for rows in (entering, leaving)
    ]
    line = Line("domain", "curate.domain.threshold", 0.0, 0.4)
    return Shift([line], 90, entering, leaving, 3, *shown)


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_rows_beyond_those_shown_are_counted_with_where_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    thresholds._tell(shift(5, 1_034), "keep_domain", "attributes/domain.parquet")
    lines = told(capsys)
    assert [line for line in lines if "more would" in line and line.startswith("and")] == [
        "and 1,029 more would go; attributes/domain.parquet of the run has the scores of all"
    ]
    assert lines[-2].startswith("and 1,029 more"), "below the rows that would go"


def test_a_share_is_refused_with_what_scores_are() -> None:
    with pytest.raises(
        ValueError, match=r"--domain 40%: a threshold is a number, such as 0\.4, .* scores are log-odds"
    ):
        thresholds._lines("--domain", ["40%"], thresholds._SUCH_AS)
