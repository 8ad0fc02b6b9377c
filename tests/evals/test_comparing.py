"""Scores pair up suite by suite and item by item, whatever their order, or are refused by name."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from evals.comparing import ScoresError, pair_up
from evals.judging import judge
from evals.verdict import Gate


def test_the_order_of_rows_does_not_matter(suite, spread, domain):
    scores = pl.concat([domain(0.1, 0.05), suite("wiki", spread(0, 0.01), clusters=np.arange(40) // 2)])
    assert judge(scores).gain == judge(scores.sample(fraction=1, shuffle=True, seed=1)).gain


def test_other_models_are_left_aside_and_may_be_named(domain):
    scores = domain(0.1, 0.05)
    champion = scores.filter(pl.col("model") == "candidate").with_columns(
        model=pl.lit("champion"), score=pl.col("score") - 1
    )
    both = pl.concat([scores, champion])
    assert judge(both) == judge(scores)
    assert judge(both, baseline="champion").gain.mean == pytest.approx(1.0)


def test_items_of_one_name_in_two_suites_are_paired_each_within_its_suite(scores):
    numbered = scores.with_columns(item=pl.col("item").str.extract(r"/(\d+)$"))
    assert set(numbered.filter(suite="wiki")["item"]) == set(numbered.filter(suite="answers")["item"])
    assert judge(numbered) == judge(scores)


@pytest.mark.parametrize("sure", ["base", "candidate"])
def test_a_suite_is_multiple_choice_only_if_both_models_were_right_or_wrong(scores, sure):
    perfect = pl.when(model=sure).then(pl.lit(0.0)).otherwise("score")
    pairs = pair_up(scores.with_columns(score=perfect), "base", "candidate")
    assert [(pair.suite, pair.binary) for pair in pairs] == [("answers", False), ("wiki", False)]


def test_a_model_is_not_compared_with_itself(scores):
    with pytest.raises(ScoresError, match="“base” can't be compared with itself"):
        judge(scores, candidate="base")


def _at_wiki_3(value: float | None) -> pl.Expr:
    return pl.when(item="wiki/3").then(pl.lit(value, dtype=pl.Float64)).otherwise("score")


def _nowhere_at_wiki_3(column: str) -> pl.Expr:
    return pl.when(pl.col("item") != "wiki/3").then(column)


@pytest.fixture
def scores(suite, spread, domain) -> pl.DataFrame:
    """An exam of two suites that both models sat."""
    return pl.concat([domain(0.1, 0.05), suite("wiki", spread(0, 0.01))])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.filter(pl.col("role") != "domain"), "no domain suite"),
        (lambda s: s.filter(pl.col("model") != "candidate"), "no scores of the model “candidate”"),
        (lambda s: s.slice(1), "Item answers/0 of suite answers was scored by candidate only"),
        (lambda s: s.head(-1), "Item wiki/39 of suite wiki was scored by base only"),
        (lambda s: pl.concat([s, s.head(1)]), "answers/0 of suite answers was scored twice"),
        (lambda s: s.with_columns(score=_at_wiki_3(math.nan)), "wiki/3 of suite wiki has a score"),
        (lambda s: s.with_columns(score=_at_wiki_3(None)), "wiki/3 of suite wiki has a score"),
        (lambda s: s.with_columns(suite=_nowhere_at_wiki_3("suite")), "has no suite, role, item or cluster"),
        (lambda s: s.with_columns(role=_nowhere_at_wiki_3("role")), "has no suite, role, item or cluster"),
        (lambda s: s.with_columns(item=_nowhere_at_wiki_3("item")), "has no suite, role, item or cluster"),
        (lambda s: s.with_columns(cluster=_nowhere_at_wiki_3("cluster")), "has no suite, role, item or cluster"),
        (lambda s: s.with_columns(cluster=pl.col("cluster") + pl.col("model")), "another cluster"),
        (lambda s: s.with_columns(role=pl.when(model="base").then("role").otherwise("suite")), "two roles"),
        (lambda s: s.with_columns(role=pl.lit("retain")), "not domain or retention"),
        (lambda s: s.drop("cluster"), "lack the column cluster"),
        (lambda s: s.head(0), "no scores of the model “base”"),
    ],
)  # fmt: skip
def test_scores_that_do_not_pair_up_are_refused(scores, change, sentence):
    with pytest.raises(ScoresError, match=sentence):
        judge(change(scores))


def test_a_margin_for_a_suite_that_is_not_there_is_refused(scores):
    with pytest.raises(ScoresError, match="no retention suite wikki; it has wiki"):
        judge(scores, Gate(margins={"wikki": 0.1}))
