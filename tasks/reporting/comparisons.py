"""The verdict's comparisons in the units a person reads: bits per byte, or points of accuracy."""

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import polars as pl

from evals.gate import NOISE
from evals.units import unit_of as of_kind
from tasks.reporting.evidence import Evidence
from tasks.reporting.text import decimals_of

_FINER = 3  # decimals more that an end close to its line is shown with

Part = Literal["gain", "retention", "informative"]
Status = Literal["pass", "fail", "undecided", "informative"]


class Unit(NamedTuple):
    """How a suite's scores are written: `shown = score × scale`, with so many decimals."""

    name: str
    short: str
    scale: float
    decimals: int


BITS = Unit("bits per byte", "bits/byte", 1.0, 3)
POINTS = Unit("accuracy points", "points", 100.0, 1)
PLAIN = Unit("score", "score", 1.0, 3)
UNITS = {
    "bits per byte": BITS,
    "share right": POINTS,
    "exact match": Unit("exact matches of 100", "matches", 100.0, 1),
    "token F1": Unit("token F1 (0 to 1)", "F1", 1.0, 3),
    "ROUGE-L": Unit("ROUGE-L (0 to 1)", "ROUGE-L", 1.0, 3),
    "chrF": Unit("chrF (0 to 1)", "chrF", 1.0, 3),
    "score": PLAIN,
}


@dataclass(frozen=True)
class Comparison:
    """Candidate minus base on one suite, in shown units; above zero is better. Bounds may be infinite.

    `se` is the clustered standard error, `skew` the skewness of the mean where bounds allow for it (of scores that are
    not bound to 0 to 1), `counted` how many clusters count, `lower_level` and `upper_level` the levels
    of bounds where they are not the gate's, `looks` the shares of documents that looks saw. `needed` is the number of
    items that would probably decide it, `detectable` the smallest difference that these items find; `better` and
    `worse` count clusters, `p` is McNemar's exact p-value.
    """

    suite: str
    part: Part
    status: Status
    unit: Unit
    n: int
    clusters: int
    mean: float | None
    lower: float
    upper: float
    line: float | None
    needed: int | None
    detectable: float | None
    better: int
    worse: int
    p: float | None
    note: str
    se: float | None = None
    counted: float | None = None
    looks: tuple[float, ...] = ()
    lower_level: float | None = None
    upper_level: float | None = None
    skew: float | None = None

    @property
    def least(self) -> str | None:
        """What a gain's lower bound must exceed beside its line, since rounding may bring as much; None for no more."""
        of_bits = self.part == "gain" and self.unit == BITS and self.line is not None
        return f"{NOISE:g}" if of_bits and 0 <= (self.line or 0.0) < NOISE else None

    @property
    def may_be_rounding(self) -> bool:
        """Whether a gain, or a lack of one, is sure, and left open because it is no more than rounding may bring."""
        beyond = self.line is not None and not self.lower <= self.line <= self.upper
        return self.status == "undecided" and self.least is not None and self.needed is None and beyond

    @property
    def bounded(self) -> bool:
        """Whether an end of the interval is finite."""
        return math.isfinite(self.lower) or math.isfinite(self.upper)

    @property
    def difference(self) -> str:
        """The mean difference with its sign."""
        return number(self.mean, self.unit, signed=True)

    @property
    def interval(self) -> str:
        """The interval as `[lower, upper]`, in so many decimals that no end beyond its line seems to lie on it."""
        unit = self.unit
        while unit.decimals < self.unit.decimals + _FINER and self._seems_on_line(unit):
            unit = unit._replace(decimals=unit.decimals + 1)
        return f"[{number(self.lower, unit, signed=True)}, {number(self.upper, unit, signed=True)}]"

    def _seems_on_line(self, unit: Unit) -> bool:
        end = {"pass": self.lower, "fail": self.upper}.get(self.status)
        return end is not None and self.line is not None and number(end, unit) == number(self.line, unit)

    @property
    def limit(self) -> str:
        """The line that the interval lies above or below, in as many decimals as it has."""
        if not self.line:
            return "–" if self.line is None else "0"
        least = self.unit.decimals
        decimals = decimals_of(self.line, least, least + _FINER)
        return number(self.line, self.unit._replace(decimals=decimals), signed=True)

    @property
    def must_exceed(self) -> str:
        """What the lower end must be above to pass: the line, and for a gain what rounding may bring.

        Of one that failed it is the line alone, which its upper end lies below.
        """
        return self.limit if self.least is None or self.status == "fail" else f"+{self.least}"


