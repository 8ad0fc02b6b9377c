"""Compare what a run says of its training: curve, manifest's account, adapter's configuration and recipe.

That the adapter is what this training gave takes the model. But an account that contradicts the curve, a curve that
no such settings give and an adapter of another kind or base can be told from the files.
"""

import math
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from quality.audit import Proof
from tasks import run_files
from tasks.auditing.folder import json_of
from tasks.runs import DamagedRun
from tasks.training.schedule import learning_rate
from tasks.training.settings import Tune

_CONFIG = "adapter/adapter_config.json"
_CLOSE = 1e-9


def prove_training(folder: Path, facts: Mapping[str, Any]) -> list[Proof]:
    """Check the training of a run that judged.

    Raises
    ------
    DamagedRun
        When curve, recipe or configuration can't be read.
    """
    recipe, curve = run_files.recipe(folder), run_files.curve(folder)
    try:
        tune = Tune.model_validate(recipe.get("tune", {}))
    except ValueError as error:
        raise DamagedRun(folder / "config.yaml", "is not a recipe that this version reads (tune)") from error
    if curve.is_empty():
        raise DamagedRun(folder / "metrics.parquet", "holds no step")
    names = [name for name in facts["files"] if name.startswith("adapter/")]
    return [
        _account(facts.get("training"), curve, tune),
        _schedule(curve, tune),
        _configured(_configuration(folder), recipe, tune),
        Proof.of("the adapter is one of safetensors and JSON, and holds no other file", len(names), _unsafe(names)),
    ]


def _account(said: object, curve: pl.DataFrame, tune: Tune) -> Proof:
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
    }
    wrong = [f"{key}: {found.get(key)}, not {value}" for key, value in wanted.items() if found.get(key) != value]
    return Proof.of("the manifest's account of the training is its curve's", len(wanted), wrong)


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


def _configured(said: Mapping[str, Any], recipe: Mapping[str, Any], tune: Tune) -> Proof:
    model = recipe.get("model")
    wanted = {
        "base_model_name_or_path": model.get("base") if isinstance(model, dict) else None,
        "r": tune.rank,
        "lora_alpha": tune.alpha,
        "lora_dropout": tune.dropout,
        "use_dora": tune.method == "dora",
        "use_rslora": tune.method == "rslora",
        "auto_mapping": None,  # names a module that PEFT would import
    }
    wrong = [f"{key}: {said.get(key)}, not {value}" for key, value in wanted.items() if said.get(key) != value]
    return Proof.of("the adapter is of the kind and on the base that the recipe asks for", len(wanted), wrong)


def _configuration(folder: Path) -> Mapping[str, Any]:
    content = json_of(folder / _CONFIG)
    if not isinstance(content, dict):
        raise DamagedRun(folder / _CONFIG, "holds no keys")
    return content


def _unsafe(names: list[str]) -> list[str]:
    """Name files that are neither safetensors nor JSON: a loader might run what a pickle or a script holds."""
    return [name for name in names if PurePosixPath(name).suffix not in (".safetensors", ".json")]
