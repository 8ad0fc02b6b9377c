"""The suites of a sealed exam: each with the digest that pins it, so that a change is told by name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.asking import Asked, Example
from evals.items import digest
from evals.shortening import Cut
from evals.suites import Suite
from evals.units import Unit
from quality.sources import Copy
from tasks import store

# Keys that a suite always had: digests of exams from before the others were added stay what they are.
_FIRST = ("name", "version", "role", "kind", "about", "limit", "max_bytes")


class PinnedSuite(BaseModel):
    """A suite, the digest of its source's content, and the local copies of what its address names."""

    model_config = ConfigDict(frozen=True)

    suite: Suite
    content: str
    copies: tuple[Copy, ...] = ()


class SealedSuite(Asked):
    """A suite as the exam asks it, pinned."""

    digest: str = Field(description="Of what it is, its examples and its items.")
    request: str | None = Field(
        default=None, description="Digest of what the recipe named: suite and rows; none of what the pool gave."
    )
    cut: int | None = Field(
        default=None,
        description="Items whose answer or text is cut at max_bytes; none of exams sealed before that was counted.",
    )


def choice_of(suite: str) -> str:
    """Name the multiple-choice suite made of a domain suite's rows."""
    return f"{suite}-choice"


def told(suite: Suite) -> dict[str, Any]:
    """Return what a suite asks, wherever its source lies: what is pinned of it."""
    said = suite.model_dump(exclude={"source"})
    return {key: value for key, value in said.items() if key in _FIRST or value != Suite.model_fields[key].default}


def request_of(pinned: PinnedSuite) -> str:
    """Digest a suite and the content of its source."""
    return store.value_digest([told(pinned.suite), pinned.content])


def sealed_suites(
    items: pl.DataFrame,
    suites: Sequence[PinnedSuite],
    shots: Mapping[str, tuple[Example, ...]],
    cut: Mapping[str, int | None],
) -> tuple[SealedSuite, ...]:
    """Pin every suite of an exam's items (schema `evals.items.ITEMS`), in their order.

    `shots` are their worked examples, and `cut` how many items were cut, by name. The multiple
    choice made of a domain suite's rows asks as that does; a suite of the pool's rows is a plain one.
    """
    known = {pinned.suite.name: pinned for pinned in suites}
    parents = {choice_of(name): name for name in known if choice_of(name) not in known}
    found = []
    for part in items.partition_by("suite", maintain_order=True):
        name, role, kind = part.select("suite", "role", "kind").row(0)
        parent = parents.get(name, name)
        if parent in known:
            source = known[parent].suite.source if kind == "lm-eval" else {}
            unit_by = {key: source[key] for key in ("metric",) if key in source}
            own = {"name": name, "kind": kind, "source": unit_by}
            suite = known[parent].suite.model_copy(update=own | ({} if parent == name else {"metric": None}))
        else:
            suite = Suite(name=name, role=role, kind=kind)
        shown = shots.get(parent, ())
        found.append(
            SealedSuite(
                suite=suite,
                shots=shown,
                digest=pin(suite, shown, part),
                request=request_of(known[name]) if name in known else None,
                cut=cut.get(name),
            )
        )
    return tuple(found)


def units_of(suites: Iterable[SealedSuite]) -> dict[str, Unit]:
    """Return the unit of each suite's scores, by name."""
    return {one.suite.name: one.suite.unit for one in suites}


def cuts_of(suites: Iterable[SealedSuite], items: pl.DataFrame) -> tuple[Cut, ...]:
    """Return what was cut at the suites' own limits when the exam was drawn (`items`: `evals.items.ITEMS`)."""
    sizes = dict(items.group_by("suite").len().iter_rows())
    return tuple(
        Cut(suite=one.suite.name, n=one.cut, of=sizes[one.suite.name], limit=one.suite.max_bytes, unit="bytes")
        for one in suites
        if one.cut
    )


def margins_of(suites: Iterable[SealedSuite]) -> dict[str, float]:
    """Return the loss allowed on those suites that name one."""
    return {one.suite.name: one.suite.margin for one in suites if one.suite.margin is not None}


def asked_digest(suites: Sequence[SealedSuite]) -> str:
    """Digest how the suites of an exam ask their items."""
    return store.value_digest([[one.suite.name, one.digest] for one in suites])


def pin(suite: Suite, shots: tuple[Example, ...], items: pl.DataFrame) -> str:
    """Digest what a suite is, what it shows, and what it asks."""
    return store.value_digest([told(suite), [one.model_dump() for one in shots], digest(items)])


def changes(before: Sequence[Mapping[str, Any]], now: Sequence[PinnedSuite]) -> list[str]:
    """Say which suites are not those of a sealed exam, and from which version they changed.

    Parameters
    ----------
    before
        `SealedSuite`, dumped, of the exam.
    now
        What the recipe names.
    """
    was = {str(one["suite"]["name"]): one for one in before if one.get("request")}
    said = [f"the suite “{name}” is no longer named" for name in was if name not in {p.suite.name for p in now}]
    for pinned in now:
        name, version = pinned.suite.name, pinned.suite.version
        if name not in was:
            said.append(f"the suite “{name}” (version {version}) is new")
        elif was[name]["request"] != request_of(pinned):
            old = was[name]["suite"]["version"]
            if _only_margin(was[name], pinned):
                margins = (was[name]["suite"].get("margin"), pinned.suite.margin)
                sealed, named = ("no margin" if one is None else f"margin {one:g}" for one in margins)
                said.append(
                    f"the suite “{name}” names {named} and was sealed with {sealed}: restore that, and set "
                    f"gate.margins.{name} in the recipe, which takes no new exam"
                )
                continue
            how = f", and is version {version} now" if version != old else ", though its version is still the same"
            said.append(f"the suite “{name}” changed since version {old} was sealed{how}")
    return said


def _only_margin(was: Mapping[str, Any], now: PinnedSuite) -> bool:
    """Tell whether nothing but its margin sets a suite apart from what was sealed."""
    margin = was["suite"].get("margin")
    before = now.model_copy(update={"suite": now.suite.model_copy(update={"margin": margin})})
    return margin != now.suite.margin and bool(was["request"] == request_of(before))


def told_changes(facts: Mapping[str, Any], settings: Mapping[str, Any], now: Sequence[PinnedSuite]) -> str:
    """Say what changed since an exam was sealed, behind a colon; nothing where its seal is from before it told.

    Parameters
    ----------
    facts
        What pins the exam.
    settings
        What the recipe asks of it now, its suites aside.
    now
        The suites that the recipe names now.
    """
    if "suites" not in facts or "settings" not in facts:
        return ""
    was = facts["settings"]
    said = [f"exam.{key} was {was.get(key)} and is {value}" for key, value in settings.items() if value != was.get(key)]
    said += changes(facts["suites"], now)
    return f": {'; '.join(said)}" if said else ""
