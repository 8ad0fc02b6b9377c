"""Models from folders: load them for scoring, and turn a GGUF file into safetensors once."""

import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from evals.adapters import ModelFolderError, attach, ensure_adapter
from evals.steering import kind_of

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)


def load(
    folder: Path, *, adapter: Path | None = None, threads: int | None = None, dtype: "torch.dtype | None" = None
) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """Load a causal language model and its tokenizer, ready to be scored.

    Parameters
    ----------
    folder
        A Hugging Face model folder with safetensors weights; see `convert_gguf` for a GGUF file.
    adapter
        A folder of an adapter trained on that model, PEFT's or LoReFT's.
    threads
        Threads that torch may use for one operation; left as they are when not given.
    dtype
        Precision of the model; when not given, bfloat16 where the hardware computes in it, and float32 elsewhere and
        with the weights of a full fine-tuning: most of what that changed, bfloat16 would round away.

    Returns
    -------
    model, tokenizer
        The model is in evaluation mode, on the GPU if there is one.

    Raises
    ------
    ModelFolderError
        If the folder is missing, holds no safetensors, or the adapter was made for another model.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if threads is not None:
        torch.set_num_threads(threads)
    _check_model(folder)
    if adapter is not None:
        ensure_adapter(adapter)
    device, usual = device_and_dtype()
    if adapter is not None and kind_of(adapter) == "FULL":
        usual = torch.float32
    model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=dtype or usual,
        attn_implementation="sdpa",
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=True,
    )
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        folder, trust_remote_code=False, local_files_only=True
    )
    if adapter is not None:
        model = attach(model, adapter, folder)
    module: torch.nn.Module = model
    module.to(device).train(False)
    return model, tokenizer


def device_and_dtype() -> tuple[str, "torch.dtype"]:
    """Return where `load` puts a model on this machine, and in which precision."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return device, preferred_dtype(device)


def preferred_dtype(device: str) -> "torch.dtype":
    """Return bfloat16 where it is the faster (a GPU, a CPU as `has_fast_bfloat16` describes it), else float32.

    Fixed by the hardware and not timed at run time: base and candidate must be scored in the same precision.
    """
    import torch

    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if has_fast_bfloat16() else torch.float32


def has_fast_bfloat16() -> bool:
    """Say whether this CPU multiplies matrices faster in bfloat16 than in float32.

    One with AMX does, and one of AMD's with AVX512-BF16 (Zen 5, one thread, 1024 × 576 × 1536: 503 GFLOPS against
    112). On one of Intel's AVX512-BF16 alone is not enough: torch 2.13 reaches 80 GFLOPS a core with it where float32
    reaches 155 (Sapphire Rapids with AMX switched off, the same product), and float32 is exact besides.
    """
    import torch

    has = torch.cpu.get_capabilities()
    return bool(has.get("amx_tile") or (has.get("avx512_bf16") and str(has.get("cpu_name", "")).startswith("AMD")))


def convert_gguf(folder: Path, target: Path) -> Path:
    """Turn the GGUF file of a folder into a safetensors model folder, once.

    The folder appears whole or not at all: it is written beside `target` and moved into place. A finished
    `target` is left as it is.

    Parameters
    ----------
    folder
        A folder with exactly one ``.gguf`` file, or the file itself.
    target
        Where the converted model goes.

    Returns
    -------
    Path
        `target`, which `load` accepts.

    Raises
    ------
    ModelFolderError
        If there is no GGUF file, or more than one.
    """
    file = _gguf_file(folder)
    if _is_model(target):
        return target
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    logger.info("Converting %s to safetensors in %s; this happens once.", file.name, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        place, name = str(file.parent), file.name
        model = AutoModelForCausalLM.from_pretrained(
            place,
            gguf_file=name,
            quantization_config=GgufConfig(dequantize=True),
            dtype=torch.bfloat16,
            trust_remote_code=False,
            local_files_only=True,
        )
        model.save_pretrained(scratch)
        # Not told so, it would ask on the terminal whether to run code that lies beside the file.
        tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=name, trust_remote_code=False, local_files_only=True)
        tokenizer.save_pretrained(scratch)
        _move_into_place(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def _move_into_place(scratch: Path, target: Path) -> None:
    scratch.chmod(0o755)  # temporary folders are closed to others
    try:
        os.replace(scratch, target)  # noqa: PTH105  (atomic, and onto an empty folder too)
    except OSError:
        if not _is_model(target):  # else somebody finished the same conversion first
            raise


def _gguf_file(folder: Path) -> Path:
    if folder.is_file() and folder.suffix == ".gguf":
        return folder
    files = sorted(folder.glob("*.gguf")) if folder.is_dir() else []
    if len(files) != 1:
        found = ", ".join(file.name for file in files) or "none"
        raise ModelFolderError(
            f"{folder} should hold exactly one .gguf file, and there is: {found}. Name the file itself."
        )
    return files[0]


def _is_model(folder: Path) -> bool:
    return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))


def _check_model(folder: Path) -> None:
    if not folder.is_dir():
        raise ModelFolderError(f"There is no model folder {folder}.")
    if _is_model(folder):
        return
    if any(folder.glob("*.gguf")):
        raise ModelFolderError(f"{folder} holds a GGUF file; convert it to safetensors first (convert_gguf).")
    raise ModelFolderError(
        f"{folder} holds no config.json with *.safetensors beside it. Other weights are not read, since "
        "a pickle can run code: save the model with save_pretrained(…, safe_serialization=True)."
    )
