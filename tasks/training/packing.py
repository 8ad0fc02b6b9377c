"""Which examples make which optimizer step, and how the examples of a step share passes through the model."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tasks.training.mixing import mixed

if TYPE_CHECKING:
    from tasks.training.example import Example
    from tasks.training.settings import Tune


@dataclass(frozen=True)
class Batch:
    """One optimizer step.

    Attributes
    ----------
    packs
        Positions of the examples that go through the model together, pack by pack.
    tokens, supervised, replayed
        Tokens of the step, how many of them are learnt, and how many are of general text.
    """

    packs: tuple[tuple[int, ...], ...]
    tokens: int
    supervised: int
    replayed: int = 0


def plan(
    examples: Sequence["Example"],
    settings: "Tune",
    *,
    general: Sequence["Example"] = (),
    pack_tokens: int | None = None,
) -> list[Batch]:
    """Lay out the whole training: shuffled epochs, cut into steps, until the token budget is used up.

    The examples of a step are chosen before they are packed, so the size of a pack changes how fast a step
    is computed and nothing else. The plan is a function of its arguments alone, which is why a checkpoint
    needs to remember only a step number.

    Parameters
    ----------
    examples
        Examples to train on.
    settings
        `token_budget` is never exceeded; `batch_tokens` only by a single example that is larger.
    general
        General examples, of which `replay` says how large a share is mixed in. They are numbered behind the others. One
        that the budget has no room for any more is passed over; an example of the others then ends the training.
    pack_tokens
        Overrides the setting.
    """
    batches: list[Batch] = []
    chosen: list[int] = []
    tokens = 0
    left = settings.token_budget
    rows = [*examples, *general]
    for at in mixed(examples, general, settings):
        size = len(rows[at])
        if size > left and at >= len(examples):
            continue  # a long general text ends no training that has room for rows
        if size > left:
            break
        if chosen and tokens + size > settings.batch_tokens:
            batches.append(_batch(rows, len(examples), chosen, pack_tokens or settings.pack_tokens))
            chosen, tokens = [], 0
        chosen.append(at)
        tokens += size
        left -= size
    if chosen:
        batches.append(_batch(rows, len(examples), chosen, pack_tokens or settings.pack_tokens))
    if not batches:
        raise ValueError(
            f"tune.token_budget: {settings.token_budget:,} tokens are fewer than the first record takes ({size:,}). "
            "Give more tokens."
        )
    return batches


def by_source(examples: Sequence["Example"], batches: Sequence[Batch]) -> dict[str, int]:
    """Count the tokens of examples by their source, over the batches that they are in; general ones are left out."""
    counts: Counter[str] = Counter()
    for at in (at for batch in batches for members in batch.packs for at in members if at < len(examples)):
        counts[examples[at].source] += len(examples[at])
    return dict(sorted(counts.items()))


def pack(sizes: Sequence[int], pack_tokens: int) -> list[list[int]]:
    """Put items into as few bins as first-fit decreasing finds; one larger than a bin gets its own."""
    bins: list[list[int]] = []
    room: list[int] = []
    for item in sorted(range(len(sizes)), key=lambda at: -sizes[at]):
        fitting = next((at for at, free in enumerate(room) if free >= sizes[item]), None)
        if fitting is None:
            bins.append([item])
            room.append(pack_tokens - sizes[item])
        else:
            bins[fitting].append(item)
            room[fitting] -= sizes[item]
    return bins


def sample(examples: Sequence["Example"], tokens: int, seed: int) -> list[int]:
    """Draw different examples until the next would exceed `tokens`; at least one, if there is any."""
    drawn: list[int] = []
    for at in np.random.default_rng(seed).permutation(len(examples)).tolist():
        tokens -= len(examples[at])
        if drawn and tokens < 0:
            break
        drawn.append(at)
    return drawn


def _batch(examples: Sequence["Example"], of_domain: int, chosen: Sequence[int], pack_tokens: int) -> Batch:
    sizes = [len(examples[at]) for at in chosen]
    return Batch(
        packs=tuple(tuple(chosen[item] for item in items) for items in pack(sizes, pack_tokens)),
        tokens=sum(sizes),
        supervised=sum(examples[at].supervised for at in chosen),
        replayed=sum(len(examples[at]) for at in chosen if at >= of_domain),
    )
