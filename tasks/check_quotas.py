"""Tell right after ingesting that a quota is for a source no row has, and not behind all the stages before `choose`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.named_sources import ensure_known

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
    ensure_known("curate.budget.quotas", settings.quotas, pool, what="quota", done="kept")
