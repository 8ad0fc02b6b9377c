"""An arm: the rows that it is trained on with each seed, and what it is told to see of them."""

from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from quality.choosing.budget import Budget, By, choose_rows
from quality.clusters import row_clusters
from quality.reasons import OF_THE_EXAM
from tasks import store
from tasks.models import ModelFiles
from tasks.pool import Pool
from tasks.row_tokens import row_tokens
from tasks.split import PUBLISHED, Data
from tasks.training.settings import Tune

Kind = Literal["curated", "control", "without", "share", "slice"]


class Arm(BaseModel):
    """What an arm is trained on.

    `data` holds the rows of each seed, all with the curated arm's validation rows; `rows` counts them, `tokens` what
    they say (`unique_tokens`). `token_budget` is what a training sees, each epoch anew. `weights` are those of
    `tune.source_weights` that the arm has rows for, and none of an arm that is no recipe of winnow's: weights are
    curation by hand.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Kind
    data: tuple[Data, ...]
    rows: tuple[int, ...]
    tokens: tuple[int, ...]
    token_budget: int
    replay: float
    weights: tuple[dict[str, float], ...]

    def tuned(self, tune: Tune, seeds: Sequence[int], place: int) -> Tune:
        """Return the settings of the training with one of the seeds."""
        own = {"token_budget": self.token_budget, "replay": self.replay, "source_weights": self.weights[place]}
        return tune.model_copy(update=own | {"seed": seeds[place]})

    def same_as(self, other: "Arm") -> bool:
        """Say whether both are one training, whatever they are called."""
        mine, its = ((one.data, one.token_budget, one.replay, one.weights) for one in (self, other))
        return mine == its


def arm(
    name: str,
    kind: Kind,
    by_seed: Sequence[pl.DataFrame],
    validation: store.Table,
    budget: int,
    replay: float,
    weights: Mapping[str, float],
) -> Arm:
    """Write an arm's rows; those of one seed have `PUBLISHED` and `tokens`."""
    written = [Data(train=store.write_table(rows.select(PUBLISHED)), validation=validation) for rows in by_seed]
    return Arm(
        name=name,
        kind=kind,
        data=tuple(written),
        rows=tuple(rows.height for rows in by_seed),
        tokens=tuple(unique_tokens(rows) for rows in by_seed),
        token_budget=budget,
        replay=replay,
        weights=tuple(
            {name: weight for name, weight in weights.items() if name in set(rows["source"])} for rows in by_seed
        ),
    )


def counted_rows(rows: pl.DataFrame, base: ModelFiles, tune: Tune) -> pl.DataFrame:
    """Add each row's `tokens` to the base model, as the chat template shows the whole of it, up to the window.

    A training reads more of a row of which the template shows earlier answers otherwise (`evals.lessons`).
    """
    return rows.with_columns(row_tokens(rows, base).clip(upper_bound=tune.max_length))


def unique_tokens(rows: pl.DataFrame) -> int:
    """Return how many tokens are in what rows of `counted_rows` say: a row that says what another does adds none."""
    return int(rows.unique("id")["tokens"].sum())


def chosen(rows: pl.DataFrame, by: By, tokens: int, seed: int) -> pl.DataFrame:
    """Choose as many tokens of rows (of which `counted_rows` knows how many they have)."""
    asked = Budget(tokens=max(tokens, 1), by=by, seed=seed)
    return rows.filter(choose_rows(rows.with_columns(quality=pl.lit(1.0)), asked)["chosen"])


def ensure_reach(by_seed: Sequence[pl.DataFrame], budget: int, setting: str) -> None:
    """Refuse a token budget, or a part of it, in which a row has no room: a training may come to it first.

    Parameters
    ----------
    by_seed
        Rows of `counted_rows`.
    budget
        Tokens that a training is to see.
    setting
        What names it, for the sentence.
    """
    longest = max(int(rows["tokens"].max() or 0) for rows in by_seed)  # type: ignore[arg-type]
    if longest > budget:
        raise ValueError(
            f"{setting}: {budget:,} tokens are fewer than the longest row takes ({longest:,}). Ask for more, or for a "
            "smaller tune.max_length."
        )


def without_kin(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows that are validation rows, as they stand or as they were ingested, or share a cluster with one.

    Parameters
    ----------
    rows, held : pl.DataFrame
        Records of one pool.
    """
    both = pl.concat([held, rows])
    labels = row_clusters(both)
    taken = labels.head(held.height)
    kin = labels.tail(rows.height).is_in(taken.implode())
    return rows.filter(~kin & ~rows["row"].is_in(held["row"].implode()))


def without_sayings(rows: pl.DataFrame, held: pl.DataFrame, curated: Pool) -> pl.DataFrame:
    """Leave out what the recipe dropped for a row of validation or of the exam: copies, paraphrases, and what leaks.

    The curated arm lacks them, so an arm that holds them would be chosen, or asked, by what it was trained on. An arm's
    own pool tells less of what leaks: with many copies of an item still in it, their words look like a template's.

    Parameters
    ----------
    rows, held : pl.DataFrame
        Records of one pool; `held` are the validation rows.
    curated : Pool
        What the recipe left of it.
    """
    fates = curated.removed().join(curated.read().select("row", "id"), on="row")
    copies = fates.filter(pl.col("stage").is_in(["dedupe", "dedupe_meaning"])).select("id", "witness")
    of_exam = fates.filter(pl.col("stage").is_in(OF_THE_EXAM))
    known = pl.concat([held["id"], of_exam["id"]]).unique()
    while True:  # a witness may have been dropped by a later stage, for a witness of its own
        said = pl.concat([known, copies.filter(pl.col("witness").is_in(known.implode()))["id"]]).unique()
        if len(said) == len(known):
            return rows.filter(~rows["id"].is_in(known.implode()))
        known = said


def held_back(pool: Pool, data: Data) -> pl.DataFrame:
    """Return the records of a curated pool that are its validation rows."""
    return pool.left().join(store.read_table(data.validation).select("id"), on="id", how="semi")
