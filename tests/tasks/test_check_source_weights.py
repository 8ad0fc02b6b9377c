"""Weights of sources are told as soon as the pool is known, where training could not keep to them."""

import polars as pl
import pytest

from quality.splitting import Split
from tasks import store
from tasks.check_source_weights import check_source_weights, check_weights_left
from tasks.split import Data, split
from tasks.training.settings import Tune


def test_weights_of_no_source_and_of_nothing_are_refused(pool_of) -> None:
    pool = pool_of([("a", "b"), ("c", "d")], sources=["wiki", "chat"])
    with pytest.raises(ValueError, match="the pool has no source “wikipedia”. Its sources are chat, wiki"):
        check_source_weights(pool, Tune(source_weights={"wiki": 1, "wikipedia": 2}))
    with pytest.raises(ValueError, match="every source has a weight of 0"):
        check_source_weights(pool, Tune(source_weights={"wiki": 0, "chat": 0}))
    check_source_weights(pool, Tune(source_weights={"wiki": 0}))
    check_source_weights(pool, Tune())


def test_weights_of_sources_that_curation_emptied_are_refused_before_the_exam(pool_of, noise) -> None:
    sources = ["wiki"] * 30 + ["chat"] * 2 + ["notes"]
    pool = pool_of([(noise(9), noise(20)) for _ in sources], sources=sources, removed=[30, 31])
    data = split.fn(pool, Split(validation_share=0.1))
    with pytest.raises(ValueError, match="no row of the source “chat”") as told:
        check_weights_left(data, pool, Tune(source_weights={"wiki": 1, "chat": 2}))
    assert str(told.value) == (
        "tune.source_weights: no row of the source “chat” is left to train on. Of 2 rows ingested, screen removed 2. "
        "Keep more of it, or take out its weight."
    )
    check_weights_left(data, pool, Tune(source_weights={"wiki": 2}))
    check_weights_left(data, pool, Tune())
    wiki, notes = (pool.left().filter(pl.col("source") == name) for name in ("wiki", "notes"))
    held = Data(train=store.write_table(wiki), validation=store.write_table(notes))
    with pytest.raises(ValueError, match="“notes” .* no stage removed any. 1 row of it is held back for validation"):
        check_weights_left(held, pool, Tune(source_weights={"notes": 2}))
    with pytest.raises(ValueError, match="every source of which curation left rows has a weight of 0"):
        check_weights_left(held, pool, Tune(source_weights={"wiki": 0}))
