"""The champion as a serving system mounts it: `$WINNOW_HOME/champions/<name>/current`.

Beside it lie copies of the adapters that were champions lately, each with a card that says who promoted it, went back
to it or put another in its place, when and why. `current` is a relative link to one of them, and is swapped whole: who
reads it finds the old champion or the new one. The folder can be mounted alone, and does not need the runs.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from quality import whole
from tasks import champions, store
from tasks.champions import Entry
from tasks.places import folder_name
from tasks.reporting.markdown import escape

_LIFE = "\n\n## Promotion\n\n"
_KEPT = 2  # the champion, and the one before, which may still be being read


def folder(name: str) -> Path:
    """Return where a recipe's champions are served from."""
    return store.home() / "champions" / folder_name(name)


def prepare(name: str, champion: Entry) -> None:
    """Copy the adapter of who is to be the champion: what may fail, for want of room, fails before the ledger says so.

    Call it within `champions.locked`.
    """
    place = folder(name)
    _copied(place, champion)
    _tell(place, (*champions.history(name), champion), champion)


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
    kept = (*champions.standing(entries)[-_KEPT:], *entries[-_KEPT:])
    recent = {_folder_of(entry): entry for entry in kept if (place / _folder_of(entry)).is_dir()}
    for entry in recent.values():
        # The champion is made by now: what can't be told on a card takes nothing from it.
        with contextlib.suppress(store.StoreError, OSError):
            _tell(place, entries, entry)
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
    return copy


def _folder_of(entry: Entry) -> str:
    return f"{entry.run}-{entry.adapter[:8]}"


def _tell(place: Path, entries: Sequence[Entry], champion: Entry) -> None:
    """Write the card of a copy: the adapter's own, which the copy keeps when the run is gone, and its life."""
    card = place / _folder_of(champion) / store.CARD
    own = _read(store.locate(champion.folder) / store.CARD) or _read(card).rpartition(_LIFE)[0]
    own = own or f"# {escape(champion.run)}"
    told = "\n".join(f"- {line}" for line in _life(entries, _folder_of(champion)))
    store.write_text(card, f"{own.rstrip()}{_LIFE}{told}\n")


def _read(card: Path) -> str:
    return card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""


def _life(entries: Sequence[Entry], mine: str) -> Iterator[str]:
    """Yield how it became the champion, stopped being it, and became it again: a line for each."""
    before: Entry | None = None
    for entry in entries:
        how = f"{_by(entry)} on {entry.when:%Y-%m-%d %H:%M} UTC"
        if _folder_of(entry) == mine and entry.action == "promoted":
            yield f"Promoted{how}, from the run {escape(entry.run)}: {escape(entry.why, 1000)}"
        elif _folder_of(entry) == mine and before is not None:
            yield f"Made the champion again{how}, instead of {escape(before.run)}: {escape(entry.why, 1000)}"
        elif before is not None and _folder_of(before) == mine:
            yield f"{escape(entry.run)} was put in its place{how}: {escape(entry.why, 1000)}"
        before = entry


def _by(entry: Entry) -> str:
    return f" by {escape(entry.who)}" if entry.who else ""
