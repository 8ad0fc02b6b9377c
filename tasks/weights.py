"""Safetensors files, looked at before any work: whether one holds every byte that its header promises.

A file begins with the header's length (8 bytes, little-endian), then the header, JSON that names every tensor's first
and last byte, then the tensors' bytes and nothing else (https://huggingface.co/docs/safetensors, “Format”). A download
that broke off, or a copy onto a full disk, is seen from the header and the file's size; no tensor is read.
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from quality import whole

BASE = "base_weights"
"""In the header of an adapter that winnow trained: digests of the weights that it was trained on, with spaces between.

They are two where a GGUF was converted: its own, which no other version of a converter changes, and what it became."""

_LENGTH = 8
_LONGEST_HEADER = 100_000_000  # bytes; the format's own limit
_POINTER = b"version https://git-lfs"


def ensure_whole(folder: Path, told_as: str, *, deep: bool = False) -> None:
    """Make sure that every safetensors file in a folder is whole, and that no part of a set of them is missing.

    Parameters
    ----------
    folder : Path
        A model's folder, or an adapter's.
    told_as : str
        What the sentence begins with: the recipe's key, or the option, that named the folder.
    deep : bool
        Look into its folders too.

    Raises
    ------
    ValueError
        One is cut off, damaged or missing; the sentence names it.
    """
    within = "**/" if deep else ""
    for file in sorted(folder.glob(f"{within}*.safetensors")):
        if fault := damage(file):
            raise ValueError(f"{told_as}: {file} {fault}: copy or download it again.")
    for index in sorted(folder.glob(f"{within}*.safetensors.index.json")):
        absent = [name for name in _named_in(index) if not (index.parent / name).is_file()]
        if absent:
            more = f" and {len(absent) - 1:,} more" if len(absent) > 1 else ""
            raise ValueError(f"{told_as}: {index} names {absent[0]}{more}, which is not there: copy the model again.")


def damage(file: Path) -> str | None:
    """Say in a few words what is wrong with a safetensors file; None where it holds what its header promises."""
    size = file.stat().st_size
    try:
        with file.open("rb") as stream:
            head = stream.read(len(_POINTER))
            if head == _POINTER:
                return "is a pointer of Git LFS and no weights (`git lfs pull` fetches them)"
            length = int.from_bytes(head[:_LENGTH], "little")
            if len(head) < _LENGTH or length > _LONGEST_HEADER:
                return f"is no safetensors file ({size:,} bytes)"
            if size < _LENGTH + length:
                return f"is cut off: it holds {size:,} bytes, and its header alone takes {_LENGTH + length:,}"
            stream.seek(_LENGTH)
            promised = _LENGTH + length + _last_byte(json.loads(stream.read(length)))
    except OSError as error:
        return f"can't be read ({error.strerror or error})"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return "is damaged: its header can't be read"
    if size < promised:
        return f"is cut off: it holds {size:,} bytes of {promised:,}"
    return None if size == promised else f"is damaged: it holds {size:,} bytes, and its header tells of {promised:,}"


def shapes(file: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor that a whole safetensors file holds, by name; no tensor is read.

    Raises
    ------
    ValueError
        The file is damaged, cut off or none of safetensors.
    """
    if fault := damage(file):
        raise ValueError(fault)
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(_LENGTH), "little")
        header = json.loads(stream.read(length))
    try:
        return {name: tuple(map(int, one["shape"])) for name, one in header.items() if name != "__metadata__"}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError("is damaged: its header tells no shapes") from error


def digest(folder: Path) -> str:
    """Return a digest of a model's weights alone: the same model with another tokenizer or template has the same."""
    state = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.gguf")):
        with file.open("rb") as stream:
            state.update(hashlib.file_digest(stream, "sha256").digest())
    return state.hexdigest()[:32]


def notes(file: Path) -> dict[str, str]:
    """Return what the header of a whole safetensors file says beside its tensors."""
    return {key: str(said) for key, said in (_header(file).get("__metadata__") or {}).items()}


def note(file: Path, **said: str) -> None:
    """Write into the header of a whole safetensors file; the bytes of its tensors stay as they are."""
    header = _header(file)
    header["__metadata__"] = {**(header.get("__metadata__") or {}), **said}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _LENGTH)  # so that the tensors begin where their bytes are aligned
    with whole.part_file(file.parent, file.suffix) as part:
        with file.open("rb") as old, part.open("wb") as new:
            old.seek(_LENGTH + int.from_bytes(old.read(_LENGTH), "little"))
            new.write(len(text).to_bytes(_LENGTH, "little") + text)
            shutil.copyfileobj(old, new)
        part.replace(file)


def _header(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        header: dict[str, Any] = json.loads(stream.read(int.from_bytes(stream.read(_LENGTH), "little")))
    return header


def _last_byte(header: dict[str, Any]) -> int:
    ends = [int(tensor["data_offsets"][1]) for name, tensor in header.items() if name != "__metadata__"]
    return max(ends, default=0)


def _named_in(index: Path) -> list[str]:
    """Return the files that an index of a set of files names; one that can't be read is told where it is used."""
    try:
        return sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
