"""Turn a freshly trained adapter down, where it forgets more of general text than the budget allows."""

from typing import Any

from tasks import cards, store
from tasks.caching import step
from tasks.examine import loaded
from tasks.fine_tune import Trained
from tasks.general import GeneralText
from tasks.models import ModelFiles, measured_by
from tasks.split import Data
from tasks.training.scales import UNSCALED, Tried, best, between, settled
from tasks.training.settings import Tune
from tasks.turn_down import NO_SCALE, can_turn_down, turn_down, written


@step(name="choose_scale", beside=measured_by)
def choose_scale(
    trained: Trained, data: Data, general: GeneralText | None, base: ModelFiles, settings: Tune
) -> Trained:
    """Return the adapter at the scale that `tune.scale` asks for.

    Scales are tried from the largest on, until one within the budget gains less than a larger one. The facts tell the
    `chosen_scale` and every scale that was tried, with the validation loss and what of general text was forgotten
    there. Where no scale is within the budget, the adapter stays as it was trained: the exam decides.
    """
    told = trained.facts
    forgotten, loss, budget = told["forgotten"], told["validation_loss_after"], settings.forgetting.budget
    if reason := _left_alone(trained, settings):
        cards.say(reason)
        return trained
    tried = _sweep(trained, Tried(UNSCALED, loss, forgotten), data, general, base, settings)
    found = best(tried, budget)
    facts: dict[str, Any] = {"scales_tried": [one._asdict() for one in sorted(tried, reverse=True)]}
    if found is None or found.scale == UNSCALED:
        why = "no scale tried is within the budget" if found is None else "no smaller scale gains more"
        cards.say(f"as it was trained: {why} · {_listed(tried)}")
        return trained.model_copy(update={"facts": told | facts})
    turned = turn_down(trained, found.scale)
    cards.say(f"turned down to {found.scale:g} · {_listed(tried)}")
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


def _sweep(
    trained: Trained,
    whole: Tried,
    data: Data,
    general: GeneralText | None,
    base: ModelFiles,
    settings: Tune,
) -> list[Tried]:
    """Try scale after scale, and one between the best and the next larger one; `whole` is the adapter as trained."""
    tried, budget = [whole], settings.forgetting.budget
    before = float(trained.facts["general_loss_before"])
    scales = sorted(set(settings.scales), reverse=True)
    with cards.progress("Trying scales") as tick:
        tick(0, len(scales) + 1)
        for scale in scales:
            tried.append(_try(trained, scale, data, general, base, settings, before))
            tick(len(tried) - 1, len(scales) + 1)
            if settled(tried, budget):
                break
        if (finer := between(tried, budget)) is not None:
            tried.append(_try(trained, finer, data, general, base, settings, before))
        tick(len(scales) + 1, len(scales) + 1)
    return tried


def _try(
    trained: Trained,
    scale: float,
    data: Data,
    general: GeneralText | None,
    base: ModelFiles,
    settings: Tune,
    before: float,
) -> Tried:
    """Measure the adapter at a scale on the rows that it was measured on while it was trained."""
    from tasks.training.engine import losses

    if general is None:
        raise ValueError("without general text nothing can be said of forgetting")
    model, tokenizer = loaded(base, turn_down(trained, scale).adapter, settings.threads)
    validation, held = (store.read_table(table) for table in (data.validation, general.held))
    loss, general_loss = losses(model, tokenizer, validation, held, settings)
    return Tried(scale, loss, general_loss - before)


def _listed(tried: list[Tried]) -> str:
    each = (f"at {one.scale:g} {one.validation_loss:.3f} and {one.forgotten:+z.3f}" for one in sorted(tried)[::-1])
    return f"validation loss and general text {', '.join(each)}"
