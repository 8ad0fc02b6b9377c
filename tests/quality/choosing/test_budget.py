"""A budget is kept, used and told; what is chosen depends on the rows and not on their order."""

import hashlib

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from quality.choosing.budget import Budget, choose_rows

WAYS = ["diverse", "random", "longest", "top-quality"]


def table(tokens, sources=None, quality=None) -> pl.DataFrame:
    count = len(tokens)
    return pl.DataFrame(
        {
            "id": [hashlib.md5(str(n).encode()).hexdigest() for n in range(count)],
            "source": sources or ["pool"] * count,
            "tokens": tokens,
            "quality": quality or [1.0] * count,
        },
        schema={"id": pl.String, "source": pl.String, "tokens": pl.UInt32, "quality": pl.Float64},
    )


def meanings(count: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, 6))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


rows = st.lists(
    st.tuples(st.integers(1, 60), st.sampled_from("abc"), st.sampled_from([0.5, 0.75, 1.0])), min_size=1, max_size=40
)


@settings(max_examples=80)
@given(rows, st.sampled_from(WAYS), st.integers(1, 700), st.floats(0, 1), st.randoms(use_true_random=False))
def test_budget_and_quotas_hold_nothing_more_fits_and_order_does_not_matter(drawn, by, tokens, quota, random) -> None:
    lengths, sources, quality = (list(column) for column in zip(*drawn, strict=True))
    frame, vectors = table(lengths, sources, quality), meanings(len(drawn))
    asked = Budget(tokens=tokens, by=by, quotas={"a": quota})
    found = choose_rows(frame, asked, vectors)
    both = pl.concat([frame, found], how="horizontal")
    spent = both.filter("chosen")["tokens"].sum()
    of_a = both.filter("chosen", source="a")["tokens"].sum()
    assert spent <= tokens
    assert of_a <= quota * tokens + 1e-6
    for row in both.filter(~pl.col("chosen")).iter_rows(named=True):
        # Each row that is out would break the rule it names; so the books can be checked from what was kept.
        # Where both rules would be broken it is the quota, which a larger budget alone would not mend.
        limit = int(quota * tokens + 1e-9)
        beyond = row["source"] == "a" and limit < tokens and of_a + row["tokens"] > limit
        assert row["reason"] == ("over_quota" if beyond else "over_budget")
        held, allowed = (of_a, limit) if beyond else (spent, tokens)
        assert row["score"] == held + row["tokens"] > row["threshold"] == allowed
    assert (
        both.filter("chosen").select("reason", "score", "threshold").null_count().sum_horizontal()[0]
        == 3 * both["chosen"].sum()
    )
    order = list(range(len(drawn)))
    random.shuffle(order)
    again = choose_rows(frame[order], asked, vectors[order])
    assert set(frame[order].filter(again["chosen"])["id"]) == set(frame.filter(found["chosen"])["id"])


@pytest.mark.parametrize("by", WAYS)
def test_a_budget_is_used_up_where_rows_are_small(by) -> None:
    rng = np.random.default_rng(1)
    frame = table(rng.integers(5, 80, 3000).tolist())
    found = choose_rows(frame, Budget(tokens=20_000, by=by), meanings(3000))
    assert 0.98 * 20_000 <= frame.filter(found["chosen"])["tokens"].sum() <= 20_000


@pytest.mark.parametrize("by", WAYS)
def test_a_row_without_tokens_costs_one(by) -> None:
    assert choose_rows(table([0] * 9), Budget(tokens=4, by=by), meanings(9))["chosen"].sum() == 4


@pytest.mark.parametrize(("quota", "chosen"), [(0.29, 29), (0.07, 7), (0.0, 0), (1.0, 100)])
def test_a_quota_is_used_to_its_last_token(quota, chosen) -> None:
    assert int(0.29 * 100) == 28, "what a product of binary fractions must not cost a source"
    found = choose_rows(table([1] * 200, ["a"] * 200), Budget(tokens=100, by="random", quotas={"a": quota}))
    assert found["chosen"].sum() == chosen


@pytest.mark.parametrize(("by", "chosen"), [("longest", [1, 3]), ("top-quality", [0, 3])])
def test_control_arms_take_what_they_are_named_for(by, chosen) -> None:
    found = choose_rows(table([10, 30, 24, 25], quality=[0.9, 0.5, 0.6, 0.8]), Budget(tokens=55, by=by))
    assert found["chosen"].arg_true().to_list() == chosen


def test_another_seed_draws_other_rows_and_the_same_one_the_same() -> None:
    frame = table([1] * 200)
    draws = [choose_rows(frame, Budget(tokens=50, by="random", seed=seed))["chosen"].to_list() for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
    # A fair draw: the two agree on about a quarter of what each took.
    assert sum(a and b for a, b in zip(draws[1], draws[2], strict=True)) < 25


def test_diverse_takes_one_row_of_each_kind_before_a_second_of_any() -> None:
    kinds = np.repeat(np.eye(6, dtype=np.float32), [50, 20, 10, 5, 3, 2], axis=0)
    found = choose_rows(table([7] * 90), Budget(tokens=42), kinds)
    assert sorted(kinds[found["chosen"].arg_true()].argmax(axis=1)) == list(range(6))
    assert sorted(found["gain"].drop_nulls().to_list()) == [7 * n for n in (2, 3, 5, 10, 20, 50)]


def test_of_equal_rows_the_earlier_is_chosen() -> None:
    frame = table([5, 5]).with_columns(id=pl.lit("same"), source=pl.Series(["trusted", "other"]))
    for by in WAYS:
        found = choose_rows(frame, Budget(tokens=5, by=by), np.ones((2, 1), np.float32))
        assert found["chosen"].to_list() == [True, False]


def test_long_rows_are_not_left_out_for_being_long() -> None:
    """A token of a long row counts as much as one of a short row: of rows unlike all others, none is preferred."""
    rng = np.random.default_rng(5)
    lengths = rng.permutation([20, 200] * 100)
    vectors = np.eye(200, dtype=np.float32)
    frame = table(lengths.tolist())
    chosen = frame.filter(choose_rows(frame, Budget(tokens=11_000), vectors)["chosen"])["tokens"]
    assert 0.3 < (chosen == 200).mean() < 0.7


def test_quotas_without_a_budget_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValidationError, match=r"quotas are shares of the token budget, and there is none. Give tokens"):
        Budget(quotas={"a": 0.5})
