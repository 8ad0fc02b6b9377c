"""What the commands for a team say where something is missing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from evals.foresight import foresee
from flows.industries import STARTS, known
from flows.init import init
from flows.recipe import load
from flows.up import _for_asyncpg, _place
from tasks import prefect_server


def test_going_back_without_a_champion_is_told(winnow: Callable[..., Any], home: Path) -> None:
    told = winnow("rollback", "garden", "--why", "x").refused(home)
    assert "“garden” has no champion before that could be gone back to" in told


@pytest.mark.parametrize("command", ["deploy", "arrived"])
def test_without_a_server_it_is_said_how_to_get_one(
    winnow, home: Path, recipe, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(prefect_server, "named", lambda: None)
    told = winnow(command, recipe() if command == "deploy" else "garden").refused(home)
    assert "No server is named. `winnow up` starts one" in told


def test_rows_of_a_recipe_that_is_not_deployed_start_nothing_and_that_is_told(winnow, home: Path) -> None:
    told = winnow("arrived", "never").refused(home)
    assert "No recipe “never” is deployed there, so nothing would start. `winnow deploy" in told
    told = winnow("arrived", "recipes/garden.yaml").refused(home)
    assert "No recipe “recipes/garden.yaml” is deployed there, so nothing would start. It is told by its name" in told


def test_an_industry_that_is_not_known_is_told_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="--domain: winnow knows health, law, finance, education, security, and not"):
        known("healt")


@pytest.mark.parametrize("industry", ["health", "law", "finance", "education", "security"])
def test_every_industry_s_recipe_loads_with_a_domain_and_suites(tmp_path: Path, industry: str) -> None:
    init(tmp_path / "mine", industry)
    recipe = load(tmp_path / "mine" / "recipe.yaml")
    assert recipe.curate.domain.description
    assert recipe.flow == str(tmp_path / "mine" / "pipeline.py")
    assert len(recipe.exam.retention) >= 2
    assert set(recipe.gate.margins) == {suite.removeprefix("suite:") for suite in recipe.exam.retention}


@pytest.mark.parametrize("industry", ["health", "law", "finance", "education"])
def test_an_industry_s_exam_can_see_the_loss_of_general_questions_that_it_allows(tmp_path: Path, industry: str) -> None:
    init(tmp_path / "mine", known(industry))
    recipe = load(tmp_path / "mine" / "recipe.yaml")
    items = recipe.exam.retention_items
    spread = np.random.default_rng(0).normal(-1.4, 0.71, items)  # SmolLM2-135M's scores, in bits per byte
    names = pl.Series([str(item) for item in range(items)])
    scores = pl.DataFrame(
        {"suite": "general-questions", "role": "retention", "item": names, "cluster": names}
    ).with_columns(pl.lit("base").alias("model"), pl.Series("score", spread))
    (told,) = foresee(scores, recipe.gate)
    assert not told.blind
    assert told.unharmed >= 0.8


_SUBJECTS = [
    (industry, industry, STARTS[industry].description) for industry in ("health", "law", "finance", "security")
]
_SUBJECTS += [("education", "mathematics", STARTS["education"].description)]
_SUBJECTS += [("education", name, told) for name, told in STARTS["education"].also.items()]


@pytest.mark.parametrize(("industry", "name", "description"), _SUBJECTS)
def test_a_description_begins_with_its_subject_and_names_no_kind_of_text(
    tmp_path: Path, industry: str, name: str, description: str
) -> None:
    subject, colon, topics = description.partition(": ")
    assert name in subject.lower()
    assert colon
    assert not {"questions", "answers", "instructions", "texts"} & set(
        re.findall("[a-z]+", f"{subject} {topics}".lower())
    )
    init(tmp_path / "mine", known(industry))
    told = load(tmp_path / "mine" / "recipe.yaml").curate.domain.all_told
    assert description in [one.description for one in told.values()]


@pytest.mark.parametrize("industry", ["health", "law", "finance", "education", "security"])
def test_the_tasks_that_an_industry_may_ask_are_lm_eval_s(industry: str) -> None:
    from lm_eval.tasks import TaskManager

    assert set(STARTS[industry].asked) <= set(TaskManager().all_tasks)


@pytest.mark.parametrize(("given", "wanted"), [
    ("postgresql://a:b@host/x", "postgresql+asyncpg://a:b@host/x"),
    ("postgres://host/x", "postgresql+asyncpg://host/x"),
    ("postgresql+asyncpg://host/x", "postgresql+asyncpg://host/x"),
])  # fmt: skip
def test_a_database_is_named_with_the_driver_that_prefect_needs(given: str, wanted: str) -> None:
    assert _for_asyncpg(given) == wanted


@pytest.mark.parametrize("given", ["mysql://host/x", "host/x", ""])
def test_another_database_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="--postgres: write it as"):
        _for_asyncpg(given)


def test_a_server_is_started_on_this_machine_alone() -> None:
    assert _place("http://127.0.0.1:4200/api", "no answer") == ("127.0.0.1", 4200)
    with pytest.raises(prefect_server.NoServer, match="no answer. It is not of this machine"):
        _place("https://prefect.example.org/api", "no answer")
