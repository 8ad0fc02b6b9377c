"""What explains a verdict, for a reader: how far the candidate moved from the base, and what it no longer knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.reporting.text import humanise


@dataclass(frozen=True)
class Near:
    """A training row near to a lost item, and the stage that let it in."""

    id: str
    origin: str
    source: str
    similarity: float
    stage: str
    score: float | None
    threshold: float | None
    prompt: str
    answer: str

    @property
    def admitted(self) -> str:
        """Why the row is in the training set."""
        if self.stage == "split":
            return "no stage had a reason to remove it"
        by = f"let in by {humanise(self.stage)}"
        if self.score is None or self.threshold is None:
            return by
        return f"{by}, with a score of {self.score:.2f}; the threshold is {self.threshold:.2f}"


@dataclass(frozen=True)
class Flip:
    """An item that the base answers right and the candidate wrong, in a wording by which it was not chosen."""

    suite: str
    question: str
    right: str
    base: str
    candidate: str
    nearest: Sequence[Near] = ()


@dataclass(frozen=True)
class Probe:
    """What was looked at beside the exam: as `probe.json` holds it, and the items lost."""

    divergence: Sequence[Mapping[str, Any]] = ()
    recall: Sequence[Mapping[str, Any]] = ()
    missing: Sequence[str] = ()
    flips: Sequence[Flip] = ()


def spill(probe: Probe) -> str:
    """Warn where the candidate moved surely farther on what must not be forgotten than in the domain."""
    told = {one["role"]: one for one in reversed(probe.divergence)}  # the first of a role is all of it
    domain, kept = told.get("domain"), told.get("retention")
    if domain is None or kept is None or domain["upper"] is None or kept["lower"] <= domain["upper"]:
        return ""
    return (
        f"The candidate moved farther on what must not be forgotten ({kept['mean']:.3f} nats per token) than in the "
        f"domain ({domain['mean']:.3f}): a lower learning rate, or fewer tokens, may keep more."
    )


def recalled(one: Mapping[str, Any]) -> str:
    """Tell in a sentence what of a suite is still known."""
    known, asked = one["known"], one["asked"]
    ends = [f"{100 * end:+.1f}".replace("-", "−") for end in (one["lower"], one["upper"]) if end is not None]
    within = f"lies between {' and '.join(ends)} points" if len(ends) == 2 else "can't be bounded by so few documents"
    suite = "All suites together" if " + " in one["suite"] else humanise(one["suite"])
    p = f"p = {one['p']:.3f}" if one["p"] >= 0.001 else "p < 0.001"
    return (
        f"{suite}: the base answers {known:,} of {asked:,} right. Asked again, it answers "
        f"{100 * one['base']:.0f}% of those right, the candidate {100 * one['candidate']:.0f}% "
        f"({one['lost']:,} lost, {one['gained']:,} gained; {p}; the change {within})."
    )
