"""Gather the rows of one arm: of the pool that its own curation left, none of them validation rows."""

import polars as pl

from quality.records import RECORDS
from tasks import cards, store
from tasks.ablation.arms import (
    Arm,
    Kind,
    arm,
    chosen,
    counted_rows,
    ensure_reach,
    held_back,
    unique_tokens,
    without_kin,
    without_sayings,
)
from tasks.ablation.settings import ABOUT, CURATED, Ablate
from tasks.caching import step
from tasks.general import GeneralText
from tasks.models import ModelFiles
from tasks.pool import EmptyPool, Pool
from tasks.reporting.text import counted, epochs
from tasks.split import Data
from tasks.training.settings import Tune

_BEYOND = 2**32 - 1


@step(name="gather_arm")
def gather_arm(
    name: str,
    pool: Pool,
    curated: Pool,
    data: Data,
    general: GeneralText | None,
    base: ModelFiles,
    tune: Tune,
    ablate: Ablate,
) -> Arm:
    """Return an arm of every row that `pool` has left, or of as many tokens of them as the curated set holds.

    Validation rows are those of the curated set, for every arm: step and scale are chosen by the same rows. An arm that
    is a recipe of winnow's, but for a stage, replays general text and weighs sources as the recipe says; the other
    controls don't.

    Parameters
    ----------
    pool
        What the arm's own curation left, clear of the exam.
    curated, data
        What the recipe left, and its training set.
    general
        General text; no arm beside the curated one trains on rows on which forgetting is measured.
    """
    own = counted_rows(store.read_table(data.train), base, tune)
    rows = own
    if name != CURATED:
        rows = counted_rows(_clear(name, pool, held_back(curated, data), curated, general), base, tune)
    if rows.is_empty():
        raise EmptyPool(f"ablate.arms: no row is left for {name} ({ABOUT[name]}). Leave it out.", "split")
    by_seed = [rows] * len(ablate.seeds)
    tokens = unique_tokens(own)
    distinct = rows.unique("id", keep="first", maintain_order=True)  # a copy would take room and add nothing
    if name == "random":
        by_seed = [chosen(distinct, "random", tokens, seed) for seed in ablate.seeds]
    if name == "longest":
        by_seed = [chosen(distinct, "longest", tokens, 0)] * len(ablate.seeds)
    ensure_reach(by_seed, tune.token_budget, f"tune.token_budget, for the arm {name}")
    kind: Kind = "curated" if name == CURATED else "without" if name in ablate.without else "control"
    replay = tune.replay if kind != "control" and name != "no-replay" else 0.0
    weights = {} if kind == "control" else tune.source_weights
    found = arm(name, kind, by_seed, data.validation, tune.token_budget, replay, weights)
    times = (1 - replay) * tune.token_budget / max(1, found.tokens[0])
    cards.say(f"{name}: {counted(found.rows[0], 'row')}, {found.tokens[0]:,} tokens, {epochs(times)} epochs")
    return found


def _clear(name: str, pool: Pool, held: pl.DataFrame, curated: Pool, general: GeneralText | None) -> pl.DataFrame:
    """Return what a pool has left but for validation rows, general rows held back, and what says the same."""
    apart = held if general is None else pl.concat([held, _watched(general)])
    rows = without_kin(pool.left(), apart)
    clear = without_sayings(rows, held, curated)
    if said := rows.height - clear.height:
        cards.say(
            f"{name}: {counted(said, 'row')} left out that the recipe dropped for one of validation or of the exam"
        )
    return clear


def _watched(general: GeneralText) -> pl.DataFrame:
    """Return the held back general rows as records, under numbers that no row of a pool has."""
    held = store.read_table(general.held).with_row_index("row", offset=_BEYOND - general.held.rows)
    return held.with_columns(group=pl.lit(None, pl.String)).select(RECORDS.keys()).cast(pl.Schema(RECORDS))
