"""Whether an exported model still is the candidate that was judged: KL(candidate‖exported) at the tokens of answers.

An export may lose what an adapter learnt without any error: written in bfloat16, most of a light adapter's change to
the weights is rounded away. So the model is read back from disk and compared, token by token, with base and adapter in
32 bits. What may be lost is measured by what was learnt, KL(base‖candidate) on the same items: a divergence grows with
the square of a change, so that a hundredth of it is a tenth of the change. With more than that, the verdict is another
model's.

Both run in 32 bits, whatever the file holds, so that what is measured is what was written. Running in bfloat16 adds its
own rounding to any model. Measured on twelve answers, with SmolLM2-135M and a LoRA of 24,000 tokens that moved it by
.163 nats in the domain: merged and written in float32, 5e-8; written in bfloat16, .017, with 16% of the gain in bits
per byte (the rounding is .83 of the length of the weights' change, and .27 of the logits'); the candidate itself run in
bfloat16, .006.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from evals.divergence import divergences
from evals.models import load
from evals.paired import paired
from evals.verdict import Upper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SHARE = 0.01
"""Most of KL(base‖candidate) that KL(candidate‖exported) may reach: a tenth of the change."""

ROUNDING = 1e-6
"""Nats per token that are allowed in any case: what two orders of adding up in 32 bits come to."""


class Likeness(BaseModel):
    """How near an exported model's predictions are to the candidate's; all in nats per token."""

    model_config = ConfigDict(frozen=True)

    items: int = Field(description="Items whose answers were predicted by both.")
    tokens: int = Field(description="Tokens of those answers.")
    nats: float = Field(description="KL(candidate‖exported), mean of the items' means.")
    upper: Upper = Field(description="One-sided upper bound of that mean at level alpha, clustered by document.")
    alpha: float = Field(description="Level of the bound.")
    moved: float = Field(description="KL(base‖candidate) on the same items.")
    allowed: float = Field(description="What the upper bound may reach.")
    score: float = Field(description="Mean score of the candidate on those items (minus bits per byte).")
    exported_score: float = Field(description="Mean score of the exported model.")

    @property
    def is_equivalent(self) -> bool:
        """Whether the verdict on the candidate holds for the exported model."""
        return self.upper <= self.allowed

    @property
    def sentence(self) -> str:
        """What was found, in one line."""
        sign = "within" if self.is_equivalent else "beyond"
        return (
            f"KL(candidate‖exported) is {self.nats:.2g} nats per token (at most {self.upper:.2g} with "
            f"{100 * (1 - self.alpha):g}% confidence, {self.tokens:,} tokens of {self.items:,} answers), {sign} the "
            f"{self.allowed:.2g} allowed: {SHARE:.0%} of the {self.moved:.2g} by which the adapter moved its base"
        )


def candidate(folder: Path, adapter: Path) -> tuple[PreTrainedModel, PreTrainedModel, PreTrainedTokenizerBase]:
    """Load base and candidate in 32 bits, each a model of its own, since some adapters change the base they are on."""
    import torch

    base, tokenizer = load(folder, dtype=torch.float32)
    adapted, _ = load(folder, adapter=adapter, dtype=torch.float32)
    return base, adapted, tokenizer


def likeness(
    exported: PreTrainedModel,
    judged: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    items: pl.DataFrame,
    *,
    moved: float,
    alpha: float = 0.05,
    progress: Callable[[int, int], None] | None = None,
) -> Likeness:
    """Compare an exported model with the candidate on items (schema `evals.items.ITEMS`).

    Parameters
    ----------
    exported
        The model, as it was read back.
    judged
        The candidate, in 32 bits.
    moved
        KL(base‖candidate) on these items, as of `how_far`.
    alpha
        Level of the bound.
    """
    found = divergences(exported, tokenizer, items, base=judged, progress=progress)
    spread = paired(found["nats"].to_numpy() * 0, found["nats"].to_numpy(), found["cluster"].to_numpy(), share=False)
    return Likeness(
        items=spread.n,
        tokens=int(found["tokens"].sum()),
        nats=spread.mean,
        # The same numbers in, the same numbers out: nothing differs, so that items by chance can't hide anything.
        upper=spread.upper(alpha) if found["nats"].to_numpy().any() else 0.0,
        alpha=alpha,
        moved=moved,
        allowed=max(ROUNDING, SHARE * moved),
        score=float(found["base"].to_numpy().mean()),
        exported_score=float(found["candidate"].to_numpy().mean()),
    )


def how_far(
    base: PreTrainedModel,
    judged: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    items: pl.DataFrame,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> float:
    """Return KL(base‖candidate), mean of the items' means, in nats per token."""
    return float(divergences(judged, tokenizer, items, base=base, progress=progress)["nats"].to_numpy().mean())
