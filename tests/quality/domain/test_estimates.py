"""Scores tell the domain's share, the threshold and how sure it is, and can be judged again without new scores."""

import numpy as np
import pytest

from quality.domain.estimates import estimate_auc, estimate_prevalence, facts, find_threshold, nearest_domain
from quality.domain.scoring import score_domain
from quality.domain.settings import Domain


def test_a_row_is_judged_by_the_domain_it_comes_nearest_to(on_sphere):
    random = np.random.default_rng(0)
    pool = np.concatenate([on_sphere(random, 60, centre) for centre in (0, 1, 2)])
    one, other = (score_domain(pool, on_sphere(random, 20, centre)) for centre in (0, 1))
    found = nearest_domain({"one": one, "other": other})
    assert found["domain"].head(120).to_list() == ["one"] * 60 + ["other"] * 60
    kept = (found["score"] >= found["threshold"]).to_numpy()
    np.testing.assert_array_equal(kept, one.kept | other.kept)
    told = facts({"one": one, "other": other})
    assert told["domain"].to_list() == ["one", "other"]
    assert told["threshold"].to_list() == [one.threshold, other.threshold]


def test_scores_can_be_judged_again_by_another_threshold_or_recall(mixture):
    pool, seeds = mixture(100, 300)
    found = score_domain(pool, seeds)
    middle = float(np.median(found.seed_scores))
    stricter = found.at_threshold(middle)
    assert stricter.threshold == middle
    assert stricter.recall == (found.seed_scores >= middle).mean()
    np.testing.assert_array_equal(stricter.kept, found.scores >= middle)
    assert stricter.scores is found.scores
    assert found.at_recall(0.6).recall >= 0.6
    given = score_domain(pool, seeds, Domain(threshold=middle))
    assert given.threshold == middle
    np.testing.assert_array_equal(given.kept, stricter.kept)


def test_the_band_holds_the_rows_near_the_threshold_closest_first(mixture):
    found = score_domain(*mixture(100, 300))
    distance = np.abs(found.scores - found.threshold)
    band = found.band(0.4)
    assert set(band) == set(np.flatnonzero(distance <= 0.4))
    assert (np.diff(distance[band]) >= 0).all()
    assert len(found.band(0.0)) <= 1 + (distance == 0).sum()


def test_prevalence_is_the_least_ratio_of_kept_share_to_recall():
    random = np.random.default_rng(0)
    pool = np.concatenate([random.normal(2, 1, 3_000), random.normal(-2, 1, 7_000)])
    assert estimate_prevalence(pool, random.normal(2, 1, 400)) == pytest.approx(0.3, rel=0.12)
    mostly = np.concatenate([random.normal(2, 1, 7_000), random.normal(-2, 1, 3_000)])
    assert estimate_prevalence(mostly, random.normal(2, 1, 400)) == pytest.approx(0.7, rel=0.12)
    assert estimate_prevalence(random.normal(2, 1, 5_000), random.normal(2, 1, 400)) >= 0.85


def test_few_seeds_do_not_make_the_domain_look_smaller_than_it_is():
    random = np.random.default_rng(0)
    pool = np.concatenate([random.normal(3, 1, 800), random.normal(-3, 1, 3_200)])
    found = [estimate_prevalence(pool, random.normal(3, 1, 64)) for _ in range(100)]
    assert np.mean(found) == pytest.approx(0.2, rel=0.04)
    assert min(found) > 0.15


def test_auc_against_the_rest_is_recovered_from_auc_against_the_pool():
    random = np.random.default_rng(0)
    inside, outside, seeds = random.normal(1, 1, 4_000), random.normal(0, 1, 6_000), random.normal(1, 1, 500)
    truth = (seeds[:, None] > outside[None, :]).mean()
    assert estimate_auc(np.concatenate([inside, outside]), seeds, 0.4) == pytest.approx(truth, abs=0.02)
    assert estimate_auc(inside, seeds, 0.97) is None


def test_the_threshold_never_costs_more_seeds_than_asked_and_falls_into_a_gap():
    seeds, rest = np.linspace(5, 9, 41), np.linspace(-5, -1, 60)
    pool = np.concatenate([np.linspace(4, 9, 40), rest])
    for recall in (0.6, 0.9, 0.95):
        at = find_threshold(pool, seeds, 0.4, recall)
        assert (seeds >= at).mean() >= recall
        assert -1 < at <= 5.0  # below every seed: going that far costs next to nothing here


def test_one_seed_among_the_rest_of_the_pool_does_not_say_where_the_threshold_lies():
    random = np.random.default_rng(1)
    inside, rest = random.normal(5, 1.5, 2_000), random.normal(-5, 1.5, 8_000)
    seeds = np.append(random.normal(5, 1.5, 63), -2.5)
    at = find_threshold(np.concatenate([inside, rest]), seeds, 0.2, 0.95)
    assert -1 < at < 2
    assert (rest >= at).mean() < 0.005


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_where_seeds_tell_little_the_threshold_lies_where_the_pool_is_thinnest(share):
    random = np.random.default_rng(0)
    inside, rest = random.normal(4, 1.5, int(4_000 * share)), random.normal(-4, 1.5, int(4_000 * (1 - share)))
    pool = np.concatenate([inside, rest])

    def f1(at: float) -> float:
        return float(2 * (inside >= at).sum() / ((pool >= at).sum() + len(inside)))

    best = max(f1(at) for at in np.linspace(-4, 4, 400))
    found = [f1(find_threshold(pool, random.normal(4, 1.5, 64), share, 0.95)) for _ in range(40)]
    assert np.mean(found) > best - 0.003


def test_a_large_pool_does_not_make_a_large_search_for_the_threshold():
    pool = np.random.default_rng(1).normal(0, 3, 300_000)
    seeds = np.random.default_rng(2).normal(4, 1, 64)
    few = find_threshold(pool[:20_000], seeds, 0.1, 0.95)
    assert find_threshold(pool, seeds, 0.1, 0.95) == pytest.approx(few, abs=0.3)
