"""Prove that an adapter was turned down, or left as it was trained, by what was measured at each scale."""

from collections.abc import Mapping, Sequence
from typing import Any

from quality.auditing.audit import Proof
from tasks.training.scales import UNSCALED, Tried, best, settled
from tasks.training.settings import Tune


def chosen_scale(said: Mapping[str, Any]) -> float:
    """Return the scale that was chosen behind training, by the manifest's account; 1 where none was."""
    found = said.get("chosen_scale", UNSCALED)
    return float(found) if isinstance(found, int | float) and 0 < found <= UNSCALED else UNSCALED


def as_chosen(said: Mapping[str, Any], loss: float | None, forgotten: float | None) -> tuple[Any, Any]:
    """Return validation loss and forgetting that the account must tell: those of the scale that was chosen."""
    if "chosen_scale" not in said:
        return loss, forgotten
    at = next((one for one in _tried(said) if one.scale == said["chosen_scale"]), None)
    return (None, None) if at is None else (at.validation_loss, at.forgotten)


def prove_scale(said: Mapping[str, Any], tune: Tune, loss: float | None, forgotten: float | None) -> Proof:
    """Choose again among the scales that were tried; `loss` and `forgotten` are the curve's, of the adapter as trained.

    What was measured at a smaller scale takes the model to measure again.
    """
    claim = "the adapter's scale is the one that what was measured at each scale speaks for"
    tried, wrong = _tried(said), list[str]()
    if not tried:
        over = forgotten is not None and tune.forgetting.budget is not None and forgotten > tune.forgetting.budget
        if "chosen_scale" in said:
            wrong.append(f"chosen_scale: {said['chosen_scale']}, and none was tried")
        elif over and tune.scale != "as-trained" and tune.method not in ("prompt", "prefix", "peft"):
            wrong.append(f"forgotten: {forgotten}, over the budget, and no smaller scale was tried")
        return Proof.of(claim, 1, wrong)
    if tune.scale == "as-trained":
        wrong.append("scales were tried, and tune.scale is as-trained")
    if Tried(UNSCALED, loss or 0.0, forgotten or 0.0) not in tried:
        wrong.append("the adapter as it was trained is not among those tried as its curve tells it")
    if (lacking := _not_tried(tried, tune)) is not None:
        wrong.append(f"scale {lacking:g} of tune.scales was not tried, and those larger do not settle it")
    found = best(tried, tune.forgetting.budget)
    wanted = UNSCALED if found is None else found.scale
    if said.get("chosen_scale", UNSCALED) != wanted:
        wrong.append(f"chosen_scale: {said.get('chosen_scale', UNSCALED)}, not {wanted}")
    return Proof.of(claim, len(tried), wrong)


def _not_tried(tried: Sequence[Tried], tune: Tune) -> float | None:
    """Return the largest scale of the recipe's that had to be tried, and was not."""
    for scale in sorted(set(tune.scales), reverse=True):
        larger = [one for one in tried if one.scale > scale]
        if larger and settled(larger, tune.forgetting.budget):
            return None
        if all(one.scale != scale for one in tried):
            return scale
    return None


def _tried(said: Mapping[str, Any]) -> list[Tried]:
    listed = said.get("scales_tried")
    rows = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [Tried(**one) for one in rows if set(one) == set(Tried._fields) and all(_is_number(v) for v in one.values())]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
