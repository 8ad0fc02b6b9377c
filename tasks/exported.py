"""What an export tells of itself: `export.json`, by which anybody can tell whether the folder is what was examined."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.likeness import Likeness
from tasks import store

NAME = "export.json"

Dtype = Literal["float32", "bfloat16", "float16"]


class Converted(BaseModel):
    """A GGUF file that was made of the exported model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(description="Its name.")
    kind: str = Field(description="The type of its weights, as llama.cpp's converter names it.")
    likeness: Likeness | None = Field(description="How near it is to the candidate; none where it could not be read.")
    unread: str = Field(default="", description="Why it could not be read back, to be read after “because”.")


class Exported(BaseModel):
    """A merged model on disk: of which run, base and adapter, and how near it is to what was judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str = Field(description="Id of the run that judged the adapter.")
    decision: str = Field(description="What its verdict says.")
    base: str = Field(description="The base model, as the recipe names it.")
    base_content: str = Field(description="Digest of the base model's files.")
    adapter: str = Field(description="Digest of the adapter's files.")
    dtype: Dtype = Field(description="Precision of the weights that were written; they were merged in float32.")
    likeness: Likeness = Field(description="The model, read back from disk, beside base and adapter.")
    gguf: Converted | None = Field(default=None, description="A GGUF file of it, if one was asked for.")
    winnow: str = Field(description="Version of winnow that wrote it.")
    files: dict[str, str] = Field(description="Digests of all its files but this one.")


class NotAnExport(ValueError):
    """A folder that holds no export, or another one than was examined; the message says which."""


def write(folder: Path, exported: Exported) -> None:
    """Write `export.json`, last of all files."""
    store.write_json(folder / NAME, exported.model_dump(mode="json"))


def digests(folder: Path) -> dict[str, str]:
    """Digest every file of an export."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / NAME)
    return {path.relative_to(folder).as_posix(): store.file_digest(path) for path in files}


def read(folder: Path) -> Exported:
    """Return what an export tells of itself, where its files are those that were examined and it was equivalent.

    Raises
    ------
    NotAnExport
        It holds no `export.json`, a file was altered, added or lost since, or it is not equivalent to the candidate.
    """
    try:
        found = Exported.model_validate(json.loads((folder / NAME).read_text(encoding="utf-8")))
    except OSError as error:
        raise NotAnExport(f"{folder} holds no {NAME}: write an export with `winnow export-model`.") from error
    except (ValidationError, ValueError) as error:
        raise NotAnExport(f"{folder / NAME} is not an account of an export: export the run again.") from error
    present = digests(folder)
    differing = sorted(name for name in {*present, *found.files} if present.get(name) != found.files.get(name))
    if differing:
        raise NotAnExport(
            f"{folder / differing[0]} is not as it was when the model was examined: export {found.run} again."
        )
    if not found.likeness.is_equivalent:
        raise NotAnExport(f"{folder} is not equivalent to what was judged: {found.likeness.sentence}.")
    return found
