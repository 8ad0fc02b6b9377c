"""Tell that a weight is for a source no row has right after ingesting, or after curation that left none of it.

Training asks once more, of the rows that the chat template shows; but that is behind the base's exam.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks import store
from tasks.named_sources import ensure_known
from tasks.pool import told_removals
from tasks.reporting.text import counted

if TYPE_CHECKING:
    from tasks.pool import Pool
    from tasks.split import Data
    from tasks.training.settings import Tune


def check_source_weights(pool: Pool, tune: Tune) -> None:
    """Refuse weights of sources that the pool does not have; rows may name their own, so only ingesting tells which.

    It is no step: it makes nothing, and costs nothing where no weight is asked for.

    Raises
    ------
    ValueError
        With the first name that no row has, and those that rows have; or if every source has a weight of 0.
    """
    ensure_known("tune.source_weights", tune.source_weights, pool, what="weight", done="seen")


def check_weights_left(data: Data, pool: Pool, tune: Tune) -> None:
    """Refuse weights of sources of which curation left no row to train on; it is no step either.

    Raises
    ------
    ValueError
        With the first such source and where its rows went; or if every source that is left has a weight of 0.
    """
    if not tune.source_weights:
        return
    left = store.read_table(data.train)["source"].unique().to_list()
    if gone := sorted(set(tune.source_weights) - set(left)):
        rows = pool.read().filter(source=gone[0])
        removed = pool.removed().join(rows.select("row"), on="row", how="semi")
        held = store.read_table(data.validation).filter(source=gone[0]).height
        told = f" {counted(held, 'row')} of it {'is' if held == 1 else 'are'} held back for validation." if held else ""
        raise ValueError(
            f"tune.source_weights: no row of the source “{gone[0]}” is left to train on. "
            f"{told_removals(rows.height, removed['stage'])}{told} Keep more of it, or take out its weight."
        )
    if not any(tune.source_weights.get(source, 1.0) for source in left):
        raise ValueError(
            "tune.source_weights: every source of which curation left rows has a weight of 0, so that none could be "
            "seen. Raise one."
        )
