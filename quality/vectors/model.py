"""Finding, fingerprinting and loading an embedding model: safetensors only, no code of the model's own.

Weights are bf16 only where this processor multiplies bf16 faster than fp32, which the instruction flags alone
do not tell: with AMX it is several times faster, with AVX512-BF16 alone it can be half as fast. And only where a text's
vector doesn't depend on what is embedded beside it, see `quality.vectors.alone`.
"""

import hashlib
import logging
import math
import re
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from quality.sources.faults import SourceError
from quality.sources.installed import folder_in_package
from quality.vectors.alone import bf16_stands_alone
from quality.whole import part_file

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Precision = Literal["auto", "fp32", "bf16"]

logger = logging.getLogger(__name__)

# What decides a model's output. Pickled weights are not among them: they are never fetched or read.
MODEL_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")

_WINDOW_OF_NONE = 8192  # tokens: without a window, only rows of megabytes are cut


class EmbeddingModelError(ValueError):
    """The embedding model is missing, incomplete, or in a format that is not read."""


def names_a_folder(model: str) -> bool:
    """Tell a path, or a package's folder, from a hub id (`name` or `org/name`); a folder that exists wins."""
    is_hub_id = re.fullmatch(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", model) is not None
    return not is_hub_id or Path(model).is_dir()


def find_model(model: str) -> Path:
    """Return the folder of a model on this machine; a hub id is downloaded once."""
    if not model.strip():  # a path of no characters is the working directory
        raise EmbeddingModelError(
            "Embedding model: the name is empty. Give a folder, package:NAME/FOLDER or a hub id (org/name)."
        )
    if model.startswith("package:"):
        return _checked(_in_package(model.removeprefix("package:")))
    if names_a_folder(model):
        return _checked(Path(model).expanduser())
    from huggingface_hub import snapshot_download

    repository = model if "/" in model else f"sentence-transformers/{model}"
    try:
        folder = snapshot_download(repository, allow_patterns=list(MODEL_FILES))
    except Exception as error:
        raise EmbeddingModelError(
            f"Embedding model {model!r} is no folder here and could not be fetched from the hub as "
            f"{repository} ({type(error).__name__}). Give a folder, check the name, or unset HF_HUB_OFFLINE."
        ) from error
    return _checked(Path(folder))


def model_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a model's weights and configuration; read again when a file changes."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in MODEL_FILES for path in folder.rglob(pattern)}):
        name = path.relative_to(folder)
        if any(part.startswith(".") for part in name.parts):
            continue
        state = path.stat()
        content = _file_digest(path, state.st_ino, state.st_size, state.st_mtime_ns)
        digest.update(f"{name.as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _file_digest(path: Path, *state: int) -> str:
    """Digest a file: once, as long as its `state` (inode, size, time of change) stays."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def settled(precision: Precision, kept: Path | None) -> Precision:
    """Settle what `auto` means for all who keep their models in one folder.

    A busy machine may time itself otherwise another day, and vectors of two precisions must not meet in one cache. A
    folder that is taken to a machine without bf16 instructions goes on as it began, only slower.
    """
    if precision != "auto" or kept is None:
        return precision
    file = kept / "precision"
    told = file.read_text().strip() if file.exists() else ""
    for choice in ("fp32", "bf16"):
        if told == choice:
            return choice
    chosen: Precision = "bf16" if _bf16_is_faster() else "fp32"
    kept.mkdir(parents=True, exist_ok=True)
    with part_file(kept) as part:
        part.write_text(chosen)
        part.replace(file)
    return chosen


def dtype_of(precision: Precision) -> str:
    """Name the type of weights, as torch does, that a precision means on this machine."""
    bf16 = _bf16_is_faster() if precision == "auto" else precision == "bf16"
    return "bfloat16" if bf16 else "float32"


def load_model(folder: Path, precision: Precision) -> "SentenceTransformer":
    """Load a sentence-transformers model, or a plain encoder with mean pooling, from a folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as bars

    started = time.perf_counter()
    had_bars = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(
            str(folder),
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"dtype": getattr(torch, dtype_of(precision)), "use_safetensors": True},
        )
    except Exception as error:
        first_line = str(error).partition("\n")[0]
        raise EmbeddingModelError(
            f"sentence-transformers could not load the embedding model in {folder} "
            f"({type(error).__name__}: {first_line})."
        ) from error
    finally:
        if had_bars:
            bars.enable_progress_bar()  # type: ignore[no-untyped-call]
    seconds = time.perf_counter() - started
    logger.info("Embedder %s (%s, %s) loaded in %.1f s", folder.name, model.dtype, model.device, seconds)
    if emulates(model):
        logger.warning("Embedder: this processor has no bf16 instructions: embedding in bf16 is slower than in fp32.")
    return model


def _in_package(place: str) -> Path:
    try:
        return folder_in_package(place)
    except SourceError as error:
        raise EmbeddingModelError(f"Embedding model: {str(error).removeprefix('package: ')}") from error


def _checked(folder: Path) -> Path:
    if not folder.is_dir():
        raise EmbeddingModelError(
            f"Embedding model: there is no folder {folder}. Give a folder, package:NAME/FOLDER or a hub id (org/name)."
        )
    # Every pickled checkpoint must have a safe twin, or the library would quietly read the pickle.
    pickled = [path for path in folder.rglob("pytorch_model*.bin") if not any(path.parent.glob("*.safetensors"))]
    if pickled or not any(folder.rglob("*.safetensors")):
        where = pickled[0].parent if pickled else folder
        raise EmbeddingModelError(
            f"Embedding model: {where} holds no .safetensors file. Other weight formats are not read; "
            "save the model again with safe_serialization=True."
        )
    return folder


def multiplies_bf16() -> bool:
    """Whether this processor has instructions for bf16; others round at every step, and each way to embed elsewhere."""
    cpuinfo = Path("/proc/cpuinfo")
    flags = set(cpuinfo.read_text().split()) if cpuinfo.exists() else set()
    return bool(flags & {"avx512_bf16", "amx_bf16"})


def emulates(model: "SentenceTransformer") -> bool:
    """Whether the model is in bf16 on a processor that has no instructions for it."""
    return str(model.dtype) == "torch.bfloat16" and model.device.type == "cpu" and not multiplies_bf16()


def window_of(model: "SentenceTransformer") -> int:
    """Tokens that a model is shown of a text; 8,192 where it has no window, as static models."""
    window = model.max_seq_length
    return int(window) if window and math.isfinite(window) else _WINDOW_OF_NONE


def is_static(model: "SentenceTransformer") -> bool:
    """Whether the model adds up vectors of its tokens (model2vec and its like), with no layer that reads them."""
    return type(model[0]).__name__ == "StaticEmbedding"


@lru_cache(maxsize=1)
def _bf16_is_faster() -> bool:
    """Whether a product of a MiniLM layer's shape takes at most 0.8 of its fp32 time in bf16 here, and rounds alike."""
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    if not multiplies_bf16():
        return False
    best = dict.fromkeys((torch.float32, torch.bfloat16), float("inf"))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for dtype in best:
            rows, weight = torch.ones(512, 384, dtype=dtype), torch.ones(1536, 384, dtype=dtype)
            for _ in range(6):
                started = time.thread_time()  # other processes' work does not count
                torch.nn.functional.linear(rows, weight)
                best[dtype] = min(best[dtype], time.thread_time() - started)
    finally:
        torch.set_num_threads(threads)
    return best[torch.bfloat16] < 0.8 * best[torch.float32] and bf16_stands_alone()
