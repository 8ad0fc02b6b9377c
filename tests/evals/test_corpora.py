"""Tests of suites as one corpus each."""

import math

import polars as pl
import pytest

from evals.corpora import as_corpora
from evals.items import ITEMS, SCORES


def given(texts, base, candidate, kind="text"):
    """Make items of the texts, each its own cluster, and both models' scores on them."""
    names = [f"s/{place}" for place in range(len(texts))]
    item = {"suite": "s", "role": "retention", "kind": kind, "prompt": [], "options": [], "answer": 0}
    items = [item | {"item": name, "cluster": name, "target": text} for name, text in zip(names, texts, strict=True)]
    row = {"suite": "s", "role": "retention"}
    scores = [
        row | {"item": name, "cluster": name, "model": model, "score": score}
        for model, values in (("base", base), ("candidate", candidate))
        for name, score in zip(names, values, strict=True)
    ]
    return pl.DataFrame(scores, schema=SCORES), pl.DataFrame(items, schema=ITEMS)


def test_long_texts_weigh_by_their_bytes():
    # 3 bits a byte on 2 bytes and 1 bit a byte on 8: 14 bits on 10 bytes. “é” has two bytes.
    (line,) = as_corpora(*given(["é", "abcdefgh"], [-3, -1], [-3, -0.5]), 0.05)
    assert (line.base, line.candidate) == pytest.approx((-1.4, -1.0))
    assert (line.lower, line.upper) == (-math.inf, math.inf)  # two documents tell no spread
    (line,) = as_corpora(*given(list("abcdef"), [-3] * 6, [-3, -2.5] * 3), 0.05)
    assert -math.inf < line.lower <= 0.25 <= line.upper < math.inf


def test_suites_that_are_not_in_bits_are_left_out():
    assert as_corpora(*given(["a", "b"], [0, 1], [1, 1], kind="choice"), 0.05) == ()


def test_a_single_text_has_no_bounds_and_is_written_as_null():
    (line,) = as_corpora(*given(["abc"], [-2], [-1]), 0.05)
    assert (line.lower, line.upper) == (-math.inf, math.inf)
    assert '"lower":null' in line.model_dump_json()
