"""Weights of sources are told as soon as the pool is known, where training could not keep to them."""

import pytest

from tasks.check_source_weights import check_source_weights
from tasks.training.settings import Tune


def test_weights_of_no_source_and_of_nothing_are_refused(pool_of) -> None:
    pool = pool_of([("a", "b"), ("c", "d")], sources=["wiki", "chat"])
    with pytest.raises(ValueError, match="the pool has no source “wikipedia”. Its sources are chat, wiki"):
        check_source_weights(pool, Tune(source_weights={"wiki": 1, "wikipedia": 2}))
    with pytest.raises(ValueError, match="every source has a weight of 0"):
        check_source_weights(pool, Tune(source_weights={"wiki": 0, "chat": 0}))
    check_source_weights(pool, Tune(source_weights={"wiki": 0}))
    check_source_weights(pool, Tune())
