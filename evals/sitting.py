"""How far a candidate sits the exam: what every verdict rests on, then the cheapest, and no further than it decides.

A candidate is rejected as soon as one suite surely loses too much, whatever the others would say; so a suite is asked
only while the verdict is open. First comes what the gain is judged on, since no verdict goes without it, then bits per
byte, multiple choice, lm-eval's tasks and what the model must write; of one kind the suite with the fewest bytes first.
An adapter ships only after all of them.

A large retention suite is asked in looks until its line is decided beside every model. Each source document has a place
between 0 and 1 that its name and the suite's give, and a look sees those below its share; so which are seen hangs on
nothing else, not even on other documents. Each look has the level that `evals.sequential` allows it. The gain is always
judged on all items: a mean that stopped where it looked best flatters.

References
----------
Jennison and Turnbull (1999), Group Sequential Methods with Applications to Clinical Trials, chapters 3 and 9 (t tests
at the levels of normal bounds; intervals that hold at every look, whatever rule stops).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.sequential import levels
from evals.units import judged_first, unit_of
from evals.verdict import Skipped, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from evals.units import Unit
    from evals.verdict import Gate

LOOK_CLUSTERS = 50
"""Source documents that a look sees at least: t bounds of fewer are rough so far out."""

_COST = {"completion": 0, "text": 0, "choice": 1, "lm-eval": 2, "generate": 3}


class Sitting(BaseModel):
    """How far a candidate sat the exam.

    `looks` holds, of each suite that was asked in looks, the share of its source documents that each look sees.
    """

    model_config = ConfigDict(frozen=True)

    looks: dict[str, tuple[float, ...]] = {}
    skipped: tuple[Skipped, ...] = ()

    @classmethod
    def of(cls, verdict: Verdict) -> Sitting:
        """Return the sitting that a verdict was found by."""
        return cls(looks={one.suite: one.looks for one in verdict.retention if one.looks}, skipped=verdict.skipped)

    def level(self, suite: str, alpha: float) -> float:
        """Return the level of a suite's bounds where all its looks together have level alpha."""
        looks = self.looks.get(suite)
        return levels(looks, alpha)[-1] if looks else alpha

    def asked(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return those rows (of items, or of scores) that it asked."""
        left_out = {one.suite for one in self.skipped}
        kept = rows.filter(~pl.col("suite").is_in(list(left_out)))
        for suite, looks in self.looks.items():
            clusters = kept.filter(suite=suite)["cluster"].unique()
            beyond = clusters.filter(pl.Series(_places(suite, clusters) >= looks[-1], dtype=pl.Boolean))
            kept = kept.filter((pl.col("suite") != suite) | ~pl.col("cluster").is_in(beyond.implode()))
        return kept


class Course(BaseModel):
    """How much of the exam a candidate was asked."""

    model_config = ConfigDict(frozen=True)

    asked: int = Field(description="Items that the candidate was asked.")
    items: int = Field(description="Items of the exam.")
    saved: float | None = Field(
        default=None,
        description="Seconds that the others would have taken about, by what the base took for theirs; none where that "
        "is not known.",
    )


def sit_until_decided(
    items: pl.DataFrame,
    gate: Gate,
    ask: Callable[[pl.DataFrame], None],
    judged: Callable[[Sitting], Verdict],
    *,
    units: Mapping[str, Unit] | None = None,
) -> Sitting:
    """Ask a candidate suite by suite, until the verdict can't change any more.

    Parameters
    ----------
    items
        Schema `evals.items.ITEMS`, the whole exam.
    gate
        Whether to stop (`examine`), and how often to look at a large suite (`looks`).
    ask
        Scores the candidate on some items.
    judged
        The verdict on what was asked so far.
    units
        Units of the suites' scores, by name; else they are those of the suites' kinds.
    """
    if gate.examine == "whole":
        ask(items)
        return Sitting()
    first, others = _in_order(items, units or {})
    ask(pl.concat(first))
    sitting = Sitting(skipped=_skipped(others))
    for place, suite in enumerate(others):
        if judged(sitting).decision == "REJECT":
            return sitting
        sitting = _look(suite, sitting, _skipped(others[place + 1 :]), gate, ask, judged)
    return sitting


def _look(
    suite: pl.DataFrame,
    sitting: Sitting,
    rest: tuple[Skipped, ...],
    gate: Gate,
    ask: Callable[[pl.DataFrame], None],
    judged: Callable[[Sitting], Verdict],
) -> Sitting:
    """Ask one suite, in looks where it is large, until its line is decided."""
    name, count = suite["suite"][0], _looks(suite, gate)
    if count == 1:
        ask(suite)
        return sitting.model_copy(update={"skipped": rest})
    shares: tuple[float, ...] = ()
    for part, share in _parts(suite, count):
        ask(part)
        shares = (*shares, share)
        sitting = Sitting(looks={**sitting.looks, name: shares}, skipped=rest)
        verdict = judged(sitting)
        if verdict.decision == "REJECT" or _settled(verdict, name):
            break
    return sitting


def _in_order(items: pl.DataFrame, units: Mapping[str, Unit]) -> tuple[list[pl.DataFrame], list[pl.DataFrame]]:
    """Return the suites that the gain is judged on, and the others, cheapest first."""
    suites = items.partition_by("suite", maintain_order=True)
    domain = [suite for suite in suites if suite["role"][0] == "domain"]
    graded = judged_first(domain, [_unit(suite, units) for suite in domain])
    names = {suite["suite"][0] for suite in graded}
    others = [suite for suite in suites if suite["suite"][0] not in names]
    return graded, sorted(others, key=_cost)


def _unit(suite: pl.DataFrame, units: Mapping[str, Unit]) -> Unit:
    return units.get(suite["suite"][0]) or unit_of(suite["kind"][0])


def _cost(suite: pl.DataFrame) -> tuple[int, int, str]:
    said = pl.col("prompt").list.eval(pl.element().struct.field("content").str.len_bytes()).list.sum()
    offered = pl.col("options").list.eval(pl.element().str.len_bytes()).list.sum()
    size = suite.select((said.fill_null(0) + offered.fill_null(0) + pl.col("target").str.len_bytes()).sum()).item()
    return _COST[suite["kind"][0]], int(size), suite["suite"][0]


def looks_at(documents: int, gate: Gate) -> int:
    """Return how often a retention suite of so many source documents is looked at."""
    return 1 if gate.examine == "whole" else max(1, min(gate.looks, documents // LOOK_CLUSTERS))


def seen(suite: str, clusters: npt.ArrayLike, looks: int) -> Iterator[tuple[npt.NDArray[np.bool_], float]]:
    """Yield for each look which items (n,) it sees, by their clusters (n,), and the share of clusters it is to see."""
    places = _places(suite, clusters)
    for look in range(1, looks + 1):
        share = look / looks
        yield places < share, share


def _looks(suite: pl.DataFrame, gate: Gate) -> int:
    if suite["role"][0] != "retention" or suite["kind"][0] == "lm-eval":  # that one draws examples as items come
        return 1
    return looks_at(suite["cluster"].n_unique(), gate)


def _parts(suite: pl.DataFrame, looks: int) -> Iterator[tuple[pl.DataFrame, float]]:
    """Yield what each look asks anew, and the share of source documents that were asked by then."""
    before = np.zeros(suite.height, dtype=np.bool_)
    for mask, share in seen(suite["suite"][0], suite["cluster"], looks):
        yield suite.filter(pl.Series(mask & ~before)), share
        before = mask


def _places(suite: str, clusters: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the places of source documents (n,), from 0 to below 1, which nobody chose."""
    names, inverse = np.unique(np.asarray(clusters, dtype=np.str_), return_inverse=True)
    digests = (hashlib.blake2b(f"{suite}\n{name}".encode(), digest_size=6).digest() for name in names)
    places = np.array([int.from_bytes(digest) / 2**48 for digest in digests], dtype=np.float64)
    return places[inverse]


def _settled(verdict: Verdict, suite: str) -> bool:
    """Tell whether a retention suite's line is decided beside base, champion and original base, unsure items or not."""
    return all(line.status != "undecided" for part in verdict.parts for line in part.retention if line.suite == suite)


def _skipped(suites: Sequence[pl.DataFrame]) -> tuple[Skipped, ...]:
    return tuple(Skipped(suite=one["suite"][0], role=one["role"][0], n=one.height) for one in suites)
