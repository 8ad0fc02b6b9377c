"""Rows near the domain's threshold, what another threshold would change."""

from pathlib import Path

import pytest

from tasks import domain_line, runs


def test_the_rows_nearest_to_the_line_come_first(judged: Path) -> None:
    found = domain_line.borderline(judged, most=10, margin=0.5)
    assert [row.origin for row in found] == ["a:2", "a:3", "a:1"]
    assert found[2].margin == pytest.approx(-0.4)
    assert [message["content"] for message in found[0].messages] == ["q2", "a2"]
    assert [row.origin for row in domain_line.borderline(judged, most=1)] == ["a:2"]


def test_another_threshold_is_told_by_who_comes_and_who_goes(judged: Path) -> None:
    stricter = domain_line.shift(judged, 0.5)
    assert (stricter.judged, stricter.entering, stricter.leaving, stricter.published) == (5, 0, 2, 1)
    assert [origin for origin, *_ in stricter.leaving_samples] == ["a:2", "a:3"]
    looser = domain_line.shift(judged, -1.0)
    assert (looser.entering, looser.leaving) == (1, 0)
    assert looser.entering_samples == [("a:1", -0.4, "q1\na1")]


def test_a_run_without_a_domain_says_so(home: Path) -> None:
    with runs.open_run("y", "") as run:
        run.commit(state="Curated", reason="", facts={})
    with pytest.raises(ValueError, match="has no domain scores"):
        domain_line.borderline(run.folder, most=3)
