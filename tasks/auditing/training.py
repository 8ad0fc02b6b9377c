"""Compare what a run says of its training: curve, manifest's account, adapter's configuration and recipe.

That the adapter is what this training gave takes the model. But an account that contradicts the curve, a curve that
no such settings give and an adapter of another kind or base can be told from the files.
"""

import math
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, TypeGuard

import polars as pl

from quality.auditing.audit import Proof
from tasks import run_files, run_settings
from tasks.auditing.adapter import prove_configured, prove_weighted
from tasks.auditing.folder import json_of
from tasks.runs import DamagedRun
from tasks.training.schedule import learning_rate
from tasks.training.settings import Tune

_CONFIG = "adapter/adapter_config.json"
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
    try:
        tune = Tune.model_validate(recipe.get("tune", {}))
    except ValueError as error:
        raise DamagedRun(folder / "config.yaml", "is not a recipe that this version reads (tune)") from error
    if curve.is_empty():
        raise DamagedRun(folder / "metrics.parquet", "holds no step")
    said, verdict = _configuration(folder), run_files.verdict(folder)
    scale = 1.0 if verdict is None else verdict.scale
    names = [name for name in facts["files"] if name.startswith("adapter/")]
    return [
        _account(facts.get("training"), curve, tune, scale),
        _counted(facts.get("training"), curve, rows),
        _schedule(curve, tune),
        prove_configured(said, recipe, tune, scale),
        prove_weighted(folder, said, tune),
        Proof.of("the adapter is one of safetensors and JSON, and holds no other file", len(names), _unsafe(names)),
    ]


def _account(said: object, curve: pl.DataFrame, tune: Tune, scale: float) -> Proof:
    """Compare the manifest's account with the curve; the adapter kept is that of the lowest validation loss."""
    found = said if isinstance(said, dict) else {}
    loss: dict[int, float] = dict(curve.select("step", "validation_loss").drop_nulls().iter_rows())
    kept = min(loss, key=lambda step: loss[step]) if loss and tune.keep == "best" else curve["step"][-1]
    wanted = {
        "method": tune.method,
        "tokens": curve["tokens"][-1],
        "chosen_step": kept,
        "validation_loss_before": loss.get(0),
        "validation_loss_after": loss.get(kept),
        "scale": scale if scale < 1 else None,
    }
    wrong = [f"{key}: {found.get(key)}, not {value}" for key, value in wanted.items() if found.get(key) != value]
    return Proof.of("the manifest's account of the training is its curve's", len(wanted), wrong)


def _counted(said: object, curve: pl.DataFrame, rows: int) -> Proof:
    """Compare counts and times with what they can be; how many tokens were learnt takes the tokenizer."""
    found = said if isinstance(said, dict) else {}
    tokens, ended = curve["tokens"][-1], curve["seconds"][-1]
    learnt, seconds, speed = (found.get(key) for key in ("supervised_tokens", "seconds", "tokens_per_second"))
    right = {
        "supervised_tokens": isinstance(learnt, int) and 0 < learnt <= tokens,
        "seconds": ended is not None and _is_number(seconds) and seconds >= ended - _TENTH,
        "tokens_per_second": _is_number(seconds) and _is_number(speed) and _is_speed(tokens, seconds, speed),
    }
    for key in ("records_truncated", "records_skipped"):
        right[key] = isinstance(count := found.get(key), int) and 0 <= count <= rows
    wrong = [f"{key}: {found.get(key)}" for key, holds in right.items() if not holds]
    return Proof.of("the account's counts and times are ones that curve and dataset allow", len(right), wrong)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def _is_speed(tokens: int, seconds: float, speed: float) -> bool:
    """Tell whether a speed is tokens by seconds; both are rounded to tenths."""
    slowest = tokens / (seconds + _TENTH) - _TENTH
    return slowest <= speed and (seconds <= _TENTH or speed <= tokens / (seconds - _TENTH) + _TENTH)


def _schedule(curve: pl.DataFrame, tune: Tune) -> Proof:
    """Work out the learning rate of every step again, from the tokens of the steps and the recipe."""
    wrong, before, planned = [], 0, max(1, curve["tokens"][-1])
    steps = curve.select("step", "tokens", "learning_rate").iter_rows()
    for at, (step, tokens, rate) in enumerate(steps, curve["step"][0]):
        # Of a step the rate is that of its middle.
        wanted = learning_rate(tune, (before + tokens) / 2 / planned) if step else 0.0
        moved = tokens > before if step else tokens == 0
        if step != at or not moved or not math.isclose(rate, wanted, rel_tol=_CLOSE):
            wrong.append(f"step {step}")
        before = tokens
    if not tune.token_budget - tune.max_length < curve["tokens"][-1] <= tune.token_budget:
        wrong.append(f"{curve['tokens'][-1]} tokens, of a budget of {tune.token_budget}")
    return Proof.of(
        "the training's steps follow each other, at the recipe's learning rates, to its budget", curve.height, wrong
    )


def _configuration(folder: Path) -> Mapping[str, Any]:
    content = json_of(folder / _CONFIG)
    if not isinstance(content, dict):
        raise DamagedRun(folder / _CONFIG, "holds no keys")
    return content


def _unsafe(names: list[str]) -> list[str]:
    """Name files that are neither safetensors nor JSON: a loader might run what a pickle or a script holds."""
    return [name for name in names if PurePosixPath(name).suffix not in (".safetensors", ".json")]
