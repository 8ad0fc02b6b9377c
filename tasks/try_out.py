"""Train one trial of a sweep as a run would train it, and compare it with the base."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tasks import cards, store
from tasks.attempt import attempt
from tasks.fine_tune import Trained
from tasks.general import GeneralText
from tasks.measure import Losses, measure
from tasks.models import ModelFiles
from tasks.split import Data
from tasks.training.settings import Tune
from tasks.training.trials import name

if TYPE_CHECKING:
    from evals.paired import Paired


@dataclass(frozen=True)
class Trial:
    """A trial on one rung: what it was trained with, and what came of it.

    Attributes
    ----------
    settings
        Its own, with the tokens of its rung.
    rung
        From 0.
    trained, losses, fell, rose
        Its adapter, its losses row by row, by how much those of validation rows fell below the base's, and by how much
        those of general rows rose (both in nats per token). None where it diverged.
    diverged
        Why its training ended without an adapter.
    """

    settings: Tune
    rung: int
    trained: Trained | None = None
    losses: Losses | None = None
    fell: "Paired | None" = None
    rose: "Paired | None" = None
    diverged: str = ""

    @property
    def gain(self) -> float | None:
        """How far the loss of validation rows fell."""
        return None if self.fell is None else self.fell.mean

    @property
    def forgotten(self) -> float | None:
        """How far the loss of general text rose."""
        return None if self.rose is None else self.rose.mean


def try_out(
    settings: Tune,
    rung: int,
    data: Data,
    general: GeneralText,
    base: ModelFiles,
    before: Losses,
    documents: Mapping[str, str],
) -> Trial:
    """Train and measure; a training whose loss leaves the real numbers is a result too.

    The steps are those of `winnow run`, cached by the same content: so a run with a trial's settings finds it trained,
    and a sweep that was killed goes on behind its last step.
    """
    with cards.part(name(settings)):
        trained = attempt(settings, data, general, base)
        losses = None if isinstance(trained, str) else measure(data, general, base, settings, trained)
    if isinstance(trained, str):
        return _told(Trial(settings, rung, diverged=trained))
    return _told(compare(Trial(settings, rung, trained, losses), before, documents))


def compare(trial: Trial, before: Losses, documents: Mapping[str, str]) -> Trial:
    """Return a trial with how far its losses are from the base's."""
    from tasks.training.item_losses import compared

    assert trial.losses is not None
    tables = [before.validation, trial.losses.validation, before.general, trial.losses.general]
    own, after, general, later = map(store.read_table, tables)
    if not all(math.isfinite(part["nats"].sum()) for part in (after, later)):
        return Trial(trial.settings, trial.rung, diverged="The loss of its adapter is no number")
    return replace(trial, fell=compared(own, after, documents), rose=compared(later, general, documents))


def _told(trial: Trial) -> Trial:
    with cards.shown("trial") as say:
        found = trial.diverged or f"gain {trial.gain:+z.3f}, forgotten {trial.forgotten:+z.3f} nats per token"
        say(f"{name(trial.settings)}, {trial.settings.token_budget:,} tokens: {found}")
    return trial
