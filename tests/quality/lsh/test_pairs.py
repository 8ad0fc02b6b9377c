import random
import re
from typing import Any

import numpy as np
import polars as pl
import pytest

from quality.lsh.jaccard import ShingleSets
from quality.lsh.shingles import shingle
from quality.lsh.templates import without_common
from quality.neardup import NearDup, near_duplicates


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pairs whose Jaccard similarity was computed, call by call."""
    counted: list[int] = []
    compare = ShingleSets.jaccard

    def count(sets: ShingleSets, left: np.ndarray, *rest: Any) -> np.ndarray:
        counted.append(len(left))
        return compare(sets, left, *rest)

    monkeypatch.setattr(ShingleSets, "jaccard", count)
    return counted


def test_near_identical_texts_are_compared_a_few_times_each(comparisons: list[int]) -> None:
    body = " ".join(f"w{i}" for i in range(80))
    removed = near_duplicates(pl.Series([f"{body} number {i}" for i in range(20_000)]))
    assert removed.height == 19_999
    assert removed["witness"].unique().to_list() == [0]
    assert sum(comparisons) < 3 * 20_000  # all pairs are 200 million


def filled_in(rows: int, copies: int) -> list[str]:
    """Fill a template of 40 words with 10; the last `copies` rows repeat the first ones but for two words."""
    rng = random.Random(0)
    template = [f"t{i}" for i in range(40)]
    texts = [template + [str(rng.random()) for _ in range(10)] for _ in range(rows)]
    texts += [[*words[:-5], "changed", *words[-4:-1], "changed"] for words in texts[:copies]]
    return [" ".join(words) for words in texts]


def test_near_duplicates_are_found_though_a_template_crowds_every_bucket(comparisons: list[int]) -> None:
    texts = filled_in(4000, 400)
    assert jaccard(texts[0], texts[1]) < 0.7 <= jaccard(texts[0], texts[4000]) < 0.8
    # With few bands most of these pairs meet only in buckets that the template crowds with thousands.
    removed = near_duplicates(pl.Series(texts), NearDup(bands=10))
    assert set(removed.select("row", "witness").rows()) <= {(4000 + i, i) for i in range(400)}
    assert removed.height >= 380
    assert sum(comparisons) < 200 * 4400


def test_stripping_a_crowd_leaves_what_is_rare_in_it() -> None:
    crowd, _ = shingle(pl.Series([f"a b c {i // 2}" for i in range(10)] + ["a b c"]), 1)
    stripped, places = without_common(crowd, at_least=2)
    assert places.tolist() == list(range(10))
    assert stripped.lengths.tolist() == [1] * 10
    assert stripped.values.tolist() == [crowd.values[4 * i + 3] for i in range(10)]


def jaccard(one: str, other: str) -> float:
    tokens = [re.findall(r"\w+", text) for text in (one, other)]
    a, b = ({tuple(words[i : i + 5]) for i in range(len(words) - 4)} for words in tokens)
    return len(a & b) / len(a | b)
