"""Compare what a run says of its training: curve, manifest's account, adapter's configuration and recipe.

That the adapter is what this training gave takes the model. But an account that contradicts the curve, a curve that
no such settings give and an adapter of another kind or base can be told from the files.
"""

import math
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any, TypeGuard

import polars as pl

from evals.steering import CONFIG, WEIGHTS
from quality.auditing.audit import Proof
from tasks import run_files, run_settings, store
from tasks.auditing.adapter import configuration, prove_configured, prove_weighted
from tasks.auditing.scaling import as_chosen, chosen_scale, prove_scale
from tasks.runs import DamagedRun
from tasks.sealed_suites import margins_of
from tasks.training.schedule import learning_rate
from tasks.training.settings import Tune

_CLOSE = 1e-9
_TENTH = 0.051  # what a rounding to tenths takes or adds


def prove_training(folder: Path, facts: Mapping[str, Any], rows: int) -> list[Proof]:
    """Check the training of a run that judged; `rows` is the number of its training rows.

    Raises
    ------
    DamagedRun
        When curve, recipe or configuration can't be read.
    """
    recipe, curve = run_settings.recipe(folder), run_files.curve(folder)
    tune = run_settings.of_training(folder, "tune", Tune)
    if curve.is_empty():
        raise DamagedRun(folder / "metrics.parquet", "holds no step")
    said, verdict = configuration(folder / "adapter" / CONFIG), run_files.verdict(folder)
    repaired = 1.0 if verdict is None else verdict.scale
    account = facts.get("training")
    account = account if isinstance(account, dict) else {}
    scale = chosen_scale(account) * repaired
    names = [name for name in facts["files"] if name.startswith("adapter/")]
    return [
        *prove_curve(account, curve, tune, rows, repaired),
        prove_scale(account, tune, *_kept(account, curve, tune)[1:], _margins(folder)),
        prove_configured(said, recipe, tune, scale),
        prove_weighted(folder / "adapter" / WEIGHTS, said, tune),
        Proof.of(
            "the adapter is one of safetensors and JSON, and holds no other file but its card",
            len(names),
            _unsafe(names),
        ),
    ]


def _margins(folder: Path) -> dict[str, float]:
    """Return what each retention suite of a run's exam may lose."""
    gate, suites = run_settings.gate(folder), run_files.suites(folder) or []
    if gate is None:
        return {}
    gate = gate.beside(margins_of(suites))
    named = [one.suite.name for one in suites if one.suite.role == "retention"]
    return {name: gate.margins.get(name, gate.margin) for name in named}


def prove_curve(
    account: Mapping[str, Any], curve: pl.DataFrame, tune: Tune, rows: int, repaired: float = 1.0
) -> list[Proof]:
    """Compare a training's account with its curve, and the curve with what its settings give.

    Parameters
    ----------
    account : mapping
        The training's facts (`tasks.fine_tune.Trained.facts`).
    curve : pl.DataFrame
        A line per step (`tasks.training.result.curve`).
    tune : Tune
        Its settings.
    rows : int
        Number of its training rows.
    repaired : float
        The scale to which it was turned down by what the exam told.
    """
    return [
        _account(account, curve, tune, repaired),
        _counted(account, curve, rows),
        _schedule(account, curve, tune),
        _stepped(curve, tune),
    ]


def _kept(found: Mapping[str, Any], curve: pl.DataFrame, tune: Tune) -> tuple[int, float | None, float | None]:
    """Tell the step whose adapter is kept, its validation loss, and what of general text it had forgotten.

    Step 0 is the base, which virtual tokens do not begin as. Whether another adapter of PEFT's own does no file tells:
    there the account is believed, if it says that it was not kept.
    """
    loss: dict[int, float] = dict(curve.select("step", "validation_loss").drop_nulls().iter_rows())
    beside = tune.method in ("prompt", "prefix") or (tune.method == "peft" and found.get("chosen_step") != 0)
    begun = {step: value for step, value in loss.items() if step or not beside}
    kept = min(begun, key=lambda step: begun[step]) if begun and tune.keep == "best" else curve["step"][-1]
    if "general_loss" not in curve.columns:  # written before forgetting was measured
        return kept, loss.get(kept), None
    general: dict[int, float] = dict(curve.select("step", "general_loss").drop_nulls().iter_rows())
    forgotten = general[kept] - general[0] if {0, kept} <= general.keys() else None
    return kept, loss.get(kept), forgotten


def _account(found: Mapping[str, Any], curve: pl.DataFrame, tune: Tune, scale: float) -> Proof:
    """Compare the manifest's account with the curve; the adapter kept is that of the lowest validation loss."""
    kept, loss, forgotten = _kept(found, curve, tune)
    loss, forgotten = as_chosen(found, loss, forgotten)
    first = curve.filter(pl.col("step") == 0)["validation_loss"]
    wanted = {
        "method": tune.method,
        "tokens": curve["tokens"][-1],
        "chosen_step": kept,
        "validation_loss_before": None if first.is_empty() else first[0],
        "validation_loss_after": loss,
        "scale": scale if scale < 1 else None,
        "forgotten": forgotten,
    }
    wrong = [f"{key}: {found.get(key)}, not {value}" for key, value in wanted.items() if found.get(key) != value]
    return Proof.of("the manifest's account of the training is its curve's", len(wanted), wrong)


