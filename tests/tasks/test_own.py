"""Steps of one's own: what they can't remove, can't give as a reason, and forget to return, is told in a sentence."""

import polars as pl
import pytest

from tasks.caching import plain, step
from tasks.own import without
from tasks.pool import Pool


@pytest.mark.parametrize("reason", ["", " ", "\x1b[31m", "<b>long</b>", "a|b", "r" * 61, None, "two\nlines"])
def test_a_reason_that_receipts_can_not_be_counted_by_is_refused(reason: str) -> None:
    with pytest.raises(ValueError, match=r"own: .* is no reason .* such as long_answer"):
        without(None, pl.DataFrame({"row": [1]}), reason)


def test_rows_without_their_numbers_are_told() -> None:
    with pytest.raises(ValueError, match="have no column “row”. Take them from pool.left"):
        without(None, pl.DataFrame({"id": ["a"]}), "long_answer")


def test_a_step_that_forgets_to_return_its_pool_is_told() -> None:
    @step(name="forgetful", cached=False)
    def forgetful() -> Pool:
        pass

    assert plain(forgetful)() is None
    with pytest.raises(ValueError, match="forgetful: the step returned NoneType, and is to return Pool"):
        forgetful.fn()
