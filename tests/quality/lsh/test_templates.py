"""Near-duplicates that a template of the whole pool hides: all their buckets are crowded with what all texts share."""

import random

import polars as pl

from quality.neardup import near_pairs

PAIRS, COMMON, OWN, KEPT = 60, 224, 50, 14


def _pool() -> list[str]:
    """Make pairs of texts that share a long template and the last words: J = 230/310, and 10/90 without the template."""
    rng = random.Random(0)
    words = lambda count: [f"w{rng.randrange(10**9)}" for _ in range(count)]  # noqa: E731
    common = words(COMMON)
    texts = []
    for _ in range(PAIRS):
        one = words(OWN)
        other = [*words(OWN - KEPT), *one[-KEPT:]]
        texts += [" ".join([*common, *one]), " ".join([*common, *other])]
    return texts


def test_pairs_that_share_little_beside_the_template_are_found_nevertheless() -> None:
    pairs = near_pairs(pl.Series(_pool()))
    wanted = {(at, at + 1) for at in range(0, 2 * PAIRS, 2)}
    found = set(pairs.select("left", "right").iter_rows())
    assert found <= wanted  # those of two pairs share the template alone: J = 220/320
    assert len(found) >= 0.98 * PAIRS
