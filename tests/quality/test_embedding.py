"""Vectors equal the library's own, in order, once per distinct text."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quality.embedding import Embedder, EmbeddingCache, EmbeddingTextError


@pytest.fixture(scope="module")
def expected(minilm: Path, awkward: list[str]) -> np.ndarray:
    """The library's own vectors, one text at a time, fp32."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(minilm), device="cpu")
    return np.stack([model.encode(text, show_progress_bar=False) for text in awkward])


@pytest.mark.parametrize(("precision", "most"), [("fp32", 1e-6), ("bf16", 2e-4), ("auto", 2e-4)])
def test_vectors_equal_the_librarys_in_the_order_given(minilm, expected, precision, most, awkward):
    vectors = Embedder(minilm, precision=precision, batch_size=3).encode(awkward)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(awkward), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    cosine = (vectors * expected).sum(axis=1) / np.linalg.norm(expected, axis=1)
    assert (1 - cosine).max() <= most


def test_a_series_is_embedded_as_a_list_is(embedder, awkward):
    np.testing.assert_allclose(embedder.encode(pl.Series(awkward)), embedder.encode(awkward), atol=0)


def test_a_generator_is_read_once_and_embedded_as_a_list_is(embedder, tmp_path):
    expected = embedder.encode(["a", "b", "a"])
    for encode in (embedder.encode, lambda texts: EmbeddingCache(tmp_path).encode(embedder, texts)):
        np.testing.assert_allclose(encode(text for text in ["a", "b", "a"]), expected, atol=0)
        np.testing.assert_allclose(encode(dict.fromkeys(["a", "b"])), expected[:2], atol=0)


def test_a_text_that_occurs_twice_is_embedded_once(counting):
    seen = []
    vectors = counting.encode(["a", "b", "a", "a"], progress=lambda done, total: seen.append((done, total)))
    assert counting.asked == ["a", "b"]
    assert seen == [(2, 2)]
    assert (vectors[0] == vectors[2]).all()
    assert not np.allclose(vectors[0], vectors[1])


def test_no_texts_make_an_empty_matrix_of_the_right_width(embedder, tmp_path):
    assert embedder.encode([]).shape == (0, 384)
    assert EmbeddingCache(tmp_path).encode(embedder, pl.Series([], dtype=pl.String)).shape == (0, 384)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["a", None, "b", None], "Text 1 to embed is null; 2 of 4 are"),
        (pl.Series(["a", "b", None]), "Text 2 to embed is null"),
        (["a", 3], "Text 1 to embed is int, not a string"),
        (pl.Series([1, 2]), "a column of Int64"),
        ("abc", "wrap it in a list"),
        (iter(["a", None]), "Text 1 to embed is null"),
        (iter(["a", 3]), "Text 1 to embed is int, not a string"),
        (None, "takes texts, such as a list of strings, and was given None"),
        (3, "was given 3"),
    ],
)
def test_what_is_not_a_text_is_told_with_its_position(texts, told, unloadable):
    with pytest.raises(EmbeddingTextError, match=told):
        unloadable.encode(texts)


def test_a_text_of_megabytes_is_embedded_by_its_beginning(embedder):
    huge = "the quick brown fox " * 250_000
    short = "the quick brown fox " * 200
    vectors = embedder.encode([huge, short])
    assert 1 - float(vectors[0] @ vectors[1]) < 1e-5


def test_a_model_that_answers_nan_is_refused(minilm, monkeypatch):
    import torch

    broken = Embedder(minilm)
    with torch.no_grad():
        next(broken._model.parameters()).fill_(float("nan"))
    with pytest.raises(EmbeddingTextError, match=r"2 of 2 texts with NaN .* begins 'a'"):
        broken.encode(["a", "b"])


def test_batches_side_by_side_give_the_same_vectors_and_leave_torch_as_it_was(minilm, embedder):
    import torch

    outside, seen = torch.get_num_threads(), []
    torch.set_num_threads(2)  # any number but the one that is used inside
    texts = [f"{'word ' * (i % 40)}{i}" for i in range(100)]
    together = Embedder(minilm, threads=3, batch_size=8).encode(texts, lambda done, total: seen.append((done, total)))
    np.testing.assert_allclose(together, embedder.encode(texts), atol=1e-5)
    assert seen == [(min(8 * i, 100), 100) for i in range(1, 14)]
    left = torch.get_num_threads()
    torch.set_num_threads(outside)
    assert left == 2
