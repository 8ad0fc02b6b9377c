"""Prove what is left of an ablation's adapters: their files, and that the recipe's trainings write such adapters."""

from collections.abc import Iterator
from math import nan
from pathlib import Path

import polars as pl

from evals.steering import CONFIG, WEIGHTS
from quality.auditing.audit import Proof
from tasks import store
from tasks.auditing.ablated import Ablated
from tasks.auditing.adapter import configuration, prove_configured, prove_weighted


def prove_adapters(told: Ablated) -> list[Proof]:
    """Digest the adapters that are in this home's store, and compare configuration and weights with the recipe.

    Raises
    ------
    DamagedRun
        When configuration or weights of one that is what its digest says can't be read.
    """
    here = told.adapters
    altered = [one for one, folder in here.items() if store.folder_digest(folder) != one]
    stored = Proof.of(
        "the adapters of trainings that are still in this home's store are those of the digest that they name",
        len(here),
        altered,
    )
    kept = told.trainings.filter(pl.col("adapter").is_in([one for one in here if one not in altered]))
    if kept.is_empty():
        return [stored]
    wrong = [
        f"{arm} with seed {seed}: {example}"
        for arm, seed, adapter, scale in kept.select(
            "arm", "seed", "adapter", pl.col("scale").fill_null(nan)
        ).iter_rows()
        for example in _otherwise(told, here[adapter], nan if scale is None else scale)
    ]
    claim = "every such adapter is of the kind, the rank and the scale that recipe and training tell"
    return [stored, Proof.of(claim, kept.height, wrong)]


def _otherwise(told: Ablated, folder: Path, scale: float) -> Iterator[str]:
    """Name what of an adapter is not what the training writes."""
    said = configuration(folder / CONFIG)
    proofs = (prove_configured(said, told.recipe, told.tune, scale), prove_weighted(folder / WEIGHTS, said, told.tune))
    for proof in proofs:
        yield from proof.examples
    yield from (path.name for path in folder.iterdir() if path.name not in (CONFIG, WEIGHTS, store.CARD))
