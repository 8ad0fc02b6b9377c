"""What a person may decide about what a training must not forget."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Forgetting(BaseModel):
    """How forgetting is watched while an adapter is trained, and what is done against it.

    Two things are measured on general text at every look at validation loss: by how much its loss rose over the base's,
    which is what is meant by forgetting, and KL(base‖model), how far predictions moved in whichever direction. The base
    is the model with its adapter switched off.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    budget: float | None = Field(
        0.2,
        gt=0,
        description="How much the loss of general text may rise over the base's (nats per token), while training and "
        "when the adapter's scale is chosen (see tune.scale). Of the base's own answers, which it is surest of, it "
        "rises with every training; of text that people wrote it hardly does, so that 0.05 is wide there. Empty: it is "
        "only measured.",
    )
    on_breach: Literal["penalise", "stop", "tell"] = Field(
        "penalise",
        description="What is done where more is forgotten: penalise (kl_weight is raised from then on), stop (training "
        "ends), or tell (it is only written down).",
    )
    kl_weight: float = Field(
        0.0,
        ge=0,
        description="Weight of KL(base‖model) per token of general text in the loss, from the first step on; penalise "
        "begins with 0.5 where it is 0, and doubles it at every breach.",
    )
    kl_tokens: int = Field(
        256, ge=1, description="Tokens of general text that each step reads for that penalty, where there is one."
    )
    measure_tokens: int = Field(
        2_000, ge=0, description="Most tokens of general text that each look reads; 0 measures no forgetting."
    )

    @model_validator(mode="after")
    def _is_measured(self) -> Self:
        """Refuse to be asked for an end that could never come."""
        if self.on_breach == "stop" and (self.budget is None or not self.measure_tokens):
            lacking = "budget is empty" if self.budget is None else "measure_tokens is 0"
            raise ValueError(f"on_breach: stop would never stop, because {lacking}; give it a number, or say tell")
        return self
