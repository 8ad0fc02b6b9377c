"""What an adapter changes of what the base says on general text: measured at every look, and held back by a penalty.

Where the loss of general text rose over the base's by more than the budget, a penalty w · KL(base‖model) per token of
general text is added to every later step, and doubled at every further breach. The base is the model with its adapter
switched off, so that one model is in memory.

References
----------
Shenfeld, Pari and Agrawal (2025), RL's razor: why online reinforcement learning forgets less, arXiv:2509.04259: across
trainings, forgetting goes with this divergence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tasks.training.loss import Validation, collate, logits
from tasks.training.packing import pack, sample

if TYPE_CHECKING:
    import torch

    from evals.adapters import Adapted
    from tasks.training.data import Example
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


class Watch:
    """Looks at general text, always at the same.

    Parameters
    ----------
    general
        General examples, held back from training.
    validation
        Validation examples of the domain.
    settings, packed, head
        As of the training.
    """

    def __init__(
        self,
        general: Sequence["Example"],
        validation: Sequence["Example"],
        settings: "Tune",
        *,
        packed: bool,
        head: "Head | None" = None,
    ) -> None:
        few = settings.model_copy(update={"validation_tokens": max(1, settings.forgetting.measure_tokens)})
        asked = general if settings.forgetting.measure_tokens else ()
        self._general = Validation(asked, few, packed=packed, head=head)
        self._domain = Validation(validation if self._general.supervised else (), few, packed=packed, head=head)
        self._packed = packed

    def loss(self, model: "Adapted") -> float | None:
        """Measure the loss of general text alone, in nats per learnt token, or return None without any."""
        return self._general.loss(model)

    def look(self, model: "Adapted") -> Forgotten | None:
        """Measure the model as it is, or return None without general text."""
        loss = self.loss(model)
        divergence = self._divergence(model, self._general)
        if loss is None or divergence is None:
            return None
        return Forgotten(loss, divergence, self._divergence(model, self._domain))

    def _divergence(self, model: "Adapted", on: Validation) -> float | None:
        import torch

        if not on.supervised:
            return None
        training = model.training
        model.eval()
        try:
            with torch.no_grad():
                summed = sum(float(summed_divergence(model, row, packed=self._packed)) for row in on.rows(model.device))
        finally:
            model.train(training)
        return summed / on.supervised


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

    training = model.training
    model.eval()
    try:
        with torch.no_grad(), model.disable_adapter():
            base = logits(model, row, packed=packed)
    finally:
        model.train(training)
    own = logits(model, row, packed=packed)
    nats = own.new_zeros((), dtype=torch.float32)
    for theirs, ours in zip(torch.split(base, _SLICE), torch.split(own, _SLICE), strict=True):
        p, q = theirs.float().log_softmax(-1), ours.float().log_softmax(-1)
        nats = nats + (p.exp() * (p - q)).sum()
    return nats


def raised(weight: float) -> float:
    """Return the penalty's weight after a breach."""
    return 2 * weight or FIRST_WEIGHT
