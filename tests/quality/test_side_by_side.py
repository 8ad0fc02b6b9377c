"""Results stand in the order of the pieces, threads are started where they pay, and memory holds a piece at a time."""

import threading
from collections.abc import Iterator

import pytest

from quality.side_by_side import side_by_side


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_results_stand_in_the_order_of_the_pieces(threads: int, count: int) -> None:
    assert side_by_side(lambda piece: piece * piece, iter(range(count)), threads) == [n * n for n in range(count)]


@pytest.mark.parametrize(("threads", "count", "apart"), [(1, 5, False), (3, 1, False), (3, 5, True)])
def test_threads_are_started_for_several_pieces_alone(threads: int, count: int, apart: bool) -> None:
    seen = side_by_side(lambda _: threading.current_thread(), range(count), threads)
    assert (threading.current_thread() not in seen) == apart


def test_without_threads_a_piece_is_made_when_the_one_before_it_is_done() -> None:
    told: list[str] = []

    def pieces() -> Iterator[int]:
        for piece in range(3):
            told.append(f"made {piece}")
            yield piece

    side_by_side(lambda piece: told.append(f"done {piece}"), pieces(), 1)
    assert told == ["made 0", "done 0", "made 1", "done 1", "made 2", "done 2"]


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_is_the_callers(threads: int) -> None:
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda piece: 1 // piece, [1, 0, 2], threads)
