"""Who shares a bucket, and with whom a text is paired there."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quality.lsh.buckets import Buckets, bucket, unpack

HALVES = st.integers(0, 3).map(lambda half: half << 32) | st.integers(0, 2**64 - 1)


def groups(buckets: Buckets) -> list[tuple[int, ...]]:
    ends = np.cumsum(buckets.sizes)
    return sorted(tuple(part.tolist()) for part in np.split(buckets.members, ends[:-1]) if len(part))


@given(st.lists(st.tuples(HALVES, HALVES), max_size=40), st.randoms(use_true_random=False))
def test_two_texts_share_a_bucket_whoever_else_is_there(keys: list[tuple[int, int]], rng) -> None:
    every = np.array(keys, np.uint64).reshape(-1, 2).T
    some = np.array(sorted(rng.sample(range(len(keys)), len(keys) // 2)), np.int64)
    expected = []
    for band in every >> np.uint64(32):
        alike = {key: tuple(np.flatnonzero(band == key).tolist()) for key in set(band.tolist())}
        expected += [members for members in alike.values() if len(members) > 1]
    assert groups(bucket(every)) == sorted(expected)
    present = set(some.tolist())
    left = [tuple(text for text in members if text in present) for members in expected]
    assert groups(bucket(every[:, some]).renamed(some)) == sorted(members for members in left if len(members) > 1)


@given(st.lists(st.sets(st.integers(0, 30), min_size=2, max_size=9), max_size=12), st.integers(1, 9))
def test_each_member_is_paired_with_the_leaders_before_it(held: list[set[int]], leaders: int) -> None:
    ordered = [sorted(members) for members in held]
    members = np.array([text for members in ordered for text in members], np.int64)
    codes = Buckets(members, np.array([len(part) for part in ordered], np.int64)).pairs(leaders)
    left, right = unpack(codes)
    expected = {(one, part[at]) for part in ordered for at in range(len(part)) for one in part[: min(at, leaders)]}
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == sorted(expected)
