"""Split what is kept into training and validation rows, in whole clusters."""

from pydantic import BaseModel, ConfigDict

from quality.splitting import Split, held_back
from tasks import cards, store
from tasks.caching import step
from tasks.pool import EmptyPool, Pool, told_losses
from tasks.reporting.text import counted

PUBLISHED = ("id", "messages", "source", "origin")
"""Columns of the training set, in their order."""


class Data(BaseModel):
    """The training set: two tables with `id, messages, source, origin`."""

    model_config = ConfigDict(frozen=True)

    train: store.Table
    validation: store.Table


@step(name="split")
def split(pool: Pool, settings: Split) -> Data:
    """Return training and validation tables; near-duplicates and rows of one document never straddle them."""
    rows = pool.left()
    held = held_back(rows, settings)
    published = rows.select(PUBLISHED)
    data = Data(train=store.write_table(published.filter(~held)), validation=store.write_table(published.filter(held)))
    if data.train.rows == 0:
        only = (
            "a single row was kept"
            if rows.height == 1
            else ("all kept rows form one cluster (one document, or near-duplicates of each other)")
        )
        raise EmptyPool(
            f"No row is left after the stage “split”: {only}, so nothing could be held back for validation. "
            f"{told_losses(pool)} Give more, or more varied, rows.",
            "split",
            pool,
        )
    cards.say(f"{counted(data.train.rows, 'row')} to train on, {data.validation.rows:,} to validate")
    return data
