"""Fetch what lies in stores elsewhere, each object once, so that a run reads files whose content is pinned.

`store/fetched/<digest of address and version>/<name>` holds an object, `<digest>.json` beside it the digest of its
bytes; a file that doesn't match is fetched again. Where the store tells no version, so is everything.
"""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from quality import whole as parts
from quality.sources import Copy
from quality.sources.addresses import public
from quality.sources.formats import ROWS, Kinds
from quality.sources.logins import filled
from tasks import cards, remote, store
from tasks.reporting.text import counted

_LONGEST_NAME = 200  # bytes; file systems end at 255


def fetch(address: str, kinds: Kinds = ROWS) -> list[Copy]:
    """Return a local copy of every object that an address stands for.

    Parameters
    ----------
    address : str
        One object, a glob or a folder: `s3://bucket/pool/*.jsonl`. Variables in its login or query are filled in from
        the environment here, and nowhere else.
    kinds : Kinds
        What is looked for: files of rows, or of plain text.

    Raises
    ------
    SourceError
        See `tasks.remote.find` and `quality.sources.logins.filled`.
    """
    whole = filled(address, os.environ)
    objects = remote.find(whole, kinds)
    total, done, fetched = sum(thing.size or 0 for thing in objects), 0, 0
    copies = []
    with cards.progress(f"Fetching {public(address)}") as tick:
        for thing in objects:
            file = _kept(thing)
            if file is None:
                file = _fetched(thing, whole, partial(_tell, tick, done, total))
                fetched += 1
            done += file.stat().st_size
            copies.append(Copy(public(address), thing.shown, str(file)))
    if fetched:
        them = f"{fetched:,} of {counted(len(objects), 'object')} fetched"
        cards.say(f"{public(address)}: {them}, {done / 1e6:,.1f} MB in all")
    return copies


def _tell(tick: Callable[[int, int], None], before: int, total: int, now: int) -> None:
    tick(min(before + now, total), total)


def _kept(thing: remote.Object) -> Path | None:
    """Return the copy of this very version, if there is one and it is whole."""
    file, record = _places(thing)
    if not thing.version or not file.is_file():
        return None
    try:
        digest = json.loads(record.read_bytes())["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if store.file_digest(file) != digest:
        return None
    for asked in (file.parent, record):
        store.note_asked(asked)
    return file


def _fetched(thing: remote.Object, address: str, told: Callable[[int], None]) -> Path:
    file, record = _places(thing)
    with store.writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        with parts.part_file(file.parent) as part:
            remote.ask(address, lambda: _download(thing, part, told))
            digest = store.file_digest(part)
            part.replace(file)
    store.write_json(record, {"object": thing.shown, "version": thing.version, "digest": digest})
    return file


def _download(thing: remote.Object, part: Path, told: Callable[[int], None]) -> None:
    thing.download(part, told)
    size = part.stat().st_size
    if thing.size is not None and size != thing.size:
        raise ConnectionError(f"{size:,} bytes of {thing.size:,} came")


def _places(thing: remote.Object) -> tuple[Path, Path]:
    """Return where the object's copy lies, and the record of what it holds."""
    folder = store.home() / "store" / "fetched"
    key = store.value_digest([thing.shown, thing.size, thing.version])
    name = thing.name.encode()[-_LONGEST_NAME:].decode(errors="ignore")
    return folder / key / name, folder / f"{key}.json"
