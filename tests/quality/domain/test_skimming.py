"""Rows worth embedding: so many for each that words find, with nearly all seeds; all where words tell too little."""

import random
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from quality.domain import skimming
from quality.domain.estimates import DomainScores
from quality.domain.lexical import lexical_features
from quality.domain.settings import Domain
from quality.domain.skimming import AllPassError, skim_by_words, worth_embedding

SCORES = np.linspace(-10.0, 10.0, 2_001)  # a hundredth apart; a tenth lies above 8
FOUND = DomainScores(SCORES, 8.0, 0.1, 0.9, 0.9, 0.99, 64, np.linspace(7.0, 10.0, 64))


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skimming, "LEAST_ROWS", 50)


def test_so_many_rows_pass_for_each_that_words_find() -> None:
    passing = worth_embedding(FOUND, 3)
    assert passing.kept.sum() == 3 * 201
    assert passing.scores is SCORES


def test_few_rows_found_leave_enough_of_something_else_to_learn_from() -> None:
    passing = worth_embedding(replace(FOUND, threshold=9.95), 2)
    assert passing.kept.sum() == 296, "as deep as the seeds lie"
    near = replace(FOUND, threshold=9.95, seed_scores=np.full(64, 9.99))
    passing = worth_embedding(near, 2)
    assert passing.kept.sum() == 50


@pytest.mark.parametrize(("least", "passed"), [(None, 63), (0.9, 63), (0.999, 64)])
def test_nearly_all_seeds_pass_and_as_many_as_the_recipe_asks_for(least: float | None, passed: int) -> None:
    odd = np.concatenate([np.full(60, 9.0), [2.0, 1.0, 0.0, -1.0]])
    passing = worth_embedding(replace(FOUND, seed_scores=odd), 2, least)
    assert (passing.seed_scores >= passing.threshold).sum() == passed


@pytest.mark.parametrize(
    ("told", "share"),
    [
        ({"threshold": 4.0}, "90% of the rows"),  # three rows in ten
        ({"threshold": 0.0}, "all rows"),
        ({"seed_scores": np.linspace(-9.0, 10.0, 64)}, r"\d\d% of the rows"),
    ],
)
def test_all_rows_are_worth_it_where_nearly_all_would_pass(told: dict, share: str) -> None:
    with pytest.raises(AllPassError, match=rf"^by words alone {share} may be of the domain$"):
        worth_embedding(replace(FOUND, **told), 3)


HERBS = [f"herb{n}" for n in range(60)]
ORES = [f"ore{n}" for n in range(60)]
TIDES = [f"tide{n}" for n in range(60)]


def told(rng: random.Random, words: list[str], mark: str = "") -> str:
    return f"{mark}{' '.join(rng.choices(words, k=30))}."


def judged(pool: list[str], seeds: list[str], negatives: list[str] = [], **asked: float) -> DomainScores:  # noqa: B006 - only read
    words, both = lexical_features(pl.Series(pool), pl.Series([*seeds, *negatives]))
    beside = both[len(seeds) :] if negatives else None
    return skim_by_words(words, both[: len(seeds)], 3, Domain(seeds="x", **asked), beside)


@pytest.fixture
def pool() -> list[str]:
    rng = random.Random(1)
    rows = [*(told(rng, HERBS) for _ in range(40)), *(told(rng, ORES) for _ in range(300)), "quo"]
    return [*rows, *(told(rng, TIDES) for _ in range(60))]


def test_rows_that_use_the_words_of_the_seeds_are_worth_embedding(pool: list[str]) -> None:
    rng = random.Random(2)
    seeds = [told(rng, HERBS) for _ in range(24)]
    found = judged(pool, seeds)
    assert found.kept[:40].all()
    assert 120 <= found.kept.sum() <= 130
    moved = judged(pool, seeds, threshold=99.0)
    assert moved.threshold == found.threshold, "the recipe's is one of meaning"


def test_a_row_of_which_no_word_is_known_is_not_told_by_its_words(
    pool: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    low = np.where(np.arange(401) < 40, 3.0, np.where(np.arange(401) == 340, -9.0, np.linspace(-8.0, -7.0, 401)))
    told_low = DomainScores(low, 0.0, 0.1, 0.9, 0.9, 0.99, 24, np.full(24, 3.0))
    monkeypatch.setattr(skimming, "score_domain", lambda *_, **__: told_low)
    rng = random.Random(2)
    found = judged(pool, [told(rng, HERBS) for _ in range(24)])
    assert found.kept[340]
    assert found.kept.sum() == 121
    assert found.scores[340] == found.threshold


def test_rows_like_negatives_are_the_last_to_pass(pool: list[str]) -> None:
    rng = random.Random(2)
    seeds, tides = ([told(rng, words) for _ in range(24)] for words in (HERBS, TIDES))
    plain, found = judged(pool, seeds), judged(pool, seeds, tides)
    assert found.kept[:40].all()
    assert found.kept[341:].sum() < plain.kept[341:].sum() / 2


def test_of_seeds_written_in_a_manner_of_their_own_and_of_too_few_words_tell_nothing(pool: list[str]) -> None:
    rng = random.Random(2)
    by_hand = [told(rng, HERBS[:5], "please kindly do tell me all about this ") for _ in range(24)]
    with pytest.raises(AllPassError, match="not written like the pool"):
        judged(pool, by_hand)
    with pytest.raises(AllPassError, match="words alone do not tell what the domain is"):
        judged(pool, [told(rng, HERBS) for _ in range(7)])
    with pytest.raises(AllPassError, match="may be of the domain"):
        judged(pool, [told(rng, ORES) for _ in range(24)])
