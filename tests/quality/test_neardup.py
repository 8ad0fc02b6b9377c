import functools
import math
import random
import re
import unicodedata
import warnings

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from quality.lsh.shingles import shingle, stable_hash
from quality.neardup import NearDup, near_duplicates, near_pairs

EDGE = NearDup(bands=200, rows=3, threads=1)  # finds every pair of J >= .5 with probability 1 - 1e-11


@functools.cache
def oracle_shingles(text: str, words: int = 5) -> set[tuple[str, ...]]:
    """Sets of tuples of words, Chinese characters with those behind them: nothing shared with the code under test."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    tokens = re.findall(r"[一-龥]|[^\W一-龥]+", folded)
    whole = {(" ".join(folded.split()),)}
    behind = math.ceil(words * 1.6) - words  # eight characters say what five words do
    tokens = [
        " ".join(tokens[i : i + 1 + behind]) if "一" <= token <= "龥" else token for i, token in enumerate(tokens)
    ]
    return {tuple(tokens[i : i + words]) for i in range(len(tokens) - words + 1)} or whole


def oracle_jaccard(one: str, other: str, words: int = 5) -> float:
    a, b = oracle_shingles(one, words), oracle_shingles(other, words)
    return len(a & b) / len(a | b)


def oracle_star(texts: list[str], threshold: float) -> list[tuple[int, int, float]]:
    """All pairs, one row at a time, as the definition reads."""
    kept: list[int] = []
    removed = []
    for row, text in enumerate(texts):
        alike = [(oracle_jaccard(text, texts[k]), -k) for k in kept]
        best = max(alike, default=(0.0, 0))
        if best[0] >= threshold:
            removed.append((row, -best[1], best[0]))
        else:
            kept.append(row)
    return removed


def pool(count: int, seed: int, length: tuple[int, int] = (1, 60)) -> list[str]:
    """Documents over a small vocabulary; most are edited copies of earlier ones, in chains and clusters."""
    rng = random.Random(seed)
    vocabulary = [f"w{i}" for i in range(300)] + ["Émile", "straße", "Σοφία", "中文"]
    texts: list[list[str]] = []
    for _ in range(count):
        if texts and rng.random() < 0.7:
            words = list(rng.choice(texts))
            for _ in range(rng.randint(0, 3)):
                words[rng.randrange(len(words))] = rng.choice(vocabulary)
        else:
            words = rng.choices(vocabulary, k=rng.randint(*length))
        texts.append(words)
    return [rng.choice([" ", ", ", "\n"]).join(words) for words in texts]


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.9])
@pytest.mark.parametrize("seed", [1, 2])
def test_removals_and_witnesses_are_those_of_the_all_pairs_oracle(seed: int, threshold: float) -> None:
    texts = pool(400, seed)
    removed = near_duplicates(pl.Series(texts), EDGE.model_copy(update={"threshold": threshold}))
    expected = oracle_star(texts, threshold)
    assert removed["row"].to_list() == [row for row, _, _ in expected]
    # In a bucket of more than 16 the most similar witness may not be looked for: then another one serves.
    other = [line for line in removed.rows() if line not in expected]
    assert len(other) <= (0.05 if threshold == 0.5 else 0) * len(expected)
    for row, witness, jaccard in other:
        assert witness not in removed["row"]
        assert jaccard == oracle_jaccard(texts[row], texts[witness]) >= threshold


def test_near_pairs_are_all_pairs_of_the_oracle() -> None:
    texts = list({tuple(re.findall(r"\w+", text)): text for text in pool(250, 3, (8, 60))}.values())
    found = near_pairs(pl.Series(texts), EDGE.model_copy(update={"threshold": 0.6}))
    left, right = np.triu_indices(len(texts), 1)
    every = [(i, j, oracle_jaccard(texts[i], texts[j])) for i, j in zip(left.tolist(), right.tolist(), strict=True)]
    large = {pair for pair in every if pair[2] >= 0.6}
    assert set(found.rows()) <= large
    # Only inside buckets of more than 16 may a pair be left out, and then a kept row links the two.
    assert len(large - set(found.rows())) <= 0.1 * len(large)
    assert components(len(texts), found.rows()) == components(len(texts), large)


def components(count: int, pairs: object) -> list[int]:
    """Smallest member of each row's connected component."""
    label = list(range(count))
    for _ in range(count):
        before = list(label)
        for i, j, _ in pairs:  # type: ignore[attr-defined]
            label[i] = label[j] = min(label[i], label[j])
        if label == before:
            break
    return label


