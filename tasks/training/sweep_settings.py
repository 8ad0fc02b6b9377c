"""What a person may decide about a sweep: which settings are tried, and how many tokens that may take."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tasks.training.shapes import Method

AROUND = (0.2, 1.0, 5.0, 25.0)
"""Learning rates that are tried where none is named, as multiples of what is usual for the method.

Far apart, since an adapter that was trained too hot is turned down: LoRA on 1,500 tokens of the demo's domain gained
.146 nats per token within a budget of .05 at 25 times the usual rate (scale .375), .089 at 5 times, .009 at the usual.
"""

BUDGETS = 8
"""Trainings of full length that a sweep may take where no budget is named."""


class Sweep(BaseModel):
    """Which settings of `tune` are tried against each other. What is left out is as `tune` says.

    Every learning rate, rank, method and share of replay is tried with every other. The exam is never asked: trials are
    told apart by validation rows and by general text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    learning_rate: tuple[Annotated[float, Field(gt=0)], ...] | None = Field(
        None,
        min_length=1,
        description="Learning rates to try with every method; left out, a fifth of, once, 5 and 25 times what is usual "
        "for each method (of tune's own method, what tune says).",
    )
    rank: tuple[Annotated[int, Field(ge=1)], ...] | None = Field(
        None, min_length=1, description="Ranks to try; a method without one is tried once. alpha stays as it is."
    )
    method: tuple[Method, ...] | None = Field(
        None,
        min_length=1,
        description="Methods to try; what shapes tune's own is taken over where it is usual alike for both.",
    )
    replay: tuple[Annotated[float, Field(ge=0, lt=1)], ...] | None = Field(
        None, min_length=1, description="Shares of the trained tokens that are general text (0–1)."
    )
    trials: int | None = Field(
        None, ge=1, description="Most combinations to try, drawn by chance; left out, every one of them."
    )
    token_budget: int | None = Field(
        None,
        ge=1,
        description="Most tokens to train on in all trials together; left out, eight times tune.token_budget.",
    )
    keep_one_in: int = Field(
        3,
        ge=2,
        description="Where the budget does not take every trial to full length: of so many trials the best one goes "
        "on, with so many times the tokens.",
    )
    seed: int = Field(0, ge=0, description="Seed of the draw of trials.")
