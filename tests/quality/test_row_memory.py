"""What is kept of rows changes nothing but who is measured."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality.lsh.kept_state import KeptState
from quality.row_memory import RowMemory
from quality.screening.measuring import measure
from quality.screening.rows import measure_rows

TEXTS = [
    "",
    "A plain answer.",
    "Yes.",
    "yes yes yes yes yes yes",
    "Ã¼ber alles",
    "x = 3",
    "<p>One</p>",
    "Zwölf, 12",
    "***",
    "World Wide Web",
    "It is told that they, (so",
    "a boat\nthe sea\na sail\nthe wind",
    "We said \\textbf{no} to it, and they said yes to us …",
    "n/a",
]
ROWS = [(f"What is {at}?", text) for at, text in enumerate(TEXTS * 2)] + [("Say yes.", "Say yes."), ("", "Nothing.")]
POOLS = st.lists(st.lists(st.integers(0, len(ROWS) - 1), max_size=12), min_size=2, max_size=5)


def kept(folder: Path) -> int | None:
    """Count the rows of the state that lies there."""
    return KeptState(folder).load(lambda arrays, columns: len(arrays[columns[0]]))


def texts(chosen: list[int]) -> tuple[pl.Series, pl.Series]:
    prompts, answers = ([ROWS[at][side] for at in chosen] for side in (0, 1))
    return pl.Series("prompt", prompts, dtype=pl.String), pl.Series("answer", answers, dtype=pl.String)


def sizes(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
    """A measure that takes no time."""
    told = pl.DataFrame([prompts, answers])
    return told.select(pl.all().str.len_chars().cast(pl.Float64), same=(prompts == answers).cast(pl.Float64))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pools=POOLS)
def test_rows_may_come_go_and_change_places(tmp_path: Path, pools: list[list[int]]) -> None:
    shutil.rmtree(tmp_path / "kept", ignore_errors=True)
    held = RowMemory()
    for chosen in pools:
        for memory in (RowMemory(tmp_path / "kept"), held):
            assert memory.of(sizes, *texts(chosen)).equals(sizes(*texts(chosen)))


def test_what_one_row_tells_does_not_hang_on_the_others() -> None:
    together = measure_rows(*texts(list(range(len(ROWS)))))
    alone = pl.concat([measure_rows(*texts([at])) for at in range(len(ROWS))])
    assert together.equals(alone)


def test_a_pool_is_screened_the_same_with_a_memory_and_without(tmp_path: Path) -> None:
    memory, pool = RowMemory(tmp_path / "kept"), texts(list(range(len(ROWS))))
    memory.of(measure_rows, *texts([1, 3, 5]))
    for _ in range(2):
        assert measure(*pool, memory=memory).equals(measure(*pool))


def test_a_grown_pool_is_screened_as_a_new_one_and_in_any_order(tmp_path: Path) -> None:
    # Enough answers to learn from what they look like when they are cut.
    rng = random.Random(1)
    things = ["harbour", "engine", "letter", "garden", "window", "river", "table", "bottle", "ladder", "candle"]
    rows = [("What of the {}, {}?", "The {} of a {} stands beside the {}, and the {} does not.") for _ in range(1_500)]
    rows = [(prompt.format(*rng.sample(things, 2)), answer.format(*rng.sample(things, 4))) for prompt, answer in rows]
    rows = [(prompt, answer[:-9] if at % 60 == 0 else answer) for at, (prompt, answer) in enumerate(rows)]
    pool = [pl.Series(name, side) for name, side in zip(("prompt", "answer"), zip(*rows, strict=True), strict=True)]
    memory = RowMemory(tmp_path / "kept")
    measure(*(side.head(1_400) for side in pool), memory=memory)
    fresh = measure(*pool)
    assert measure(*pool, memory=memory).equals(fresh)
    assert (fresh["cut_off"] > 0.5).sum() >= 10
    turned = measure(*(side.reverse() for side in pool), memory=memory).reverse()
    assert (turned - fresh).select(pl.all().abs().fill_null(0.0).max()).transpose().to_series().max() < 1e-6


@pytest.mark.parametrize("folder", ["kept", None])
def test_only_new_rows_are_measured(tmp_path: Path, folder: str | None) -> None:
    asked: list[list[str]] = []

    def sizes(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
        asked.append(prompts.to_list())
        return pl.DataFrame({"size": answers.str.len_bytes().cast(pl.Float64)})

    memory = RowMemory(folder and tmp_path / folder)
    for chosen in ([0, 1, 2], [2, 0], [2, 3, 0, 4], [1, 2]):
        told = memory.of(sizes, *texts(chosen))
        assert told["size"].to_list() == [len(ROWS[at][1].encode()) for at in chosen]
    assert asked == [[ROWS[at][0] for at in new] for new in ([0, 1, 2], [3, 4])]


def test_of_absent_rows_no_more_are_kept_than_of_those_present(tmp_path: Path) -> None:
    def nothing(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
        return pl.DataFrame({"none": pl.zeros(len(prompts), pl.Float64, eager=True)})

    memory = RowMemory(tmp_path / "kept")
    for chosen, left in (([0, 1, 2, 3], 4), ([4, 5, 6, 7], 8), ([0, 8], 2), ([8, 9, 9], 3)):
        memory.of(nothing, *texts(chosen))
        assert kept(memory.folder) == left


@pytest.mark.parametrize("harm", ["cut", "changed", "lost", "foreign", "head"])
def test_what_is_damaged_or_of_others_is_measured_anew(tmp_path: Path, harm: str) -> None:
    memory, pool = RowMemory(tmp_path / "kept"), texts(list(range(len(ROWS))))
    told = memory.of(measure_rows, *pool)
    (state,) = memory.folder.glob("*.safetensors")
    content = state.read_bytes()
    if harm == "cut":
        state.write_bytes(content[:-9])
    elif harm == "changed":
        state.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif harm == "lost":
        state.unlink()
    elif harm == "foreign":
        RowMemory(tmp_path / "other").of(lambda *rows: measure_rows(*rows) + 1, *pool)
        shutil.copytree(tmp_path / "other", memory.folder, dirs_exist_ok=True)
    else:
        (memory.folder / "head").write_bytes(b"\xff\x00nothing")
    assert memory.of(measure_rows, *pool).equals(told)
    assert memory.of(measure_rows, *pool).equals(told)


def test_a_kill_between_state_and_head_leaves_the_state_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = RowMemory(tmp_path / "kept")
    memory.of(measure_rows, *texts([0, 1, 2]))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("quality.lsh.kept_state.write_head", killed)
        with pytest.raises(KeyboardInterrupt):
            memory.of(measure_rows, *texts([0, 3]))
    assert memory.of(measure_rows, *texts([4, 3, 0])).equals(measure_rows(*texts([4, 3, 0])))


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert RowMemory(tmp_path / "file").of(measure_rows, *texts([0, 1])).equals(measure_rows(*texts([0, 1])))


def test_of_two_runs_at_once_the_first_to_end_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "kept"

    def meanwhile(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
        RowMemory(folder).of(measure_rows, *texts([7, 8]))
        return measure_rows(prompts, answers)

    assert RowMemory(folder).of(meanwhile, *texts([0, 1])).equals(measure_rows(*texts([0, 1])))
    assert kept(folder) == 2
    assert len(list(folder.glob("*.safetensors"))) == 1
