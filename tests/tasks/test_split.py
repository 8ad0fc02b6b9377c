"""The split: whole clusters to one side, no more validation rows than asked for, no row lost."""

import polars as pl
import pytest

from quality.splitting import Split
from tasks import store
from tasks.pool import EmptyPool
from tasks.split import Data, split


def parts(data: Data) -> tuple[pl.DataFrame, pl.DataFrame]:
    return store.read_table(data.train), store.read_table(data.validation)


def test_every_row_that_is_left_goes_to_one_side_and_removed_rows_to_none(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(20)], removed=[0, 7])
    train, validation = parts(split.fn(pool, Split(validation_share=0.25)))
    assert train.columns == validation.columns == ["id", "messages", "source", "origin"]
    assert (train.height, validation.height) == (14, 4)  # a quarter of 18 is 4.5
    left = pool.left()["origin"].to_list()
    assert sorted([*train["origin"], *validation["origin"]]) == sorted(left)


@pytest.mark.parametrize(
    ("rows", "settings", "held"),
    [
        (40, Split(validation_share=0.1), 4),
        (40, Split(validation_share=0.1, most_validation_rows=3), 3),
        (4, Split(validation_share=0.1), 1),  # at least one
        (27, Split(validation_share=0.1), 3),  # 2.7
        (40, Split(), 4),  # a tenth, unless the recipe says otherwise
        (2_100, Split(), 200),  # and no more than 200
    ],
)
def test_as_many_rows_are_held_back_as_the_settings_ask(pool_of, noise, rows: int, settings: Split, held: int) -> None:
    data = split.fn(pool_of([(noise(5), noise(20)) for _ in range(rows)]), settings)
    assert (data.train.rows, data.validation.rows) == (rows - held, held)


def _alike(noise, way: str) -> tuple[list[tuple[str, str]], list[str | None]]:
    """Ten clusters of four rows each, alike in one way."""
    rows: list[tuple[str, str]] = []
    groups: list[str | None] = []
    for cluster in range(10):
        question, answer = noise(6), noise(60)
        for _ in range(4):
            asked = question if way == "question" else noise(6)
            rows.append((asked, f"{answer} {noise(1)}" if way == "text" else noise(60)))
            groups.append(f"document {cluster}" if way == "document" else None)
    return rows, groups


@pytest.mark.parametrize("way", ["document", "question", "text"])
def test_rows_that_belong_together_never_straddle_the_split(pool_of, noise, way: str) -> None:
    rows, groups = _alike(noise, way)
    train, validation = parts(split.fn(pool_of(rows, groups), Split(validation_share=0.3)))
    sides = [{(int(origin.split(":")[1]) - 1) // 4 for origin in part["origin"]} for part in (train, validation)]
    assert validation.height == 12
    assert not sides[0] & sides[1]


def test_another_seed_holds_back_other_rows(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(40)])
    assert len({split.fn(pool, Split(seed=seed)).validation.digest for seed in range(3)}) == 3


def test_a_pool_of_one_cluster_is_told_as_such(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(5)], groups=["one document"] * 5)
    with pytest.raises(EmptyPool, match="“split”: all kept rows form one cluster"):
        split.fn(pool, Split())


def test_a_pool_of_one_row_is_told_as_such(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(2)], removed=[0])
    with pytest.raises(EmptyPool, match="“split”: a single row was kept, so nothing could be held back"):
        split.fn(pool, Split())
