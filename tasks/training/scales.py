"""How far an adapter is turned down: the scale that gains the most among those that forget no more than they may.

A LoRA is linear in its scale, so that one that was trained too hot is mended without training it again.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from evals.retained import Retained

if TYPE_CHECKING:
    from tasks.training.settings import Tune

UNSCALED = 1.0


class Tried(NamedTuple):
    """What an adapter at some scale was found to do, in nats per learnt token.

    `retention` is what it did to the spare items of each retention suite; empty where none were asked.
    """

    scale: float
    validation_loss: float
    forgotten: float
    retention: tuple[Retained, ...] = ()


class Limit(NamedTuple):
    """What a scale may forget: `budget` nats per token of general text, or as much as it likes where that is None.

    `own` is general text that the base wrote itself. Of that the loss rises with every training, whether anything
    is lost or not: there the retention suites' spare items are believed, where every suite has some.
    """

    budget: float | None
    own: bool = False

    def holds(self, one: Tried) -> bool:
        """Tell whether a scale is within the limit."""
        if not one.retention:
            return self.within_budget(one)
        return all(part.kept for part in one.retention) and (self.own or self.within_budget(one))

    def within_budget(self, one: Tried) -> bool:
        """Tell the same from general text alone."""
        return self.budget is None or one.forgotten <= self.budget


def limit_of(tune: "Tune") -> Limit:
    """Return what a smaller scale of a training's adapter may forget."""
    named = bool(tune.general.sources) or tune.general.rest
    return Limit(tune.forgetting.budget, own=not named)


def told_scales(facts: Mapping[str, Any]) -> tuple[Tried, ...]:
    """Return what a training's facts tell of the scales that were tried, the largest first."""
    found = (one | {"retention": _told(one.get("retention", ()))} for one in facts.get("scales_tried", ()))
    return tuple(Tried(**one) for one in found)


def _told(parts: Sequence[Mapping[str, Any]]) -> tuple[Retained, ...]:
    return tuple(Retained(**part) for part in parts)


def best(tried: Sequence[Tried], limit: Limit) -> Tried | None:
    """Return the scale of the lowest validation loss within the limit, the larger of two as good; None where none is.

    Where spare items speak for no scale, general text alone decides.

    Examples
    --------
    >>> hot = [Tried(1.0, 1.2, 0.09), Tried(0.75, 1.21, 0.02), Tried(0.5, 1.4, 0.01)]
    >>> best(hot, Limit(budget=0.05)).scale
    0.75
    """
    within = [one for one in tried if limit.holds(one)] or [one for one in tried if limit.within_budget(one)]
    return min(within, key=lambda one: (one.validation_loss, -one.scale), default=None)


def between(tried: Sequence[Tried], limit: Limit) -> float | None:
    """Return the one scale that is tried besides: in the middle of the best and the next larger one.

    Where no scale is within the limit, half of the smallest.
    """
    found = best(tried, limit)
    if found is None:
        return min(one.scale for one in tried) / 2
    larger = min((one.scale for one in tried if one.scale > found.scale), default=None)
    return None if larger is None else (found.scale + larger) / 2


def settled(tried: Sequence[Tried], limit: Limit) -> bool:
    """Tell whether no scale below those tried can be better: the smallest is within the limit, and gains less.

    As the scale falls, validation loss is taken to fall to one lowest point and to rise from there to the base's.
    Where it goes up and down a smaller scale may gain some hundredths of a nat more, which is not looked for.
    """
    last = min(tried, key=lambda one: one.scale)
    larger = min((one for one in tried if one.scale > last.scale), key=lambda one: one.scale, default=None)
    return limit.holds(last) and larger is not None and larger.validation_loss <= last.validation_loss
