"""A sweep over a small pool: what it leaves, and that a run with the winner's recipe trains nothing anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.recipe import load
from flows.retrain import retrain
from flows.sweep import sweep_recipe
from tasks import cards, exams, runs
from tasks.reporting.sweep import TRIALS

CHANGES = {
    "name": "flowerbed",  # other tests of the session seal an exam of the world's own name
    "tune.batch_tokens": "500",
    "tune.rank": "4",
    "sweep": "{learning_rate: [0.001, 0.003, 0.01], token_budget: 12000}",
    "renew.min_new_rows": "3",
    "promote": "never",
}


@pytest.fixture(scope="module")
def swept(world, results: Path) -> tuple[Any, Any, Path]:
    recipe = load(world.recipe, CHANGES)
    state = sweep_recipe(**recipe.parameters(), sweep=recipe.sweep, return_state=True)
    ended = state.result(raise_on_failure=False)
    assert isinstance(ended, dict), ended
    return recipe, state, results / "runs" / ended["run"]


def test_it_ends_as_swept_and_leaves_trials_picture_and_recipe(swept) -> None:
    _, state, run = swept
    assert state.name == "Swept"
    files = {"trials.parquet", "losses.parquet", "recipe.yaml", "report.html", "config.yaml"}
    assert {path.name for path in run.iterdir()} == files | {"manifest.json"}
    facts = runs.manifest(run)
    assert facts["state"] == "Swept"
    assert facts["files"].keys() == files
    assert facts["reason"] == state.message
    assert facts["sweep"]["tokens trained"] <= 12_000
    written = (run / "recipe.yaml").read_text()
    assert "placeholders" not in written, "only what is not so anyway"
    winner = load(run / "recipe.yaml")
    assert (winner.renew.min_new_rows, winner.promote) == (3, "never")


def test_each_trial_is_a_line_with_its_intervals_and_the_winner_is_of_the_last_rung(swept) -> None:
    _, _, run = swept
    trials = pl.read_parquet(run / "trials.parquet")
    assert trials.schema == pl.Schema(TRIALS)
    assert sorted(trials.select("rung", "token_budget").rows()) == [(0, 2_000)] * 3 + [(1, 6_000)]
    assert trials["number"].to_list() == [1, 2, 3, 4]
    winner = trials.row(by_predicate=pl.col("winner"), named=True)
    assert (winner["rung"], winner["behind"], winner["number"]) == (1, 0.0, 1)
    for what in ("gain", "forgotten"):
        assert (
            trials.filter(pl.col(f"{what}_lower") <= pl.col(what), pl.col(what) <= pl.col(f"{what}_upper")).height == 4
        )
    losses = pl.read_parquet(run / "losses.parquet")
    for number, gain in trials.select("number", "gain").iter_rows():
        base, own = (losses.filter(pl.col("number") == of, pl.col("part") == "validation") for of in (0, number))
        assert gain == pytest.approx((base["nats"].sum() - own["nats"].sum()) / own["tokens"].sum())


def test_the_exam_was_not_asked_and_binds_nobody(swept) -> None:
    _, _, run = swept
    assert not {"examine", "examine_champion", "judge"} & runs.manifest(run)["clock"].keys()
    assert not (run / "scores.parquet").exists()
    assert not (exams.store.home() / "exams" / "flowerbed").exists()


def test_a_run_with_the_winners_recipe_finds_it_trained(swept) -> None:
    recipe, _, run = swept
    rate = pl.read_parquet(run / "trials.parquet").row(by_predicate=pl.col("winner"), named=True)["learning_rate"]
    found = load(run / "recipe.yaml")
    assert found.tune == recipe.tune.model_copy(update={"learning_rate": rate})
    assert found.parameters() == recipe.parameters() | {"tune": found.tune}
    started: list[str] = []
    with cards.listen(lambda event: started.append(event.step) if event.kind == "started" else None):
        ended = retrain(**found.parameters(), return_state=True).result(raise_on_failure=False)
    assert isinstance(ended, dict), ended
    assert "examine" in started
    assert not {"ingest", "gather_general", "fine_tune", "choose_scale"} & set(started)
    # A command about rows means a run that has some, and not the sweep.
    assert runs.find("flowerbed").name == ended["run"]


def test_a_plan_beyond_its_budget_is_refused_with_the_line_of_its_key(
    winnow: Callable[..., Any], recipe: Callable[..., Path], home: Path
) -> None:
    (home.parent / "pool" / "rows.jsonl").write_text('{"question": "What is a spade?", "answer": "A tool to dig."}\n')
    path = recipe(sweep={"rank": [4, 8], "token_budget": 1_000})
    told = winnow("sweep", path).refused(home)
    line = path.read_text().splitlines().index("  token_budget: 1000") + 1
    assert f"recipe.yaml:{line}: sweep.token_budget: 8 trials take at least" in told
    assert "this key is unknown. Did you mean rank?" in winnow("sweep", recipe(sweep={"ranks": [4]})).refused(home)
