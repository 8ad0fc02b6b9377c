"""The cache embeds only what is new, and survives kills, damage and company."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import quality.shards
from quality.embedding import Embedder, EmbeddingCache


def test_cached_texts_need_no_model_and_come_back_bit_for_bit(embedder, tmp_path, unloadable, awkward):
    first = EmbeddingCache(tmp_path).encode(embedder, awkward)
    np.testing.assert_array_equal(first, embedder.encode(awkward))
    again = EmbeddingCache(tmp_path).encode(unloadable, awkward[::-1])
    np.testing.assert_array_equal(again, first[::-1])


def test_only_new_texts_are_embedded_and_progress_counts_them_all(minilm, tmp_path, counting):
    cache, seen = EmbeddingCache(tmp_path, shard_rows=2), []
    cache.encode(counting, ["a", "b", "c"])
    counting.asked = []
    vectors = cache.encode(counting, ["d", "b", "e", "f", "d"], lambda done, total: seen.append((done, total)))
    assert counting.asked == ["d", "e", "f"]
    assert seen == [(3, 4), (4, 4), (4, 4)]
    np.testing.assert_allclose(vectors, Embedder(minilm).encode(["d", "b", "e", "f", "d"]), atol=1e-6)


def test_a_shard_that_holds_none_of_the_texts_is_read_once(embedder, tmp_path, unloadable, monkeypatch):
    cache, read, plain = EmbeddingCache(tmp_path, shard_rows=1), [], quality.shards._read
    vectors = cache.encode(embedder, ["a", "b", "c", "d"])
    monkeypatch.setattr(quality.shards, "_read", lambda path: (read.append(path), plain(path))[1])
    for texts, most in ((["a", "b", "c", "d"], 4), (["c"], 1), (["d", "a", "d"], 2)):
        again = cache.encode(unloadable, texts)
        assert again.tobytes() == vectors[["abcd".index(text) for text in texts]].tobytes()
        assert len(read) == most
        read.clear()


def test_another_model_has_another_cache(minilm, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(minilm, copy)
    (copy / "sentence_bert_config.json").write_text('{"max_seq_length": 8, "do_lower_case": false}')
    cache, long = EmbeddingCache(tmp_path / "cache"), ["one two three four five six seven eight nine ten"]
    ours, theirs = cache.encode(Embedder(minilm), long), cache.encode(Embedder(copy), long)
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


def test_a_kill_in_the_middle_leaves_what_was_finished_and_nothing_half(minilm, tmp_path, counting):
    class Killed(Embedder):
        def _encode_distinct(self, texts, progress):
            if "c" in texts:
                raise KeyboardInterrupt
            return super()._encode_distinct(texts, progress)

    cache = EmbeddingCache(tmp_path, shard_rows=1)
    with pytest.raises(KeyboardInterrupt):
        cache.encode(Killed(minilm), ["a", "b", "c", "d"])
    assert len(shards(tmp_path)) == 2
    (shards(tmp_path)[0].parent / ".half.part").write_bytes(b"half of a shard")
    cache.encode(counting, ["a", "b", "c", "d"])
    assert counting.asked == ["c", "d"]


def test_two_writers_of_the_same_texts_agree(embedder, minilm, tmp_path, unloadable):
    one, two = EmbeddingCache(tmp_path), EmbeddingCache(tmp_path)

    class Rival(Embedder):
        def _encode_distinct(self, texts, progress):
            two.encode(embedder, texts[:1])  # the rival writes some of the same texts before we do
            two.encode(embedder, [*texts, "more"])
            return super()._encode_distinct(texts, progress)

    vectors = one.encode(Rival(minilm), ["a", "b"])
    np.testing.assert_allclose(vectors, embedder.encode(["a", "b"]), atol=1e-6)
    again = EmbeddingCache(tmp_path).encode(unloadable, ["b", "more", "a"])
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


def test_many_small_runs_leave_few_shards(minilm, tmp_path, unloadable):
    cache = EmbeddingCache(tmp_path, shard_rows=32)
    for number in range(12):
        cache.encode(Embedder(minilm), [f"text {number}"])
    assert len(shards(tmp_path)) <= 4
    assert cache.encode(unloadable, [f"text {number}" for number in range(12)]).shape == (12, 384)
