"""Turn a freshly trained adapter down, where it forgets more than it may."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from evals.repairing import name_at
from evals.retained import Retained
from tasks import cards, store
from tasks.caching import step
from tasks.examine import base_beside, holding_the_model, loaded
from tasks.fine_tune import Trained
from tasks.general import GeneralText
from tasks.models import ModelFiles, measured_by
from tasks.spare_items import Spare, ask
from tasks.split import Data
from tasks.training.scales import UNSCALED, Tried, best, between, limit_of, settled
from tasks.training.settings import Tune
from tasks.turn_down import NO_SCALE, can_turn_down, turn_down, written


@step(name="choose_scale", beside=measured_by)
def choose_scale(
    trained: Trained,
    data: Data,
    general: GeneralText | None,
    base: ModelFiles,
    settings: Tune,
    spare: Spare | None = None,
) -> Trained:
    """Return the adapter at the scale that `tune.scale` asks for.

    Scales are tried from the largest on, until one within the limit (`tasks.training.scales.Limit`) gains less than a
    larger one. The facts tell the `chosen_scale` and every scale that was tried, with the validation loss, what of
    general text was forgotten there, and how the spare items fared. Where no scale is within the limit, the adapter
    stays as it was trained: the exam decides.

    Parameters
    ----------
    spare
        Items of all retention suites that the exam does not ask; None where `tasks.spare_items` finds too few.
    """
    told = trained.facts
    if reason := _left_alone(trained, settings):
        cards.say(reason)
        return trained
    assert general is not None  # forgetting was measured
    looks = _Looks(trained, data, general, base, settings, spare if settings.forgetting.budget is not None else None)
    tried, limit = _sweep(looks, settings), limit_of(settings)
    found, listed = best(tried, limit), _listed(tried)
    facts: dict[str, Any] = {"scales_tried": [_fact(one) for one in _from_largest(tried)]}
    if found is None or found.scale == UNSCALED:
        why = "no scale tried forgets little enough" if found is None else "no smaller scale gains more"
        cards.say(f"as it was trained: {why} · {listed}")
        return trained.model_copy(update={"facts": told | facts})
    turned = turn_down(trained, found.scale)
    alone = "" if limit.holds(found) else ", by general text alone, for at no scale all that must be kept is"
    cards.say(f"turned down to {found.scale:g}{alone} · {listed}")
    facts |= {"chosen_scale": found.scale, "validation_loss_after": found.validation_loss, "forgotten": found.forgotten}
    return turned.model_copy(update={"facts": told | facts})


def _left_alone(trained: Trained, settings: Tune) -> str:
    """Say why no scale is looked for, or nothing."""
    forgotten, budget = trained.facts["forgotten"], settings.forgetting.budget
    if settings.scale == "as-trained":
        return "as it was trained: tune.scale says so"
    if forgotten is None or trained.facts["validation_loss_after"] is None:
        return "as it was trained: gain or forgetting was not measured"
    if not can_turn_down(written(trained.adapter)):
        return f"as it was trained: {NO_SCALE}"
    if settings.scale == "within-budget" and (budget is None or forgotten <= budget):
        return f"as it was trained: general text {forgotten:+z.3f} nats per token" + (
            "" if budget is None else f", within the budget of {budget:g}"
        )
    return ""


def _sweep(looks: "_Looks", settings: Tune) -> list[Tried]:
    """Try scale after scale, and one between the best and the next larger one."""
    scales, limit = sorted(set(settings.scales), reverse=True), limit_of(settings)
    with cards.progress("Trying scales") as tick:
        tick(0, len(scales) + 1)
        tried = [looks.as_trained()]
        for scale in scales:
            tried.append(looks.at(scale))
            tick(len(tried) - 1, len(scales) + 1)
            if settled(tried, limit):
                break
        if (finer := between(tried, limit)) is not None:
            tried.append(looks.at(finer))
        tick(len(scales) + 1, len(scales) + 1)
    return tried


class _Looks:
    """Looks at an adapter scale by scale, on the rows that it was measured on while trained, and on spare items."""

    def __init__(
        self,
        trained: Trained,
        data: Data,
        general: GeneralText,
        base: ModelFiles,
        settings: Tune,
        spare: Spare | None,
    ) -> None:
        self._trained, self._base, self._settings, self._spare = trained, base, settings, spare
        self._rows, self._general = store.read_table(data.validation), store.read_table(general.held)
        self._before: pl.DataFrame | None = None

    def as_trained(self) -> Tried:
        """Look at the adapter as it was trained, of which training told losses already."""
        told = self._trained.facts
        found = self._retained(UNSCALED, self._trained)
        return Tried(UNSCALED, told["validation_loss_after"], told["forgotten"], found)

    def at(self, scale: float) -> Tried:
        """Look at the adapter turned down."""
        from tasks.training.engine import losses

        turned = turn_down(self._trained, scale)
        with holding_the_model():
            model, tokenizer = loaded(self._base, turned.adapter, self._settings.threads)
            loss, general_loss = losses(model, tokenizer, self._rows, self._general, self._settings)
            found = self._retained(scale, turned)
        return Tried(scale, loss, general_loss - float(self._trained.facts["general_loss_before"]), found)

    def _retained(self, scale: float, at: Trained) -> tuple[Retained, ...]:
        if self._spare is None:
            return ()
        if self._before is None:
            self._before = self._asked(self._spare, None, "base")
        candidate = name_at(scale)
        scores = pl.concat([self._before, self._asked(self._spare, at, candidate)])
        return self._spare.judged(scores, candidate)

    def _asked(self, spare: Spare, at: Trained | None, name: str) -> pl.DataFrame:
        base, adapter = base_beside(self._base, self._settings.method), None if at is None else at.adapter
        return ask(spare.items, spare.suites, base, adapter, self._settings.threads, name, whole=False).scores


def _from_largest(tried: Sequence[Tried]) -> list[Tried]:
    return sorted(tried, key=lambda one: -one.scale)


def _fact(one: Tried) -> dict[str, Any]:
    """Return what is kept of a look."""
    told = one._asdict()
    found = [part._asdict() for part in told.pop("retention")]
    return told | ({"retention": found} if found else {})


def _listed(tried: Sequence[Tried]) -> str:
    """Say what was found."""
    each = (
        f"at {one.scale:g} {one.validation_loss:.3f} and {one.forgotten:+z.3f}{_lost(one)}"
        for one in _from_largest(tried)
    )
    return f"validation loss and general text {', '.join(each)}"


def _lost(one: Tried) -> str:
    """Say which suites lose too much, or may."""
    lost = [f"{part.suite} {part.mean:+z.3f}" for part in one.retention if not part.kept]
    return f" (not kept: {', '.join(lost)})" if lost else " (all kept)" if one.retention else ""
