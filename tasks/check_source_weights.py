"""Tell right after ingesting that a weight is for a source no row has, and not behind curation and the base's exam."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.pool import Pool
    from tasks.training.settings import Tune


def check_source_weights(pool: Pool, tune: Tune) -> None:
    """Refuse weights of sources that the pool does not have; rows may name their own, so only ingesting tells which.

    It is no step: it makes nothing, and costs nothing where no weight is asked for. Training asks again, of the rows
    that curation left.

    Raises
    ------
    ValueError
        With the first name that no row has, and those that rows have; or if every source has a weight of 0.
    """
    if not tune.source_weights:
        return
    known = pool.read()["source"].unique().sort().to_list()
    if unknown := sorted(set(tune.source_weights) - set(known)):
        raise ValueError(
            f"tune.source_weights: the pool has no source “{unknown[0]}”. Its sources are {', '.join(known)}."
        )
    if not any(tune.source_weights.get(source, 1.0) for source in known):
        raise ValueError(
            "tune.source_weights: every source has a weight of 0, so that no row could be seen. Raise one."
        )
