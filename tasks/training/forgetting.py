"""What an adapter changes of what the base says on general text: measured at every look, and held back by a penalty.

Where the loss of general text rose over the base's by more than the budget, a penalty w · KL(base‖model) per token of
general text is added to every later step, and doubled at every further breach. The base is the model with its adapter
switched off, so that one model is in memory.

References
----------
Shenfeld, Pari and Agrawal (2025), RL's razor: why online reinforcement learning forgets less, arXiv:2509.04259: across
trainings, forgetting goes with this divergence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from tasks.training.loss import Validation, at_rest, collate, hidden, logits, summed_loss
from tasks.training.packing import pack, sample

if TYPE_CHECKING:
    import torch

    from evals.adapters import Adapted
    from tasks.training.example import Example
    from tasks.training.head import Head
    from tasks.training.loss import Pack
    from tasks.training.settings import Tune

FIRST_WEIGHT = 0.5
"""The penalty's weight at the first breach, where it began without one."""

_SLICE = 128  # positions whose probabilities are computed in 32 bits at a time


@dataclass(frozen=True)
class Forgotten:
    """What a look at general text found.

    Attributes
    ----------
    loss
        Nats per learnt token of general text.
    divergence
        KL(base‖model), nats per learnt token of general text.
    divergence_domain
        The same on validation examples; None where there are none.
    """

    loss: float
    divergence: float
    divergence_domain: float | None


def to_watch(general: Sequence["Example"], settings: "Tune", *, packed: bool, head: "Head | None") -> Validation:
    """Draw the general text, held back from training, that every look reads."""
    few = settings.model_copy(update={"validation_tokens": max(1, settings.forgetting.measure_tokens)})
    asked = general if settings.forgetting.measure_tokens else ()
    return Validation(asked, few, packed=packed, head=head)


class Watch:
    """Looks at validation loss and at general text, always at the same.

    What the base makes of them is kept as its hidden states, which are small, and need be computed once.

    Parameters
    ----------
    general, domain
        What is measured on general text, and in the domain.
    packed, head
        As of the training.
    """

    def __init__(self, general: Validation, domain: Validation, *, packed: bool, head: "Head | None" = None) -> None:
        self._general, self._domain = general, domain
        self._packed, self._head = packed, head
        self._known: dict[Validation, list[torch.Tensor]] = {}

    def look(self, model: "Adapted") -> tuple[float | None, Forgotten | None]:
        """Measure the model as it is: its validation loss, and what it forgot; None where there is no text for it."""
        general = self._measured(model, self._general)
        if general is None:
            return self._domain.loss(model), None
        loss, apart = self._measured(model, self._domain) or (None, None)
        return loss, Forgotten(*general, apart)

    def _measured(self, model: "Adapted", on: Validation) -> tuple[float, float] | None:
        """Return loss and divergence, both in nats per learnt token."""
        if not on.supervised:
            return None
        with at_rest(model):
            found = list(self._each(model, on))
        loss, apart = (sum(parts) / on.supervised for parts in zip(*found, strict=True))
        return loss, apart

    def _each(self, model: "Adapted", on: Validation) -> Iterator[tuple[float, float]]:
        """Measure pack by pack."""
        if self._head is None:
            for row in on.rows(model.device):
                loss = summed_loss(model, row, packed=self._packed)
                yield float(loss), float(summed_divergence(model, row, packed=self._packed))
            return
        if on not in self._known:
            with model.disable_adapter():
                self._known[on] = [self._states(model, row) for row in on.rows(model.device)]
        for row, base in zip(on.rows(model.device), self._known[on], strict=True):
            yield self._head.compared(base, self._states(model, row), row.targets)

    def _states(self, model: "Adapted", row: "Pack") -> "torch.Tensor":
        return hidden(model, row, cast("Head", self._head), packed=self._packed)


class Penalty:
    """KL(base‖model) on a little general text, other text at every step: a function of seed and step alone."""

    def __init__(self, general: Sequence["Example"], settings: "Tune", *, packed: bool) -> None:
        self._general, self._settings, self._packed = general, settings, packed

    def __bool__(self) -> bool:
        return len(self._general) > 0

    def parts(self, model: "Adapted", step: int, weight: float) -> "list[torch.Tensor]":
        """Return the weighted penalty of a step, pack by pack; their sum is per token."""
        settings = self._settings
        seed = int(np.random.default_rng([settings.seed, step, 1]).integers(2**31))
        drawn = [self._general[at] for at in sample(self._general, settings.forgetting.kl_tokens, seed)]
        packs = pack([len(one) for one in drawn], settings.pack_tokens if self._packed else 1)
        learnt = sum(one.supervised for one in drawn)
        return [
            weight
            / learnt
            * summed_divergence(model, collate([drawn[at] for at in members], model.device), packed=self._packed)
            for members in packs
        ]


def summed_divergence(model: "Adapted", row: "Pack", *, packed: bool) -> "torch.Tensor":
    """Sum KL(base‖model) = Σ_v p (ln p − ln q) over a row's learnt tokens, in nats; gradients reach the model alone."""
    import torch

    with at_rest(model), model.disable_adapter():
        base = logits(model, row, packed=packed)
    own = logits(model, row, packed=packed)
    nats = own.new_zeros((), dtype=torch.float32)
    for theirs, ours in zip(torch.split(base, _SLICE), torch.split(own, _SLICE), strict=True):
        p, q = theirs.float().log_softmax(-1), ours.float().log_softmax(-1)
        nats = nats + (p.exp() * (p - q)).sum()
    return nats


def raised(weight: float) -> float:
    """Return the penalty's weight after a breach."""
    return 2 * weight or FIRST_WEIGHT
