"""The preflight: warns of suites too small for their margin, or stops before training."""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import t

from evals.items import SCORES
from evals.power import Spread
from evals.verdict import Gate
from tasks import runs, store
from tasks.check_power import Underpowered, check_power
from tasks.examine import Scores
from tasks.judge import judge


@pytest.fixture
def before(home: Path) -> Scores:
    rng = np.random.default_rng(0)
    rows = [
        (suite, role, f"{suite}/{n}", str(n), "base", float(score))
        for suite, role in (("garden", "domain"), ("wiki", "retention"))
        for n, score in enumerate(rng.normal(-1, 0.5, 40))
    ]
    scores = store.write_table(pl.DataFrame(rows, SCORES, orient="row"))
    return Scores(scores=scores, answers=store.write_table(pl.DataFrame({"item": []})))


def test_a_suite_that_can_not_see_its_margin_stops_a_strict_run(before: Scores) -> None:
    with pytest.raises(
        Underpowered,
        match=r"wiki: 40 items cannot see a loss of 0.020 bits per byte, only one of 0.0\d\d bits per byte; about ",
    ):
        check_power.fn(before, Gate(preflight="stop"))


def test_it_only_warns_where_the_recipe_does_not_say_stop(before: Scores, caplog: pytest.LogCaptureFixture) -> None:
    told = check_power.fn(before, Gate())
    assert [one.suite for one in told] == ["garden", "wiki"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "wiki: 40 items cannot see" in caplog.text


def test_it_tells_how_often_a_harmless_candidate_would_pass(before: Scores, caplog: pytest.LogCaptureFixture) -> None:
    told = "A candidate that truly loses nothing passes wiki in "
    with caplog.at_level("INFO"):
        (wiki,) = (one for one in check_power.fn(before, Gate()) if one.margin)
    assert wiki.unharmed is not None
    sd = 0.15 * store.read_table(before.scores).filter(suite="wiki")["score"].std()
    assert wiki.unharmed == pytest.approx(t.cdf(0.02 * math.sqrt(40) / sd - t.ppf(0.95, 39), 39))
    assert f"{told}{100 * wiki.unharmed:.0f} of 100 exams." in caplog.messages
    with pytest.raises(Underpowered, match=told):
        check_power.fn(before, Gate(preflight="stop"))


def test_a_margin_that_can_be_seen_stops_nothing(before: Scores) -> None:
    assert not any(one.blind for one in check_power.fn(before, Gate(margin=0.5, preflight="stop")))


def test_where_no_suite_is_blind_the_least_change_that_each_sees_is_told(
    before: Scores, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        garden, wiki = check_power.fn(before, Gate(margin=0.5))
    seen = f"garden {garden.detectable:.3f} bits per byte, wiki {wiki.detectable:.3f} bits per byte"
    assert f"least change that the exam sees: {seen}" in caplog.messages


def test_it_says_that_it_goes_by_an_earlier_candidate(
    before: Scores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tasks.check_power.earlier_spreads", lambda *_: {"wiki": Spread(sd=0.01, design=1.0)})
    config = "name: garden\n"
    with runs.open_run("garden", config=config), caplog.at_level("INFO"):
        (wiki,) = (one for one in check_power.fn(before, Gate()) if one.margin)
    assert wiki.measured
    assert "wiki: by the spread of an earlier candidate of these settings of tune" in caplog.messages


def test_a_suite_on_which_the_base_has_no_more_to_lose_than_is_allowed_is_warned_of(
    home: Path, before: Scores, caplog: pytest.LogCaptureFixture
) -> None:
    """Of twelve sums the base has one right: who forgets it loses 8.3 points, and 10 are allowed."""
    rows = [("sums", "retention", f"sums/{n}", str(n), "base", float(n == 0)) for n in range(12)]
    sums = pl.DataFrame(rows, SCORES, orient="row")
    both = store.write_table(pl.concat([store.read_table(before.scores), sums]))
    asked = before.model_copy(update={"scores": both, "units": {"sums": "exact match"}, "margins": {"sums": 0.1}})
    told = (
        "sums: the base scores 8.3 points and may lose 10.0 points, so that this suite passes whatever is forgotten; "
        "ask what the base knows, or allow less"
    )
    check_power.fn(asked, Gate())
    assert told in caplog.messages
    caplog.clear()
    check_power.fn(asked, Gate(margins={"sums": 0.08}))
    assert "sums: the base scores" not in caplog.text
    # It is said again beside the verdict; of an adapter that was trained elsewhere, there alone.
    after = asked.model_copy(
        update={
            "scores": store.write_table(pl.read_parquet(store.locate(both)).with_columns(model=pl.lit("candidate")))
        }
    )
    judge.fn(asked, after, Gate())
    assert told in caplog.messages
