"""Which words end sentences is counted, and what is no end can be taken out again."""

import numpy as np
import polars as pl

from quality.truncation.word_ends import WordEnds, buckets

LAST = pl.DataFrame({"word": ["with", "rope"], "before": ["moored", "the"]})


def counted(ends: int) -> WordEnds:
    """“Moored with” goes on sixty times and ends so often, “the rope” ends forty times."""
    places = [("with", "moored", False)] * 60 + [("with", "moored", True)] * ends
    places += [("rope", "the", True)] * 40 + [("rope", "the", False)] * 60
    words, before, is_end = zip(*places, strict=True)
    ending = pl.Series(is_end)
    return WordEnds.of(pl.DataFrame({"word": words, "before": before, "ends": ending, "inside": ~ending}))


def test_ends_that_are_none_are_taken_out_of_the_counts() -> None:
    at, own = buckets(LAST), np.zeros(2)
    stumps = buckets(LAST[[0] * 4])
    cleaned = counted(ends=4).without(stumps, np.ones(4))
    assert np.allclose(cleaned.log_odds(at, own, cut=False), counted(ends=0).log_odds(at, own, cut=False))
    half = counted(ends=4).without(stumps, np.full(4, 0.5))
    assert np.allclose(half.log_odds(at, own, cut=False), counted(ends=2).log_odds(at, own, cut=False))


def test_a_word_that_is_used_often_and_hardly_ends_anything_hangs() -> None:
    at = buckets(LAST)
    assert counted(ends=1).hangs(at).tolist() == [True, False]
    assert counted(ends=20).hangs(at).tolist() == [False, False]
