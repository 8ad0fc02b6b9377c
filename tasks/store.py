"""The content-addressed store: what tasks hand to each other lies here, named by the digest of its bytes.

A reference (`Table`, `Folder`) is a frozen value that travels between tasks and into Prefect's results. Its path is
relative to the home, so that a home can be moved. Every write goes to a temporary name first and is moved into place,
so that a run killed at any moment leaves nothing that reads as finished.
"""

import contextlib
import errno
import functools
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict

from quality import whole

CARD = "README.md"
"""A folder's card, in the format of the model hub."""

_CHUNK = 1 << 20
_PAGE = 4096  # bytes
_NOT_OURS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT, errno.ELOOP, errno.ENAMETOOLONG,
}  # fmt: skip
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StoreError(OSError):
    """The home can't be written or read; the message says what to do."""


class Table(BaseModel):
    """A Parquet file in the store. `path` is relative to the home, `digest` is of the file's bytes."""

    model_config = ConfigDict(frozen=True)

    path: str
    digest: str
    rows: int


class Folder(BaseModel):
    """A folder in the store (an adapter, a converted model). `digest` is of its files' names and bytes."""

    model_config = ConfigDict(frozen=True)

    path: str
    digest: str


def home() -> Path:
    """Return the home: `$WINNOW_HOME`, else `./.winnow`. Whoever only reads makes none."""
    return Path(os.environ.get("WINNOW_HOME") or ".winnow").expanduser().resolve()


def ensure_home() -> Path:
    """Return the home, made where it is missing.

    Raises
    ------
    StoreError
        It can't be made.
    """
    folder = home()
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn an operating-system error met while writing `target` into a sentence that says what to do."""
    with room(target):
        try:
            yield
        except OSError as error:
            if error.errno in _NOT_OURS:
                raise StoreError(
                    f"winnow can't write to {target} ({error.strerror}). Choose a home you may write to: "
                    "--home DIR or WINNOW_HOME=DIR."
                ) from error
            raise


@contextlib.contextmanager
def room(target: Path) -> Iterator[None]:
    """Turn whatever is raised for want of disk space, by any library, into a sentence that says what to do."""
    try:
        yield
    except (StoreError, ValueError):
        raise
    except Exception as error:
        if not _for_want_of_room(error, target):
            raise
        why, cure = _too_little(error)
        raise StoreError(
            f"{why}: winnow could not write {target}. {cure}; finished steps are kept, so the next goes on from here."
        ) from error


def has_no_room(error: Exception) -> bool:
    """Say whether a disk, a quota or a limit on the size of files is full; some libraries tell it in words alone."""
    return getattr(error, "errno", None) in _NO_ROOM or any(os.strerror(code) in str(error) for code in _NO_ROOM)


def ensure_writable(folder: Path) -> None:
    """Make a folder where it is missing and write a file in it, which goes again: permissions alone don't tell.

    Raises
    ------
    OSError
        Whatever stands in the way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with whole.part_file(folder) as probe:
        probe.write_bytes(bytes(_PAGE))


def write_table(frame: pl.DataFrame) -> Table:
    """Store a frame as Parquet, named by the digest of its bytes; an equal frame is stored once."""
    folder = _folder("tables")
    with writing(folder), whole.part_file(folder, ".parquet") as temporary:
        frame.write_parquet(temporary, compression="zstd", statistics=False)
        digest = file_digest(temporary)
        path = folder / f"{digest}.parquet"
        temporary.replace(path)  # over an equal one as well: what was damaged is whole again
    return Table(path=_relative(path), digest=digest, rows=frame.height)


def read_table(table: Table) -> pl.DataFrame:
    """Load a stored table."""
    return pl.read_parquet(locate(table))


def write_folder(kind: str, fill: Callable[[Path], None]) -> Folder:
    """Let `fill` write files into a fresh folder, then store it under `store/<kind>/<digest>`."""
    parent = _folder(kind)
    with writing(parent), whole.part_folder(parent) as temporary:
        fill(temporary)
        digest = folder_digest(temporary)
        target = parent / digest
        whole.put(temporary, target)
    return Folder(path=_relative(target), digest=digest)


def locate(reference: Table | Folder) -> Path:
    """Return the absolute path of a stored table or folder."""
    return home() / reference.path


