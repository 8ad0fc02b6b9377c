"""How far a candidate's predictions moved from the base's: KL(base‖candidate) of the next token, in nats.

At every token of a reference answer both models predict the whole vocabulary, and

    KL = Σ_v p(v) · (ln p(v) − ln q(v)),    p of the base, q of the candidate.

It needs no right or wrong, so it sees a drift long before answers change: an early warning, which decides nothing. The
base is the candidate with its adapter switched off, so that one model is in memory; or it is another model, where an
exported one is compared with what was examined (`evals.likeness`).

References
----------
Kullback and Leibler (1951), On information and sufficiency, Annals of Mathematical Statistics 22(1).
Shenfeld, Pari and Agrawal (2025), RL's razor: why online reinforcement learning forgets less, arXiv:2509.04259: across
trainings, forgetting goes with this divergence on the new task.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.chat import ChatTemplateError
from evals.encoding import Question, context_limit, encode_questions, encode_windows, fit
from evals.exam import bits_per_byte
from evals.finite import BrokenWeights
from evals.lessons import render_pair
from evals.paired import paired
from evals.verdict import Upper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from evals.adapters import Adapted
    from evals.packing import Batch

logger = logging.getLogger(__name__)

DIVERGENCES: dict[str, pl.DataType] = {
    "suite": pl.String(),
    "role": pl.String(),
    "item": pl.String(),
    "cluster": pl.String(),
    "tokens": pl.UInt32(),  # of the answer or text
    "nats": pl.Float64(),  # KL(base‖candidate), mean of those tokens
    "base": pl.Float64(),  # score of the base, as of `evals.items.SCORES`
    "candidate": pl.Float64(),  # score of the candidate
}

_TOKENS = 1024  # in a batch, padding included
_LOGITS = 2**25  # numbers that each of the two models puts out in one pass
_SLICE = 128  # positions whose probabilities are computed in 32 bits at a time


class NoBase(ValueError):
    """The base can't be had from the candidate by switching its adapter off."""


class Divergence(BaseModel):
    """How far predictions moved on one suite, or on all of one role."""

    model_config = ConfigDict(frozen=True)

    suite: str = Field(description="Name of the suite; of several, joined by +.")
    role: str = Field(description="domain or retention.")
    n: int = Field(description="Items.")
    clusters: int = Field(description="Source documents that the items come from.")
    tokens: int = Field(description="Tokens of their answers.")
    mean: float = Field(description="KL(base‖candidate), mean of the items' means (nats per token).")
    lower: float = Field(description="One-sided lower bound of the mean at level alpha; 0 where nothing can be said.")
    upper: Upper = Field(description="One-sided upper bound of the mean at level alpha.")


def ensure_base(model: PreTrainedModel) -> Adapted:
    """Return the model as one whose adapter can be switched off.

    Raises
    ------
    NoBase
        If it has none (a full fine-tune made elsewhere, a merged adapter), or the adapter changes weights of the base
        itself.
    """
    from peft import PeftModel

    from evals.adapters import is_own

    if is_own(model):
        return model
    if not isinstance(model, PeftModel):
        raise NoBase(
            "the candidate's weights are its own (a full fine-tune made elsewhere, or a merged adapter), so no base is "
            "in it"
        )
    biases = {getattr(config, "bias", "none") for config in model.peft_config.values()} - {"none"}
    if biases:
        raise NoBase("the adapter trained biases of the base itself, which stay when it is switched off")
    return model


