"""The candidate beside the champion and the original base, as the report shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from evals.champion import how_good, is_as_good
from evals.champion import surely as decided_surely
from evals.verdict import Verdict
from tasks.reporting.comparisons import Comparison, comparisons, means
from tasks.reporting.evidence import Evidence
from tasks.reporting.palette import TONES, Tone

_NAMES = {"champion": "the champion", "original": "the original base"}
_WORDS = {"SHIP": "passes", "REJECT": "fails", "INCONCLUSIVE": "undecided"}


@dataclass(frozen=True)
class Beside:
    """The comparisons with one model that came before; `missing` says why there are none.

    `means` are each suite's, by model, as `tasks.reporting.comparisons.means` tells them.
    """

    model: str
    name: str
    run: str
    tone: Tone
    word: str
    note: str
    missing: str
    judged: list[Comparison]
    means: Mapping[str, Mapping[str, float]]


def beside(evidence: Evidence) -> list[Beside]:
    """Return what the verdict says of the champion, and of the original base, where it knows them."""
    return [_beside(model, standing, evidence) for model, standing in _standings(evidence).items()]


def headline(evidence: Evidence) -> str:
    """Return what a manager would say where champion or original base decided; nothing where the base did."""
    decision, found = str((evidence.verdict or {}).get("decision", "")), _standings(evidence)
    if decision == "SHIP":
        return _shipped(found["champion"]) if "champion" in found else ""
    if not found or _alone(evidence) == decision:
        return ""
    told = {model: _told(model, standing) for model, standing in found.items() if _decision(standing) == decision}
    return ", and ".join(told.values())


def sentences(evidence: Evidence) -> list[str]:
    """Return what to know of the scores of models that came before."""
    return [f"Of {one.name}: {one.note}." for one in beside(evidence) if one.note]


def surely(verdict: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what the verdict is, beside all models, without items that training rows may have given away."""
    sure: Mapping[str, Any] | None = verdict.get("sure")
    if sure is None or not any(verdict.get(model) for model in _NAMES):
        return sure
    joined = decided_surely(Verdict.model_validate(verdict))
    return sure if joined is None else joined.model_dump(mode="json", include={"decision", "reason"})


def _beside(model: str, standing: Mapping[str, Any], evidence: Evidence) -> Beside:
    judged = comparisons(replace(evidence, verdict=standing.get("verdict")))
    decision = _decision(standing)
    return Beside(
        model=model,
        name=_NAMES[model],
        run=str(standing["run"]),
        tone=TONES.get(decision, "neutral"),
        word=_WORDS.get(decision, decision),
        note=str(standing.get("note") or ""),
        missing=str(standing.get("missing") or ""),
        judged=judged,
        means={one.suite: means(one, evidence) for one in judged},
    )


def _standings(evidence: Evidence) -> dict[str, Mapping[str, Any]]:
    verdict = evidence.verdict or {}
    return {model: verdict[model] for model in _NAMES if verdict.get(model)}


def _decision(standing: Mapping[str, Any]) -> str:
    return str((standing.get("verdict") or {}).get("decision", "INCONCLUSIVE"))


def _alone(evidence: Evidence) -> str:
    """Return the decision beside the base alone."""
    statuses = {one.status for one in comparisons(evidence) if one.part != "informative"}
    verdict = evidence.verdict or {}
    nothing_sure = verdict.get("unsure") and not verdict.get("sure")
    sure = verdict.get("sure") or ({"decision": "INCONCLUSIVE"} if nothing_sure else {})
    if "fail" in statuses or sure.get("decision") == "REJECT":
        return "REJECT"
    left = verdict.get("skipped") and any(one["role"] == "retention" for one in verdict["skipped"])
    return "INCONCLUSIVE" if left or "undecided" in statuses or sure.get("decision") == "INCONCLUSIVE" else "SHIP"


def _shipped(champion: Mapping[str, Any]) -> str:
    line = Verdict.model_validate(champion["verdict"]).gain.line
    against = "better than base and champion" if line == 0 else "better than the base and no worse than the champion"
    return f"{against}, nothing forgotten beyond the margin"


def _told(model: str, standing: Mapping[str, Any]) -> str:
    name = _NAMES[model]
    if not standing.get("verdict"):
        return f"it could not be compared with {name}"
    found = Verdict.model_validate(standing["verdict"])
    if is_as_good(found):
        return f"it is as good as {name}, and {how_good(found)}"
    if found.decision == "INCONCLUSIVE":
        return f"the exam is too small to tell it from {name}"
    worse = found.gain.status == "fail"
    return f"it does not do better than {name}" if worse else f"it forgot too much beside {name}"
