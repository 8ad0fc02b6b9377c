"""Pairs kept from run to run are those of comparing everything, in every bit."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality.drawing import drawn, vector_keys
from quality.meaning import cosine_index
from quality.meaning.cells import Cells, cells_of
from quality.meaning.cosine_index import CosineIndex
from quality.meaning.pool_texts import PoolTexts
from quality.meaning.semantic import Semantic, semantic_duplicates
from quality.meaning.threshold import find_threshold

FLOOR = 0.8
LOW = 0.4  # below which pairs of different cells lie as well


def cloud(rows: int, seed: int = 0) -> np.ndarray:
    """Vectors in groups of about five, some of them equal, whose coordinates fade."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((max(1, rows // 5), 48))
    vectors = centres[rng.integers(0, len(centres), rows)] + 0.45 * rng.standard_normal((rows, 48))
    vectors[rows // 2 : rows // 2 + 3] = vectors[0]
    vectors *= 0.9 ** np.arange(48)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


VECTORS = cloud(90)
POOLS = st.lists(st.permutations(range(len(VECTORS))).flatmap(lambda order: st.integers(0, 90).map(
    lambda count: order[:count])), min_size=2, max_size=5)  # fmt: skip


@pytest.mark.parametrize("tile", [(1024, 4096), (7, 11)])
def test_all_pairs_at_the_floor_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tile) -> None:
    monkeypatch.setattr(cosine_index, "_TILE_ROWS", tile[0])
    monkeypatch.setattr(cosine_index, "_TILE_COLUMNS", tile[1])
    pairs = CosineIndex(tmp_path).pairs(VECTORS, FLOOR)
    cosines = VECTORS.astype(np.float64) @ VECTORS.T.astype(np.float64)
    there = {(i, j) for i, j in np.argwhere(cosines >= FLOOR).tolist() if i < j}
    assert set(pairs.select("left", "right").rows()) == there
    assert len(there) > 90
    for left, right, cosine in pairs.rows():
        assert cosine == pytest.approx(cosines[left, right], abs=1e-6)
    assert pairs.equals(pairs.sort("right", "cosine", "left", descending=[False, True, False]))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pools=POOLS, dear=st.sampled_from([1, 60]), tile=st.sampled_from([5, 1024]))
def test_rows_may_come_go_and_change_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pools: list[list[int]], dear: int, tile: int
) -> None:
    monkeypatch.setattr("quality.meaning.vector_bounds._DEAR", dear)
    shutil.rmtree(tmp_path / "old", ignore_errors=True)
    for chosen in pools:
        monkeypatch.setattr(cosine_index, "_TILE_ROWS", tile)
        again = CosineIndex(tmp_path / "old").pairs(VECTORS[chosen], FLOOR)
        monkeypatch.setattr(cosine_index, "_TILE_ROWS", 1024)
        shutil.rmtree(tmp_path / "new", ignore_errors=True)
        assert again.equals(CosineIndex(tmp_path / "new").pairs(VECTORS[chosen], FLOOR))


def test_only_new_rows_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    tiles = cosine_index._tiles

    def watched(rows, start, *rest, **named):
        started.append(len(rows.places) - start)
        return tiles(rows, start, *rest, **named)

    monkeypatch.setattr(cosine_index, "_tiles", watched)
    vectors = cloud(60, 1)
    vectors = vectors[np.sort(np.unique(vectors, axis=0, return_index=True)[1])]
    index = CosineIndex(tmp_path)
    index.pairs(vectors[:50], FLOOR)
    index.pairs(vectors[3:], FLOOR)
    index.pairs(vectors[3:][::-1], FLOOR)
    index.pairs(vectors, FLOOR)
    assert started == [50, len(vectors) - 50, 3]


def celled(vectors: np.ndarray, probes: int = 2, hubs: int = 3) -> Cells:
    """Cells of about ten rows, and hubs drawn by what rows say."""
    return cells_of(vectors, probes, 0, drawn(vector_keys(vectors), hubs, 1))


