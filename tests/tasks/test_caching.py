"""By-content caching: a step runs again only when content, settings or the code it uses changed."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import polars as pl
import pytest
from prefect import flow

from tasks import caching, cards, runs, store
from tasks.pool import Pool

R = TypeVar("R")

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def results(home: Path) -> Iterator[Path]:
    from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings

    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(home / "store" / "results")}):
        yield home


ran: list[str] = []


@caching.step(name="count-rows")
def count_rows(pool: Pool, least: int) -> Pool:
    ran.append("count-rows")
    return pool.with_fates(pl.DataFrame(), seen=pl.DataFrame({"n": [pool.records.rows + least]}))


machine: list[str] = ["cpu"]


@caching.step(name="count-rows-here", beside=lambda: machine)
def count_here(pool: Pool) -> int:
    ran.append(machine[0])
    return pool.records.rows


def _pool(texts: list[str]) -> Pool:
    table = store.write_table(pl.DataFrame({"text": texts}))
    return Pool(records=table, quarantined=table)


def _call(step: Callable[..., R], *arguments: object) -> R:
    """Call a step as a flow does."""

    @flow(name="calling")
    def calling() -> R:
        return step(*arguments)

    return calling()


def _run(pool: Pool, least: int) -> Pool:
    ran.clear()
    return _call(count_rows, pool, least)


def test_what_a_result_depends_on_beside_its_inputs_is_part_of_its_key(results: Path) -> None:
    ran.clear()
    for place in ("cpu", "cpu", "cuda", "cpu"):
        machine[0] = place
        assert _call(count_here, _pool(["a", "b"])) == 2
    assert ran == ["cpu", "cuda"]


def test_the_same_content_and_settings_are_not_computed_twice(results: Path) -> None:
    first = _run(_pool(["a", "b"]), 1)
    assert ran == ["count-rows"]
    assert _run(_pool(["a", "b"]), 1) == first
    assert ran == []


def test_other_content_or_another_setting_is_computed(results: Path) -> None:
    _run(_pool(["a", "b"]), 1)
    _run(_pool(["a", "c"]), 1)
    assert ran == ["count-rows"]
    _run(_pool(["a", "b"]), 2)
    assert ran == ["count-rows"]


def test_a_result_whose_file_is_gone_is_recomputed(results: Path) -> None:
    first = _run(_pool(["a", "b"]), 1)
    store.locate(first.attributes["seen"]).unlink()
    again = _run(_pool(["a", "b"]), 1)
    assert ran == ["count-rows"]
    assert again == first
    assert store.locate(again.attributes["seen"]).exists()


def test_a_record_cut_short_by_a_kill_is_recomputed(results: Path) -> None:
    _run(_pool(["a"]), 1)
    (record,) = [path for path in (results / "store" / "results").iterdir() if path.name.startswith("count-rows")]
    record.write_bytes(record.read_bytes()[:40])
    _run(_pool(["a"]), 1)
    assert ran == ["count-rows"]


def test_a_step_whose_code_was_edited_is_computed_again(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = "from tasks import caching\n\n\n@caching.step(name='add')\ndef add(n: int) -> int:\n    return n + {}\n"
    module = tmp_path / "edited_step.py"
    module.write_text(written.format(1))
    monkeypatch.syspath_prepend(tmp_path)
    edited = importlib.import_module("edited_step")
    assert _call(edited.add, 1) == 2
    module.write_text(written.format(10))
    caching.code_digest.cache_clear()  # a process reads its own code once
    assert _call(importlib.reload(edited).add, 1) == 11


@caching.step(name="whereabouts")
def whereabouts() -> str:
    return str(store.home())


def test_what_a_step_found_in_one_home_is_not_told_of_another(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _call(whereabouts) == str(results)
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "another"))
    assert _call(whereabouts) == str(tmp_path / "another")


@caching.step(name="look", cached=False)
def look() -> set[str]:
    ran.append("look")
    return set(ran)


def test_a_step_that_is_not_cached_looks_each_time_and_may_return_what_no_file_holds(results: Path) -> None:
    ran.clear()
    assert _call(look) == _call(look) == {"look"}
    assert ran == ["look", "look"]


def test_a_run_is_told_the_seconds_of_a_step_and_none_where_the_cache_answered(results: Path) -> None:
    for computed in (True, False):
        with runs.open_run("x", "") as run:
            _run(_pool(["a", "b"]), 1)
        cost = run.clock["count-rows"]
        assert (cost is not None and cost > 0) == computed


def test_the_plain_function_of_a_step_costs_the_run_nothing(home: Path) -> None:
    with runs.open_run("x", "") as run:
        assert caching.plain(count_rows)(_pool(["a"]), 1).attributes
    assert run.clock == {}


def test_editing_a_library_changes_the_digest_of_the_steps_that_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {
        "quality/__init__.py": "",
        "quality/near.py": "N = 1\n",
        "quality/far.py": "F = 1\n",
        "tasks/__init__.py": "",
        "tasks/uses_near.py": "def step():\n    from quality import near\n",
        "tasks/uses_far.py": "import quality.far\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def digests() -> tuple[str, str]:
        caching._path.cache_clear()
        caching.code_digest.cache_clear()
        return caching.code_digest("tasks.uses_near"), caching.code_digest("tasks.uses_far")

    monkeypatch.setattr(caching, "_path", _clearable(lambda module: _in(tmp_path, module)))
    before = digests()
    (tmp_path / "quality/near.py").write_text("N = 2\n")
    after = digests()
    assert before[0] != after[0]
    assert before[1] == after[1]
    (tmp_path / "quality/far.py").write_text("F = 2\n")
    assert digests()[0] == after[0]
    assert digests()[1] != after[1]


def test_house_imports_follow_imports_inside_functions() -> None:
    needed = caching.house_imports("tasks.dedupe")
    assert {"tasks.dedupe", "quality.neardup", "quality.lsh.minhash"} <= needed
    assert not {"tasks.cards", "tasks.caching", "tasks.training.engine"} & needed


def _in(root: Path, module: str) -> Path | None:
    path = root / (module.replace(".", "/") + ".py")
    package = root / module.replace(".", "/") / "__init__.py"
    return path if path.exists() else package if package.exists() else None


def _clearable(function):
    function.cache_clear = lambda: None
    return function


def test_the_clock_adds_up_a_step_that_runs_twice_and_has_none_for_one_from_the_cache(home: Path) -> None:
    with runs.open_run("x", "") as run:
        caching._clock("examine", None)
        assert run.clock == {"examine": None}
        caching._clock("examine", 2.0)
        caching._clock("examine", None)
        caching._clock("examine", 3.5)
        assert run.clock == {"examine": 5.5}


def test_the_digest_of_the_library_goes_by_every_file_of_its_source(tmp_path: Path, monkeypatch) -> None:
    house = tmp_path / "a_house"
    (house / "room").mkdir(parents=True)
    for file in (house / "__init__.py", house / "room" / "__init__.py"):
        file.write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(caching, "_HOUSE", ("a_house",))

    def digest() -> str:
        caching._path.cache_clear()
        return caching.library_digest.__wrapped__()

    before = digest()
    assert digest() == before
    (house / "room" / "__init__.py").write_text("x = 1")
    assert digest() != before


def test_imports_are_found_wherever_a_statement_may_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nested_step.py").write_text(
        "import sys\n\ntry:\n    from quality import drift\nexcept ImportError:\n    import quality.texts.normalise\n\n\n"
        "def run(n):\n    with open(n):\n        match n:\n            case 1:\n                import quality.lsh.star\n"
        "            case _:\n                for _ in n:\n                    from evals.paired import compare\n"
        "    return lambda: n\n\n\nclass Late:\n    if sys:\n        from tasks import exams\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = caching.house_imports("nested_step")
    assert {
        "nested_step",
        "quality.drift",
        "quality.texts.normalise",
        "quality.lsh.star",
        "evals.paired",
        "tasks.exams",
    } <= found


@caching.step(name="tell-rows")
def tell_rows(pool: Pool) -> int:
    cards.say(f"{pool.records.rows} rows")
    cards.warn("few\nat all")
    return pool.records.rows


def _told_of_asking(pool: Pool) -> list[str]:
    """Call the step, and return what is told of it before it starts or its cached result is taken."""
    told: list[str] = []
    with cards.listen(lambda event: told.append(event.text) if event.kind == "asked" else None):
        _call(tell_rows, pool)
    return told


def test_what_a_step_said_of_its_result_is_told_again_with_the_cached_result(results: Path) -> None:
    assert _told_of_asking(_pool(["a", "b"])) == [""]
    assert _told_of_asking(_pool(["a", "b"])) == ["2 rows\nwarning: few at all"]
    assert _told_of_asking(_pool(["a"])) == [""], "another result, of which nothing was said"
    for file in (results / "store" / "said").iterdir():
        file.write_text("[")
    assert _told_of_asking(_pool(["a"])) == [""]
