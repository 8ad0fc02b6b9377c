"""Adapters on disk and in memory, PEFT's and our own alike: put around a model, copied, put back, written."""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from evals.faults import first_line
from evals.steering import CONFIG, OWN, WEIGHTS

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel

    from evals.wrapping import Wrapper

    # Our own wrappers can do whatever is asked of PEFT's here.
    Adapted: TypeAlias = PeftModel


class ModelFolderError(ValueError):
    """A folder that does not hold the model or adapter it should hold."""


def ensure_adapter(folder: Path) -> None:
    """Make sure that a folder holds an adapter's two files.

    Raises
    ------
    ModelFolderError
        The one that is missing is named.
    """
    for name in (CONFIG, WEIGHTS):
        if not (folder / name).is_file():
            raise ModelFolderError(f"The adapter folder {folder} has no {name}.")


def attach(model: "PreTrainedModel", adapter: Path, folder: Path) -> "PreTrainedModel":
    """Put the adapter of a folder around the model that was loaded from `folder`.

    Raises
    ------
    ModelFolderError
        If it was made for another model.
    """
    said = json.loads((adapter / CONFIG).read_text("utf-8"))
    mismatch = (
        f"The adapter {adapter} was trained on another model ({said.get('base_model_name_or_path')}) than {folder}"
    )
    try:
        strangers: list[str] = []
        if said.get("peft_type") in OWN:
            wrapped: Any = _own(model, adapter, said["peft_type"])
        else:
            wrapped, strangers = _peft(model, adapter)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFolderError(f"{mismatch}, or is damaged: {first_line(error)}") from error
    if strangers:
        raise ModelFolderError(f"{mismatch}: {len(strangers)} weights do not match, {min(strangers)} among them.")
    steered: PreTrainedModel = wrapped
    return steered


def _own(model: "PreTrainedModel", adapter: Path, kind: str) -> "Wrapper":
    from evals import full, loreft

    return full.read(model, adapter) if kind == "FULL" else loreft.read(model, adapter)


def _peft(model: "PreTrainedModel", adapter: Path) -> tuple["PeftModel", list[str]]:
    """Let PEFT load an adapter; return the weights, too, that the file or the model lacks."""
    from peft import PeftModel, get_peft_model_state_dict
    from safetensors import safe_open

    with warnings.catch_warnings():
        # What PEFT warns of, weights that it lacks or has no place for, the caller refuses.
        warnings.simplefilter("ignore", UserWarning)
        wrapped = PeftModel.from_pretrained(model, adapter, local_files_only=True)
    with safe_open(adapter / WEIGHTS, framework="pt") as stored:
        # Weights for layers that this model lacks would be left out in silence.
        strangers = set(stored.keys()) ^ set(get_peft_model_state_dict(wrapped, save_embedding_layers=False))
    return wrapped, sorted(strangers)


def adapter_weights(model: "Adapted") -> "dict[str, torch.Tensor]":
    """Copy the adapter's weights."""
    if is_own(model):
        return model.adapter_weights()
    from peft import get_peft_model_state_dict

    weights = get_peft_model_state_dict(model, save_embedding_layers=False)
    return {name: weight.detach().cpu().clone().contiguous() for name, weight in weights.items()}


def put_weights(model: "Adapted", weights: "Mapping[str, torch.Tensor]") -> None:
    """Put copied weights back."""
    if is_own(model):
        model.put_weights(weights)
        return
    from peft import set_peft_model_state_dict

    set_peft_model_state_dict(model, dict(weights))


def write(model: "Adapted", folder: Path) -> None:
    """Write the adapter's weights and configuration into a folder."""
    if is_own(model):
        model.save(folder)
        return
    for config in model.peft_config.values():
        for key, value in vars(config).items():
            if isinstance(value, set):  # PEFT would write it in another order in every process
                setattr(config, key, sorted(value))
    # Left to itself, PEFT asks the model hub whether the vocabulary was changed. It never is, here.
    model.save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # PEFT's card is a form that nobody filled in


def is_own(model: "Adapted") -> "TypeGuard[Wrapper]":
    """Tell our own wrappers from PEFT's."""
    from evals.wrapping import Wrapper

    return isinstance(model, Wrapper)
