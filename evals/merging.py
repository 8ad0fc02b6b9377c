"""An adapter's change put into the weights of its base, so that any program loads the result as a plain model.

It is added in 32 bits. In bfloat16, whose numbers have eight bits, a light adapter's change to a weight is often less
than half the step to the next number, and is rounded away.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.adapters import attach, ensure_adapter
from evals.faults import first_line
from evals.models import load
from evals.steering import WEIGHTS, kind_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class NotMergeable(ValueError):
    """An adapter that no weights can hold; the message says what can be done instead."""


def ensure_mergeable(adapter: Path) -> None:
    """Look at an adapter's configuration alone, before any weight is read.

    Raises
    ------
    NotMergeable
        It steers hidden states (LoReFT), or stands before the prompt (soft prompts), and changes no weight.
    ModelFolderError
        It is no adapter.
    """
    ensure_adapter(adapter)
    kind = kind_of(adapter)
    if kind == "LOREFT":
        raise NotMergeable(
            "LoReFT changes the prompt's hidden states and no weight, so it can't be merged, nor served by vLLM or "
            "llama.cpp. Load it with winnow itself (`evals.models.load(base, adapter=…)`), or train with `tune.method: "
            "lora`."
        )
    if kind != "FULL" and kind not in _mergeable():
        raise NotMergeable(
            f"An adapter of the kind {kind or 'unknown'} changes no weight (soft prompts stand before the prompt), so "
            "it can't be merged. Export the adapter alone (`winnow export-adapter`), which PEFT loads beside the base, "
            "or train with `tune.method: lora`."
        )


def merge(folder: Path, adapter: Path) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """Return the model of a folder in float32 with an adapter's change in its weights, and its tokenizer.

    Where the adapter changes one of two layers that share their weights (input and output embeddings), each gets its
    own first; merged, the change would reach both.

    Raises
    ------
    NotMergeable
        See `ensure_mergeable`; or what is merged is not a finite number.
    ModelFolderError
        The adapter is damaged, or was made for another model.
    """
    import torch

    ensure_mergeable(adapter)
    plain, tokenizer = load(folder, dtype=torch.float32)
    if kind_of(adapter) != "FULL" and _changes_shared_weights(plain, adapter):
        _unshare(plain)
    wrapped: Any = attach(plain, adapter, folder)
    if kind_of(adapter) == "FULL":  # its weights are the model's own
        return wrapped.get_base_model(), tokenizer
    try:
        merged: PreTrainedModel = wrapped.merge_and_unload(safe_merge=True)
    except (ValueError, NotImplementedError, AttributeError) as error:  # kinds that PEFT can't merge lack the method
        raise NotMergeable(f"The adapter {adapter} can't be merged: {first_line(error)}") from error
    merged.train(mode=False)
    return merged, tokenizer


def _mergeable() -> set[str]:
    """Name the kinds of adapters that PEFT can merge."""
    from peft.mapping import PEFT_TYPE_TO_TUNER_MAPPING
    from peft.tuners.tuners_utils import BaseTuner

    tuners = PEFT_TYPE_TO_TUNER_MAPPING.items()
    return {str(kind.value) for kind, tuner in tuners if isinstance(tuner, type) and issubclass(tuner, BaseTuner)}


def _changes_shared_weights(model: "PreTrainedModel", adapter: Path) -> bool:
    from safetensors import safe_open

    if not model.config.get_text_config().tie_word_embeddings:
        return False
    shared = _embeddings(model)
    names = [name for name, module in model.named_modules() if any(module is one for one in shared)]
    with safe_open(adapter / WEIGHTS, framework="pt") as stored:
        return any(f".{name}." in f".{key}" for key in stored.keys() for name in names)  # noqa: SIM118


def _unshare(model: "PreTrainedModel") -> None:
    import torch

    entry, exit_ = _embeddings(model)
    exit_.weight = torch.nn.Parameter(entry.weight.detach().clone(), requires_grad=False)
    for config in (model.config, model.config.get_text_config()):
        config.tie_word_embeddings = False


def _embeddings(model: "PreTrainedModel") -> tuple[Any, Any]:
    untyped: Any = model
    return untyped.get_input_embeddings(), untyped.get_output_embeddings()
