"""In which order examples are seen: epochs shuffled, sources weighted, general text replayed among the domain's."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tasks.training.data import Example
    from tasks.training.settings import Tune


def mixed(examples: Sequence["Example"], general: Sequence["Example"], settings: "Tune") -> Iterator[int]:
    """Yield positions for ever: those of `examples`, and behind them numbered those of `general`.

    A general example comes whenever fewer than `replay` of the tokens so far are general, so that every step holds
    about that share of them.
    """
    domain = _epochs(_weights(examples, settings), settings.seed, _first(examples, settings))
    if not general or not settings.replay:
        yield from domain
        return
    replayed = _epochs(np.ones(len(general)), settings.seed + 1)
    tokens = {True: 0, False: 0}
    while True:
        is_due = tokens[True] < settings.replay * (tokens[True] + tokens[False])
        at = next(replayed if is_due else domain)
        tokens[is_due] += len((general if is_due else examples)[at])
        yield len(examples) + at if is_due else at


def _weights(examples: Sequence["Example"], settings: "Tune") -> "np.ndarray":
    """Say how often each example is seen in an epoch, (n_examples,)."""
    unknown = sorted(set(settings.source_weights) - {one.source for one in examples})
    if unknown:
        known = ", ".join(sorted({one.source for one in examples} - {""})) or "none with a name"
        raise ValueError(f"tune.source_weights: no training row is of {unknown[0]!r}; there are {known}.")
    weights = np.array([settings.source_weights.get(one.source, 1.0) for one in examples])
    if not weights.any():
        raise ValueError("tune.source_weights: no row is left to train on: give a source a weight above 0.")
    return weights


def _first(examples: Sequence["Example"], settings: "Tune") -> "np.ndarray | None":
    """Return the order of the first epoch, where it is not left to chance."""
    if settings.curriculum == "none":
        return None
    return np.argsort([len(one) for one in examples], kind="stable")


def _epochs(weights: "np.ndarray", seed: int, first: "np.ndarray | None" = None) -> Iterator[int]:
    """Yield positions for ever, every epoch in a new order, each as often as its weight says.

    Of a weight of 1.5 the half is drawn anew in each epoch.
    """
    epoch = 0
    while True:
        drawing = np.random.default_rng([seed, epoch])
        order = drawing.permutation(len(weights)) if epoch or first is None else first
        times = np.floor(weights).astype(int)
        if (part := weights - times).any():
            times = times + (drawing.random(len(weights)) < part)
        seen = np.repeat(order, times[order])
        if len(seen) > len(weights) or (times > 1).any():
            seen = drawing.permutation(seen)
        yield from seen.tolist()
        epoch += 1
