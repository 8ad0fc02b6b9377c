"""Tell right after ingesting that a quota is for a source no row has, and not behind all the stages before `choose`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quality.choosing.budget import Budget
    from tasks.pool import Pool


def check_quotas(pool: Pool, settings: Budget) -> None:
    """Refuse quotas for sources that the pool does not have; rows may name their own, so only ingesting tells which.

    It is no step: it makes nothing, and costs nothing where no quota is asked for. `choose` asks again, for flows that
    leave this out.

    Raises
    ------
    ValueError
        With the first name that no row has, and those that rows have; or if every source has a quota of 0.
    """
    if not settings.quotas:
        return
    known = pool.read()["source"].unique().sort().to_list()
    if unknown := sorted(set(settings.quotas) - set(known)):
        raise ValueError(
            f"curate.budget.quotas: the pool has no source “{unknown[0]}”. Its sources are {', '.join(known)}."
        )
    if not any(settings.quotas.get(source, 1.0) for source in known):
        raise ValueError(
            "curate.budget.quotas: every source has a quota of 0, so that no row could be kept. Raise one."
        )
