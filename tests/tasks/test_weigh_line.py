"""What other thresholds of perplexity and IFD would change, from a run's own scores."""

from pathlib import Path

import polars as pl
import pytest
import yaml

from flows.thresholds import threshold
from tasks import domain_line, runs, weigh_line

PERPLEXITY = [5.0, 40.0, 90.0, 200.0, None]
IFD = [0.05, 0.6, 0.9, 1.1, None]


@pytest.fixture
def weighed(judged: Path) -> Path:
    """The run of five rows, weighed; its recipe drops what is beyond a perplexity of 100."""
    rows = pl.read_parquet(judged / "attributes" / "domain.parquet").select("id", "origin")
    scores = rows.with_columns(perplexity=pl.Series(PERPLEXITY), ifd=pl.Series(IFD))
    scores.write_parquet(judged / "attributes" / "difficulty.parquet")
    content = yaml.safe_load((judged / "config.yaml").read_text())
    content["curate"]["weigh"] = {"most_perplexity": 100.0}
    (judged / "config.yaml").write_text(yaml.safe_dump(content))
    return judged


@pytest.mark.parametrize(
    ("asked", "entering", "leaving"),
    [
        ({"most_perplexity": 50.0}, [], [2]),
        ({"most_perplexity": 500.0}, [3], []),
        ({"most_perplexity": 500.0, "most_ifd": 0.8}, [], [2]),
        ({"least_ifd": 0.1}, [], [0]),
    ],
)
def test_rows_that_come_and_go_follow_from_the_scores(
    weighed: Path, asked: dict[str, float], entering: list[int], leaving: list[int]
) -> None:
    found = weigh_line.shift(weighed, asked)
    assert (found.judged, found.entering, found.leaving) == (5, len(entering), len(leaving))
    assert [row.origin for row in found.entering_samples] == [f"a:{at}" for at in entering]
    assert [row.origin for row in found.leaving_samples] == [f"a:{at}" for at in leaving]
    assert {line.name: line.after for line in found.lines} == asked


def test_what_is_asked_for_wrongly_is_told(weighed: Path) -> None:
    with pytest.raises(ValueError, match="name a threshold of curate.weigh, most_perplexity, least_ifd, most_ifd"):
        weigh_line.shift(weighed, {"perplexity": 5.0})
    with pytest.raises(
        ValueError, match=r"^curate.weigh: least_ifd 2 lies above most_ifd 1, so that no row could stay"
    ):
        weigh_line.shift(weighed, {"least_ifd": 2.0, "most_ifd": 1.0})
    with pytest.raises(ValueError, match=r"^curate.weigh.most_ifd: Input should be greater than or equal to 0\.$"):
        weigh_line.shift(weighed, {"most_ifd": -1.0})
    (weighed / "attributes" / "difficulty.parquet").unlink()
    with pytest.raises(ValueError, match="measured no perplexity"):
        weigh_line.shift(weighed, {"most_ifd": 1.0})
    with pytest.raises(ValueError, match="Name a threshold"):
        threshold(None, [], [])
    with pytest.raises(ValueError, match="--weigh most_ifd=x: a threshold is a number"):
        threshold(weighed.name, [], ["most_ifd=x"])


@pytest.mark.parametrize(
    ("domain", "weigh", "told"),
    [
        (["0.4", "0.5"], [], r"--domain 0.5: a threshold was given for this before \(0.4\). Give one of the two"),
        (["law=0.4", "art=1", "law=0.5"], [], r"--domain law=0.5: a threshold was given for this before \(0.4\)"),
        ([], ["most_ifd=1", "most_ifd=.9"], r"--weigh most_ifd=.9: a threshold was given for this before \(1.0\)"),
    ],
)
def test_a_second_threshold_of_one_name_is_no_silent_choice(
    weighed: Path, domain: list[str], weigh: list[str], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        threshold(weighed.name, domain, weigh)


def test_the_command_prints_both_and_how_to_have_it_so(
    weighed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runs, "find", lambda _, **__: weighed)
    threshold(None, ["0.5"], ["most_perplexity=50"])
    told = capsys.readouterr().out
    assert "threshold 0.000 → 0.500\nof 5 rows judged, 0 more would pass keep_domain" in told
    assert "threshold of most_perplexity 100.000 → 50.000\nof 5 rows judged, 0 more would pass weigh" in told
    assert "would go (high_perplexity) +90.000 a:2" in told
    assert "set in the recipe: curate.weigh.most_perplexity: 50" in told
    assert "words alone" not in told
    monkeypatch.setattr(domain_line, "skimmed", lambda _: 7)
    threshold(None, ["0.5"], [])
    left = "7 rows left out before by their words alone can't be told so: curate.domain.skim: null has every row judged"
    assert left in capsys.readouterr().out
