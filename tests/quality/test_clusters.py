import itertools
import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.clusters import LOOSE, akin, clusters, draw_clusters, split_clusters
from quality.neardup import NearDup, near_pairs
from quality.records import MESSAGE

EVERY_PAIR = NearDup(threshold=0.5, bands=300, rows=3, threads=1)


@given(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40))
def test_labels_are_the_smallest_row_that_can_be_reached(count: int, pairs: list[tuple[int, int]]) -> None:
    pairs = [(i % count, j % count) for i, j in pairs]
    label = list(range(count))
    for _ in range(count):
        for i, j in pairs:
            label[i] = label[j] = min(label[i], label[j])
    halves = [np.array(half, dtype=np.int64).reshape(-1, 2).T for half in (pairs[::2], pairs[1::2])]
    assert clusters(count, [(left, right) for left, right in halves]).tolist() == label


def test_no_rows_and_no_pairs() -> None:
    assert clusters(0, []).tolist() == []
    assert clusters(3, []).tolist() == [0, 1, 2]
    empty = pl.Series([], dtype=pl.String)
    assert split_clusters(near_pairs(empty, LOOSE), empty, empty).to_list() == []


def label(texts: list[str], prompts: list[str | None], groups: list[str | None]) -> list[int]:
    columns = (pl.Series(column, dtype=pl.String) for column in (prompts, groups))
    return split_clusters(near_pairs(pl.Series(texts), LOOSE), *columns).to_list()


def test_rows_of_one_document_stay_together() -> None:
    assert label(["a", "b", "c", "d"], ["1", "2", "3", "4"], ["x", None, "x", None]) == [0, 1, 0, 3]


def test_rows_with_the_same_question_stay_together() -> None:
    prompts = ["What is it?", "  WHAT is\nit?", None, None, "", " "]
    assert label(["a", "b", "c", "d", "e", "f"], prompts, [None] * 6) == [0, 0, 2, 3, 4, 5]


def test_near_duplicates_stay_together_even_below_the_threshold_of_deduplication() -> None:
    words = [f"w{i}" for i in range(64)]
    changed = [*words[:20], "x", *words[21:40], "y", *words[41:]]  # 50 of 70 shingles shared
    further = [*words[:20], "x", *words[21:32], "z", *words[33:46], "y", *words[47:]]  # 45 of 75
    texts = [" ".join(words), "something else entirely", " ".join(changed), " ".join(further)]
    assert label(texts, ["1", "2", "3", "4"], [None] * 4) == [0, 1, 0, 0]


def test_hardly_any_pair_that_is_just_alike_enough_is_missed() -> None:
    rng = random.Random(1)
    texts: list[str] = []
    for _ in range(200):
        words = [f"w{rng.randrange(10**9)}" for _ in range(40)]
        other = [*words[:29], *(f"w{rng.randrange(10**9)}" for _ in range(11))]  # 25 of 47 shingles shared
        texts += [" ".join(words), " ".join(other)]
    found = label(texts, [str(row) for row in range(400)], [None] * 400)
    assert sum(one == other for one, other in zip(found[::2], found[1::2], strict=True)) >= 190
    assert len(set(found[::2])) == 200


def test_ways_to_belong_together_chain() -> None:
    texts = ["a", "b", "c", "c "]
    assert label(texts, ["q", "q", "r", "s"], [None, "g", "g", None]) == [0, 0, 0, 0]


def test_no_pair_of_near_duplicates_straddles_a_draw() -> None:
    rng = random.Random(0)
    texts: list[list[str]] = []
    for _ in range(300):
        words = list(rng.choice(texts)) if texts and rng.random() < 0.5 else rng.choices(WORDS, k=40)
        for _ in range(rng.randint(0, 4)):
            words[rng.randrange(40)] = rng.choice(WORDS)
        texts.append(words)
    joined = pl.Series([" ".join(words) for words in texts])
    apart = pl.Series([f"question {i}" for i in range(300)])
    labels = split_clusters(near_pairs(joined, EVERY_PAIR), apart, pl.Series([None] * 300, dtype=pl.String))
    held = draw_clusters(labels, apart, 60, seed=3)
    sets = [{tuple(words[i : i + 5]) for i in range(36)} for words in texts]
    alike = [
        (i, j)
        for i, j in itertools.combinations(range(300), 2)
        if len(sets[i] & sets[j]) >= 0.5 * len(sets[i] | sets[j])
    ]
    assert len(alike) > 100
    assert [(i, j) for i, j in alike if held[i] != held[j]] == []
    assert 50 <= held.sum() <= 60


