"""Measure a trial row by row, on the rows that training itself looks at."""

from pydantic import BaseModel, ConfigDict

from tasks import cards, store
from tasks.caching import step
from tasks.examine import loaded
from tasks.fine_tune import Trained
from tasks.general import GeneralText
from tasks.models import ModelFiles, measured_by
from tasks.split import Data
from tasks.training.settings import Tune


class Losses(BaseModel):
    """Losses of validation and of general rows (schema `tasks.training.item_losses.ITEM_LOSSES`)."""

    model_config = ConfigDict(frozen=True)

    validation: store.Table
    general: store.Table


@step(name="measure", beside=measured_by)
def measure(
    data: Data, general: GeneralText, base: ModelFiles, settings: Tune, trained: Trained | None = None
) -> Losses:
    """Return the losses of the base model, or of the base with a trained adapter. No item of the exam is among them."""
    from tasks.training.item_losses import item_losses

    model, tokenizer = loaded(base, None if trained is None else trained.adapter, settings.threads)
    validation, held = (store.read_table(table) for table in (data.validation, general.held))
    found = item_losses(model, tokenizer, validation, held, settings)
    told = (f"{sum(part['nats']) / sum(part['tokens']):.3f} on {part.height:,} rows" for part in found)
    cards.say("{}: validation {}, general text {}".format("base" if trained is None else "trial", *told))
    return Losses(validation=store.write_table(found[0]), general=store.write_table(found[1]))
