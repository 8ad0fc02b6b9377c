"""The command line: quick help, errors as sentences without a traceback, exit codes that mean one thing."""

import ast
import errno
import gzip
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from flows.industries import Industry
from flows.init import init
from flows.recipe import load
from quality.sources.installed import VOUCHED_FOR

WINNOW = Path(sys.executable).parent / "winnow"


def _winnow(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "WINNOW_HOME": str(home)}
    return subprocess.run(
        [str(WINNOW), *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=120
    )


def test_help_needs_no_heavy_library(tmp_path: Path) -> None:
    code = (
        "import sys; from flows import cli; from typer.testing import CliRunner; "
        "assert CliRunner().invoke(cli.app, ['--help']).exit_code == 0; "
        "print(sorted({'torch', 'prefect', 'polars', 'transformers', 'great_expectations'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_looking_into_runs_waits_for_no_prefect() -> None:
    code = (
        "import sys, flows.inspecting, flows.telling_history, flows.thresholds, flows.tidying; "
        "print(sorted({'torch', 'prefect', 'sklearn', 'transformers', 'great_expectations'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "/nowhere/recipe.yaml"), "There is no recipe /nowhere/recipe.yaml"),
        (("run", "/nowhere/recipe.yaml", "--set", "rank"), "write it as KEY=VALUE"),
        (("why", "abc"), "no finished run"),
        (("why", "abc", "2026", "--run", "2025"), "two are named: 2026, and --run 2025. Name one."),
        (("audit",), "no finished run"),
        (("diff", "a", "b"), "no finished run"),
        (("run",), "Missing argument"),
        (
            ("init", "long" * 75),
            f"winnow: {'long' * 15}… can't be the recipe's folder (File name too long). Name another.\n",
        ),
        (("nonsense",), "No such command"),
    ],
)
def test_an_error_is_one_sentence_and_exit_code_1(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    done = _winnow(*arguments, home=tmp_path / "home")
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = _winnow("run", "/nowhere/recipe.yaml", "--debug", home=tmp_path / "home")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_init_writes_a_recipe_that_loads_and_never_overwrites(tmp_path: Path) -> None:
    from flows.recipe import load

    assert _winnow("init", tmp_path / "mine", home=tmp_path / "home").returncode == 0
    assert load(tmp_path / "mine" / "recipe.yaml").name == "mine"
    again = _winnow("init", tmp_path / "mine", home=tmp_path / "home")
    assert again.returncode == 1
    assert "is not empty" in again.stderr


@pytest.mark.parametrize("industry", [None, "health", "security"])
def test_commands_that_init_tells_stand_on_lines_of_their_own_however_long_the_folder_s_name_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], industry: Industry | None
) -> None:
    folder = tmp_path / "data-engineering" / "pipelines" / "of-the-whole-team"
    init(folder, industry)
    told = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert f"3. winnow curate {folder}/recipe.yaml --preview" in told
    assert f"4. winnow run {folder}/recipe.yaml" in told
    assert [line[:3] for line in told[1:]] == ["1. ", "2. ", "   ", "3. ", "4. ", "5. ", "   "]


def test_a_project_that_can_not_be_written_is_told_and_leaves_nothing_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        ValueError, match=r"file/mine can't be written \(Not a directory\)\. Name a folder that you may"
    ):
        init(tmp_path / "file" / "mine")

    write = Path.write_text

    def filling_up(file: Path, text: str, **keys: str) -> int:
        if file.name == "seeds.jsonl":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))
        return write(file, text, **keys)

    (tmp_path / "there").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", filling_up)
        for folder in ("new", "there"):
            with pytest.raises(ValueError, match=r"can't be written \(No space left on device\)\. Name a folder"):
                init(tmp_path / folder)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "there"]
    init(tmp_path / "there")


