"""What a person may decide about fine-tuning."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Method = Literal["lora", "dora", "rslora", "reft"]

# What is usual for a method, where it is not what is usual for the others.
_RANKS: Mapping[str, int] = {"reft": 4}
_RATES: Mapping[str, float] = {"reft": 9e-4}


class Tune(BaseModel):
    """Settings of one fine-tuning.

    The length of training is a number of tokens, not of epochs: control arms that share a budget then cost
    the same, however many records each of them holds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    method: Method = Field(
        "lora",
        description="Kind of adapter: lora, dora (direction and magnitude apart), rslora (scaled by √rank), or reft "
        "(LoReFT: the states of the prompt's ends are changed at a few layers, and no weight; it can't be merged).",
    )
    rank: int = Field(
        default_factory=lambda given: _RANKS.get(given.get("method", ""), 16),
        ge=1,
        description="Rank of the adapter's matrices; left out, 16, and 4 for reft.",
    )
    alpha: float = Field(32.0, gt=0, description="Adapter scale: the change is multiplied by alpha / rank.")
    dropout: float = Field(0.0, ge=0, lt=1, description="Share of adapter inputs dropped while training (0–1).")
    targets: Literal["all-linear", "mlp", "attention"] = Field(
        "all-linear", description="Which linear layers get an adapter; mlp alone is gentler on what is known."
    )
    steered_layers: int = Field(4, ge=1, description="Layers at which reft changes states, spread over the model.")
    steered_first: int = Field(7, ge=0, description="Positions (tokens) that reft changes at the prompt's front.")
    steered_last: int = Field(7, ge=0, description="Positions (tokens) that reft changes at the prompt's end.")

    learning_rate: float = Field(
        default_factory=lambda given: _RATES.get(given.get("method", ""), 2e-4),
        gt=0,
        description="Highest learning rate, reached after warm-up; left out, 2e-4, and 9e-4 for reft.",
    )
    schedule: Literal["linear", "cosine"] = Field(
        "linear", description="How the learning rate falls to zero after warm-up."
    )
    warmup_share: float = Field(
        0.05, ge=0, lt=1, description="Share of the token budget over which the learning rate rises (0–1)."
    )
    weight_decay: float = Field(0.0, ge=0, description="AdamW's decoupled weight decay, per unit of learning rate.")
    clip: float | None = Field(
        1.0, gt=0, description="Largest L2 norm of the gradient of a step; empty for no clipping."
    )

    token_budget: int = Field(
        60_000, ge=1, description="Tokens to train on, questions included; each epoch counts them again."
    )
    batch_tokens: int = Field(2_048, ge=1, description="Tokens that make one optimizer step.")
    pack_tokens: int = Field(
        640,
        ge=1,
        description="Tokens that go through the model at once; changes speed and memory, not the result.",
    )
    max_length: int = Field(
        1_024, ge=2, description="Longest record in tokens; the front of a longer one's context is cut."
    )

    validate_every_steps: int = Field(10, ge=1, description="Optimizer steps between two looks at validation loss.")
    validation_tokens: int = Field(4_000, ge=1, description="Most tokens of validation records that each look reads.")
    keep: Literal["best", "last"] = Field(
        "best",
        description="Adapter to end with: that of the lowest validation loss (if there is any), or the last.",
    )
    checkpoint_every_steps: int = Field(
        10,
        ge=1,
        description="Optimizer steps between two checkpoints (written only where a folder is given).",
    )

    seed: int = Field(0, ge=0, description="Seed of the adapter's first weights, the order of records and dropout.")
    threads: int | None = Field(
        None, ge=1, description="CPU threads to train with; empty for every core this process may use."
    )