@pytest.fixture
def small_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.meaning.cells.CELL_ROWS", 10)


@pytest.mark.usefixtures("small_cells")
def test_rows_are_compared_that_share_a_cell_and_hubs_with_all(tmp_path: Path) -> None:
    cells = celled(VECTORS, 1)
    pairs = CosineIndex(tmp_path).pairs(VECTORS, LOW, cells=cells)
    cosines = VECTORS.astype(np.float64) @ VECTORS.T.astype(np.float64)
    shared = [set(row) for row in cells.names.tolist()]
    hubs = set(cells.hubs.tolist())
    there = {(i, j) for i, j in np.argwhere(cosines >= LOW).tolist()
             if i < j and (shared[i] & shared[j] or hubs & {i, j})}  # fmt: skip
    assert set(pairs.select("left", "right").rows()) == there
    assert len(set(cells.names.ravel().tolist())) == 9
    all_ = CosineIndex(tmp_path).pairs(VECTORS, LOW)
    assert 0 < all_.join(pairs, on=["left", "right"], how="anti").height < 0.5 * all_.height


@pytest.mark.usefixtures("small_cells")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pools=POOLS, probes=st.lists(st.integers(1, 3), min_size=5, max_size=5), hubs=st.integers(0, 5))
def test_cells_may_move_and_hubs_change(tmp_path: Path, pools: list[list[int]], probes: list[int], hubs: int) -> None:
    shutil.rmtree(tmp_path / "old", ignore_errors=True)
    for chosen, count in zip(pools, probes, strict=False):
        vectors = VECTORS[chosen]
        cells = celled(vectors, count, hubs) if len(vectors) else Cells.one(0)
        again = CosineIndex(tmp_path / "old").pairs(vectors, LOW, cells=cells)
        shutil.rmtree(tmp_path / "new", ignore_errors=True)
        assert again.equals(CosineIndex(tmp_path / "new").pairs(vectors, LOW, cells=cells))


def test_few_new_rows_are_compared_in_few_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.meaning.cells.CELL_ROWS", 50)
    rows: list[int] = []
    tiles = cosine_index._tiles

    def watched(part, start, *rest, **named):
        rows.append((len(part.places) - start) * len(part.places))
        return tiles(part, start, *rest, **named)

    monkeypatch.setattr(cosine_index, "_tiles", watched)
    vectors = cloud(4000, 3)
    for many in (3960, 4000):
        CosineIndex(tmp_path).pairs(vectors[:many], FLOOR, cells=celled(vectors[:many], 4, 40))
        rows.append(-1)
    first = rows.index(-1)
    assert sum(rows[first + 1 : -1]) < 0.3 * sum(rows[:first])


def test_a_crowd_is_left_to_others_whether_it_grew_or_was_there_at_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    crowd = np.ones((120, 8)) + 0.05 * rng.standard_normal((120, 8))
    crowd = (crowd / np.linalg.norm(crowd, axis=1, keepdims=True)).astype(np.float32)
    index = CosineIndex(tmp_path)
    # All are pairs: of 65 rows that is 32 for each, of 66 more.
    assert index.pairs(crowd[:65], FLOOR).height == 65 * 64 // 2
    assert index.pairs(crowd[:66], FLOOR) is None
    assert CosineIndex(tmp_path / "new").pairs(crowd[:66], FLOOR) is None
    assert index.pairs(crowd[10:65], FLOOR).height == 55 * 54 // 2


