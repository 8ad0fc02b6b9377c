"""Prove that an adapter is what the recipe's training writes: its whole configuration, and names and shapes of weights.

Whatever else a configuration of PEFT may hold (patterns of ranks, layers said twice, other modules, a revision) changes
what a loader makes of the weights. So each key must be the recipe's, PEFT's default, or empty. The weights' file tells
by its header alone which layers it changes, and by which rank.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.steering import Steering
from quality.auditing.audit import Proof
from tasks import weights
from tasks.auditing.folder import json_of
from tasks.auditing.other_adapters import configured, foreign, otherwise
from tasks.runs import DamagedRun
from tasks.training.layers import MARKS
from tasks.training.settings import Tune
from tasks.training.shapes import FROM_DIRECTIONS, Lora, Reft

_PLAIN: Mapping[str, object] = {
    "bias": "none",
    "inference_mode": True,
    "init_lora_weights": True,
    "megatron_core": "megatron.core",
    "qalora_group_size": 16,
}
"""Defaults of PEFT's LoraConfig that are not empty; a version of PEFT may leave any of them out."""

_EMPTY: tuple[object, ...] = (None, {}, [], "")
_TENSOR = re.compile(r"base_model\.model\.(.+)\.lora_(A\.weight|B\.weight|magnitude_vector(?:\.weight)?)")


def configuration(file: Path) -> Mapping[str, Any]:
    """Read an adapter's configuration.

    Raises
    ------
    DamagedRun
        When it can't be read.
    """
    content = json_of(file)
    if not isinstance(content, dict):
        raise DamagedRun(file, "holds no keys")
    return content


def prove_configured(said: Mapping[str, Any], recipe: Mapping[str, Any], tune: Tune, scale: float = 1.0) -> Proof:
    """Compare `adapter_config.json`, key by key, with what this recipe's training writes, turned down by a repair."""
    model = recipe.get("model")
    base = model.get("base") if isinstance(model, dict) else None
    claim = "the adapter is of the kind and on the base that the recipe asks for"
    shape = tune.shape
    if isinstance(shape, Reft):
        return Proof.of(claim, len(Steering.model_fields), _steers_otherwise(said, base, shape, scale))
    if not isinstance(shape, Lora):
        wanted = {"base_model_name_or_path": base, **configured(shape, scale)}
        return Proof.of(claim, len(said), otherwise(said, wanted))
    wanted = {
        "base_model_name_or_path": base,
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": _width(tune) * shape.rank,
        "lora_alpha": _width(tune) * shape.alpha * scale,
        "lora_dropout": shape.dropout,
        "use_dora": tune.method == "dora",
        "use_rslora": tune.method == "rslora",
    }
    wrong = [f"{key}: {said.get(key)}, not {value}" for key, value in wanted.items() if said.get(key) != value]
    wrong += [f"{key}: {value}" for key, value in said.items() if key not in wanted and not _is_plain(key, value)]
    return Proof.of(claim, len(wanted | dict(said)), wrong)


def _width(tune: Tune) -> int:
    """Tell how many times the rank an adapter's matrices have: those that began in directions of the base keep them."""
    return 2 if tune.method in FROM_DIRECTIONS else 1


def _steers_otherwise(said: Mapping[str, Any], base: object, shape: Reft, scale: float) -> list[str]:
    """Name keys of a LoReFT adapter's configuration that this recipe's training does not write."""
    wanted = {
        "base_model_name_or_path": base,
        "peft_type": "LOREFT",
        "rank": shape.rank,
        "first": shape.steered_first,
        "last": shape.steered_last,
        "scale": scale,
    }
    wrong = [f"{key}: {said.get(key)}, not {value}" for key, value in wanted.items() if said.get(key) != value]
    layers = said.get("layers")
    numbers = [layer for layer in layers if type(layer) is int] if isinstance(layers, list) else []
    if layers != sorted(set(numbers)) or not 0 < len(numbers) <= shape.steered_layers:
        wrong.append(f"layers: {layers}, and {shape.steered_layers} were asked for")
    return wrong + [f"{key}: {value}" for key, value in said.items() if key not in {*wanted, "layers"}]


