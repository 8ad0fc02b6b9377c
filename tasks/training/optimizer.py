"""AdamW for whatever is trained, with weight decay where a weight of 0 changes nothing.

Decay pulls weights to 0. That is where matrices of adapters leave the base alone, and a network's own are the smallest
function. What multiplies, a factor of IA3, the lengths of DoRA, a norm's scale, would at 0 wipe out what the base
knows, and is left out with all other vectors, biases among them, as has become usual.

References
----------
Loshchilov and Hutter (2019), Decoupled weight decay regularization, arXiv:1711.05101.
"""

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from evals.adapters import Adapted
    from tasks.training.settings import Tune

_FACTORS = ("ia3_l", "boft_s")
"""In the names of the factors of IA3 and BOFT, which PEFT keeps as matrices of one row or column."""


def adamw(model: "Adapted", settings: "Tune") -> "torch.optim.AdamW":
    """Return the optimizer of a model's trained weights, in their order."""
    import torch

    trained = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    decay = settings.weight_decay

    def is_decayed(one: "tuple[str, torch.nn.Parameter]") -> bool:
        return decay > 0 and one[1].ndim > 1 and not any(factor in one[0] for factor in _FACTORS)

    groups = [
        {"params": [weight for _, weight in run], "weight_decay": decay if decayed else 0.0}
        for decayed, run in groupby(trained, key=is_decayed)
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)
