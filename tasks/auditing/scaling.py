"""Prove that an adapter was turned down, or left as it was trained, by what was measured at each scale."""

import contextlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from quality.auditing.audit import Proof
from tasks.training.scales import UNSCALED, Tried, best, between, limit_of, settled
from tasks.training.settings import Tune

_TRIED = TypeAdapter(Tried, config=ConfigDict(strict=True, allow_inf_nan=False))


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


def prove_scale(
    said: Mapping[str, Any],
    tune: Tune,
    loss: float | None,
    forgotten: float | None,
    margins: Mapping[str, float] | None = None,
) -> Proof:
    """Choose again among the scales that were tried.

    What was measured at a smaller scale, and on spare items at any, takes the model to measure again.

    Parameters
    ----------
    loss, forgotten
        The curve's, of the adapter as trained.
    margins
        What each retention suite of the exam may lose: where spare items were asked, they are of all of these.
    """
    claim = "the adapter's scale is the one that what was measured at each scale speaks for"
    tried, wrong = _tried(said), list[str]()
    if not tried:
        if "chosen_scale" in said:
            wrong.append(f"chosen_scale: {said['chosen_scale']}, and none was tried")
        elif _is_due(tune, loss, forgotten):
            wrong.append(f"forgotten: {forgotten}, and no smaller scale was tried")
        return Proof.of(claim, 1, wrong)
    if tune.scale == "as-trained":
        wrong.append("scales were tried, and tune.scale is as-trained")
    if (UNSCALED, loss or 0.0, forgotten or 0.0) not in [one[:3] for one in tried]:
        wrong.append("the adapter as it was trained is not among those tried as its curve tells it")
    wrong += _other_items(tried, tune, margins or {})
    wrong += _other_scales(tried, tune)
    found = best(tried, limit_of(tune))
    wanted = UNSCALED if found is None else found.scale
    if said.get("chosen_scale", UNSCALED) != wanted:
        wrong.append(f"chosen_scale: {said.get('chosen_scale', UNSCALED)}, not {wanted}")
    return Proof.of(claim, len(tried), wrong)


def _is_due(tune: Tune, loss: float | None, forgotten: float | None) -> bool:
    """Tell whether a smaller scale had to be tried, as far as the kind of the adapter has one."""
    if loss is None or forgotten is None or tune.method in ("prompt", "prefix", "peft"):
        return False
    budget = tune.forgetting.budget
    over = budget is not None and forgotten > budget
    return tune.scale == "best" or (tune.scale == "within-budget" and over)


def _other_scales(tried: Sequence[Tried], tune: Tune) -> list[str]:
    """Name the scales that had to be tried and were not, or were tried though nothing asks for them.

    Only the recipe's settle which others were needed: the one between was tried behind them.
    """
    asked, limit = {UNSCALED, *tune.scales}, limit_of(tune)
    swept = [one for one in tried if one.scale in asked]
    for scale in sorted(asked, reverse=True):
        larger = [one for one in swept if one.scale > scale]
        if larger and settled(larger, limit):
            break
        if all(one.scale != scale for one in swept):
            return [f"scale {scale:g} was not tried, and larger ones do not settle it"]
    finer, found = between(swept, limit), {one.scale for one in tried}
    lacking = [] if finer is None or finer in found else [f"scale {finer:g}, of those between, was not tried"]
    return lacking + [
        f"scale {scale:g} was tried, and nothing asks for it" for scale in sorted(found - asked - {finer})
    ]


def _other_items(tried: Sequence[Tried], tune: Tune, margins: Mapping[str, float]) -> list[str]:
    """Name the scales whose spare items are not of every retention suite, or judged by other lines than the gate's.

    Nor is there a reason to ask any where there is no budget, or to try a scale twice.
    """
    counts = Counter(one.scale for one in tried)
    twice = [f"scale {scale:g} was tried twice" for scale, count in counts.items() if count > 1]
    if twice or not any(one.retention for one in tried):
        return twice
    if tune.forgetting.budget is None:
        return ["spare items were asked, and no budget asks for them"]
    asked = sorted((suite, -margin) for suite, margin in margins.items())
    wrong = [one.scale for one in tried if sorted((part.suite, part.line) for part in one.retention) != asked]
    parts = ((one.scale, part) for one in tried for part in one.retention)
    odd = [scale for scale, part in parts if part.lower is not None and part.lower > part.mean]
    return [f"scale {scale:g}: spare items of other suites, or other lines" for scale in wrong] + [
        f"scale {scale:g}: a bound above its mean" for scale in odd
    ]


def _tried(said: Mapping[str, Any]) -> list[Tried]:
    """Return the looks that are told as such."""
    listed, found = said.get("scales_tried"), list[Tried]()
    for one in listed if isinstance(listed, list) else ():
        with contextlib.suppress(ValidationError, ValueError):
            found.append(_TRIED.validate_json(json.dumps(one)))
    return found