@pytest.mark.parametrize("harm", ["cut", "changed", "lost", "foreign", "head"])
def test_what_is_damaged_or_of_others_is_computed_anew(tmp_path: Path, harm: str) -> None:
    index = CosineIndex(tmp_path)
    told = index.pairs(VECTORS, FLOOR)
    (state,) = tmp_path.glob("*/*.safetensors")
    content = state.read_bytes()
    if harm == "cut":
        state.write_bytes(content[:-9])
    elif harm == "changed":
        state.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif harm == "lost":
        state.unlink()
    elif harm == "foreign":
        other = CosineIndex(tmp_path / "other")
        other.pairs(VECTORS[:40], 0.9)
        (lent,) = (tmp_path / "other").glob("*/*.safetensors")
        shutil.copy(lent, state.parent)
        (state.parent / "head").write_text(lent.stem)
    else:
        (state.parent / "head").write_bytes(b"\xff\x00nothing")
    assert index.pairs(VECTORS, FLOOR).equals(told)
    assert index.pairs(VECTORS[::-1], FLOOR).height == told.height


def test_a_kill_between_state_and_head_leaves_the_state_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = CosineIndex(tmp_path)
    index.pairs(VECTORS[:40], FLOOR)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("quality.lsh.kept_state.write_head", killed)
        with pytest.raises(KeyboardInterrupt):
            index.pairs(VECTORS, FLOOR)
    found = index.pairs(VECTORS[5:70], FLOOR)
    assert found.equals(CosineIndex(tmp_path / "new").pairs(VECTORS[5:70], FLOOR))


def test_of_two_runs_at_once_the_first_to_end_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared, inner = cosine_index._compared, itertools.count()

    def meanwhile(*told):
        if next(inner) == 0:
            CosineIndex(tmp_path).pairs(VECTORS[:30], FLOOR)
        return compared(*told)

    monkeypatch.setattr(cosine_index, "_compared", meanwhile)
    found = CosineIndex(tmp_path).pairs(VECTORS, FLOOR)
    assert found.equals(CosineIndex(tmp_path / "new").pairs(VECTORS, FLOOR))
    (head,) = tmp_path.glob("*/head")
    assert [path.stem for path in head.parent.glob("*.safetensors")] == [head.read_text().strip()]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert isinstance(CosineIndex(tmp_path / "file").pairs(VECTORS, FLOOR), pl.DataFrame)


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows_for_a_pair_are_no_error(tmp_path: Path, rows: int) -> None:
    pairs = CosineIndex(tmp_path).pairs(np.ones((rows, 4), np.float32) / 2, FLOOR)
    assert pairs.is_empty()
    assert pairs.schema == cosine_index.COSINES


@pytest.mark.parametrize("false_merges", [0.02, 0.3, 0.9])
def test_the_threshold_and_what_it_drops_are_those_of_all_cosines(tmp_path: Path, false_merges: float) -> None:
    vectors = cloud(400, 2)
    rng = np.random.default_rng(2)
    words = ["bee", "hive", "comb", "wax", "queen", "swarm", "honey", "drone"]
    answers = pl.Series([" ".join(rng.choice(words, 24 + at % 3)) for at in range(400)])
    prompts = pl.Series(["What is it?"] * 400)
    goal = Semantic(false_merges=false_merges, words=0.7, floor=FLOOR)
    close = CosineIndex(tmp_path).pairs(vectors, FLOOR)
    listed, all_ = (
        find_threshold(PoolTexts(prompts, answers), vectors, np.ones(0), goal, pairs) for pairs in (close, None)
    )
    assert listed.cosine == pytest.approx(all_.cosine, abs=1e-6)
    assert listed.false_merges == all_.false_merges
    assert listed.distribution["others"].sum() == 400
    above = all_.distribution.filter(pl.col("cosine") >= FLOOR)
    assert listed.distribution.tail(above.height).equals(above)
    found = [
        semantic_duplicates(PoolTexts(prompts, answers), vectors, listed.cosine, goal, close=of) for of in (close, None)
    ]
    assert found[0].select("row", "witness").equals(found[1].select("row", "witness"))
    assert found[0]["cosine"].to_list() == pytest.approx(found[1]["cosine"].to_list(), abs=1e-6)
    assert found[0].height > 0 or false_merges < 0.1  # so high that none is a copy
