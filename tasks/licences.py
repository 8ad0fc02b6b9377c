"""What base and sources declare as their licence, in their own words; of what declares none, nothing is guessed."""

import re
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from evals import plain_yaml
from quality.sources import Source
from quality.sources.addresses import public

_CLASSIFIER = "License :: "
_LONGEST = 120  # characters; some packages put the whole text into the field
_HUB = re.compile(r"[\w.-]+/[\w.-]+")
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9.+-]*")


class Licence(NamedTuple):
    """A part of the model, the licence it declares (nothing where it declares none), and where it says so."""

    what: str
    name: str
    where: str


def of_model(reference: str) -> Licence:
    """Look for the licence of a base model: `package:NAME[/FOLDER]`, a folder, or a hub id."""
    package = reference.removeprefix("package:")
    if package != reference:
        return _of_package(f"base model {reference}", package)
    return _of_folder(f"base model {public(reference)}", reference, "models")


def of_source(source: Source) -> Licence:
    """Look for the licence of a source of rows."""
    what = f"data {source.label}"
    if source.package is not None:
        return _of_package(what, source.package)
    return _of_folder(what, source.hub or source.path or "", "datasets")


def common(found: Sequence[Licence]) -> str | None:
    """Return the licence that all parts declare, as the model hub writes it; None where they differ or one says none.

    Of parts under several licences, which one the whole can have is not for a program to say.
    """
    names = {one.name.casefold() for one in found}
    name = names.pop() if len(names) == 1 else ""
    return name if _IDENTIFIER.fullmatch(name) else None


def _of_package(what: str, place: str) -> Licence:
    """Read a package's own metadata, which speaks of its code first; what data it ships may have another."""
    module = re.split(r"[/\\]", place)[0]
    owners = metadata.packages_distributions().get(module, [])
    for owner in owners:
        told = metadata.metadata(owner)
        classified = [line.rsplit(" :: ", 1)[-1] for line in told.get_all("Classifier") or [] if _CLASSIFIER in line]
        fields = [told[key] for key in ("License-Expression", "License") if key in told]
        for name in (*fields, ", ".join(classified)):
            if name and "\n" not in name.strip() and len(name) <= _LONGEST:
                return Licence(what, name.strip(), f"metadata of the package {owner}, whose data may have another")
    return Licence(what, "", f"look at the package {owners[0] if owners else module}")


def _of_folder(what: str, place: str, kind: str) -> Licence:
    folder = Path(place).expanduser()
    beside = folder if folder.is_dir() else folder.parent
    if "://" not in place and beside.is_dir() and beside != Path():
        said = _front_matter(beside / "README.md")
        name = said.get("license_name") or said.get("license")
        if isinstance(name, str) and name.strip():
            return Licence(what, name.strip(), f"README.md of {beside.name}")
    if _HUB.fullmatch(place) and not folder.exists():
        hub = f"https://huggingface.co/{'datasets/' if kind == 'datasets' else ''}{place}"
        return Licence(what, "", f"look at {hub}")
    return Licence(what, "", "look where it comes from")


def _front_matter(card: Path) -> dict[str, Any]:
    """Read the YAML at the head of a card; nothing where there is none."""
    try:
        text = card.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    head = re.match(r"---\n(.*?)\n---\s*\n", text, re.DOTALL)
    try:
        said = yaml.load(head[1], Loader=plain_yaml.Loader) if head else {}  # noqa: S506 - safe: a SafeLoader
    except (yaml.YAMLError, RecursionError):  # a month 13, digits or brackets by the thousand
        return {}
    return said if isinstance(said, dict) else {}
