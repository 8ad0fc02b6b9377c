import numpy as np
import polars as pl
import pytest

from quality.lsh.minhash import band_keys
from quality.lsh.shingles import shingle


def two_texts(shared: int, own: int) -> tuple[pl.Series, float]:
    """Two texts of single-word shingles, and their Jaccard similarity."""
    common = [f"s{i}" for i in range(shared)]
    one, other = ([f"{name}{i}" for i in range(own)] for name in "ab")
    return pl.Series([" ".join(common + one), " ".join(other + common)]), shared / (shared + 2 * own)


@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize(("shared", "own"), [(80, 10), (40, 20), (30, 60)])
def test_a_band_agrees_with_the_probability_that_theory_gives(shared: int, own: int, rows: int) -> None:
    texts, jaccard = two_texts(shared, own)
    bands = 4000
    keys = band_keys(shingle(texts, 1)[0], bands, rows, threads=1)
    expected = jaccard**rows
    deviation = np.sqrt(expected * (1 - expected) / bands)
    assert np.mean(keys[:, 0] == keys[:, 1]) == pytest.approx(expected, abs=4 * deviation + 0.003)


def test_bands_are_independent() -> None:
    texts, jaccard = two_texts(40, 20)
    agree = (lambda keys: keys[:, 0] == keys[:, 1])(band_keys(shingle(texts, 1)[0], 4000, 1, threads=1))
    for lag in (1, 2, 7):
        assert np.mean(agree[lag:] & agree[:-lag]) == pytest.approx(jaccard**2, abs=0.035)


def test_equal_minima_in_different_bands_make_different_keys() -> None:
    keys = band_keys(shingle(pl.Series(["one word more"]), 3)[0], 100, 2, threads=1)
    assert len(np.unique(keys)) == 100


def test_keys_are_the_same_on_every_platform() -> None:
    keys = band_keys(shingle(pl.Series(["the same text everywhere"]), 2)[0], 2, 3, threads=1)
    assert keys[:, 0].tolist() == KNOWN_KEYS


KNOWN_KEYS = [5835971422400014569, 3215395504687105851]


def test_texts_of_any_length_are_signed_as_if_they_were_alone() -> None:
    # Texts are signed in blocks, side by side: a text of 70,000 words among short ones must change none of them.
    texts = ["one two three", " ".join(f"w{i % 60_000}" for i in range(70_000)), "four", *["five six"] * 40]
    together = band_keys(shingle(pl.Series(texts), 1)[0], 4, 3, threads=1)
    for place in (0, 1, 2, 3, 42):
        alone = band_keys(shingle(pl.Series([texts[place]]), 1)[0], 4, 3, threads=1)
        assert together[:, place].tolist() == alone[:, 0].tolist()