def _counted(found: Mapping[str, Any], curve: pl.DataFrame, rows: int) -> Proof:
    """Compare counts and times with what they can be; how many tokens were learnt takes the tokenizer."""
    tokens, ended = curve["tokens"][-1], curve["seconds"][-1]
    learnt, seconds, speed = (found.get(key) for key in ("supervised_tokens", "seconds", "tokens_per_second"))
    right = {
        "supervised_tokens": isinstance(learnt, int) and 0 < learnt <= tokens,
        "seconds": ended is not None and _is_number(seconds) and seconds >= ended - _TENTH,
        "tokens_per_second": _is_number(seconds) and _is_number(speed) and _is_speed(tokens, seconds, speed),
    }
    for key in ("records_truncated", "records_skipped"):
        right[key] = isinstance(count := found.get(key), int) and 0 <= count <= rows
    right |= _told_since(found, tokens)
    wrong = [f"{key}: {found.get(key)}" for key, holds in right.items() if not holds]
    return Proof.of("the account's counts and times are ones that curve and dataset allow", len(right), wrong)


def _told_since(found: Mapping[str, Any], tokens: int) -> dict[str, bool]:
    """Check counts that runs of earlier versions don't tell."""
    right = {}
    if "last_answers_cut" in found:
        count, cut = found["last_answers_cut"], found.get("records_truncated")
        right["last_answers_cut"] = isinstance(count, int) and isinstance(cut, int) and 0 <= count <= cut
    if "tokens_by_source" in found:
        counts, replayed = found["tokens_by_source"], found.get("replayed_tokens", 0)
        right["tokens_by_source"] = isinstance(counts, dict) and sum(counts.values()) + replayed == tokens
    return right


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def _is_speed(tokens: int, seconds: float, speed: float) -> bool:
    """Tell whether a speed is tokens by seconds; both are rounded to tenths."""
    slowest = tokens / (seconds + _TENTH) - _TENTH
    return slowest <= speed and (seconds <= _TENTH or speed <= tokens / (seconds - _TENTH) + _TENTH)


def _schedule(account: Mapping[str, Any], curve: pl.DataFrame, tune: Tune) -> Proof:
    """Work out the learning rate of every step again, from the tokens of the steps and the recipe.

    It is laid out for all tokens that were planned, of which a training that ended early has seen but a part.
    """
    wrong, before, planned = list[str](), 0, max(1, curve["tokens"][-1])
    said = account.get("tokens_planned", planned)
    if not isinstance(said, int) or said < planned or (said > planned and not account.get("ended")):
        wrong.append(f"tokens_planned: {said}, and {planned} were trained on")
    planned = said if isinstance(said, int) and said >= planned else planned
    steps = curve.select("step", "tokens", "learning_rate").iter_rows()
    for at, (step, tokens, rate) in enumerate(steps, curve["step"][0]):
        # Of a step the rate is that of its middle.
        wanted = learning_rate(tune, (before + tokens) / 2 / planned) if step else 0.0
        moved = tokens > before if step else tokens == 0
        if step != at or not moved or not math.isclose(rate, wanted, rel_tol=_CLOSE):
            wrong.append(f"step {step}")
        before = tokens
    if not tune.token_budget - tune.max_length < planned <= tune.token_budget:
        wrong.append(f"{planned} tokens, of a budget of {tune.token_budget}")
    return Proof.of(
        "the training's steps follow each other, at the recipe's learning rates, to its budget", curve.height, wrong
    )


def _stepped(curve: pl.DataFrame, tune: Tune) -> Proof:
    """Look how large the steps are, and behind which of them the adapter was looked at, as the recipe asks.

    A step takes records until the next does not fit, so no two that follow each other would be one.
    """
    steps = curve.filter(pl.col("step") > 0)
    sizes = [after - before for before, after in pairwise([0, *steps["tokens"]])]
    wrong = [
        f"step {at}: {size:,} tokens"
        for at, size in enumerate(sizes, 1)
        if size > max(tune.batch_tokens, tune.max_length)
    ]
    wrong += [
        f"step {at}: the next had room" for at, two in enumerate(pairwise(sizes), 1) if sum(two) <= tune.batch_tokens
    ]
    losses = [name for name in ("validation_loss", "general_loss") if name in curve.columns]
    looked = set(curve.filter(pl.any_horizontal(pl.col(losses).is_not_null()))["step"])
    due = {step for step in curve["step"] if step % tune.validate_every_steps == 0} | {curve["step"][-1]}
    wrong += [f"step {step}: looked at" for step in sorted(looked - due)]
    wrong += [f"step {step}: not looked at" for step in sorted(due - looked) if looked]
    claim = "the training's steps hold as many tokens, and it was looked at as often, as the recipe asks"
    return Proof.of(claim, curve.height, wrong)


def _unsafe(names: list[str]) -> list[str]:
    """Name files that are neither safetensors nor JSON: a loader might run what a pickle or a script holds."""
    safe = (".safetensors", ".json")
    return [name for name in names if PurePosixPath(name).suffix not in safe and name != f"adapter/{store.CARD}"]
