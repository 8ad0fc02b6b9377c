"""Refuse what a model with broken weights returns: no number, in which case no score or answer of it means anything.

Such weights come from a training that ran away, and from files that were damaged or made by others. Log-likelihoods
show it at once. An answer does not: the likeliest of words that are all as likely as no number is the first, and a
suite of such answers would be scored as if they were the model's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import LogitsProcessorList


class BrokenWeights(ValueError):
    """A model whose predictions are no numbers; the message says so, and what to do."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}: the model's weights are broken, or its adapter's. Train the adapter again, at a lower "
            "tune.learning_rate if that is how it came, or bring model and adapter anew."
        )
        self.what = what

    def __reduce__(self) -> tuple[type[BrokenWeights], tuple[str]]:
        """Be made again from what it was made of, where a run's state is kept or another process tells it."""
        return type(self), (self.what,)


def watchful() -> LogitsProcessorList:
    """Return what `generate` is to be given as `logits_processor`, so that it stops where predictions are no numbers.

    Single words may be ruled out (minus infinity), as long as the likeliest has a number.
    """
    from transformers import LogitsProcessorList

    return LogitsProcessorList([_refuse])


def _refuse(_: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    if not scores.amax(dim=-1).isfinite().all():
        raise BrokenWeights("The model's predictions while it answers are not finite numbers")
    return scores
