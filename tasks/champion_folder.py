"""The champion as a serving system mounts it: `$WINNOW_HOME/champions/<name>/current`.

Beside it lie copies of the adapters that were champions lately, each with a card that says who promoted it, when and
why. `current` is a relative link to one of them, and is swapped whole: who reads it finds the old champion or the new
one. The folder can be mounted alone, and does not need the runs.
"""

import contextlib
import shutil
from pathlib import Path

from quality import whole
from tasks import champions, store
from tasks.champions import Entry
from tasks.places import folder_name
from tasks.reporting.markdown import escape

_KEPT = 2  # the champion, and the one before, which may still be being read


def folder(name: str) -> Path:
    """Return where a recipe's champions are served from."""
    return store.home() / "champions" / folder_name(name)


def prepare(name: str, champion: Entry) -> None:
    """Copy the adapter of who is to be the champion: what may fail, for want of room, fails before the ledger says so.

    Call it within `champions.locked`.
    """
    _copied(folder(name), champion)


def point(name: str) -> Path | None:
    """Bring `current` to the champion that the ledger names, and return it; None where there is none.

    It is safe to call again: what a killed promotion left behind is made good. Call it within `champions.locked`.
    """
    entries = champions.history(name)
    if not entries:
        return None
    place, champion = folder(name), entries[-1]
    copy = _copied(place, champion)
    link = place / "current"
    if not link.is_symlink() or link.readlink() != Path(copy.name):
        with store.writing(link), whole.part_folder(place) as temporary:
            (temporary / link.name).symlink_to(copy.name, target_is_directory=True)
            (temporary / link.name).replace(link)
    # What stood before, and, of a champion that was gone back from, what was served until now.
    recent = {_folder_of(entry) for entry in (*champions.standing(entries)[-_KEPT:], *entries[-_KEPT:])}
    for old in place.iterdir():
        if old.is_dir() and not old.is_symlink() and not old.name.startswith(".") and old.name not in recent:
            shutil.rmtree(old, ignore_errors=True)
    return link


def fault(name: str) -> str:
    """Say what is wrong with what is served; nothing where `current` is the champion that the ledger names."""
    champion = champions.current(name)
    if champion is None:
        return ""
    link = folder(name) / "current"
    if not link.is_dir():
        return f"{link} does not lead to an adapter"
    with contextlib.suppress(OSError):
        if link.readlink() == Path(_folder_of(champion)) and store.folder_digest(link.resolve()) == champion.adapter:
            return ""
    return f"{link} is not the champion that the ledger names, {champion.run}, unaltered"


def _copied(place: Path, champion: Entry) -> Path:
    copy = place / _folder_of(champion)
    with store.writing(copy):
        place.mkdir(parents=True, exist_ok=True)
        if copy.is_dir() and store.folder_digest(copy) != champion.adapter:
            shutil.rmtree(copy)
        if not copy.is_dir():
            with whole.part_folder(place) as temporary:
                shutil.copytree(store.locate(champion.folder), temporary, dirs_exist_ok=True)
                temporary.replace(copy)
    card = store.locate(champion.folder) / store.CARD
    told = card.read_text(encoding="utf-8") if card.is_file() else f"# {escape(champion.run)}\n"
    store.write_text(copy / store.CARD, told.rstrip("\n") + "\n\n" + _told(champion))
    return copy


def _folder_of(entry: Entry) -> str:
    return f"{entry.run}-{entry.adapter[:8]}"


def _told(entry: Entry) -> str:
    """Say on the card how it became the champion."""
    by = f" by {escape(entry.who)}" if entry.who else ""
    return (
        "## Promotion\n\n"
        f"{entry.action.capitalize()}{by} on {entry.when:%Y-%m-%d %H:%M} UTC, from the run {escape(entry.run)}: "
        f"{escape(entry.why, 1000)}\n"
    )
