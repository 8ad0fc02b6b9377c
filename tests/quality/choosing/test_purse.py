"""A purse pays for a row only where the budget and the quota of its source have room for the whole of it."""

import polars as pl
import pytest

from quality.choosing.purse import Purse


def purse(costs: list[int], sources: str, budget: int, **quotas: float) -> Purse:
    return Purse(pl.Series(costs, dtype=pl.UInt32), pl.Series(list(sources), dtype=pl.String), budget, quotas)


@pytest.mark.parametrize(("budget", "paid"), [(20, [True, True, False]), (19, [True, False, False])])
def test_a_row_is_paid_for_if_all_of_it_fits_in_the_budget(budget: int, paid: list[bool]) -> None:
    held = purse([10, 10, 10], "aaa", budget)
    assert [held.pay(row) for row in range(3)] == paid
    assert held.spent == 10 * sum(paid)
    assert held.room() == budget - held.spent


@pytest.mark.parametrize(("quota", "paid"), [(0.2, [True, True, False]), (0.19, [True, False, False])])
def test_a_source_is_paid_for_up_to_its_quota_of_tokens_and_others_go_on(quota: float, paid: list[bool]) -> None:
    held = purse([10, 10, 10, 10], "aaab", 100, a=quota)
    assert [held.pay(row) for row in range(3)] == paid
    assert held.pay(3)
    assert held.spent_on().tolist() == [10 * sum(paid)] * 3 + [10]
    assert held.limit_of().tolist() == [round(100 * quota)] * 3 + [100]


def test_a_purse_that_is_filled_again_pays_as_a_new_one() -> None:
    held = purse([10, 10], "ab", 10, a=1.0)
    assert held.pay(0)
    held.refill()
    assert held.spent_on().tolist() == [0, 0]
    assert held.pay(0)
    assert not held.pay(1)


def test_what_fits_alone_is_told_by_the_budget_and_by_the_quota() -> None:
    assert purse([10, 11, 5, 6], "bbaa", 10, a=0.5).fit_alone().tolist() == [True, False, True, False]