@settings(max_examples=60)
@given(
    st.lists(st.none() | st.text(alphabet="aAbß !?\u0301\n", max_size=24), max_size=25),
    st.sampled_from([1, 2, 5]),
)
def test_a_row_is_dropped_only_with_a_kept_witness_before_it(texts: list[str | None], words: int) -> None:
    removed = near_duplicates(pl.Series(texts, dtype=pl.String), NearDup(words=words, threads=1))
    gone = set(removed["row"].to_list())
    for row, witness, jaccard in removed.iter_rows():
        one, other = texts[row], texts[witness]
        assert witness < row
        assert witness not in gone
        assert one is not None
        assert other is not None
        # A combining mark belongs to a word here, as Unicode has it, and not in Python's \w.
        if "\u0301" not in one + other:
            assert oracle_jaccard(one, other, words) == pytest.approx(jaccard)
        assert jaccard >= 0.7


def test_recall_at_the_default_settings() -> None:
    texts = pool(3000, 5, (40, 90))
    removed = near_duplicates(pl.Series(texts), NearDup(threads=1))
    exhaustive = near_duplicates(pl.Series(texts), EDGE)
    assert abs(removed.height - exhaustive.height) <= 0.01 * exhaustive.height


def chain(links: int, shift: int = 5) -> list[str]:
    """Windows over one long text: each like its neighbours, the ends unlike."""
    return [" ".join(f"w{i}" for i in range(k * shift, k * shift + 60)) for k in range(links)]


def test_a_chain_is_not_collapsed() -> None:
    a, b, c = chain(3)
    assert oracle_jaccard(a, b) >= 0.7
    assert oracle_jaccard(b, c) >= 0.7
    assert oracle_jaccard(a, c) < 0.7
    assert near_duplicates(pl.Series([a, b, c]), EDGE)["row"].to_list() == [1]
    # In another order of priority the middle one stays, and is the witness of both ends.
    assert near_duplicates(pl.Series([b, a, c]), EDGE).select("row", "witness").rows() == [(1, 0), (2, 0)]


def test_the_row_of_higher_priority_stays() -> None:
    text = " ".join(f"w{i}" for i in range(60))
    longer = text + " and more"
    assert near_duplicates(pl.Series([text, longer]))["row"].to_list() == [1]
    assert near_duplicates(pl.Series([longer, text]))["row"].to_list() == [1]


def test_the_witness_is_the_most_similar_kept_row() -> None:
    words = [f"w{i}" for i in range(100)]
    first = " ".join(words)
    second = " ".join(words[:78] + [f"x{i}" for i in range(22)])  # unlike the first: both stay
    third = " ".join(words[:78] + [f"x{i}" for i in range(11)] + words[89:])  # like both
    close, far = oracle_jaccard(third, second), oracle_jaccard(third, first)
    removed = near_duplicates(pl.Series([first, second, third]), EDGE.model_copy(update={"threshold": 0.65}))
    assert oracle_jaccard(first, second) < 0.65
    assert min(close, far) >= 0.65
    assert removed.rows() == [(2, 0 if far >= close else 1, max(close, far))]


def test_a_copy_of_a_dropped_row_has_that_rows_witness() -> None:
    text = " ".join(f"w{i}" for i in range(60))
    like = text + " more"
    removed = near_duplicates(pl.Series([text, like, like.upper()]))
    jaccard = oracle_jaccard(text, like)
    assert removed.rows() == [(1, 0, jaccard), (2, 0, jaccard)]


def test_texts_without_enough_words_match_only_when_equal() -> None:
    texts = ["C++", "C#", "c++ ", "!!!", "???", " !!!", "", "  ", "Paris.", "Paris", "one two three four"]
    texts += ["one two three", "ONE two  three four"]
    removed = near_duplicates(pl.Series(texts))
    assert removed.rows() == [(2, 0, 1.0), (5, 3, 1.0), (7, 6, 1.0), (12, 10, 1.0)]


def test_null_is_never_a_duplicate() -> None:
    assert near_duplicates(pl.Series([None, None, "a", None, "a"])).rows() == [(4, 2, 1.0)]


@pytest.mark.parametrize("texts", [[], [None], [""], ["word"], ["one two three four five"]])
def test_tiny_pools(texts: list[str | None]) -> None:
    removed = near_duplicates(pl.Series(texts, dtype=pl.String))
    assert removed.is_empty()
    assert removed.schema == {"row": pl.UInt32, "witness": pl.UInt32, "jaccard": pl.Float64}
    assert near_pairs(pl.Series(texts, dtype=pl.String)).is_empty()
    assert near_duplicates(pl.Series(texts)).is_empty()  # of type Null, where no text is there


@pytest.mark.parametrize("text", ["", "word", "a text of more than five words"])
def test_five_thousand_copies_leave_the_first(text: str) -> None:
    removed = near_duplicates(pl.Series([text] * 5000))
    assert removed["row"].to_list() == list(range(1, 5000))
    assert removed["witness"].unique().to_list() == [0]


