"""The combinations of settings that a sweep tries, each a complete `Tune`."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import ValidationError

from tasks.training.settings import SHAPING, Tune
from tasks.training.shapes import SHAPES, usual
from tasks.training.sweep_settings import AROUND, Sweep


def trials(tune: Tune, sweep: Sweep) -> list[Tune]:
    """Return every trial once, in an order that does not depend on how the recipe lists the values.

    Alpha stays what it is when the rank changes, as in LoRA's own paper (Hu et al. 2021, section 4.1): the change is
    divided by the rank, so that a learning rate stays about right.

    Raises
    ------
    ValueError
        Where no method has a rank and ranks are to be tried, or a method can't be trained with the settings of `tune`.
    """
    methods = sweep.method or (tune.method,)
    if sweep.rank and not any(_has(method, "rank") for method in methods):
        have = "has" if len(methods) == 1 else "have"
        raise ValueError(f"sweep.rank: {' and '.join(methods)} {have} no rank; leave it out, or name another method.")
    found = {
        name(one): one
        for method in methods
        for rate, rank, replay in itertools.product(
            sweep.learning_rate or _around(tune, method),
            (sweep.rank or (None,)) if _has(method, "rank") else (None,),
            sweep.replay or (tune.replay,),
        )
        for one in [_trial(tune, method, rate, rank, replay)]
    }
    ordered = sorted(found.values(), key=lambda one: (one.method, one.rank or 0, one.learning_rate, one.replay))
    if sweep.trials is None or sweep.trials >= len(ordered):
        return ordered
    drawn = np.random.default_rng(sweep.seed).permutation(len(ordered))[: sweep.trials]
    return [ordered[at] for at in sorted(drawn.tolist())]


def name(tune: Tune) -> str:
    """Say in a few words which trial it is; the same words for no two trials of a sweep.

    Examples
    --------
    >>> name(Tune(rank=8, replay=0.1))
    'lora, rank 8, learning rate 0.0002, replay 0.1'
    >>> name(Tune(method="ia3"))
    'ia3, learning rate 0.003, replay 0'
    """
    rank = "" if tune.rank is None else f", rank {tune.rank}"
    return f"{tune.method}{rank}, learning rate {tune.learning_rate!r}, replay {tune.replay:g}"


def unranked(tune: Tune, sweep: Sweep) -> Sequence[str]:
    """Return the methods that have no rank, where ranks are to be tried: each is tried once."""
    methods = sweep.method or (tune.method,)
    return [method for method in dict.fromkeys(methods) if sweep.rank and not _has(method, "rank")]


def _has(method: str, setting: str) -> bool:
    return setting in SHAPES[method].model_fields


def _around(tune: Tune, method: str) -> Sequence[float]:
    """Return learning rates around what is usual, without the crumbs of floating point."""
    middle = tune.learning_rate if method == tune.method else usual(method, "learning_rate")
    return [float(f"{factor * middle:.6g}") for factor in AROUND]


def _trial(tune: Tune, method: str, rate: float, rank: int | None, replay: float) -> Tune:
    given: dict[str, Any] = {
        setting: getattr(tune, setting)
        for setting in Tune.model_fields
        if setting not in SHAPING or (_carries(tune, method, setting) and getattr(tune, setting) is not None)
    }
    given |= {"method": method, "learning_rate": rate, "replay": replay} | ({} if rank is None else {"rank": rank})
    try:
        return Tune.model_validate(given)
    except ValidationError as error:
        told = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise ValueError(f"sweep.method: {method} can't be tried with the settings of tune: {told}.") from error


def _carries(tune: Tune, method: str, setting: str) -> bool:
    """Tell whether what shapes tune's own method shapes another one alike: both have it, and the same is usual."""
    if method == tune.method:
        return True
    return (
        _has(method, setting) and _has(tune.method, setting) and usual(method, setting) == usual(tune.method, setting)
    )
