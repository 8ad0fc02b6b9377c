"""Read which items a run says that its model's chat template refused, and prove what of it needs no tokenizer."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter, ValidationError

from quality.auditing.audit import Proof
from tasks import run_files
from tasks.runs import DamagedRun
from tasks.sealed_suites import SealedSuite

_NAMED = TypeAdapter(dict[str, dict[str, list[str]]])
_ITEM: dict[str, pl.DataType] = {"suite": pl.String(), "item": pl.String()}
_KEY = ["suite", "item"]
_NONE = pl.DataFrame(schema=_ITEM)
_SHOWN = 3
_CLAIM = "every item said to be refused by the chat template is one that it shows, of the candidate one of the base's"

Refused = Mapping[str, pl.DataFrame]
"""The items (`suite, item`) that were refused, by who was asked: base, candidate, and anyone the validation items."""


def refused(facts: Mapping[str, Any]) -> Refused:
    """Return what a manifest names; of a run from before that was told, nothing.

    Raises
    ------
    ValueError
        If it can't be read.
    """
    try:
        named = _NAMED.validate_python(facts.get("refused", {}), strict=True)
    except ValidationError:
        raise ValueError("“refused” in manifest.json does not name items by model and suite") from None
    return {
        who: pl.DataFrame([(suite, item) for suite, items in suites.items() for item in items], _ITEM, orient="row")
        for who, suites in named.items()
    }


def without(items: pl.DataFrame, facts: Mapping[str, Any], who: str = "base") -> pl.DataFrame:
    """Leave out the items that were refused."""
    return items.join(refused(facts).get(who, _NONE), on=_KEY, how="anti", maintain_order="left")


def prove_refused(
    facts: Mapping[str, Any],
    exam: pl.DataFrame,
    suites: Mapping[str, SealedSuite],
    asked: Callable[[pl.DataFrame], pl.DataFrame],
) -> list[Proof]:
    """Check what is said to be refused; nothing to prove where nothing is.

    Parameters
    ----------
    facts : mapping
        The manifest.
    exam : pl.DataFrame
        Schema `evals.items.ITEMS`.
    suites : mapping
        How the suites were asked, by name.
    asked : callable
        Which of some items the candidate was asked.
    """
    try:
        named = refused(facts)
        if all(items.is_empty() for items in named.values()):
            return []
        same = asked(exam.join(named.get("base", _NONE), on=_KEY, how="semi"))
    except ValueError as error:
        return [Proof(_CLAIM, 1, 1, (str(error),))]
    base, candidate = (named.get(who, _NONE) for who in ("base", "candidate"))
    in_chat = [name for name in exam["suite"].unique() if name not in suites or suites[name].is_chat]
    shown = exam.filter(~pl.col("kind").is_in(["text", "lm-eval"]) & pl.col("suite").is_in(in_chat))
    strange = [*sorted(set(named) - {"base", "candidate", "validation"}), *impossible(base, exam)]
    strange += base.join(shown, on=_KEY, how="anti", maintain_order="left")["item"].to_list()
    # Base and candidate are asked by one tokenizer.
    strange += candidate.filter(candidate.is_duplicated())["item"].to_list()
    for one, other in ((same, candidate), (candidate, same)):
        strange += one.join(other, on=_KEY, how="anti", maintain_order="left")["item"].to_list()
    return [Proof.of(_CLAIM, max(base.height, candidate.height, 1), dict.fromkeys(strange))]


def impossible(named: pl.DataFrame, items: pl.DataFrame) -> list[str]:
    """Find what can't have been refused: no item, one named twice, or a suite whole, since a run ends there."""
    strange = named.join(items, on=_KEY, how="anti", maintain_order="left")["item"].to_list()
    strange += named.filter(named.is_duplicated())["item"].to_list()
    left = items.join(named, on=_KEY, how="anti")["suite"]
    return [*strange, *sorted(set(named["suite"]) & set(items["suite"]) - set(left))]


def told_refused(folder: Path, facts: Mapping[str, Any]) -> list[str]:
    """Say of each suite which items were not scored since the template is said to refuse them: it takes a tokenizer."""
    try:
        named, exam = refused(facts), run_files.exam(folder)
        found = _told(named["base"], exam, "items") if "base" in named else []
        if "validation" in named:
            found += _told(named["validation"], run_files.repair_items(folder), "validation items")
    except (DamagedRun, ValueError):  # told elsewhere
        return []
    return found


def _told(named: pl.DataFrame, items: pl.DataFrame, what: str) -> list[str]:
    sizes = dict(items.group_by("suite").len().iter_rows())
    found = []
    for (suite,), part in named.partition_by("suite", as_dict=True, maintain_order=True).items():
        first = ", ".join(part["item"][:_SHOWN])
        more = f" and {part.height - _SHOWN} more" if part.height > _SHOWN else ""
        found.append(
            f"that the model's chat template refuses {part.height} of {sizes.get(suite, 0)} {what} of {suite}, so that "
            f"nobody was scored on them: {first}{more} (it takes the tokenizer)"
        )
    return found
