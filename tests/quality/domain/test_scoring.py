"""A domain is told by a few examples: what is asked of them is held, and one result follows from one setting."""

import numpy as np
import pytest

from quality.domain import scoring as under_test
from quality.domain.scoring import SeedError, score_domain
from quality.domain.settings import Domain


def judged(precision: float, kept: int) -> under_test.DomainScores:
    """A judgement of 1,000 rows of which the first are kept."""
    scores = np.where(np.arange(1_000) < kept, 5.0, -5.0)
    return under_test.DomainScores(scores, 0.0, 0.1, precision, 0.95, 0.99, 64, np.full(64, 5.0), lexical=True)


@pytest.mark.parametrize(
    ("precision", "kept", "manner", "alike"),
    [
        (0.9, 100, 0, True),
        (0.9, 100, 4, False),  # what words find has not the manner of the seeds
        (0.4, 100, 0, False),  # words are not sure of it
        (1.0, 0, 0, False),  # they find nothing
        (0.9, 5, 4, True),  # too few to tell
    ],
)
def test_seeds_are_written_like_the_pool_where_words_are_sure_of_rows_written_like_them(precision, kept, manner, alike):
    random = np.random.default_rng(2)
    pool, seeds = (random.normal(0, 1, (rows, 8)).astype(np.float32) for rows in (1_000, 64))
    seeds[:, 0] += manner
    assert under_test.written_alike(judged(precision, kept), seeds, pool) is alike


@pytest.mark.parametrize(
    ("precision", "kept", "sunk", "by", "more"),
    [
        (0.9, 100, 0, 0, True),
        (0.9, 100, 2, 9, True),  # two odd seeds sink far: chance does that
        (0.9, 100, 40, 9, False),
        (0.4, 100, 0, 0, False),  # not sure of what it finds
        (1.0, 0, 0, 0, False),  # it finds nothing
    ],
)
def test_rows_are_seen_among_their_neighbours_unless_the_hidden_seeds_sink_by_it(precision, kept, sunk, by, more):
    found, nearer = judged(0.9, 100), judged(precision, kept)
    nearer.seed_scores[:sunk] -= by
    found.scores[:], nearer.scores[:] = np.linspace(-5, 5, 1_000), np.linspace(-5, 5, 1_000)
    if not kept:
        nearer.scores[:] -= 20
    assert under_test._tells_more(nearer, found) is more


def test_the_asked_recall_holds_for_pure_pools_on_average(mixture):
    # Nothing tells seeds from pool here, so what is kept is what a threshold on spies is worth.
    kept = [score_domain(*mixture(400, 0, seed=seed), Domain(seed_recall=0.9)).kept.mean() for seed in range(8)]
    assert np.mean(kept) >= 0.9
    assert min(kept) >= 0.75


def test_separate_clusters_are_told_apart_exactly(mixture):
    found = score_domain(*mixture(100, 300))
    assert (found.kept == (np.arange(400) < 100)).sum() >= 398
    assert found.prevalence == pytest.approx(0.25, abs=0.04)
    assert found.precision == pytest.approx(1.0, abs=0.04)
    assert found.auc == pytest.approx(1.0, abs=0.01)


def test_rows_known_to_be_unwanted_take_their_like_with_them(on_sphere, leaning):
    random = np.random.default_rng(0)

    # Half of what looks like the domain leans to a side (axis 2) that is not wanted.
    wanted, unwanted = on_sphere(random, 150, 0), leaning(on_sphere(random, 150, 0), 2, 0.25)
    pool, seeds = np.concatenate([wanted, unwanted, on_sphere(random, 700, 1)]), on_sphere(random, 40, 0)
    without, found = (
        score_domain(pool, seeds),
        score_domain(pool, seeds, negatives=leaning(on_sphere(random, 12, 0), 2, 0.25)),
    )

    def told_apart(scores: np.ndarray) -> float:
        return float((scores[:150, None] > scores[None, 150:300]).mean())

    assert told_apart(found.scores) >= told_apart(without.scores) + 0.05
    assert found.kept[:150].mean() >= 0.9
    assert found.kept[150:300].mean() <= 0.6


def test_odd_seeds_do_not_draw_the_line_among_other_rows_unless_asked(on_sphere):
    random = np.random.default_rng(0)
    pool = np.concatenate([on_sphere(random, 120, 0), on_sphere(random, 240, 1)])
    seeds = np.concatenate([on_sphere(random, 36, 0), on_sphere(random, 4, 1)])
    found = score_domain(pool, seeds)
    assert found.kept[:120].all()
    assert not found.kept[120:].any()
    assert found.recall == 0.9
    asked = score_domain(pool, seeds, Domain(seed_recall=0.95))
    assert asked.recall >= 0.95
    assert asked.kept[120:].sum() > 40


def test_seeds_that_are_all_duplicates_are_counted_in_the_error(mixture):
    pool, seeds = mixture(50, 50, seeds=5)
    with pytest.raises(SeedError, match="at least 8 distinct seeds, and 5 were found among 100"):
        score_domain(pool, np.repeat(seeds, 20, axis=0))
    with pytest.raises(SeedError, match="at least 8 distinct seeds, and 0 were found among 0"):
        score_domain(pool, seeds[:0])


def test_a_seed_given_many_times_counts_once(mixture):
    pool, seeds = mixture(100, 100)
    heavy = np.concatenate([seeds, np.repeat(seeds[:1], 200, axis=0)])
    once, many = score_domain(pool, seeds), score_domain(pool, heavy)
    assert many.seeds_used == 40
    np.testing.assert_allclose(once.scores, many.scores)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_vectors_that_are_not_numbers_or_of_another_model_are_refused(mixture, bad):
    pool, seeds = mixture(50, 50)
    broken = pool.copy()
    broken[3, 3] = bad
    with pytest.raises(SeedError, match="NaN or infinity"):
        score_domain(broken, seeds)
    with pytest.raises(SeedError, match=r"one model: the seeds are \(40, 31\), the pool is \(100, 32\)"):
        score_domain(pool, seeds[:, 1:])


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_tiny_pool_is_scored_without_a_crash(mixture, rows):
    pool, seeds = mixture(rows, 0)
    found = score_domain(pool, seeds)
    assert found.scores.shape == (rows,)
    assert found.kept.shape == (rows,)


def test_one_setting_gives_one_result_and_the_random_seed_matters(mixture):
    pool, seeds = mixture(60, 140)
    first, second = score_domain(pool, seeds), score_domain(pool, seeds)
    np.testing.assert_array_equal(first.scores, second.scores)
    other = score_domain(pool, seeds, Domain(random_seed=1))
    assert not np.array_equal(first.scores, other.scores)
    np.testing.assert_array_equal(first.kept, other.kept)


def test_a_background_of_some_rows_scores_all_rows(mixture):
    pool, seeds = mixture(300, 900)
    found = score_domain(pool, seeds, Domain(max_background=200))
    assert found.kept[:300].mean() >= 0.95
    assert found.kept[300:].mean() <= 0.02


def test_words_are_left_out_where_they_weigh_nothing(mixture, caplog):
    pool, seeds = mixture(60, 140)
    words, examples = np.ones((200, 2), np.float32), np.zeros((40, 2), np.float32)
    score_domain(pool, seeds, pool_lexical=words, seed_lexical=examples)
    assert "not written like the pool" in caplog.text
    caplog.clear()
    found = score_domain(pool, seeds, Domain(lexical_weight=0), pool_lexical=words, seed_lexical=examples)
    assert not found.lexical
    assert not caplog.text
    np.testing.assert_array_equal(found.scores, score_domain(pool, seeds).scores)