def test_whatever_lies_in_the_pool_of_a_new_project_is_read(tmp_path: Path) -> None:
    from quality.sources import read

    init(tmp_path / "mine")
    pool = tmp_path / "mine" / "pool"
    (pool / "a.jsonl").write_text('{"question": "Who digs?", "answer": "The mole."}\n')
    (pool / "b.csv").write_text("question,answer\nWho sings?,The lark.\n")
    with gzip.open(pool / "c.jsonl.gz", "wt") as stream:
        stream.write('{"question": "Who swims?", "answer": "The otter."}\n')
    assert read(load(tmp_path / "mine" / "recipe.yaml").sources, base=tmp_path / "mine").records.height == 3


@pytest.mark.skipif(
    not all(map(find_spec, VOUCHED_FOR)), reason="the demo's packages, which the recipe names, are not installed"
)
@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("we: ird", "we-ird"),
        ("2024", "2024"),
        ("off", "off"),
        ('q"""x', "q-x"),
        (".dot", "dot"),
        ("日本", "mine"),
        ("1e3", "1e3"),
        ("a" * 99, "a" * 60),
    ],
)
def test_whatever_a_folder_is_called_init_writes_a_recipe_and_a_flow_that_load(
    tmp_path: Path, folder: str, name: str
) -> None:
    init(tmp_path / folder)
    recipe = load(tmp_path / folder / "recipe.yaml")
    assert recipe.name == name
    ast.parse((tmp_path / folder / "pipeline.py").read_text())


@pytest.mark.parametrize("key", ["sweep", "ablate", "renew", "promote", "schedule", "deploy"])
def test_what_the_recipe_offers_in_a_comment_is_right_as_it_stands(tmp_path: Path, key: str) -> None:
    init(tmp_path / "mine")
    recipe = tmp_path / "mine" / "recipe.yaml"
    offered = recipe.read_text().replace(f"\n# {key}: ", f"\n{key}: ")
    assert f"\n{key}: " in offered
    recipe.write_text(offered)
    assert key in load(recipe).model_fields_set


def test_what_init_writes_runs_through_the_check_as_soon_as_there_are_rows(tmp_path: Path, home: Path) -> None:
    from flows.recipe import load
    from tasks.check import check

    _winnow("init", tmp_path / "mine", home=home)
    rows = [json.dumps({"question": f"Why {n}?", "answer": f"Because of {n}."}) for n in range(9)]
    (tmp_path / "mine" / "pool" / "rows.jsonl").write_text("\n".join(rows))
    recipe = tmp_path / "mine" / "recipe.yaml"

    def checked() -> object:
        given = load(recipe)
        return check.fn(given.sources, given.model, given.curate.domain, given.exam, given.gate)

    checked()
    recipe.write_text(recipe.read_text().replace("# curate:", "curate:").replace("#   ", "  "))
    with pytest.raises(ValueError, match="curate.domain.seeds: it holds 2 distinct examples, and a domain is learnt"):
        checked()
    (tmp_path / "mine" / "seeds.jsonl").write_text("\n".join(rows))
    checked()


def test_doctor_tells_about_this_machine(tmp_path: Path) -> None:
    done = _winnow("doctor", home=tmp_path / "home")
    assert done.returncode == 0, done.stdout
    for name in ("python", "packages", "home", "disk", "processor", "prefect"):
        assert name in done.stdout
    assert "demo: base model, embedder and pool are here; it trains on" in done.stdout
    done = _winnow("doctor", "--recipes", tmp_path, home=tmp_path / "home")
    assert done.returncode == 1
    assert f"there is no recipe (*.yaml) in {tmp_path}" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("why", "abc"), ("audit",), ("diff", "a", "b"), ("threshold", "--domain", "0"), ("label",), ("doctor",),
        ("run", "none.yaml"),
    ],
)  # fmt: skip
def test_who_only_reads_makes_no_home(tmp_path: Path, command: tuple[str, ...]) -> None:
    _winnow(*command, home=tmp_path / "deep" / "home")
    assert not (tmp_path / "deep").exists()


def test_doctor_tells_a_home_that_can_t_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = _winnow("doctor", home=tmp_path / "file" / "home")
    assert done.returncode == 1
    assert "can't be written to" in done.stdout
