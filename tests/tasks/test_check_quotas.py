"""Quotas that can't be kept are told as soon as the pool is known."""

import pytest

from quality.choosing.budget import Budget
from tasks.check_quotas import check_quotas


def test_quotas_of_nothing_for_every_source_are_refused(pool_of) -> None:
    pool = pool_of([("a", "b"), ("c", "d")], sources=["wiki", "chat"])
    with pytest.raises(ValueError, match=r"curate\.budget\.quotas: every source has a quota of 0"):
        check_quotas(pool, Budget(tokens=9, quotas={"wiki": 0, "chat": 0}))
    check_quotas(pool, Budget(tokens=9, quotas={"wiki": 0}))
    check_quotas(pool, Budget(tokens=9, quotas={"wiki": 0, "chat": 0.1}))
