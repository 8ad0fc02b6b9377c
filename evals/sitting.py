"""How far a candidate sits the exam: what every verdict rests on, then the cheapest, and no further than it decides.

A candidate is rejected as soon as one suite surely loses too much, whatever the others would say; so a suite is asked
only while the verdict is open. First comes what the gain is judged on, since no verdict goes without it, then bits per
byte, multiple choice, lm-eval's tasks and what the model must write; of one kind the suite with the fewest bytes first.
An adapter ships only after all of them.

A large retention suite is looked at while it is asked, to stop where it surely loses too much. Each source document has
a place between 0 and 1 that its name and the suite's give, and a look sees those below its share; so which are seen
hangs on nothing else, not even on other documents. Upper bounds have the level that `evals.sequential` allows a look,
so that all looks together reject a suite wrongly with chance alpha. What few documents gain alone may make up for all
that others lose, and be seen late; so in bits per byte a look at a part counts one more document, of which the
candidate foretells every byte (`evals.paired.Paired.upper`), as every look at scores from 0 to 1 does. Of scores that
may rise without end nothing is stopped early. Nor does anything pass before all of it was asked: what is lost on a few
documents alone is seen late as well. So looks cost a pass nothing, and lower bounds keep the whole level.

Simulated on the line at level .05, with 100, 200 and 400 documents: looks together reject 3 to 5 of 100, rights and
wrongs 5 to 7, and 1 to 2 where few documents lose all. Where few gain all that others lose, they reject as rarely as a
single look: 4 to 6 where one in twenty gains; 13, 7 and 6 where one in fifty does (without the document more up to 41)
and 38, 14 and 6 where one in a hundred does, since .98¹⁰⁰ = .13 and .99¹⁰⁰ = .37 of exams hold none. The price is paid
by small losses: .06 beyond the margin, .1 the spread and 1 bit the base, 400 documents are stopped at 45% and not at a
quarter; .12 beyond it, at a quarter as before.

References
----------
Jennison and Turnbull (1999), Group Sequential Methods with Applications to Clinical Trials, chapters 3 to 5 (t tests at
the levels of normal bounds; stopping early to reject alone, which leaves the other test its level).
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.comparing import ScoresError
from evals.sequential import levels
from evals.units import judged_first, unit_of
from evals.verdict import Decision, Skipped, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from evals.units import Unit
    from evals.verdict import Gate

LOOK_CLUSTERS = 50
"""Source documents that a look sees anew, on average, or more: t bounds of fewer are rough so far out."""

_COST = {"completion": 0, "text": 0, "choice": 1, "lm-eval": 2, "generate": 3}


class Sitting(BaseModel):
    """How far a candidate sat the exam.

    `looks` holds, of each suite that was looked at while it was asked, the share of its source documents that each look
    sees.
    """

    model_config = ConfigDict(frozen=True)

    looks: dict[str, tuple[float, ...]] = {}
    skipped: tuple[Skipped, ...] = ()

    @classmethod
    def of(cls, verdict: Verdict) -> Sitting:
        """Return the sitting that a verdict was found by."""
        return cls(looks={one.suite: one.looks for one in verdict.retention if one.looks}, skipped=verdict.skipped)

    def level(self, suite: str, alpha: float) -> float:
        """Return the level of a suite's upper bound where all its looks together have level alpha."""
        looks = self.looks.get(suite)
        return levels(looks, alpha)[-1] if looks else alpha

    @property
    def unasked(self) -> tuple[str, ...]:
        """Retention suites of which something was not asked."""
        part = (suite for suite, looks in self.looks.items() if looks[-1] < 1)
        return (*part, *(one.suite for one in self.skipped if one.role == "retention"))

    def asked(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return those rows (of items, or of scores) that it asked."""
        left_out = {one.suite for one in self.skipped}
        # Rows without a suite or cluster stay, for whoever refuses such rows.
        kept = rows.filter(~pl.col("suite").is_in(list(left_out)).fill_null(value=False))
        for suite, looks in self.looks.items():
            if looks[-1] < 1:
                clusters = kept.filter(suite=suite)["cluster"].unique().drop_nulls()
                beyond = clusters.filter(pl.Series(_places(suite, clusters) >= looks[-1], dtype=pl.Boolean))
                left = (pl.col("suite") == suite) & pl.col("cluster").is_in(beyond.implode())
                kept = kept.filter(~left.fill_null(value=False))
        return kept

    def left(self, items: pl.DataFrame) -> dict[str, int]:
        """Return how many items of each suite of an exam it did not ask, of suites where that is so."""
        sizes, asked = (dict(part.group_by("suite").len().iter_rows()) for part in (items, self.asked(items)))
        return {suite: size - asked.get(suite, 0) for suite, size in sizes.items() if size > asked.get(suite, 0)}


class Course(BaseModel):
    """How much of the exam a candidate was asked."""

    model_config = ConfigDict(frozen=True)

    asked: int = Field(description="Items that the candidate was asked.")
    items: int = Field(description="Items of the exam.")
    left: dict[str, int] = Field(default={}, description="Items that it was not asked, by suite.")
    saved: float | None = Field(
        default=None,
        description="Seconds that these would have taken about, by what the base took for its; none where that is not "
        "known.",
    )


def sit_until_decided(
    items: pl.DataFrame,
    gate: Gate,
    ask: Callable[[pl.DataFrame], None],
    judged: Callable[[Sitting], Verdict],
    *,
    units: Mapping[str, Unit] | None = None,
) -> Sitting:
    """Ask a candidate suite by suite, until it is rejected or was asked everything.

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
    first, others = _in_order(items, units or {})
    ask(pl.concat(first))
    sitting = Sitting(skipped=_skipped(others))
    verdict = _decided(sitting, gate, judged)
    for place, suite in enumerate(others):
        rest, name = _skipped(others[place + 1 :]), suite["suite"][0]
        shares: tuple[float, ...] = ()
        for part, share in _parts(suite, gate):
            if verdict == "REJECT":
                return sitting
            ask(part)
            shares = (*shares, share)
            looks = {**sitting.looks, name: shares} if shares != (1.0,) else sitting.looks
            sitting = Sitting(looks=looks, skipped=rest)
            verdict = _decided(sitting, gate, judged)
    return Sitting() if gate.examine == "whole" else sitting


def _decided(sitting: Sitting, gate: Gate, judged: Callable[[Sitting], Verdict]) -> Decision | None:
    """Return the decision so far; None where it does not matter, since all is asked."""
    return None if gate.examine == "whole" else judged(sitting).decision


def _in_order(items: pl.DataFrame, units: Mapping[str, Unit]) -> tuple[list[pl.DataFrame], list[pl.DataFrame]]:
    """Return the suites that the gain is judged on, and the others, cheapest first."""
    suites = items.partition_by("suite", maintain_order=True)
    domain = [suite for suite in suites if suite["role"][0] == "domain"]
    if not domain:
        raise ScoresError("The exam has no domain suite, so there is no gain to judge.")
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
    return max(1, min(gate.looks, documents // LOOK_CLUSTERS))


def seen(suite: str, clusters: npt.ArrayLike, looks: int) -> Iterator[tuple[npt.NDArray[np.bool_], float]]:
    """Yield for each look which items (n,) it sees, by their clusters (n,), and the share of clusters it is to see."""
    places = _places(suite, clusters)
    for look in range(1, looks + 1):
        share = look / looks
        yield places < share, share


def _parts(suite: pl.DataFrame, gate: Gate) -> Iterator[tuple[pl.DataFrame, float]]:
    """Yield what each look asks anew, and the share of source documents that it is to see; at once what has no looks.

    An exam that is asked whole is asked in the same parts, so that it takes up one that was left.
    """
    name, role, kind = suite.select("suite", "role", "kind").row(0)
    if role != "retention" or kind == "lm-eval":  # that one draws examples as items come
        yield suite, 1.0
        return
    before = np.zeros(suite.height, dtype=np.bool_)
    for mask, share in seen(name, suite["cluster"], looks_at(suite["cluster"].n_unique(), gate)):
        if (mask & ~before).any():
            yield suite.filter(pl.Series(mask & ~before)), share
        before = mask


def _places(suite: str, clusters: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the places of source documents (n,), from 0 to below 1, which nobody chose."""
    names, inverse = np.unique(np.asarray(clusters, dtype=np.str_), return_inverse=True)
    return np.array([_place(suite, str(name)) for name in names], dtype=np.float64)[inverse]


@functools.lru_cache(maxsize=2**17)
def _place(suite: str, cluster: str) -> float:
    return int.from_bytes(hashlib.blake2b(f"{suite}\n{cluster}".encode(), digest_size=6).digest()) / 2**48


def _skipped(suites: Sequence[pl.DataFrame]) -> tuple[Skipped, ...]:
    return tuple(Skipped(suite=one["suite"][0], role=one["role"][0], n=one.height) for one in suites)
