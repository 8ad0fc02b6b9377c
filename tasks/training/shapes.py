"""What shapes an adapter, method by method, with what is usual in the field.

A recipe names these settings beside `tune.method`; one that does not belong to the method is refused (`settings.Tune`).

References
----------
LoRA: Hu et al. (2021), arXiv:2106.09685. DoRA: Liu et al. (2024), arXiv:2402.09353. rsLoRA: Kalajdzievski (2023),
arXiv:2312.03732. PiSSA: Meng, Wang and Zhang (2024), arXiv:2404.02948. CorDA: Yang et al. (2024), arXiv:2406.05223.
QLoRA: Dettmers et al. (2023), arXiv:2305.14314. (IA)³: Liu et al. (2022), arXiv:2205.05638. Prompt tuning: Lester,
Al-Rfou and Constant (2021), arXiv:2104.08691. Prefix tuning: Li and Liang (2021), arXiv:2101.00190. OFT: Qiu et al.
(2023), arXiv:2306.07280. LoReFT: Wu et al. (2024), arXiv:2404.03592.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Targets = Literal["all-linear", "mlp", "attention"]
Method = Literal[
    "lora",
    "gentle",
    "dora",
    "rslora",
    "pissa",
    "corda",
    "qlora",
    "ia3",
    "oft",
    "prompt",
    "prefix",
    "reft",
    "full",
    "peft",
]


class Shape(BaseModel):
    """What every method has: the learning rate that is usual for it."""

    model_config = ConfigDict(frozen=True)

    learning_rate: float = 2e-4


class Lora(Shape):
    """Two thin matrices beside linear layers: W + (alpha / rank) · BA."""

    rank: int = 16
    alpha: float = 32.0
    dropout: float = 0.0
    targets: Targets = "all-linear"
    layers: tuple[int, ...] | None = None


class Gentle(Lora):
    """LoRA on the MLP alone, which leaves what is attended to as it was."""

    targets: Targets = "mlp"


class Corda(Lora):
    """LoRA that begins in the directions which general text uses least, so that what is known stays."""

    context_tokens: int = 16_384


class Ia3(Shape):
    """A factor for each key, each value and each unit of the MLP."""

    learning_rate: float = 3e-3
    layers: tuple[int, ...] | None = None


class Oft(Shape):
    """Rotations of the inputs of linear layers, in blocks."""

    block_size: int = 32
    dropout: float = 0.0
    targets: Targets = "all-linear"
    layers: tuple[int, ...] | None = None


class Prompt(Shape):
    """Embeddings of tokens that do not exist, before every prompt."""

    learning_rate: float = 1e-2
    virtual_tokens: int = 20


class Prefix(Prompt):
    """Keys and values of such tokens at every layer."""


class Reft(Shape):
    """LoReFT: hidden states of the prompt's ends are changed at a few layers."""

    learning_rate: float = 9e-4
    rank: int = 4
    steered_layers: int = 4
    steered_first: int = 7
    steered_last: int = 7


class Full(Shape):
    """Every weight of the model."""

    learning_rate: float = 2e-5


class Peft(Shape):
    """Whatever else PEFT has, by its own configuration."""

    peft: Mapping[str, Any]


FROM_DIRECTIONS = ("pissa", "corda")
"""Methods that begin in directions of the base's weights, which the adapter keeps beside what becomes of them."""

SHAPES: Mapping[str, type[Shape]] = {
    "lora": Lora,
    "gentle": Gentle,
    "dora": Lora,
    "rslora": Lora,
    "pissa": Lora,
    "corda": Corda,
    "qlora": Lora,
    "ia3": Ia3,
    "oft": Oft,
    "prompt": Prompt,
    "prefix": Prefix,
    "reft": Reft,
    "full": Full,
    "peft": Peft,
}
"""What shapes the adapter of each method."""


def usual(method: str, setting: str) -> Any:  # noqa: ANN401 - of any setting
    """Return what is usual for a setting of a method, or None where the method has no such setting."""
    fields = SHAPES[method].model_fields if method in SHAPES else {}
    field = fields.get(setting)
    return None if field is None or field.is_required() else field.default