def scratch(kind: str, name: str) -> Path:
    """Return a working folder that outlives a killed run, for checkpoints; whoever finishes removes it."""
    folder = _folder("scratch") / kind / name
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def missing(value: Any) -> list[str]:  # noqa: ANN401 - any JSON value
    """Return the paths of tables and folders named inside a JSON value that are gone, or tables of other bytes by now.

    Folders, which hold whole models, are only looked for. What is there counts as asked for (`tasks.tidy`).
    """
    if isinstance(value, dict):
        if isinstance(value.get("path"), str) and isinstance(value.get("digest"), str):
            return [] if _holds(home() / value["path"], value["digest"]) else [value["path"]]
        return [path for inner in value.values() for path in missing(inner)]
    if isinstance(value, list | tuple):
        return [path for inner in value for path in missing(inner)]
    return []


def note_asked(path: Path) -> None:
    """Let the file system keep that a file or folder was asked for now; when a file was written, it goes on telling."""
    with contextlib.suppress(OSError):  # a home that can only be read; or another run has just removed it
        written = time.time_ns() if path.is_dir() else path.stat().st_mtime_ns
        os.utime(path, ns=(time.time_ns(), written))


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with writing(path), whole.part_file(path.parent, path.suffix) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="replace")
        temporary.replace(path)


def write_json(path: Path, value: object) -> None:
    """Write a JSON file atomically, with sorted keys."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=str) + "\n")


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write a Parquet file atomically."""
    with writing(path), whole.part_file(path.parent, ".parquet") as temporary:
        frame.write_parquet(temporary, compression="zstd")
        temporary.replace(path)


def copy_table(table: Table, target: Path) -> None:
    """Copy a stored table byte by byte, so that its digest is the copy's."""
    with writing(target), whole.part_file(target.parent, ".parquet") as temporary:
        shutil.copyfile(locate(table), temporary)
        temporary.replace(target)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder's files; plain copies, so that editing a run's files never touches the store."""
    with writing(target):
        shutil.copytree(source, target, dirs_exist_ok=True)


def file_digest(path: Path) -> str:
    """Return the first 32 hex digits of the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()[:32]


def folder_digest(folder: Path) -> str:
    """Digest the names and bytes of all files in a folder, in sorted order.

    Its card is left out: it tells of the other files, is written after they were digested, and changes nothing of what
    they do. In a run, the manifest names a digest of the card itself.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / CARD)
    return value_digest([[path.relative_to(folder).as_posix(), file_digest(path)] for path in files])


def value_digest(value: object) -> str:
    """Digest any JSON-like value (pydantic models included) by its canonical JSON text."""

    def plain(inner: object) -> object:
        if isinstance(inner, BaseModel):
            return inner.model_dump(mode="json")
        return str(inner)

    text = json.dumps(value, sort_keys=True, default=plain, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _for_want_of_room(error: Exception, target: Path) -> bool:
    """Say whether a disk is full, though Polars and safetensors may not tell it at all."""
    if has_no_room(error):
        return True
    existing = next(folder for folder in (target, *target.parents) if folder.exists())
    return not isinstance(error, OSError) and shutil.disk_usage(existing).free < _CHUNK


def _holds(path: Path, digest: str) -> bool:
    if not path.exists():
        return False
    note_asked(path)
    if path.is_dir() or path.suffix != ".parquet":
        return True
    seen = path.stat()
    return _digest_of(path, (seen.st_ino, seen.st_size, seen.st_mtime_ns)) == digest


@functools.lru_cache(maxsize=1024)
def _digest_of(path: Path, _seen: tuple[int, int, int]) -> str:
    """Digest a file that many steps name once, as long as it looks the same."""
    return file_digest(path)


def _too_little(error: Exception) -> tuple[str, str]:
    """Say what there is too little of, and what to do: room on a disk does not help where files are kept small."""
    if getattr(error, "errno", None) == errno.EFBIG or os.strerror(errno.EFBIG) in str(error):
        return "A file would pass the limit that `ulimit -f` sets", "Raise it, as with `ulimit -f unlimited`"
    return "The disk is full", "Free some space or choose another home with --home DIR"


def _folder(kind: str) -> Path:
    folder = home() / "store" / kind
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _relative(path: Path) -> str:
    return path.relative_to(home()).as_posix()
