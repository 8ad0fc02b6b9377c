"""Pieces of work done side by side in threads, where there is more than one of each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Piece], Result], pieces: Iterable[Piece], threads: int) -> list[Result]:
    """Do each piece of work; return the results in the order of the pieces.

    To start threads for a single piece costs more than many a piece. Without threads a piece is made only when the
    one before it is done, so that memory holds one at a time.

    Parameters
    ----------
    work : callable
        It should release the interpreter lock, as loops of numpy and Polars do.
    pieces : iterable
        May be made as it is gone through.
    threads : int
        Pieces at a time.
    """
    rest = iter(pieces)
    first = list(islice(rest, 1 if threads == 1 else 2))
    if len(first) < 2:
        return [work(piece) for piece in chain(first, rest)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, chain(first, rest)))
