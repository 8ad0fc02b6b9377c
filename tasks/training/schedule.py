"""The learning rate over the course of a token budget."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.training.settings import Tune


def learning_rate(settings: "Tune", share: float) -> float:
    """Rise linearly during warm-up, then fall to zero.

    Parameters
    ----------
    settings
        Peak, warm-up and shape.
    share
        Share of the tokens that are done (0–1). The middle of a step is the fair point to ask at: neither
        the first nor the last step is then wasted on a rate of zero.
    """
    warmup = settings.warmup_share
    if share < warmup:
        return settings.learning_rate * share / warmup
    left = 1 - (share - warmup) / (1 - warmup)
    if settings.schedule == "cosine":
        left = 0.5 * (1 - math.cos(math.pi * left))
    return settings.learning_rate * left
