"""What an adapter of another kind than LoRA's or LoReFT's must be, by its recipe: its configuration and its weights."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tasks.training import shapes

_SIZES: tuple[tuple[type[shapes.Shape], str], ...] = (
    (shapes.Ia3, r"base_model\.model\..+\.ia3_l"),
    (shapes.Oft, r"base_model\.model\..+\.oft_R\.weight"),
    (shapes.Prompt, r"prompt_embeddings"),
)
"""How the weights of a kind are named."""

_TOLD_BY_THE_BASE = (
    "target_modules",
    "feedforward_modules",
    "token_dim",
    "num_attention_heads",
    "num_layers",
    "num_transformer_submodules",
    "encoder_hidden_size",
)
_OF_THE_WRITER = ("peft_version", "auto_mapping", "revision", "inference_mode", "fan_in_fan_out")


def configured(shape: shapes.Shape, scale: float) -> dict[str, Any]:
    """Return the keys of `adapter_config.json` that the recipe decides."""
    match shape:
        case shapes.Full():
            return {"peft_type": "FULL", "scale": scale}
        case shapes.Ia3():
            return {"peft_type": "IA3", "task_type": "CAUSAL_LM"}
        case shapes.Oft():
            sizes = {"r": 0, "oft_block_size": shape.block_size, "module_dropout": shape.dropout}
            return {"peft_type": "OFT", "task_type": "CAUSAL_LM", **sizes}
        case shapes.Prefix():
            return {"peft_type": "PREFIX_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": shape.virtual_tokens}
        case shapes.Prompt():
            return {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": shape.virtual_tokens}
        case shapes.Peft():
            return {"task_type": "CAUSAL_LM", **shape.peft}
        case _:
            raise TypeError(f"{type(shape).__name__} is audited elsewhere")


def otherwise(said: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Name keys that are not as wanted, and those left over that are not what PEFT itself begins with."""
    wrong = [f"{key}: {said.get(key)}, not {value}" for key, value in wanted.items() if not _same(said.get(key), value)]
    begun = _beginnings(str(said.get("peft_type")))
    told = {*wanted, *_TOLD_BY_THE_BASE, *_OF_THE_WRITER}
    left = {key: value for key, value in said.items() if key not in told}
    return wrong + [f"{key}: {value}" for key, value in left.items() if not _same(value, begun.get(key))]


def foreign(tensors: Mapping[str, tuple[int, ...]], shape: shapes.Shape) -> Iterator[str]:
    """Name tensors that no training of this kind writes; whatever PEFT or the base itself names is let be."""
    if not tensors:
        yield "no weight"
    named = next((pattern for kind, pattern in _SIZES if isinstance(shape, kind)), None)
    for name, size in tensors.items():
        if named and not re.fullmatch(named, name):
            yield name
        elif isinstance(shape, shapes.Prompt) and size[:1] != (shape.virtual_tokens,):
            yield f"{name}: {size}, not of {shape.virtual_tokens} virtual tokens"
        elif isinstance(shape, shapes.Ia3) and (len(size) != 2 or 1 not in size):
            yield f"{name}: {size}, no row of factors"
        elif isinstance(shape, shapes.Oft) and size[-1] != shape.block_size * (shape.block_size - 1) // 2:
            yield f"{name}: {size}, not of blocks of {shape.block_size}"


def _beginnings(kind: str) -> dict[str, Any]:
    """Return what PEFT writes where nothing is said; nothing for kinds that PEFT does not know."""
    from peft import PEFT_TYPE_TO_CONFIG_MAPPING

    known = {one.value: config for one, config in PEFT_TYPE_TO_CONFIG_MAPPING.items()}
    return known[kind]().to_dict() if kind in known else {}


def _same(found: object, wanted: object) -> bool:
    """Compare as JSON does; a set is written in some order."""
    if isinstance(wanted, set | frozenset):
        return isinstance(found, list) and set(found) == set(wanted)
    if isinstance(wanted, tuple):
        return found == list(wanted)
    return found == wanted or (not found and not wanted and found is not False and wanted is not False)
