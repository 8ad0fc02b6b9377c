"""What training tells: each step while it runs, and the whole at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from evals.adapters import Adapted
    from tasks.training.data import Skipped

CURVE: dict[str, pl.DataType] = {
    "step": pl.UInt32(),
    "tokens": pl.UInt64(),
    "loss": pl.Float64(),
    "learning_rate": pl.Float64(),
    "gradient_norm": pl.Float64(),
    "validation_loss": pl.Float64(),
    "general_loss": pl.Float64(),
    "divergence": pl.Float64(),
    "divergence_domain": pl.Float64(),
    "kl_weight": pl.Float64(),
    "seconds": pl.Float64(),
}


@dataclass(frozen=True)
class Step:
    """One optimizer step, or the look at validation loss before the first (step 0).

    Attributes
    ----------
    step, steps
        Number of the step, and of the last one.
    tokens, tokens_planned
        Tokens trained on so far, and by the end.
    loss
        Nats per learnt token over this step's examples, before its update. None for step 0.
    learning_rate
        Rate of the update.
    gradient_norm
        L2 norm before clipping. None for step 0.
    validation_loss
        Nats per learnt token of the validation examples after the update, where it was measured.
    seconds
        Wall time since training began.
    general_loss
        The same of general text, where there is any.
    divergence, divergence_domain
        KL(base‖model) in nats per learnt token, of general text and of validation examples.
    kl_weight
        Weight of that divergence in the step's loss.
    """

    step: int
    steps: int
    tokens: int
    tokens_planned: int
    loss: float | None
    learning_rate: float
    gradient_norm: float | None
    validation_loss: float | None
    seconds: float
    general_loss: float | None = None
    divergence: float | None = None
    divergence_domain: float | None = None
    kl_weight: float = 0.0


@dataclass(frozen=True, eq=False)
class TrainResult:
    """A trained adapter and the account of its training.

    Attributes
    ----------
    model
        The base model with its adapter, in evaluation mode. ``model.unload()`` gives the plain base back.
    curve
        One line per step, with the columns of `CURVE`; step 0 holds the validation loss before training.
    tokens, supervised_tokens
        Tokens trained on and tokens learnt, epochs counted.
    seconds, cpu_seconds
        Wall and processor time, those of interrupted runs that this one continued included.
    step
        The step whose adapter this is: that of the lowest validation loss, or the last.
    tokens_planned, replayed_tokens
        Tokens that the learning rate was laid out for, and how many of those trained on are of general text.
    ended
        Why training ended before its last step, if it did.
    truncated, skipped
        Ids of the records that were cut, and the records that were left out with the reason.
    max_length
        Tokens that they were cut to: those asked for, or as many as the model reads.
    torn, unlearnt
        Ids of the records whose last answer lost its end, and the number of earlier answers that are not learnt, since
        they or what stood before them was cut.
    tokens_by_source
        Tokens trained on by the name of their source, general text left out.
    adapter
        Folder of the saved adapter, if one was asked for.
    """

    model: "Adapted"
    curve: pl.DataFrame
    tokens: int
    supervised_tokens: int
    seconds: float
    cpu_seconds: float
    step: int
    tokens_planned: int = 0
    replayed_tokens: int = 0
    ended: str = ""
    truncated: tuple[str, ...] = ()
    skipped: "tuple[Skipped, ...]" = ()
    max_length: int = 0
    torn: tuple[str, ...] = ()
    unlearnt: int = 0
    tokens_by_source: Mapping[str, int] = field(default_factory=dict)
    adapter: Path | None = None

    @property
    def validation_before(self) -> float | None:
        """Validation loss of the base, in nats per learnt token."""
        return self._at(0, "validation_loss")

    @property
    def validation_after(self) -> float | None:
        """Validation loss of the adapter that was kept, in nats per learnt token."""
        return self._at(self.step, "validation_loss")

    @property
    def general_before(self) -> float | None:
        """Loss of general text of the base, in nats per learnt token."""
        return self._at(0, "general_loss")

    @property
    def forgotten(self) -> float | None:
        """Rise of the loss of general text over the base's, of the adapter that was kept (nats per learnt token)."""
        before, after = self.general_before, self._at(self.step, "general_loss")
        return None if before is None or after is None else after - before

    def _at(self, step: int, column: str) -> float | None:
        found = self.curve.filter(pl.col("step") == step)[column]
        return None if found.is_empty() else found[0]


def curve(steps: Sequence[Step]) -> pl.DataFrame:
    """Lay the steps out as a frame with the columns of `CURVE`."""
    columns = {name: [getattr(step, name) for step in steps] for name in CURVE}
    return pl.DataFrame(columns, schema=CURVE)
