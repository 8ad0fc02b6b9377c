"""The compiled loops against the numpy ones, and both against loops in Python."""

import random
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.lsh import kernel_numpy, kernels
from quality.neardup import NearDup, near_duplicates, near_pairs


def loops() -> list[object]:
    numba = pytest.param("kernel_numba", marks=pytest.mark.skipif(not installed(), reason="numba is not installed"))
    return ["kernel_numpy", numba]


def installed() -> bool:
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


@pytest.fixture(params=loops())
def kernel(request: pytest.FixtureRequest) -> ModuleType:
    if request.param == "kernel_numpy":
        return kernel_numpy
    from quality.lsh import kernel_numba

    return kernel_numba


def hash_of(word: bytes) -> int:
    return sum(byte * pow(kernel_numpy.BYTE_WEIGHT, place, 1 << 64) for place, byte in enumerate(word)) % (1 << 64)


def test_words_are_hashed_one_by_one_and_counted_per_text(kernel: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_numpy, "_BLOCK_BYTES", 5)  # blocks end inside texts, never inside words
    texts = [b"ab\0c", b"", b"\0\0", b"a long\xc3\xa9r", b"\0x\0", b"ab"]
    codes = b"\0".join(texts)
    ends = np.cumsum([len(text) + 1 for text in texts]) - 1
    hashes, counts = kernel.hash_words(codes, ends)
    assert counts.tolist() == [2, 0, 0, 1, 1, 1]
    assert hashes.tolist() == [hash_of(word) for text in texts for word in text.split(b"\0") if word]
    assert hashes[0] == hashes[-1]


def test_no_text_has_no_word(kernel: ModuleType) -> None:
    hashes, counts = kernel.hash_words(b"", np.empty(0, np.int64))
    assert (len(hashes), len(counts)) == (0, 0)
    assert kernel.hash_words(b"", np.zeros(1, np.int64))[1].tolist() == [0]


def test_minima_are_those_of_python_integers(kernel: ModuleType) -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 1 << 64, 60, np.uint64)
    starts, lengths = np.array([40, 0, 7]), np.array([20, 1, 9])
    factors, shifts = rng.integers(0, 1 << 32, (2, 19), np.uint32) | np.uint32(1)
    least = kernel.minima(values, starts, lengths, factors, shifts)
    expected = [
        [
            min((a * (v >> 32) + b) % (1 << 32) for v in values[s : s + n].tolist())
            for s, n in zip(starts, lengths, strict=True)
        ]
        for a, b in zip(factors.tolist(), shifts.tolist(), strict=True)
    ]
    assert least.tolist() == expected
    assert least.dtype == np.uint32


def test_what_two_sets_share_is_counted(kernel: ModuleType) -> None:
    rng = random.Random(0)
    sets = [sorted(rng.sample(range(60), rng.randint(1, 40))) for _ in range(50)]
    values = np.array([value << 46 for members in sets for value in members], np.uint64)
    offsets = np.cumsum([0] + [len(members) for members in sets])
    left, right = np.array([[rng.randrange(50), rng.randrange(50)] for _ in range(300)]).T
    expected = [len(set(sets[i]) & set(sets[j])) for i, j in zip(left, right, strict=True)]
    assert kernel.count_shared(values, offsets, left, right).tolist() == expected


@pytest.mark.skipif(not installed(), reason="numba is not installed")
@settings(max_examples=40)
@given(
    st.lists(st.none() | st.text(alphabet="abcABß中 _0!?\u0301\n\0", max_size=40), max_size=30),
    st.sampled_from([1, 2, 5]),
    st.integers(1, 7),
)
def test_compiled_and_numpy_results_are_equal_bit_for_bit(texts: list[str | None], words: int, rows: int) -> None:
    series = pl.Series(texts, dtype=pl.String)
    both = [NearDup(words=words, rows=rows, threads=1, kernel=kernel) for kernel in ("numpy", "numba")]
    assert near_duplicates(series, both[0]).equals(near_duplicates(series, both[1]))
    assert near_pairs(series, both[0]).equals(near_pairs(series, both[1]))


@pytest.mark.skipif(not installed(), reason="numba is not installed")
def test_compiled_and_numpy_results_are_equal_on_a_pool_with_many_edited_copies() -> None:
    rng = random.Random(1)
    texts: list[list[str]] = []
    for _ in range(3000):
        words = (
            list(rng.choice(texts)) if texts and rng.random() < 0.6 else [f"w{rng.randrange(900)}" for _ in range(50)]
        )
        words[rng.randrange(50)] = "édité"
        texts.append(words)
    series = pl.Series([" ".join(words) for words in texts])
    numpy, numba = (near_duplicates(series, NearDup(kernel=kernel)) for kernel in ("numpy", "numba"))
    assert numpy.height > 1000
    assert numpy.equals(numba)


def test_small_pools_do_not_wait_for_the_compiler() -> None:
    assert kernels.choose("auto", 1 << 20) is kernel_numpy
    assert kernels.choose("numpy", 1 << 40) is kernel_numpy


@pytest.mark.skipif(not installed(), reason="numba is not installed")
def test_large_pools_go_to_the_compiled_loops() -> None:
    assert kernels.choose("auto", 1 << 30) is not kernel_numpy
    assert kernels.choose("numba", 0) is not kernel_numpy


def test_without_numba_auto_is_numpy_and_asking_for_numba_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert kernels.choose("auto", 1 << 40) is kernel_numpy
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'numba>=.*kernel: auto"):
        kernels.choose("numba", 0)
