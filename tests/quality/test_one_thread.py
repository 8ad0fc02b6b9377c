"""Many small products are worked off in one thread, and whoever comes after has all threads again."""

import numpy as np
import polars as pl
import pytest
import scipy.linalg  # noqa: F401 - its BLAS is a library of its own, with a number of threads of its own
from threadpoolctl import threadpool_info, threadpool_limits

from quality.domain import lexical, positive_unlabelled
from quality.domain.scoring import score_domain
from quality.one_thread import one_blas_thread


def threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_blas_has_one_thread_inside_and_its_own_number_after() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        with one_blas_thread():
            assert threads() == {1}
        assert threads() == {2}


def test_of_two_inside_at_once_the_last_puts_back_what_was_there_before_the_first() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        first, second = one_blas_thread(), one_blas_thread()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert threads() == {1}
        second.__exit__(None, None, None)
        assert threads() == {2}


def test_an_error_inside_leaves_the_threads_as_they_were() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        with pytest.raises(KeyError), one_blas_thread():
            raise KeyError
        assert threads() == {2}


@pytest.mark.parametrize("work", ["domain", "words"])
def test_a_domain_is_learned_in_one_thread(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[int]] = []
    module, name = {"domain": (positive_unlabelled, "_regress"), "words": (lexical, "_weighed")}[work]
    plain = getattr(module, name)

    def watched(*args: object) -> object:
        seen.append(threads())
        return plain(*args)

    monkeypatch.setattr(module, name, watched)
    with threadpool_limits(limits=2, user_api="blas"):
        if work == "domain":
            rows = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
            score_domain(rows, rows[:20])
        else:
            texts = pl.Series([f"some words of text {number % 9}, and more" for number in range(60)])
            lexical.lexical_features(texts, texts[:9])
    assert seen
    assert set.union(*seen) == {1}