def _is_plain(key: str, value: object) -> bool:
    if key in _PLAIN:
        return type(value) is type(_PLAIN[key]) and value == _PLAIN[key]
    if key == "target_modules":
        return isinstance(value, list) and bool(value) and all(isinstance(name, str) and name for name in value)
    if key == "peft_version":
        return isinstance(value, str)
    if key == "fan_in_fan_out":  # PEFT sets it for the layers of GPT-2, which hold their weights the other way round
        return isinstance(value, bool)
    return value is False or any(type(value) is type(empty) and value == empty for empty in _EMPTY)


def prove_weighted(file: Path, said: Mapping[str, Any], tune: Tune) -> Proof:
    """Compare names and shapes of the weights with the layers and the rank that configuration and recipe tell.

    Raises
    ------
    DamagedRun
        When the weights' header can't be read.
    """
    try:
        tensors = weights.shapes(file)
    except OSError as error:
        raise DamagedRun(file, f"can't be read ({error.strerror})") from error
    except ValueError as error:
        raise DamagedRun(file, str(error)) from error
    claim = "the adapter's weights are of the layers and the rank that its configuration and the recipe tell"
    shape = tune.shape
    if isinstance(shape, Reft):
        return Proof.of(claim, len(tensors), _steering_otherwise(tensors, said.get("layers"), shape.rank))
    if not isinstance(shape, Lora):
        return Proof.of(claim, len(tensors), foreign(tensors, shape))
    targets = said.get("target_modules")
    names = [name for name in targets if isinstance(name, str)] if isinstance(targets, list) else []
    return Proof.of(claim, len(tensors), [*_foreign(tensors, names, tune), *_lacking(tensors, names, tune)])


def _steering_otherwise(tensors: Mapping[str, tuple[int, ...]], layers: object, rank: int) -> list[str]:
    """Name tensors of a LoReFT adapter that are missing, or are not of its layers, its rank and one width."""
    width = next((shape[-1] for name, shape in tensors.items() if name.endswith("rotation") and shape), 0)
    shapes = {"rotation": (rank, width), "source.weight": (rank, width), "source.bias": (rank,)}
    named = layers if isinstance(layers, list) else []
    wanted = {f"{layer}.{part}": shape for layer in named for part, shape in shapes.items()}
    return sorted(name for name in {*wanted, *tensors} if wanted.get(name) != tensors.get(name))


def _foreign(tensors: Mapping[str, tuple[int, ...]], targets: Sequence[str], tune: Tune) -> Iterator[str]:
    """Name tensors that no such training writes."""
    rank = _width(tune) * (tune.rank or 0)
    for name, shape in tensors.items():
        found = _TENSOR.fullmatch(name)
        layer, part = found.groups() if found else ("", "")
        if not found or not _is_asked(layer, targets, tune) or (part.startswith("magnitude") and tune.method != "dora"):
            yield name
        elif not part.startswith("magnitude") and (len(shape) != 2 or shape[part.startswith("B")] != rank):
            yield f"{name}: {shape}, not of rank {rank}"


def _lacking(tensors: Mapping[str, tuple[int, ...]], targets: Sequence[str], tune: Tune) -> Iterator[str]:
    """Name layers that lack one of their tensors, and targets that no layer is of."""
    parts: dict[str, set[str]] = {}
    for found in filter(None, map(_TENSOR.fullmatch, tensors)):
        parts.setdefault(found[1], set()).add(found[2].partition(".")[0])
    whole = {"A", "B", "magnitude_vector"} if tune.method == "dora" else {"A", "B"}
    yield from (layer for layer, held in parts.items() if held != whole)
    yield from (f"target {name}" for name in targets if not any(_ends(layer, name) for layer in parts))


def _is_asked(layer: str, targets: Sequence[str], tune: Tune) -> bool:
    around = ".".join(layer.split(".")[-2:-1])
    kind = tune.targets in (None, "all-linear") or any(mark in around for mark in MARKS[str(tune.targets)])
    within = tune.layers is None or any(part.isdigit() and int(part) in tune.layers for part in layer.split("."))
    return kind and within and any(_ends(layer, name) for name in targets)


def _ends(layer: str, name: str) -> bool:
    return layer == name or layer.endswith(f".{name}")