def comparisons(evidence: Evidence) -> list[Comparison]:
    """Return the verdict's comparisons: gain first, then retention, then what only informs."""
    if evidence.verdict is None:
        return []
    return [
        _comparison(entry, part, UNITS.get(str(entry.get("unit"))) or unit_of(str(entry["suite"]), evidence))
        for part, entry in _compared(evidence.verdict)
    ]


def of_verdict(verdict: Mapping[str, Any]) -> list[Comparison]:
    """Return the comparisons of a verdict that names the unit of each, in the same order."""
    return [_comparison(entry, part, UNITS.get(str(entry.get("unit")), PLAIN)) for part, entry in _compared(verdict)]


def _compared(verdict: Mapping[str, Any]) -> Iterator[tuple[Part, Mapping[str, Any]]]:
    parts: tuple[Part, ...] = ("gain", "retention", "informative")
    return ((part, entry) for part in parts for entry in _entries(verdict.get(part)))


def unit_of(suite: str, evidence: Evidence) -> Unit:
    """Return the unit of a suite's scores: by its kind, else by the scores themselves."""
    kinds = {known.suite: (known.kind, known.metric) for known in evidence.exam.suites}
    units = {UNITS[of_kind(*kinds[name])] for name in _members(suite, kinds)}
    if units:
        return units.pop() if len(units) == 1 else PLAIN
    scores = _scores(suite, evidence)["score"].drop_nulls()
    if scores.is_empty():
        return PLAIN
    if scores.is_in([0.0, 1.0]).all():
        return POINTS
    return BITS if (scores <= 0).all() else PLAIN


def means(one: Comparison, evidence: Evidence) -> dict[str, float]:
    """Return the mean by model of what was compared, as it is usually quoted: bits per byte above zero, points of 100.

    The unit is that of the comparison, which stands beside them.
    """
    suite, unit = one.suite, one.unit
    grouped = _scores(suite, evidence).group_by("model", maintain_order=True).agg(pl.col("score").mean())
    return {
        model: (-score if unit == BITS else score) * unit.scale for model, score in grouped.drop_nulls().iter_rows()
    }


def _scores(suite: str, evidence: Evidence) -> pl.DataFrame:
    members = _members(suite, set(evidence.scores["suite"]))
    return evidence.scores.filter(pl.col("suite").is_in(pl.Series(members, dtype=pl.String).implode()))


def _members(suite: str, known: Container[str]) -> list[str]:
    """Return the known suites behind a name: judged together, several are joined by a plus sign."""
    return [suite] if suite in known else [part for part in suite.split(" + ") if part in known]


def number(value: float | None, unit: Unit, *, signed: bool = False) -> str:
    """Write a shown value with the unit's decimals and a true minus sign; a dash for nothing."""
    if value is None or math.isnan(value):
        return "–"
    sign = "−" if value < 0 else "+" if signed and value > 0 else ""
    if math.isinf(value):
        return f"{sign}∞"
    size = f"{abs(value):.{unit.decimals}f}"
    return f"{sign}{size}" if float(size) else size


def _entries(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
    elif isinstance(value, Sequence):
        yield from value


def _comparison(entry: Mapping[str, Any], part: Part, unit: Unit) -> Comparison:
    lower, upper = _shown(entry.get("lower"), unit), _shown(entry.get("upper"), unit)
    needed = entry.get("items_needed")
    status = "informative" if part == "informative" else str(entry.get("status", "undecided"))
    return Comparison(
        suite=str(entry["suite"]),
        part=part,
        status=status,  # type: ignore[arg-type]
        unit=unit,
        n=int(entry.get("n") or 0),
        clusters=int(entry.get("clusters") or 0),
        mean=_shown(entry.get("mean"), unit),
        lower=-math.inf if lower is None else lower,
        upper=math.inf if upper is None else upper,
        line=_shown(entry.get("line"), unit),
        needed=None if needed is None else int(needed),
        detectable=_shown(entry.get("mde"), unit),
        better=int(entry.get("better") or 0),
        worse=int(entry.get("worse") or 0),
        p=entry.get("p"),
        note=str(entry.get("note") or ""),
        se=_shown(entry.get("se"), unit),
        counted=entry["n"] / entry["crowding"] if entry.get("crowding") else None,
        looks=tuple(entry.get("looks") or ()),
        lower_level=entry.get("lower_level"),
        upper_level=entry.get("level"),
        skew=None if entry.get("binary") or entry.get("share") else entry.get("skew"),
    )


def _shown(value: float | str | None, unit: Unit) -> float | None:
    """Scale a number from the verdict; null and NaN (JSON has neither infinity nor NaN) become None."""
    if value is None or math.isnan(float(value)):
        return None
    return float(value) * unit.scale
