"""Turn an adapter's scale down, in its configuration alone: its weights stay as they were trained."""

import json
import shutil
from pathlib import Path

from tasks import store
from tasks.fine_tune import Trained

CONFIG = "adapter_config.json"


def turn_down(trained: Trained, scale: float) -> Trained:
    """Return the adapter whose change to the base is multiplied by `scale`, as a folder of its own.

    LoRA and rsLoRA add (alpha / rank) · BA or (alpha / √rank) · BA to a layer's weights, so that alpha × scale is
    exactly the scaled change. DoRA adds it to the direction of the weights, whose lengths it learnt besides: those stay
    as they are, so that DoRA at scale 0 is not quite the base. It is examined as it is, like every other candidate.
    LoReFT's configuration has a scale of its own.
    """
    place = store.locate(trained.adapter)

    def fill(folder: Path) -> None:
        shutil.copytree(place, folder, dirs_exist_ok=True)
        config = json.loads((place / CONFIG).read_text(encoding="utf-8"))
        if config.get("peft_type") == "LOREFT":
            config["scale"] *= scale
        else:
            config["lora_alpha"] = _product(config["lora_alpha"], scale)
        if patterns := config.get("alpha_pattern"):
            config["alpha_pattern"] = {layer: _product(alpha, scale) for layer, alpha in patterns.items()}
        (folder / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    adapter = store.write_folder("adapters", fill)
    return trained.model_copy(update={"adapter": adapter, "facts": trained.facts | {"scale": scale}})


def _product(alpha: float, scale: float) -> float:
    """Multiply, and write whole numbers as such, since PEFT's own field is one of whole numbers."""
    found = alpha * scale
    return int(found) if found == int(found) else found
