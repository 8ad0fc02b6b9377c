"""What a person who knows statistics asks of a verdict: at which level an interval holds, and what the exam can see."""

from dataclasses import dataclass

from evals.foresight import Foresight
from tasks.reporting.comparisons import UNITS, Comparison, comparisons, number
from tasks.reporting.evidence import Evidence


def holds(one: Comparison, alpha: float | None) -> str:
    """Say at which confidence the ends of an interval hold; of a suite looked at while it was asked, at which look.

    Returns
    -------
    str
        Empty where the verdict tells no level, or there is no interval.
    """
    if alpha is None or not one.bounded or not one.looks:
        return ends(one, alpha)
    lower, upper = _confidences(one, alpha)
    looks = f"look {len(one.looks)}, at {share(one.looks[-1])} of documents" if len(one.looks) > 1 else "one look"
    stopped = "; stopped there, so the lower end decides nothing" if one.looks[-1] < 1 else ""
    return f"{looks}: upper end {upper} ({share(1 - alpha)} over all looks), lower end {lower}{stopped}"


def ends(one: Comparison, alpha: float | None) -> str:
    """Say at which confidence each end of an interval holds, taken alone."""
    if alpha is None or not one.bounded:
        return ""
    lower, upper = _confidences(one, alpha)
    return f"{lower} each end" if lower == upper else f"lower end {lower}, upper end {upper}"


def _confidences(one: Comparison, alpha: float) -> tuple[str, str]:
    return share(1 - (one.lower_level or alpha)), share(1 - (one.upper_level or alpha))


def share(value: float) -> str:
    """Write a share as percent, without needless digits.

    Examples
    --------
    >>> share(0.95), share(0.9944), share(0.5)
    ('95%', '99.44%', '50%')
    """
    return f"{100 * value:.4g}%"


@dataclass(frozen=True)
class Sight:
    """What the items of a judged suite can tell: documents that count, differences found, foreseen and measured.

    `foreseen` is what was told before training and `by` what of, `detectable` what the differences themselves say.
    `unharmed` is the chance that a candidate which loses nothing passes.
    """

    suite: str
    n: int
    clusters: int
    counted: str
    df: str
    allowed: str
    foreseen: str
    by: str
    detectable: str
    unharmed: str
    needed: int | None
    unit: str


def sights(evidence: Evidence) -> list[Sight]:
    """Return what the exam can see of each suite that decides, in the verdict's order."""
    told = {one.suite: one for one in evidence.foreseen}
    judged = [one for one in comparisons(evidence) if one.part != "informative"]
    chances = evidence.unharmed.suites if evidence.unharmed else {}
    return [_sight(one, told.get(one.suite), chances.get(one.suite)) for one in judged]


def _sight(one: Comparison, told: Foresight | None, unharmed: float | None) -> Sight:
    return Sight(
        suite=one.suite,
        n=one.n,
        clusters=one.clusters,
        counted="–" if one.counted is None else f"{one.counted:.1f}",
        df="–" if one.counted is None else f"{one.counted - 1:.1f}",
        allowed=number(-one.line, one.unit) if one.part == "retention" and one.line is not None else "–",
        foreseen="–" if told is None else _amount(told),
        by="" if told is None else "by an earlier candidate" if told.measured else "by a usual spread",
        detectable=number(one.detectable, one.unit),
        unharmed="–" if unharmed is None else f"{unharmed:.0%}",
        needed=one.needed,
        unit=one.unit.short,
    )


def _amount(told: Foresight) -> str:
    unit = UNITS[told.unit]
    return "nothing" if told.detectable is None else number(told.detectable * unit.scale, unit)
