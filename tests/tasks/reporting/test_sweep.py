"""A sweep's page, picture and artifact: every trial in them, every name harmless."""

import dataclasses
import math
import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest

from tasks.reporting import palette
from tasks.reporting.charts import pareto_chart, png, svg
from tasks.reporting.sweep import TRIALS, SweepEvidence, render, sweep_markdown

SCRIPT = "<script>alert(1)</script>"


def line(number: int, gain: float | None, forgotten: float | None, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "number": number, "trial": f"lora, rank 8, learning rate 0.000{number}, replay 0", "method": "lora", "rank": 8,
        "learning_rate": number / 10_000, "replay": 0.0, "rung": 1, "full_length": True, "token_budget": 900,
        "tokens": 899, "seconds": 2.0, "on_front": False, "winner": False, "diverged": "", "gain": gain,
        "forgotten": forgotten,
    }  # fmt: skip
    if gain is not None:
        given |= {"gain_lower": gain - 0.05, "gain_upper": gain + 0.05, "behind": 0.4 - gain}
        given |= {"behind_lower": 0.35 - gain, "behind_upper": 0.45 - gain, "within_noise": gain > 0.35}
        given |= {"forgotten_lower": forgotten - 0.01, "forgotten_upper": forgotten + 0.01}
    return given | changes


@pytest.fixture
def evidence() -> SweepEvidence:
    trials = [
        line(1, 0.4, 0.03, winner=True, on_front=True),
        line(2, 0.38, 0.09, scale=0.75),
        line(3, 0.2, 0.01, on_front=True, full_length=False, rung=0),
        line(4, None, None, diverged="Training stopped at step 1 of 9: the loss is nan", tokens=None, seconds=None),
    ]
    return SweepEvidence(
        name="garden", run_id="20260101-000000-garden", started=datetime(2026, 1, 1, tzinfo=UTC), seconds=61.0,
        reason="lora, rank 8 gains +0.400.", doubts=("The best of many looks better than it is.",),
        trials=pl.DataFrame(trials, schema=TRIALS), budget=0.05, confidence="95%", facts={"trials": 4},
        recipe="name: garden\n",
    )  # fmt: skip


def test_page_and_artifact_hold_every_trial_with_its_intervals_and_what_became_of_it(evidence) -> None:
    page, told = render(evidence), sweep_markdown(evidence)
    for text in (re.sub("</?small>", " ", page), told.replace("\\", "")):
        for shown in ("+0.400 [+0.350, +0.450]", "+0.030 [+0.020, +0.040]", "within noise", "the loss is nan", "0.75"):
            assert shown in text
        assert text.count("within noise") >= 1
        assert "95% confidence" in text
    rows = re.findall(r"<tr><td class=\"n\">.*?</tr>", page)
    assert [("winner" in row, "front" in row, "within noise" in row) for row in rows] == [
        (True, False, False), (False, False, True), (False, True, False), (False, False, False),
    ]  # fmt: skip
    assert "The best of many looks better than it is." in page
    assert "The exam was not asked" in told


def test_names_are_only_text_and_the_page_forbids_scripts(evidence) -> None:
    trials = evidence.trials.with_columns(trial=pl.lit(SCRIPT), diverged=pl.lit(SCRIPT))
    hostile = dataclasses.replace(
        evidence, name=SCRIPT, run_id=SCRIPT, reason=SCRIPT, doubts=(SCRIPT,), recipe=SCRIPT, trials=trials,
        facts={SCRIPT: SCRIPT},
    )  # fmt: skip
    page = render(hostile)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 10
    assert "default-src 'none'" in page
    told = sweep_markdown(hostile)
    assert not re.search(r"(?<!\\)<script", told)


def test_the_picture_numbers_each_trial_that_has_a_place_and_marks_the_winner(evidence) -> None:
    drawn = svg(pareto_chart(evidence.trials, evidence.budget))
    texts = [element.text for element in ElementTree.fromstring(drawn).iter() if element.tag.endswith("}text")]
    assert {"1", "2", "3", "base", "budget"} <= set(texts)
    assert "4" not in texts
    assert palette.SHIP in drawn
    assert "budget" not in svg(pareto_chart(evidence.trials, None))


@pytest.mark.parametrize("width", [palette.WIDE, palette.NARROW])
def test_open_intervals_one_trial_and_none_at_all_are_still_pictures(evidence, width: int) -> None:
    open_ended = evidence.trials.with_columns(
        gain_lower=pl.lit(-math.inf), gain_upper=pl.lit(math.inf), forgotten_lower=pl.lit(-math.inf),
        forgotten_upper=pl.lit(math.inf),
    )  # fmt: skip
    for trials in (open_ended, open_ended[:1], evidence.trials[3:], evidence.trials[:0]):
        drawn = svg(pareto_chart(trials, 0.05, width))
        assert not re.search(r"nan|infinity", drawn, re.IGNORECASE)
        assert png(pareto_chart(trials, None, width)).startswith(b"\x89PNG")


def test_a_sweep_without_a_budget_says_that_the_largest_gain_wins(evidence) -> None:
    assert "sets no budget, so the largest gain wins" in render(dataclasses.replace(evidence, budget=None))
    assert "Up to 0.05 the largest gain wins" in render(evidence)
