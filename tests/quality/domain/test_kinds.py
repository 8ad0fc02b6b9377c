"""A kind of the domain that few seeds show is kept, unless these do not tell it from what lies around it."""

import numpy as np
import pytest

from quality.domain.estimates import DomainScores, estimate_auc
from quality.domain.kinds import MOST_TIMES, joined, lost_kind, parted
from quality.domain.scoring import score_domain
from quality.domain.settings import Domain


@pytest.fixture
def two_kinds(on_sphere, leaning):
    """400 rows of a domain's one kind, 60 of another that leans out of the other 1,500 rows; 56 and 8 seeds."""
    random = np.random.default_rng(0)
    other = leaning(on_sphere(random, 68, 1, spread=0.2), 2, 0.8)
    pool = np.concatenate([on_sphere(random, 400, 0, spread=0.2), other[8:], on_sphere(random, 1_500, 1, spread=0.2)])
    return pool, np.concatenate([on_sphere(random, 56, 0, spread=0.2), other[:8]])


def test_a_kind_that_an_eighth_of_the_seeds_show_is_kept(two_kinds):
    alone = score_domain(*two_kinds, Domain(seed_recall=0.8))
    assert alone.kept[400:460].mean() < 0.3
    assert (alone.kind_found, alone.kind_lost) == (0, 0)
    both = score_domain(*two_kinds)
    assert both.kind_found == 8
    assert both.kept[400:460].mean() >= 0.9
    assert both.kept[:400].mean() >= 0.99
    assert both.kept[460:].mean() <= 0.01
    assert both.prevalence == pytest.approx(460 / 1_960, abs=0.02)
    assert both.recall >= 0.95


def test_the_line_between_both_kinds_and_the_rest_can_be_moved(two_kinds):
    both = score_domain(*two_kinds)
    moved = score_domain(*two_kinds, Domain(threshold=both.threshold + 0.5))
    np.testing.assert_array_equal(moved.kept, both.scores >= both.threshold + 0.5)


def test_seeds_that_do_not_tell_their_kind_from_the_rest_are_said_to_be_lost(on_sphere):
    random = np.random.default_rng(0)
    pool = np.concatenate([on_sphere(random, 400, 0), on_sphere(random, 1_500, 1, spread=0.2)])
    seeds = np.concatenate([on_sphere(random, 56, 0), on_sphere(random, 8, 1, spread=0.2)])
    found = score_domain(pool, seeds)
    assert (found.kind_found, found.kind_lost) == (0, 8)
    assert found.kept[400:].mean() <= 0.01


@pytest.mark.parametrize("seeds", [24, 64])
def test_seeds_of_one_kind_stay_one(mixture, seeds):
    for draw in range(4):
        found = score_domain(*mixture(150, 850, seeds=seeds, seed=draw))
        assert (found.kind_found, found.kind_lost) == (0, 0)


def test_odd_seeds_are_no_kind(on_sphere, leaning):
    random = np.random.default_rng(0)
    seeds = np.concatenate(
        [on_sphere(random, 52, 0), *(leaning(on_sphere(random, 1, 0), axis, 1) for axis in range(2, 12))]
    )
    lost = np.arange(62) >= 52
    assert lost_kind(seeds, lost) is None
    alike = np.concatenate([seeds[:52], on_sphere(random, 10, 5)])
    np.testing.assert_array_equal(lost_kind(alike, lost), lost)
    few = np.concatenate([seeds[:52], on_sphere(random, 4, 5)])
    assert lost_kind(few, np.arange(56) >= 52) is None  # too few to be scored by


def test_lost_seeds_must_be_of_one_part_by_more_than_chance(on_sphere):
    random = np.random.default_rng(0)
    seeds = np.concatenate([on_sphere(random, 48, 0), on_sphere(random, 12, 1)])
    second = np.arange(60) >= 48
    lost = np.isin(np.arange(60), [*range(8), 48, 49])  # a sixth of each
    assert lost_kind(seeds, lost) is None
    lost = np.isin(np.arange(60), range(48, 54))
    np.testing.assert_array_equal(lost_kind(seeds, lost), second)
    halves = np.concatenate([seeds[:12], seeds[48:]])
    assert lost_kind(halves, np.arange(24) >= 20) is None  # half of the seeds were not left out as odd ones


def test_rows_are_parted_by_the_mean_they_are_nearest_to(on_sphere):
    random = np.random.default_rng(0)
    rows = np.concatenate([on_sphere(random, 40, 0), on_sphere(random, 20, 1)])
    second = np.arange(60) >= 40
    np.testing.assert_array_equal(parted(rows, second ^ (np.arange(60) % 5 == 0)), second)
    np.testing.assert_array_equal(parted(rows, np.zeros(60, dtype=bool)), np.zeros(60, dtype=bool))


def scored(scores: np.ndarray, seed_scores: np.ndarray, threshold: float) -> DomainScores:
    return DomainScores(scores, threshold, 0.1, 0.9, 0.9, 0.99, len(seed_scores), seed_scores)


def test_a_kind_finds_no_more_rows_than_its_share_of_the_seeds_says():
    part = np.arange(50) >= 40
    found = scored(np.where(np.arange(1_000) < 80, 5.0, -5.0), np.where(part, -5.0, 5.0), 1.0)
    expected = 20  # 80 rows for 40 seeds; 10 are lost

    def alone(rows: int) -> DomainScores:
        scores = np.full(1_000, -9.0)
        scores[80 : 80 + rows] = np.linspace(3, 2, rows)
        return scored(scores, np.full(10, 2.5), 0.0)

    assert joined(found, alone(12), part).kept.sum() == 92
    assert joined(found, alone(int(MOST_TIMES * expected)), part).kept.sum() == 100
    assert joined(found, alone(int(MOST_TIMES * expected) + 1), part) is None
    both = joined(found, alone(12), part)
    assert both.threshold == found.threshold
    assert both.auc == estimate_auc(both.scores, both.seed_scores, both.prevalence) != found.auc
    np.testing.assert_array_equal(both.scores[:80], found.scores[:80])
    assert (both.seed_scores[part] >= both.threshold).all()


def test_seeds_of_two_kinds_are_not_taken_for_written_otherwise_than_the_pool(on_sphere, leaning):
    # What lies between both kinds is nearest to the seeds' mean, and is written otherwise.
    random = np.random.default_rng(0)
    between = leaning(on_sphere(random, 800, 0), 1, 1)
    kinds = [on_sphere(random, rows, axis) for rows, axis in ((132, 0), (132, 1))]
    pool = np.concatenate([kinds[0][32:], kinds[1][32:], between])
    seeds = np.concatenate([kinds[0][:32], kinds[1][:32]])
    words = random.normal(0, 0.2, (len(pool), 8)).astype(np.float32)
    words[200:, 3] += 1
    seed_words = random.normal(0, 0.2, (len(seeds), 8)).astype(np.float32)
    found = score_domain(pool, seeds, pool_lexical=words, seed_lexical=seed_words)
    assert not found.stand_ins
    assert found.lexical
    assert found.kept[:200].mean() >= 0.95
    assert found.kept[200:].mean() <= 0.02
