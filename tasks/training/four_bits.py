"""QLoRA: a base whose weights are read in 4 bits while an adapter is trained beside them; the exam reads them whole.

References
----------
Dettmers, Pagnoni, Holtzman and Zettlemoyer (2023), QLoRA: efficient finetuning of quantized LLMs, arXiv:2305.14314.
"""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def lacking() -> str:
    """Say what is missing on this machine for 4-bit training, or nothing."""
    import torch

    if not torch.cuda.is_available():
        return "there is no CUDA GPU"
    if importlib.util.find_spec("bitsandbytes") is None:
        return "the package bitsandbytes is not installed"
    return ""


def load_in_four_bits(folder: Path) -> "PreTrainedModel":
    """Load a model folder's linear layers in NF4 with doubly quantised constants, and compute in bfloat16."""
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    model: torch.nn.Module = AutoModelForCausalLM.from_pretrained(
        folder,
        quantization_config=BitsAndBytesConfig(  # type: ignore[no-untyped-call]
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        ),
        dtype=torch.bfloat16,
        device_map={"": torch.cuda.current_device()},
        attn_implementation="sdpa",
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=True,
    )
    return cast("PreTrainedModel", model.eval())
