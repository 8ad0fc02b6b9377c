"""What a recipe says of sources by their names, held against the names that the pool's rows have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.pool import Pool


def ensure_known(key: str, given: Mapping[str, float], pool: Pool, *, what: str, done: str) -> None:
    """Refuse names that no row has, and 0 for every source; rows may name their own, so only ingesting tells which.

    It costs nothing where nothing is given.

    Parameters
    ----------
    key : str
        The recipe's key, with which the sentence begins.
    given : mapping of str to float
        A number by source; 1 of those that are not named.
    pool : Pool
        Its rows, as they were ingested.
    what, done : str
        What the numbers are, and what becomes of rows by them, for the sentence: a quota, kept.

    Raises
    ------
    ValueError
        With the first name that no row has, and those that rows have; or if every source has 0.
    """
    if not given:
        return
    known = pool.read()["source"].unique().sort().to_list()
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"{key}: the pool has no source “{unknown[0]}”. Its sources are {', '.join(known)}.")
    if not any(given.get(source, 1.0) for source in known):
        raise ValueError(f"{key}: every source has a {what} of 0, so that no row could be {done}. Raise one.")
