"""In which order examples are seen: epochs shuffled, sources weighted, general text replayed among the domain's."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tasks.training.example import Example
    from tasks.training.settings import Tune


def mixed(examples: Sequence["Example"], general: Sequence["Example"], settings: "Tune") -> Iterator[int]:
    """Yield positions for ever: those of `examples`, and behind them numbered those of `general`.

    A general example comes as soon as it brings the general tokens so far nearer to `replay` of them all, so that every
    step holds about that share of them. Were it due whenever fewer are general, a short training would see its first
    general text behind its first row: of 2,000 tokens, and texts of 300 to 900, a third instead of a tenth.
    """
    domain = _epochs(_weights(examples, settings), settings.seed, _by_length(examples, settings))
    if not general or not settings.replay:
        yield from domain
        return
    lacking = 0.0  # general tokens, by how many they are short of their share
    for waiting in _epochs(np.ones(len(general)), settings.seed + 1):
        brought = (1 - settings.replay) * len(general[waiting])
        while lacking < brought / 2:
            at = next(domain)
            lacking += settings.replay * len(examples[at])
            yield at
        lacking -= brought
        yield len(examples) + waiting


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


def _by_length(examples: Sequence["Example"], settings: "Tune") -> "Callable[[np.ndarray], np.ndarray] | None":
    """Return what orders the first epoch, where that is not left to chance.

    Only rows that the budget reaches are put in order: of a pool beyond it the short ones would be seen alone.
    """
    if settings.curriculum == "none":
        return None
    sizes = np.array([len(one) for one in examples])
    budget = settings.token_budget * (1 - settings.replay)

    def ordered(seen: "np.ndarray") -> "np.ndarray":
        reached = int(np.searchsorted(np.cumsum(sizes[seen]), budget, side="right"))
        first = seen[:reached]
        return np.concatenate([first[np.argsort(sizes[first], kind="stable")], seen[reached:]])

    return ordered


def _epochs(
    weights: "np.ndarray", seed: int, first: "Callable[[np.ndarray], np.ndarray] | None" = None
) -> Iterator[int]:
    """Yield positions for ever, every epoch in a new order, each as often as its weight says.

    Of a weight of 1.5 the half is drawn anew in each epoch. `first` orders the first epoch.
    """
    epoch = 0
    while True:
        drawing = np.random.default_rng([seed, epoch])
        order = drawing.permutation(len(weights))
        times = np.floor(weights).astype(int)
        if (part := weights - times).any():
            times = times + (drawing.random(len(weights)) < part)
        seen = np.repeat(order, times[order])
        if (times > 1).any():
            seen = drawing.permutation(seen)
        yield from (first(seen) if first and not epoch else seen).tolist()
        epoch += 1
