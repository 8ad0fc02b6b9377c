"""Where LoReFT (`evals.loreft`) steers a model: at which layers and positions of a prompt, and how strongly."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"

OWN = ("LOREFT", "FULL")
"""What `peft_type` says where PEFT has nothing like it."""


class Steering(BaseModel):
    """What `adapter_config.json` of such an adapter holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    peft_type: Literal["LOREFT"] = "LOREFT"
    base_model_name_or_path: str = ""
    rank: int = Field(ge=1, description="Rows of R.")
    layers: tuple[int, ...] = Field(min_length=1, description="Layers behind which hidden states are changed, from 0.")
    first: int = Field(ge=0, description="Positions changed at the front of the prompt.")
    last: int = Field(ge=0, description="Positions changed at its end.")
    scale: float = Field(1.0, description="What the change is multiplied by.")


def is_ours(folder: Path) -> bool:
    """Tell whether a folder holds an adapter of a kind that winnow alone loads: LoReFT, or a full fine-tuning."""
    return kind_of(folder) in OWN


def kind_of(folder: Path) -> str:
    """Return the kind of a folder's adapter as its configuration names it (LORA, LOREFT); nothing where it can't."""
    try:
        said = json.loads((folder / CONFIG).read_bytes())
    except (OSError, ValueError):
        return ""
    return str(said.get("peft_type", "")) if isinstance(said, dict) else ""


def steered(length: int, first: int, last: int) -> list[int]:
    """Choose the positions of a prompt of `length` tokens that are changed, each once.

    Of a short prompt, the front half belongs to the first positions and the rest to the last.
    """
    front, back = min(first, (length + 1) // 2), min(last, length // 2)
    return [*range(front), *range(length - back, length)]


def spread(layers: int, wanted: int) -> tuple[int, ...]:
    """Choose `wanted` of a model's layers, evenly from its depth and none of its ends: of 30 and 4: 6, 12, 18, 24."""
    few = min(wanted, layers)
    return tuple(sorted({layers * (at + 1) // (few + 1) for at in range(few)}))
