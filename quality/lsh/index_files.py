"""Arrays on disk: immutable files named by the digest of their bytes, and a head that names the newest.

A file is safetensors: it can be looked into with common tools and never runs code. It appears whole or not at all, and
its digest is compared each time it is opened; so nothing is flushed: after a power cut a file that was still in flight
is passed over like any damaged one. A lock, which the kernel frees when its holder ends, keeps two processes apart.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import mmap
import os
import shutil
from typing import TYPE_CHECKING

import numpy as np
import xxhash

from quality.whole import part_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

_SUFFIX = ".safetensors"
_TYPES = {"U8": np.uint8, "U32": np.uint32, "U64": np.uint64, "F32": np.float32, "F64": np.float64}


def write_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]], notes: object = None) -> str:
    """Write arrays and JSON notes to a new file; return its name, the digest of its bytes.

    Raises
    ------
    OSError
        The file can't be written.
    """
    # Widest first, so that each array begins where numbers of its kind may.
    ordered = sorted(arrays.items(), key=lambda item: -item[1].itemsize)
    ends = np.cumsum([array.nbytes for _, array in ordered]).tolist()
    header: dict[str, object] = {"__metadata__": {"notes": json.dumps(notes)}}
    for (name, array), end in zip(ordered, ends, strict=True):
        kind = f"{array.dtype.kind.upper()}{8 * array.itemsize}"
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [end - array.nbytes, end]}
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 8)
    pieces: list[bytes | memoryview] = [len(told).to_bytes(8, "little"), told]
    pieces += [_bytes_of(array) for _, array in ordered]
    digest = xxhash.xxh3_128()
    with part_file(folder) as part:
        with part.open("wb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        part.replace(folder / f"{digest.hexdigest()}{_SUFFIX}")
    return digest.hexdigest()


def read_arrays(folder: Path, name: str) -> tuple[Arrays, Any]:
    """Open a file that `write_arrays` wrote: its arrays, which stay on disk until they are looked at, and its notes.

    Raises
    ------
    OSError
        There is no such file, or its bytes are not those that were written.
    """
    content = _mapped(folder / f"{name}{_SUFFIX}")
    if _digest(content) != name:
        raise OSError(f"the bytes of {name}{_SUFFIX} do not match its name")
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    notes = json.loads(header.pop("__metadata__")["notes"])
    arrays = {}
    for key, told in header.items():
        first, last = told["data_offsets"]
        flat = np.frombuffer(content, np.uint8, last - first, start + first)
        arrays[key] = flat.view(_TYPES[told["dtype"]]).reshape(told["shape"])
    return arrays, notes


def read_head(folder: Path) -> str:
    """Return the name of the newest state, or nothing where there is none."""
    try:
        return (folder / "head").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def mark_used(folder: Path) -> None:
    """Make a folder the last one that `retire` would remove."""
    with contextlib.suppress(OSError):
        os.utime(folder / "head")


def write_head(folder: Path, name: str) -> None:
    """Make a state the newest."""
    with part_file(folder) as part:
        part.write_text(f"{name}\n", encoding="ascii")
        part.replace(folder / "head")


def remove_others(folder: Path, names: Iterable[str]) -> None:
    """Remove the files that nothing names any more. Whoever has one open reads on."""
    kept = {f"{name}{_SUFFIX}" for name in names}
    for path in folder.glob(f"*{_SUFFIX}"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def retire(root: Path, most: int) -> None:
    """Remove all folders under `root` but the `most` that were used last."""
    heads = sorted(root.glob("*/head"), key=lambda head: head.stat().st_mtime_ns)
    for head in heads[: max(len(heads) - most, 0)]:
        shutil.rmtree(head.parent, ignore_errors=True)


@contextlib.contextmanager
def locked(folder: Path, *, writing: bool) -> Iterator[None]:
    """Hold a folder's lock: many may read at once, one may write. A reader who can't have one goes without."""
    try:
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        if writing:
            raise
        yield  # a home that is read-only: nobody writes
        return
    try:
        # A file system without locks is read without, and not written to.
        with contextlib.nullcontext() if writing else contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX if writing else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def _bytes_of(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _mapped(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _digest(content: mmap.mmap | bytes) -> str:
    return xxhash.xxh3_128_hexdigest(content)