def divergences(
    model: Adapted,
    tokenizer: PreTrainedTokenizerBase,
    items: pl.DataFrame,
    *,
    base: PreTrainedModel | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pl.DataFrame:
    """Measure on every item how far the candidate moved from the base, at the tokens of the item's own answer.

    Parameters
    ----------
    model
        The candidate, as `ensure_base` returns it; any model where a base is given.
    tokenizer
        Its tokenizer.
    items
        Schema `evals.items.ITEMS`. Of a choice item, the right option is the answer.
    base
        A model of the same vocabulary to compare with; the candidate with its adapter switched off, when not given.
    progress
        Called with (items done, items in all).

    Returns
    -------
    pl.DataFrame
        Schema `DIVERGENCES`, in the order of `items`. Items that the chat template refuses are left out, with a
        warning. Probabilities are computed in 32 bits from logits in the model's precision: what is measured is the
        model as it runs there. Of a LoRA adapter of SmolLM2-135M it was up to 25% less in bfloat16 than in 32 bits,
        on ten items, since changes below the rounding are lost.

    Raises
    ------
    ValueError
        If the model returns a value that is not finite.
    """
    questions, owners = _encoded(model, tokenizer, items)
    sums = np.zeros((items.height, 4))  # tokens, nats, and both log-likelihoods
    for place, found in _measured(base, model, tokenizer, questions, progress):
        sums[owners[place]] += found
    if not np.isfinite(sums).all():
        raise BrokenWeights("The model's predictions are not finite numbers")
    asked = sums[:, 0] > 0
    texts = items.filter(asked)["target"].to_list()
    tokens, nats, *both = sums[asked].T
    scores = [[-bits_per_byte(value, text) for value, text in zip(side, texts, strict=True)] for side in both]
    rows = items.filter(asked).select("suite", "role", "item", "cluster")
    measured = {"tokens": tokens, "nats": nats / tokens, "base": scores[0], "candidate": scores[1]}
    columns = {name: pl.Series(values, dtype=pl.Float64) for name, values in measured.items()}
    return rows.with_columns(**columns).cast(pl.Schema(DIVERGENCES))


def summaries(found: pl.DataFrame, alpha: float = 0.05) -> tuple[Divergence, ...]:
    """Sum up divergences (schema `DIVERGENCES`): by role, the domain first, and by suite where a role has several."""
    told = []
    for role in ("domain", "retention"):
        part = found.filter(role=role)
        suites = part["suite"].unique(maintain_order=True).to_list()
        if suites:
            told.append(_summary(part, role, " + ".join(suites), alpha))
        told += [_summary(part.filter(suite=suite), role, suite, alpha) for suite in suites if len(suites) > 1]
    return tuple(told)


def _summary(part: pl.DataFrame, role: str, suite: str, alpha: float) -> Divergence:
    nats = part["nats"].to_numpy()
    spread = paired(np.zeros_like(nats), nats, part["cluster"].to_numpy(), share=False)  # some lie above 1
    return Divergence(
        suite=suite,
        role=role,
        n=spread.n,
        clusters=spread.clusters,
        tokens=int(part["tokens"].sum()),
        mean=spread.mean,
        lower=max(0.0, spread.lower(alpha)),  # a divergence is never below zero
        upper=spread.upper(alpha),
    )


def _encoded(
    model: Adapted, tokenizer: PreTrainedTokenizerBase, items: pl.DataFrame
) -> tuple[list[Question], list[int]]:
    """Encode answers behind their prompts, and texts; with the place of the item that each belongs to."""
    contexts: list[str] = []
    answers: list[list[str]] = []
    places: list[int] = []
    texts: list[int] = []
    for place, row in enumerate(items.iter_rows(named=True)):
        if row["kind"] == "text":
            texts.append(place)
            continue
        try:
            context, answer = render_pair(tokenizer, row["prompt"], row["target"])
        except ChatTemplateError as error:
            logger.warning("An item is left out: %s: %s", row["item"], error)
            continue
        contexts.append(context)
        answers.append([answer])
        places.append(place)
    limit = context_limit(model, tokenizer)
    asked, owners = fit(encode_questions(tokenizer, contexts, answers, move_space=False), limit)
    windows, of_texts = encode_windows(tokenizer, [items["target"][place] for place in texts], limit)
    return [*asked, *windows], [*(places[owner] for owner in owners), *(texts[owner] for owner in of_texts)]


def _measured(
    base: PreTrainedModel | None,
    model: Adapted,
    tokenizer: PreTrainedTokenizerBase,
    questions: Sequence[Question],
    progress: Callable[[int, int], None] | None,
) -> list[tuple[int, np.ndarray]]:
    """Return for each question its place, and what its tokens sum up to: count, nats, both log-likelihoods."""
    import torch

    from evals.forward import vocabulary_projection
    from evals.packing import batches

    picks = max(1, _LOGITS // vocabulary_projection(model).weight.shape[0])
    pad = tokenizer.pad_token_id if isinstance(tokenizer.pad_token_id, int) else 0
    found: list[tuple[int, np.ndarray]] = []
    with torch.inference_mode():
        for batch in batches(questions, prefix=0, tokens=_TOKENS, picks=picks, pad=pad):
            sums = torch.zeros(len(batch.items), 4, dtype=torch.float64)
            for begin in range(0, len(batch.picks), picks):
                sums.index_add_(0, batch.owners[begin : begin + picks], _at(base, model, batch, begin, begin + picks))
            found += zip(batch.items, sums.numpy(), strict=True)
            if progress is not None:
                progress(len(found), len(questions))
    return found


def _at(known: PreTrainedModel | None, model: Adapted, batch: Batch, begin: int, end: int) -> torch.Tensor:
    """Compare both models at some positions, (picked, 4): 1, nats, and the log-likelihoods of the token that follows.

    Each question has one option, so that every position predicts one token of it, in order.
    """
    import torch

    from evals.forward import logits_at

    picks, targets = batch.picks[begin:end], batch.targets[begin:end].to(model.device)
    if known is not None:
        base = logits_at(known, batch, picks)
    else:
        with model.disable_adapter():
            base = logits_at(model, batch, picks)
    candidate = logits_at(model, batch, picks)
    parts = []
    for mine, other, target in zip(*(torch.split(each, _SLICE) for each in (base, candidate, targets)), strict=True):
        p, q = mine.float().log_softmax(-1), other.float().log_softmax(-1)
        nats = (p.exp() * (p - q)).sum(-1)
        chosen = [side.gather(1, target[:, None])[:, 0] for side in (p, q)]
        parts.append(torch.stack([torch.ones_like(nats), nats.clamp(min=0), *chosen], dim=1))
    return torch.cat(parts).double().cpu()
