"""What a person may decide about fine-tuning."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationInfo, field_validator, model_validator

from tasks.training.forgetting_settings import Forgetting
from tasks.training.general_settings import General
from tasks.training.shapes import FROM_DIRECTIONS, SHAPES, Method, Shape, Targets, usual

SHAPING = tuple(sorted({name for shape in SHAPES.values() for name in shape.model_fields} - {"learning_rate"}))
"""Settings that shape the adapter of some method; the others hold for every method."""

_KEPT_KEYS = ("PREFIX_TUNING", "CARTRIDGE")

INDIFFERENT = frozenset({"threads", "workers", "checkpoint_every_steps", "monitor"})
"""Settings that don't change what is learnt."""


def _usual(setting: str) -> Callable[[dict[str, Any]], Any]:
    return lambda given: usual(given.get("method", ""), setting)


class Tune(BaseModel):
    """Settings of one fine-tuning.

    The length of training is a number of tokens, not of epochs: control arms that share a budget then cost
    the same, however many records each of them holds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    method: Method = Field(
        "lora",
        description="What is trained: lora; gentle (lora on the MLP alone); dora (direction and magnitude apart); "
        "rslora (scaled by √rank); pissa (begins in the weights' strongest directions); corda (in those that general "
        "text uses least); qlora (on a base in 4 bits; needs a GPU and bitsandbytes); ia3 (factors); oft (rotations); "
        "prompt and prefix (virtual tokens); reft (LoReFT: states of the prompt's ends); full (every weight); peft "
        "(any other of PEFT's, by its own configuration).",
    )
    rank: int | None = Field(
        default_factory=_usual("rank"),
        ge=1,
        description="Rank of the adapter's matrices (lora and its kin, reft); left out, 16, and 4 for reft.",
    )
    alpha: float | None = Field(
        default_factory=_usual("alpha"),
        gt=0,
        description="Scale of lora and its kin: the change is multiplied by alpha / rank; left out, 32.",
    )
    dropout: float | None = Field(
        default_factory=_usual("dropout"),
        ge=0,
        lt=1,
        description="Share of adapter inputs (lora and its kin) or blocks (oft) dropped while training (0–1).",
    )
    targets: Targets | None = Field(
        default_factory=_usual("targets"),
        description="Which linear layers lora, its kin and oft are put on; mlp alone is gentler on what is known.",
    )
    layers: tuple[Annotated[int, Field(ge=0)], ...] | None = Field(
        default_factory=_usual("layers"),
        min_length=1,
        description="Numbers of the model's layers that get an adapter, from 0; left out, all.",
    )
    context_tokens: int | None = Field(
        default_factory=_usual("context_tokens"),
        ge=1,
        description="Tokens of general text that corda reads to find the directions that it uses.",
    )
    block_size: int | None = Field(
        default_factory=_usual("block_size"), ge=2, description="Dimensions that oft rotates together."
    )
    virtual_tokens: int | None = Field(
        default_factory=_usual("virtual_tokens"), ge=1, description="Virtual tokens of prompt and prefix."
    )
    steered_layers: int | None = Field(
        default_factory=_usual("steered_layers"),
        ge=1,
        description="Layers at which reft changes states, spread over the model.",
    )
    steered_first: int | None = Field(
        default_factory=_usual("steered_first"),
        ge=0,
        description="Positions (tokens) that reft changes at the prompt's front.",
    )
    steered_last: int | None = Field(
        default_factory=_usual("steered_last"),
        ge=0,
        description="Positions (tokens) that reft changes at the prompt's end.",
    )
    peft: dict[str, JsonValue] | None = Field(
        None,
        description="For method: peft, the configuration as PEFT itself names it: {peft_type: VERA, r: 64}. It is "
        "passed on as it is.",
    )

    learning_rate: float = Field(
        default_factory=_usual("learning_rate"),
        gt=0,
        description="Highest learning rate, reached after warm-up; left out, what is usual for the method: 2e-4 for "
        "lora and its kin and oft, 9e-4 for reft, 3e-3 for ia3, 1e-2 for prompt and prefix, 2e-5 for full.",
    )
    schedule: Literal["linear", "cosine"] = Field(
        "linear", description="How the learning rate falls to zero after warm-up."
    )
    warmup_share: float = Field(
        0.05, ge=0, lt=1, description="Share of the token budget over which the learning rate rises (0–1)."
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        description="AdamW's decoupled weight decay of matrices, per unit of learning rate; factors and other vectors "
        "are left out.",
    )
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
    recompute: bool = Field(
        False,
        description="Compute activations a second time on the way back instead of keeping them: less memory, slower, "
        "and the same result.",
    )
    max_length: int = Field(
        1_024,
        ge=2,
        description="Longest record in tokens; the front of a longer one's context is cut, behind its system prompt.",
    )

    replay: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of the trained tokens that are general text, mixed into every step (0–1); see general.",
    )
    source_weights: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict,
        description="How often rows of a source are seen in an epoch, by its name: 0.5 is every other row, 2 each "
        "twice. 1 where a source is not named.",
    )
    curriculum: Literal["none", "shortest-first"] = Field(
        "none",
        description="Order of the first epoch: by chance, or of the rows that the budget reaches the shortest first.",
    )
    general: General = Field(default=General(), description="The general text to replay and to measure forgetting on.")
    forgetting: Forgetting = Field(
        default=Forgetting(), description="What must not be forgotten, and what is done about it while training."
    )

    scale: Literal["within-budget", "best", "as-trained"] = Field(
        "within-budget",
        description="Whether the adapter is turned down once it is trained: where it forgot more than the budget, to "
        "the scale that gains the most and keeps what must be kept: within the budget, or, where the base's own "
        "answers are the general text, by items of the retention suites that the exam does not ask. best looks for "
        "that scale always; as-trained never.",
    )
    scales: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(
        (0.75, 0.5, 0.25),
        min_length=1,
        description="Scales that are tried, the largest first, until one that keeps enough gains less than "
        "a larger one; then one between the best and the next larger one.",
    )

    validate_every_steps: int = Field(10, ge=1, description="Optimizer steps between two looks at validation loss.")
    validation_tokens: int = Field(4_000, ge=1, description="Most tokens of validation records that each look reads.")
    keep: Literal["best", "last"] = Field(
        "best",
        description="Adapter to end with: that of the lowest validation loss (if there is any), or the last.",
    )
    patience: int | None = Field(
        None,
        ge=1,
        description="Looks without a lower validation loss after which training ends early; empty: it goes on.",
    )
    checkpoint_every_steps: int = Field(
        10,
        ge=1,
        description="Optimizer steps between two checkpoints (written only where a folder is given).",
    )

    monitor: Literal["none", "tensorboard", "mlflow"] = Field(
        "none",
        description="Where losses, gradient norm, KL, rate and tokens/s are written besides: tensorboard (into the "
        "home) or mlflow (to MLFLOW_TRACKING_URI, else into the home); each needs its package.",
    )
    seed: int = Field(
        0, ge=0, lt=1 << 63, description="Seed of the adapter's first weights, the order of records and dropout."
    )
    threads: int | None = Field(
        None, ge=1, description="CPU threads to train with; empty for every core this process may use."
    )
    workers: int | None = Field(
        None,
        ge=1,
        description="Processes that train together, each on its share of every step and of the threads, and each with "
        "the model in memory; left out, as many as pay on a CPU, and one on a GPU.",
    )

    @field_validator(*SHAPING)
    @classmethod
    def _belongs_to_the_method(cls, value: object, info: ValidationInfo) -> object:
        """Refuse a setting that would change nothing; one that is empty is as if it were left out."""
        method = info.data.get("method")
        shape = SHAPES.get(str(method))
        if value is not None and shape and info.field_name not in shape.model_fields:
            own = ", ".join(name for name in shape.model_fields if name != "learning_rate") or "none"
            raise ValueError(f"method: {method} has no such setting; it is shaped by {own}")
        return usual(str(method), str(info.field_name)) if value is None else value

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.method == "peft" and not self.peft:
            raise ValueError("method: peft needs tune.peft, PEFT's own configuration, as in {peft_type: VERA, r: 64}")
        if self.method == "ia3" and self.weight_decay:
            raise ValueError("weight_decay changes nothing here: factors, all that method: ia3 has, are left out of it")
        if self.method in FROM_DIRECTIONS and self.weight_decay:
            raise ValueError(
                f"weight_decay would shrink what method: {self.method} keeps as it is; set it to 0, or use method: lora"
            )
        if self.method == "reft" and not (self.steered_first or self.steered_last):
            raise ValueError(
                "steered_first and steered_last are both 0, so that no position would be changed; raise one"
            )
        if self.scale == "best" and not self.forgetting.measure_tokens:
            raise ValueError(
                "scale: best weighs what is gained against what is forgotten, and forgetting.measure_tokens is 0; give "
                "it tokens, or leave scale out"
            )
        if self.recompute and (self.method == "prefix" or (self.peft or {}).get("peft_type") in _KEPT_KEYS):
            raise ValueError(
                "recompute drops the keys and values that a prefix consists of, so that nothing could be trained; "
                "leave it out, or use method: prompt"
            )
        return self

    @property
    def shape(self) -> Shape:
        """What shapes the adapter of this method, complete."""
        return SHAPES[self.method].model_validate(self.model_dump(exclude_none=True))

    @property
    def taken(self) -> int:
        """Positions that virtual tokens take before all that the model reads."""
        said = self.peft or {}
        words, stated = said.get("cpt_token_ids"), said.get("num_virtual_tokens")
        if isinstance(words, list):
            return len(words)
        return stated if isinstance(stated, int) else self.virtual_tokens or 0


def general_for(tune: Tune) -> General | None:
    """Return which general text a training needs; None where it needs none. Trainings that need the same share it."""
    forgetting = tune.forgetting
    needs = tune.replay or forgetting.kl_weight or forgetting.measure_tokens or tune.method == "corda"
    return tune.general if needs else None
