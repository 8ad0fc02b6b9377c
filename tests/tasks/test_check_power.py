"""The preflight: warns of suites too small for their margin, or stops before training."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from evals.items import SCORES
from evals.verdict import Gate
from tasks import store
from tasks.check_power import Underpowered, check_power
from tasks.examine import Scores


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


def test_a_margin_that_can_be_seen_stops_nothing(before: Scores) -> None:
    assert not any(one.blind for one in check_power.fn(before, Gate(margin=0.5, preflight="stop")))
