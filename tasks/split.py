"""Split what is kept into training and validation rows, in whole clusters."""

from pydantic import BaseModel, ConfigDict, Field

from quality.clusters import draw_clusters, split_clusters
from quality.records import full_text, prompt_text
from tasks import cards, store
from tasks.caching import step
from tasks.pool import EmptyPool, Pool

_PUBLISHED = ("id", "messages", "source", "origin")


class Split(BaseModel):
    """How validation rows are held back from training."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    validation_share: float = Field(
        default=0.1, gt=0, lt=0.5, description="Share of the kept rows held back for validation (0 to 0.5)."
    )
    most_validation_rows: int = Field(
        default=200,
        ge=1,
        description="Validation rows at the most (rows); the rest is worth more in training.",
    )
    seed: int = Field(default=0, description="Seed of the split (any whole number).")


class Data(BaseModel):
    """The training set: two tables with `id, messages, source, origin`."""

    model_config = ConfigDict(frozen=True)

    train: store.Table
    validation: store.Table


@step(name="split")
def split(pool: Pool, settings: Split) -> Data:
    """Return training and validation tables; near-duplicates and rows of one document never straddle them."""
    rows = pool.left()
    labels = split_clusters(full_text(rows), prompt_text(rows), rows["group"])
    wanted = min(settings.most_validation_rows, max(1, round(rows.height * settings.validation_share)))
    held = draw_clusters(labels, rows["id"], n_rows=wanted, seed=settings.seed)
    published = rows.select(_PUBLISHED)
    data = Data(train=store.write_table(published.filter(~held)), validation=store.write_table(published.filter(held)))
    if data.train.rows == 0:
        raise EmptyPool(
            "No row is left after the stage “split”: all kept rows form one cluster (one document, or near-duplicates "
            "of each other), so nothing could be held back for validation. Give more, or more varied, rows."
        )
    cards.say(f"{data.train.rows:,} rows to train on, {data.validation.rows:,} to validate")
    return data