def test_a_text_of_a_megabyte() -> None:
    rng = random.Random(0)
    words = [f"w{rng.randrange(10**6)}" for _ in range(150_000)]
    edited = [*words[:75_000], "different", *words[75_001:]]
    other = rng.sample(words, len(words))
    removed = near_duplicates(pl.Series(["short", " ".join(words), " ".join(other), " ".join(edited)]))
    assert removed.select("row", "witness").rows() == [(3, 1)]


def test_repeated_phrases_count_once() -> None:
    once = " ".join(f"w{i}" for i in range(40))
    thrice = " ".join([once] * 3)
    jaccard = oracle_jaccard(once, thrice)
    assert near_duplicates(pl.Series([once, thrice])).rows() == [(1, 0, jaccard)]


def test_threads_and_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pl.Series(pool(1500, 7))
    expected = near_pairs(texts, NearDup(threads=1))
    monkeypatch.setattr("quality.lsh.shingles._BATCH_BYTES", 1000)
    monkeypatch.setattr("quality.lsh.shingles._BLOCK_WINDOWS", 64)
    monkeypatch.setattr("quality.lsh.kernel_numpy._BLOCK_BYTES", 200)
    monkeypatch.setattr("quality.lsh.minhash._BLOCK_SHINGLES", 500)
    monkeypatch.setattr("quality.lsh.jaccard._CHUNK_SHINGLES", 300)
    assert near_pairs(texts, NearDup(threads=4)).equals(expected)
    assert expected.height > 300


def test_no_numpy_warning_and_no_change_of_its_error_state() -> None:
    before = np.geterr()
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        near_duplicates(pl.Series(pool(200, 8)), NearDup(threads=1))
    assert np.geterr() == before


def test_shingle_values_are_the_same_on_every_platform() -> None:
    shingles, _ = shingle(pl.Series(["One, TWO; three!", "Ünïcode mit ẞ"]), 2)
    words = [["one", "two", "three"], ["ünïcode", "mit", "ss"]]
    expected = [polynomial([word_hash(word) for word in text[i : i + 2]]) for text in words for i in range(2)]
    assert shingles.values.tolist() == expected
    assert expected[:2] == KNOWN_SHINGLES


def test_short_texts_are_hashed_the_same_on_every_platform() -> None:
    # XXH3-64 of "a" as its authors' library gives it.
    assert stable_hash(pl.Series(["a"])).tolist() == [0xE6C632B61E964E1F]


KNOWN_SHINGLES = [5025787960931767959, 4238906520720576150]


def word_hash(word: str) -> int:
    """Weigh each byte by its place, in Python integers."""
    return sum(byte * pow(0xD6E8FEB86659FD93, place, 1 << 64) for place, byte in enumerate(word.encode())) % (1 << 64)


def polynomial(hashes: list[int]) -> int:
    mask = (1 << 64) - 1
    value = sum(h * pow(0x9E3779B97F4A7C15, place, 1 << 64) for place, h in enumerate(hashes)) & mask
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor & mask
    return value ^ value >> 33


def test_shingles_do_not_cross_from_one_text_to_the_next() -> None:
    apart, _ = shingle(pl.Series(["a b c d e", "f g h i j"]), 5)
    joined, _ = shingle(pl.Series(["a b c d e f g h i j"]), 5)
    assert len(apart.values) == 2
    assert len(joined.values) == 6
    assert apart.values.tolist() == [joined.values[0], joined.values[5]]


def test_short_texts_between_long_ones_lose_no_shingle() -> None:
    long = [" ".join(f"w{i}" for i in range(k, k + 7)) for k in range(3)]
    mixed, _ = shingle(pl.Series(["a", long[0], "b c", "", long[1], None, "d e f g", long[2], "h"]), 5)
    assert mixed.rows.tolist() == [1, 4, 7]
    assert mixed.lengths.tolist() == [3, 3, 3]
    assert mixed.values.tolist() == [value for text in long for value in shingle(pl.Series([text]), 5)[0].values]


@pytest.mark.parametrize("wrong", [{"threshold": 0}, {"threshold": 1.1}, {"bands": 0}, {"treshold": 0.7}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        NearDup.model_validate(wrong)


@pytest.mark.parametrize("search", [near_duplicates, near_pairs])
@pytest.mark.parametrize(
    ("texts", "told"),
    [(pl.Series([11, 11, 12]), "a Series of Int64 was given: cast it"), (["a", "a"], "list was given")],
)
def test_what_is_no_series_of_strings_is_refused(search, texts, told):
    with pytest.raises(TypeError, match=told):
        search(texts)
    assert search(pl.Series([])).is_empty()
    assert search(pl.Series(["a b", "a b"], dtype=pl.Categorical)).height == 1
