"""A person's answers about rows near the domain's line become files of seeds and negatives of that person's own.

The files that a recipe names are never edited: they may belong to a package, to another checkout or to somebody else.
Answers go to `<recipe's name>-seeds.jsonl` and `-negatives.jsonl` in a folder that the person chooses. A new file
begins with what the recipe names now, so that the recipe can name the new one in its place; from then on it grows.
"""

import json
import re
import sysconfig
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import polars as pl

from quality.domain.draws import MIN_SEEDS
from quality.records import MESSAGE, record_ids
from tasks import check, run_settings, runs, store
from tasks.domain_line import Borderline
from tasks.named_places import domain_key

Answer = Literal["yes", "no"]


class NotLabelled(ValueError):
    """Answers can't be written; the message says what would help."""


@dataclass(frozen=True)
class Labels:
    """A file that answers go to.

    Attributes
    ----------
    key : str
        The recipe's key that should name the file.
    file : Path
        The file.
    named : str or None
        What the run's recipe names under that key.
    instead : str
        The recipe's key that must go for this one to come, or nothing.
    begins : str
        What the file begins with where it is new, or empty: lines of JSON.
    held : frozenset of str
        Ids of the rows that it holds, and of those that the recipe names, however they are written down.
    """

    key: str
    file: Path
    named: str | None
    begins: str
    held: frozenset[str] = frozenset()
    instead: str = ""

    @property
    def is_named(self) -> bool:
        """Whether the run's recipe names this very file."""
        return self.named is not None and Path(self.named).resolve() == self.file

    @property
    def advice(self) -> str:
        """Say how the recipe comes to use the file; nothing where it does."""
        if self.is_named:
            return ""
        place = f", in place of {self.instead} and with {MIN_SEEDS} rows or more" if self.instead else ""
        # Eight rows of the line let in hundreds of unrelated subjects, where the sentence had let in hardly any.
        hint = " (rows near the line alone tell a domain badly: add typical ones)" if self.instead else ""
        return f"To use it{hint}, name it in the recipe{place}: {self.key}: {self.file}"


def files(folder: Path, into: Path) -> dict[tuple[str, Answer], Labels]:
    """Return the file for every domain of a run's recipe and every answer; nothing is written yet.

    Raises
    ------
    NotLabelled
        When `into` is no folder that may be written to.
    ValueError
        When what the recipe names can't be read.
    """
    _ensure_own(into)
    name = runs.manifest(folder)["name"]
    found: dict[tuple[str, Answer], Labels] = {}
    for domain, told in run_settings.domain_settings(folder).all_told.items():
        own = name if domain == "domain" else f"{name}-{re.sub(r'[^A-Za-z0-9._-]+', '-', domain)}"
        key = domain_key(domain)
        found[domain, "yes"] = replace(
            _labels(f"{key}.seeds", into.resolve() / f"{own}-seeds.jsonl", told.seeds),
            instead="" if told.description is None else f"{key}.description",
        )
        found[domain, "no"] = _labels(f"{key}.negatives", into.resolve() / f"{own}-negatives.jsonl", told.negatives)
    return found


def unanswered(labels: dict[tuple[str, Answer], Labels], rows: list[Borderline]) -> list[Borderline]:
    """Leave out rows that a file of their domain holds, or the recipe names: a person has told of them before."""
    held = {(domain, row) for (domain, _), target in labels.items() for row in target.held}
    return [row for row in rows if (row.domain, _id(row.messages)) not in held]


def write(
    labels: dict[tuple[str, Answer], Labels], answers: list[tuple[Borderline, Answer]]
) -> list[tuple[Labels, int]]:
    """Add labelled rows to the files of their domain and answer; return the files and how many rows each gained.

    A row that a file already holds is not added twice, and whatever else it holds by now stays as it is.
    """
    added = []
    for (domain, answer), target in labels.items():
        rows = [row.messages for row, given in answers if (row.domain, given) == (domain, answer)]
        if rows:
            added.append((target, _append(target, rows)))
    return added


def _ensure_own(into: Path) -> None:
    """Refuse a folder of installed packages, and one that can't be written to."""
    installed = [Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")]
    for place in (*installed, Path(__file__).parents[1] / "flows"):
        if into.resolve().is_relative_to(place.resolve()):
            raise NotLabelled(
                f"{into.resolve()} belongs to an installed package, and labels are yours: go to a folder of your own, "
                "or name one with --into DIR."
            )
    try:
        store.ensure_writable(into)
    except OSError as error:
        raise NotLabelled(
            f"winnow can't write labels to {into} ({error.strerror or error}): name another folder with --into DIR."
        ) from error


def _labels(key: str, file: Path, named: str | None) -> Labels:
    """Read what a file holds, or what it will begin with: whatever is wrong is told before anybody answers."""
    told = [] if named is None else check.examples(named, key=key)["messages"].to_list()
    begins = "".join(f"{_line(messages)}\n" for messages in told)
    if file.is_file():
        own = check.examples(str(file), key=key)["messages"].to_list() if file.read_bytes().strip() else []
        told = own if named is not None and Path(named).resolve() == file else [*told, *own]
    return Labels(key, file, named, begins, frozenset(map(_id, told)))


def _append(target: Labels, rows: list[list[dict[str, str]]]) -> int:
    """Add rows behind what the file holds by now: an editor, or another `winnow label`, may have it open as well."""
    held = target.file.read_bytes() if target.file.is_file() else b""
    before = held if held.strip() else target.begins.encode()
    own = set(before.splitlines())
    fresh = [line for line in dict.fromkeys(_line(row).encode() for row in rows) if line not in own]
    if fresh:
        ending = b"" if not before or before.endswith(b"\n") else b"\n"
        added = (b"" if before is held else before) + ending + b"\n".join(fresh) + b"\n"
        with store.writing(target.file), target.file.open("ab") as stream:
            stream.write(added)
    return len(fresh)


def _line(messages: list[dict[str, str]]) -> str:
    return json.dumps({"messages": messages}, ensure_ascii=False)


def _id(messages: list[dict[str, str]]) -> str:
    return str(record_ids(pl.Series([messages], dtype=pl.List(MESSAGE))).item())
