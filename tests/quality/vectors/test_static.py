"""Models that look up a vector for each token (model2vec and its like): no window, and nothing to pad."""

from pathlib import Path

import numpy as np
import pytest

from quality.embedding import Embedder

TEXTS = ["the cat sat", "the dog", "cat " * 5000 + "dog", "", " ", "the cat sat", "unheard of"]


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = Tokenizer(models.WordPiece({"the": 0, "cat": 1, "dog": 2, "sat": 3, "[UNK]": 4}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    vectors = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    folder = tmp_path_factory.mktemp("static")
    SentenceTransformer(modules=[StaticEmbedding(words, embedding_weights=vectors)], device="cpu").save(str(folder))
    return folder


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_vectors_are_the_librarys_however_long_the_text(static, precision):
    from sentence_transformers import SentenceTransformer

    expected = SentenceTransformer(str(static), device="cpu").encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(Embedder(static, precision=precision).encode(TEXTS), expected, atol=1e-6)


def test_a_text_without_tokens_is_like_no_other(static):
    vectors = Embedder(static).encode(TEXTS)
    assert not vectors[3:5].any()
    np.testing.assert_allclose(np.linalg.norm(np.delete(vectors, [3, 4], axis=0), axis=1), 1, atol=1e-6)


def test_texts_are_looked_up_by_the_thousand(static, monkeypatch):
    from sentence_transformers import SentenceTransformer

    calls, plain = [], SentenceTransformer.encode

    def watched(model, texts, **settings):
        calls.append(len(texts))
        return plain(model, texts, **settings)

    monkeypatch.setattr(SentenceTransformer, "encode", watched)
    vectors = Embedder(static).encode([f"cat {place}" for place in range(2500)])
    assert vectors.shape == (2500, 6)
    assert calls == [1024, 1024, 452]
