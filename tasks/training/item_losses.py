"""Losses row by row, on the very rows that training measures, so that a gain can be told with an interval."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from evals.paired import Paired, paired
from tasks.training import threads
from tasks.training.data import Examples, gather
from tasks.training.engine import attending, within_reach
from tasks.training.loss import collate, logits
from tasks.training.packing import pack, sample
from tasks.training.settings import Tune

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from tasks.training.loss import Pack

ITEM_LOSSES: dict[str, pl.DataType] = {"id": pl.String(), "tokens": pl.UInt32(), "nats": pl.Float64()}
"""A row's id, how many tokens of it are learnt, and the loss of them all together."""


def item_losses(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    validation: pl.DataFrame,
    general: pl.DataFrame,
    settings: Tune,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the losses of validation and of general rows (schema `ITEM_LOSSES`), those that each look at them reads.

    Summed and divided by the tokens they are what `engine.losses` measures. The parameters are the same.
    """
    window = within_reach(model, settings)
    unwrap = getattr(model, "get_base_model", None)
    base: PreTrainedModel = model if unwrap is None else unwrap()
    with threads.limited_to(settings.threads), attending(model, base) as packed:
        parts = [
            _measured(model, gather(rows, window, tokenizer), window, tokens, packed=packed)
            for rows, tokens in (
                (validation, settings.validation_tokens),
                (general, max(1, settings.forgetting.measure_tokens)),
            )
        ]
    return parts[0], parts[1]


def compared(before: pl.DataFrame, after: pl.DataFrame, clusters: Mapping[str, str]) -> Paired:
    """Compare the losses of two models on the same rows: how far it fell, in nats per learnt token.

    The mean is that of all tokens, Σ(b − a) / Σn, not of rows, as training measures it. Its spread is that of a ratio:
    what a row's difference is beyond the mean times its tokens (Cochran 1977, Sampling techniques, section 6.4).

    Parameters
    ----------
    before, after
        As `item_losses` returns them, of the same rows.
    clusters
        The document of a row, by its id; a row that is not in it is a document of its own.
    """
    if not before["id"].equals(after["id"]):
        raise ValueError("Losses of different rows can't be compared.")
    fell = (before["nats"] - after["nats"]).to_numpy()
    tokens = before["tokens"].cast(pl.Float64).to_numpy()
    mean = fell.sum() / tokens.sum()
    differences = mean + (fell - mean * tokens) / tokens.mean()
    documents = [clusters.get(key, key) for key in before["id"]]
    # Losses are no rights and wrongs, not even where all of them are equal.
    return replace(paired(differences * 0, differences, documents, share=False), binary=False)


def _measured(model: "PreTrainedModel", rows: Examples, settings: Tune, tokens: int, *, packed: bool) -> pl.DataFrame:
    import torch

    drawn = [rows[at] for at in sample(rows, tokens, settings.seed)]
    nats = [0.0] * len(drawn)
    with torch.no_grad():
        for members in pack([len(one) for one in drawn], settings.pack_tokens if packed else 1):
            together = collate([drawn[at] for at in members], model.device)
            for at, loss in zip(members, _by_row(model, together, packed=packed), strict=True):
                nats[at] = loss
    told = {"id": [one.id for one in drawn], "tokens": [one.supervised for one in drawn], "nats": nats}
    return pl.DataFrame(told, schema=ITEM_LOSSES)


def _by_row(model: "torch.nn.Module", row: "Pack", *, packed: bool) -> list[float]:
    """Sum the loss of each example of a pack; every one has a token to learn."""
    import torch

    found = logits(model, row, packed=packed).float()
    each = torch.nn.functional.cross_entropy(found, row.targets, reduction="none").double()
    ends = torch.tensor(row.segments, device=each.device).cumsum(0)
    owner = torch.searchsorted(ends, row.predicting, right=True)
    return each.new_zeros(len(row.segments)).index_add(0, owner, each).tolist()
