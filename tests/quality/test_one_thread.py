"""Many small products are worked off in one thread, and whoever comes after has all threads again."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import polars as pl
import pytest
import scipy.linalg  # noqa: F401 - its BLAS is a library of its own, with a number of threads of its own
from threadpoolctl import threadpool_info, threadpool_limits

from quality.choosing import facility_location
from quality.choosing.purse import Purse
from quality.domain import lexical, positive_unlabelled
from quality.domain.scoring import score_domain
from quality.one_thread import one_blas_thread
from quality.truncation import own_cuts, sentence_ends
from quality.truncation.truncation import cut_off


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


def _learn_domain() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
    score_domain(rows, rows[:20])


def _weigh_words() -> None:
    texts = pl.Series([f"some words of text {number % 9}, and more" for number in range(60)])
    lexical.lexical_features(texts, texts[:9])


def _judge_ends() -> None:
    prompts = pl.Series([f"What is said of subject {number}?" for number in range(400)])
    answers = pl.Series(
        [f"Subject {number} is told of here at length. It ends in number {number}" for number in range(400)]
    )
    cut_off(prompts, answers)


def _choose_rows() -> None:
    rows = np.eye(8, dtype=np.float32)
    purse = Purse(pl.Series([1] * 8), pl.Series(["a"] * 8), 4, {})
    facility_location.facility_location(rows, np.ones(8), np.ones(8), purse)


@pytest.mark.parametrize(
    ("work", "module", "name"),
    [
        (_learn_domain, positive_unlabelled, "_regress"),
        (_weigh_words, lexical, "_weighed"),
        (_judge_ends, sentence_ends, "_taught"),
        (_judge_ends, own_cuts, "odds_of_open_ends"),
        (_choose_rows, facility_location, "_spend"),
    ],
    ids=["domain", "words", "sentences", "families", "choice"],
)
def test_what_is_made_of_small_products_is_done_in_one_thread(
    work: Callable[[], None], module: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[int]] = []
    plain = getattr(module, name)

    def watched(*args: object, **named: object) -> object:
        seen.append(threads())
        return plain(*args, **named)

    monkeypatch.setattr(module, name, watched)
    with threadpool_limits(limits=2, user_api="blas"):
        work()
    assert seen
    assert set.union(*seen) == {1}
