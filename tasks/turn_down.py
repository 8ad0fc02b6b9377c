"""Turn an adapter's scale down: what it does to the base is multiplied, and nothing is trained."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.steering import CONFIG, WEIGHTS
from tasks import store, weights
from tasks.fine_tune import Trained

if TYPE_CHECKING:
    import torch

NO_SCALE = "an adapter of this kind has no scale"
"""Why virtual tokens, layers that were trained whole, and kinds that PEFT alone knows can't be turned down."""

_BY_CONFIG = {"LORA": "lora_alpha", "LOREFT": "scale", "FULL": "scale"}


def turn_down(trained: Trained, scale: float) -> Trained:
    """Return the adapter whose change to the base is multiplied by `scale`, as a folder of its own.

    LoRA and rsLoRA add (alpha / rank) · BA or (alpha / √rank) · BA to a layer's weights, so that alpha × scale is
    exactly the scaled change. DoRA adds it to the direction of the weights, whose lengths it learnt besides: those stay
    as they are, so that DoRA at scale 0 is not quite the base. It is examined as it is, like every other candidate.
    LoReFT's configuration, and that of a full fine-tuning, has a scale of its own. A factor f of (IA)³ becomes
    1 + scale · (f − 1); a rotation of OFT is turned by a smaller angle, its skew matrix times the scale.

    Raises
    ------
    ValueError
        If the adapter is of a kind that has no scale (`can_turn_down`).
    """
    place, said = store.locate(trained.adapter), written(trained.adapter)
    if not can_turn_down(said):
        raise ValueError(f"The adapter ({said.get('peft_type')}) can't be turned down: {NO_SCALE}.")

    def fill(folder: Path) -> None:
        shutil.copytree(place, folder, dirs_exist_ok=True)
        if change := _BY_WEIGHTS.get(said["peft_type"]):
            _rewrite(folder / WEIGHTS, change, scale)
            return
        key = _BY_CONFIG[said["peft_type"]]
        turned = said | {key: _product(said[key], scale)}
        if patterns := said.get("alpha_pattern"):
            turned["alpha_pattern"] = {layer: _product(alpha, scale) for layer, alpha in patterns.items()}
        (folder / CONFIG).write_text(json.dumps(turned, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    adapter = store.write_folder("adapters", fill)
    return trained.model_copy(update={"adapter": adapter, "facts": trained.facts | {"scale": scale}})


def written(adapter: store.Folder) -> dict[str, Any]:
    """Return what an adapter's configuration says."""
    said: dict[str, Any] = json.loads((store.locate(adapter) / CONFIG).read_text(encoding="utf-8"))
    return said


def can_turn_down(said: Mapping[str, Any]) -> bool:
    """Tell from an adapter's configuration whether its change to the base has a scale.

    Of layers or tokens that were trained whole beside a LoRA nothing is scaled by its alpha.
    """
    if said.get("modules_to_save") or said.get("trainable_token_indices"):
        return False
    kind = said.get("peft_type")
    return kind in _BY_CONFIG or kind in _BY_WEIGHTS


def _rewrite(file: Path, change: "Callable[[torch.Tensor, float], torch.Tensor]", scale: float) -> None:
    from safetensors.torch import load_file, save_file

    turned = {name: change(weight, scale).contiguous() for name, weight in load_file(file).items()}
    said = weights.notes(file)
    file.unlink()  # the copy's, which may share its bytes with the original
    save_file(turned, file, metadata={"format": "pt", **said})


def _towards_one(factors: "torch.Tensor", scale: float) -> "torch.Tensor":
    return 1 + scale * (factors - 1)


def _times(skew: "torch.Tensor", scale: float) -> "torch.Tensor":
    return scale * skew


_BY_WEIGHTS: "Mapping[str, Callable[[torch.Tensor, float], torch.Tensor]]" = {"IA3": _towards_one, "OFT": _times}


def _product(alpha: float, scale: float) -> float:
    """Multiply, and write whole numbers as such, since PEFT's own field is one of whole numbers."""
    found = alpha * scale
    return int(found) if found == int(found) else found