WORDS = [f"w{i}" for i in range(500)]


@given(
    st.lists(st.integers(0, 12), max_size=40).map(lambda labels: pl.Series(labels, dtype=pl.UInt32)),
    st.integers(0, 40),
    st.integers(0, 3),
)
def test_a_draw_takes_whole_clusters_and_no_more_rows_than_wanted(labels: pl.Series, wanted: int, seed: int) -> None:
    ids = pl.Series([f"id{i}" for i in range(len(labels))], dtype=pl.String)
    drawn = draw_clusters(labels, ids, wanted, seed)
    taken = set(labels.filter(drawn))
    assert drawn.to_list() == [value in taken for value in labels]
    sizes = labels.value_counts()["count"].sort().to_list()
    if wanted and sizes and sizes[0] > wanted:
        assert drawn.sum() == sizes[0]
    else:
        assert drawn.sum() <= wanted
        # Whatever was passed over would have been one too many.
        left = labels.filter(~drawn).value_counts()["count"].to_list()
        assert all(drawn.sum() + size > wanted for size in left)


def test_a_draw_depends_on_the_records_and_not_on_their_order() -> None:
    ids = pl.Series([f"id{i}" for i in range(200)])
    labels = pl.Series([i // 2 for i in range(200)])
    drawn = set(ids.filter(draw_clusters(labels, ids, 40, seed=1)))
    order = pl.Series(random.Random(0).sample(range(200), 200))
    again = set(ids[order].filter(draw_clusters(labels[order] + 7, ids[order], 40, seed=1)))
    assert again == drawn
    assert len(drawn) == 40


def test_added_rows_hardly_reshuffle_a_draw() -> None:
    ids = pl.Series([f"id{i}" for i in range(1100)])
    labels = pl.Series(range(1100))
    before = set(ids[:1000].filter(draw_clusters(labels[:1000], ids[:1000], 100)))
    after = set(ids.filter(draw_clusters(labels, ids, 100)))
    assert len(before - after) <= 20  # 10 expected: one in eleven is drawn among the new


def test_another_seed_draws_other_rows() -> None:
    ids = pl.Series([f"id{i}" for i in range(100)])
    draws = {tuple(draw_clusters(pl.Series(range(100)), ids, 10, seed)) for seed in range(5)}
    assert len(draws) == 5


@pytest.mark.parametrize("wanted", [0, 1, 2])
def test_one_cluster_is_drawn_whole_or_not_at_all(wanted: int) -> None:
    drawn = draw_clusters(pl.Series([0, 0, 0]), pl.Series(["a", "b", "c"]), wanted)
    assert drawn.to_list() == [wanted > 0] * 3


def test_if_every_cluster_is_too_large_the_smallest_is_drawn() -> None:
    ids = pl.Series(["a", "b", "c", "d", "e", "f", "g", "h"])
    for seed in range(10):
        drawn = draw_clusters(pl.Series([0, 0, 0, 1, 1, 2, 2, 2]), ids, 1, seed)
        assert ids.filter(drawn).to_list() == ["d", "e"]


def said(*rows: tuple[str, str]) -> pl.DataFrame:
    turns = [[{"role": "user", "content": ask}, {"role": "assistant", "content": answer}] for ask, answer in rows]
    return pl.DataFrame({"messages": pl.Series(turns, dtype=pl.List(MESSAGE))})


def test_rows_are_akin_that_ask_the_same_or_are_nearly_alike() -> None:
    chance = random.Random(5)
    text = " ".join(chance.choices(["moss", "pond", "hive", "frost", "vine", "fern", "clay", "reed"], k=40))
    own = said(("Go on.", text), ("Who is Ada?", "A person."))
    rows = said(
        ("Tell me.", text),  # the same answer
        ("Tell me!", f"{text} really"),  # a copy of that copy
        ("  who is ADA? ", "Nobody knows."),
        ("Tell me.", "It shares its prompt with a row that is akin, and nothing else."),
        ("", "Nothing was asked here, and of others neither."),
    )
    assert akin(rows, own, EVERY_PAIR).to_list() == [True, True, True, False, False]
    assert akin(rows, own[:0], EVERY_PAIR).to_list() == [False] * 5
    assert akin(rows[:0], own, EVERY_PAIR).to_list() == []
