"""Prove what is left of an ablation's adapters: their files, and that the recipe's trainings write such adapters."""

from collections.abc import Iterator
from math import nan
from pathlib import Path

from evals.steering import CONFIG, WEIGHTS
from quality.auditing.audit import Proof
from tasks import store
from tasks.auditing.ablated import Ablated
from tasks.auditing.adapter import configuration, prove_configured, prove_weighted
from tasks.runs import DamagedRun


def prove_adapters(told: Ablated) -> list[Proof]:
    """Digest the adapters that are in this home's store, and compare configuration and weights with the recipe."""
    columns = ("arm", "seed", "adapter", "scale")
    here = [line for line in told.trainings.select(columns).iter_rows() if line[2] in told.adapters]
    altered = {one for one, place in told.adapters.items() if not place.is_dir() or store.folder_digest(place) != one}
    stored = Proof.of(
        "the adapters of trainings that are still in this home's store are those of the digest that they name",
        len(here),
        [f"{arm} with seed {seed}: {adapter}" for arm, seed, adapter, _ in here if adapter in altered],
    )
    kept = [line for line in here if line[2] not in altered]
    if not kept:
        return [stored]
    wrong = [
        f"{arm} with seed {seed}: {example}"
        for arm, seed, adapter, scale in kept
        for example in _otherwise(told, told.adapters[adapter], nan if scale is None else scale)
    ]
    claim = "every such adapter is of the kind, the rank and the scale that recipe and training tell"
    return [stored, Proof.of(claim, len(kept), wrong)]


def _otherwise(told: Ablated, folder: Path, scale: float) -> Iterator[str]:
    """Name what of an adapter is not what the training writes, or can't be read."""
    strange = [path.name for path in folder.iterdir() if path.name not in (CONFIG, WEIGHTS) or not path.is_file()]
    if strange:
        yield from strange
        return
    try:
        said = configuration(folder / CONFIG)
        yield from prove_configured(said, told.recipe, told.tune, scale).examples
        yield from prove_weighted(folder / WEIGHTS, said, told.tune).examples
    except DamagedRun as error:
        yield str(error)
