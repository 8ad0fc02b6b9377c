"""The candidate beside base, champion and original base: one decision out of three comparisons.

Who has a champion in use asks a challenger two questions, and a third that nobody asks until it is too late:

- *Base*: does training pay at all, and what did it cost? Judged as without a champion (`evals.judging`).
- *Champion*: is it worth the change? By `gate.champion: better` the lower bound of the domain's gain on the champion
  must be above 0: not above `min_gain`, which says what training must bring beyond the base; a step from one champion
  to the next is worth taking when it surely is one. By `not-worse` it must be above −margin, for those who want fresh
  data in use as long as nothing is lost; where a gain on any suite would do, none of them may lose more. Either way
  each retention suite must stay above −margin, measured from the champion: where that did better than the base,
  falling back on the base is a loss to those who use it.
- *Original base*: what was lost over all promotions together? Margins are counted from the base of the ledger's first
  champion, however often the champion changed. Five champions that each lose half a margin on the one before pass five
  times beside the champion, and fail here. As long as the recipe's base is that one, it is the first comparison; where
  the base was changed (a merged champion as the new base), the original base's scores are compared as well.

What comes out of it, beside the champion:

====================================================  ============  ==========================================
the interval of candidate minus champion              decision      why
====================================================  ============  ==========================================
domain above its line, each retention suite as well   SHIP          better (or as good), and nothing is lost
domain below its line, or a retention suite           REJECT        surely no better, or worse: drop it
domain across 0, but above −margin                    INCONCLUSIVE  as good: no harm, no reason for a change
else                                                  INCONCLUSIVE  more items would tell
no scores of the champion, or of the original base    INCONCLUSIVE  what nobody compared is not proven
====================================================  ============  ==========================================

The worst of the decisions counts (REJECT, INCONCLUSIVE, SHIP). So a candidate ships only if *every* lower bound clears
its line, which is an intersection-union test again: whichever line is truly crossed, the test of that one passes
wrongly with a chance of alpha at most, and all others can only make it rarer: no correction is needed. Trying often is
another matter. Of twenty candidates that are no better than the champion, one passes at alpha .05; the margins from the
original base bound what such changes can cost together.

References
----------
Berger (1982), Multiparameter hypothesis testing and acceptance sampling, Technometrics 24(4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from evals import judging
from evals.sitting import Sitting
from evals.verdict import SEVERITY, Decision, Gate, Standing, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import polars as pl

    from evals.units import Unit

Earlier = Literal["champion", "original"]

_NAMES: dict[Earlier, str] = {"champion": "the champion", "original": "the original base"}


class Predecessor(BaseModel):
    """A model that came before, as the column `model` of scores names it; the other fields are of `Standing`."""

    model_config = ConfigDict(frozen=True)

    model: Earlier
    run: str
    taken: bool = False
    note: str = ""
    missing: str = ""


def judge(
    scores: pl.DataFrame,
    gate: Gate,
    *,
    candidate: str = "candidate",
    unsure: Collection[str] = (),
    predecessors: Sequence[Predecessor] = (),
    units: Mapping[str, Unit] | None = None,
    sitting: Sitting = Sitting(),  # noqa: B008 - frozen
) -> Verdict:
    """Decide whether a candidate ships, beside the base and beside the models that came before.

    Parameters
    ----------
    scores
        Schema `evals.items.SCORES`: base, candidate, and each predecessor that is not missing, on the same items.
    gate
        Margins, level and power.
    candidate
        Who is judged, as the column `model` names it.
    unsure
        Items of which it is not sure that no training row gives them away.
    predecessors
        The champion, and the original base where it is another than this run's base; at most one of each.
    units
        Units of the suites' scores, by name; see `evals.judging.judge`.
    sitting
        How far the candidate sat the exam; it is compared with every model on what it was asked.

    Raises
    ------
    ScoresError
        As `evals.judging.judge`, for any of the models.
    """

    def judged(baseline: str, gate: Gate) -> Verdict:
        return judging.judge(
            scores, gate, baseline=baseline, candidate=candidate, unsure=unsure, units=units, sitting=sitting
        )

    own = judged("base", gate)
    faced = {one.model: _faced(one, gate, judged) for one in predecessors}
    return _joined(own, faced)


def rejudge(verdict: Verdict, gate: Gate) -> Verdict:
    """Judge anew by another gate, from the statistics that a verdict holds, those beside predecessors included.

    Raises
    ------
    ScoresError
        If a margin is for a suite that the verdict doesn't know.
    """
    own = judging.rejudge(verdict, gate)
    return _joined(own, {model: _again(model, standing, gate) for model, standing in standings(verdict).items()})


def surely(verdict: Verdict) -> Verdict | None:
    """Return the verdict without the items that training rows may have given away, beside all models as `judge` does.

    None where there are no such items, or none of the domain is left without.
    """
    if verdict.sure is None:
        return None
    faced = {
        model: one if one.verdict is None else one.model_copy(update={"verdict": one.verdict.sure or one.verdict})
        for model, one in standings(verdict).items()
    }
    return _joined(verdict.sure, faced)


def standings(verdict: Verdict) -> dict[Earlier, Standing]:
    """Return what a verdict says of champion and original base, of those that it knows."""
    both: dict[Earlier, Standing | None] = {"champion": verdict.champion, "original": verdict.original}
    return {model: standing for model, standing in both.items() if standing is not None}


def predecessors(verdict: Verdict) -> tuple[Predecessor, ...]:
    """Return the models beside which a verdict was found, without what it found."""
    return tuple(
        Predecessor(model=model, **one.model_dump(exclude={"verdict"})) for model, one in standings(verdict).items()
    )


def is_as_good(beside: Verdict) -> bool:
    """Tell whether a gain is all that is lacking beside the champion: at worst the domain loses less than margin."""
    kept = all(line.status == "pass" for line in beside.retention) and not Sitting.of(beside).unasked
    kept = kept and not beside.gain.found.few
    lacking = {"undecided": "INCONCLUSIVE", "fail": "REJECT"}.get(beside.gain.status)
    return kept and beside.decision == lacking and beside.gain.lower > -beside.gate.margin


def how_good(beside: Verdict) -> str:
    """Say of one that is as good what is known of a gain; at most a chance is left, or none."""
    return "not surely better" if beside.gain.status == "undecided" else "surely not better"


def _faced(one: Predecessor, gate: Gate, judged: Callable[[str, Gate], Verdict]) -> Standing:
    standing = Standing(**one.model_dump(include={"run", "taken", "note", "missing"}))
    if one.missing:
        return standing
    return standing.model_copy(update={"verdict": _asked_of(judged(one.model, _lines(one.model, gate)), gate)})


def _again(model: Earlier, standing: Standing, gate: Gate) -> Standing:
    if standing.verdict is None:
        return standing
    found = judging.rejudge(standing.verdict, _lines(model, gate))
    return standing.model_copy(update={"verdict": _asked_of(found, gate)})


def _lines(model: Earlier, gate: Gate) -> Gate:
    """Return the gate with the line that the domain must clear beside a model; no recipe may ask for one below 0."""
    if model == "original":
        return gate
    if gate.champion == "better":
        return gate.model_copy(update={"min_gain": 0.0})
    # One suite that loses nothing must not hide another that does.
    return gate.model_copy(update={"min_gain": -gate.margin, "gain": "each" if gate.gain == "any" else gate.gain})


def _asked_of(found: Verdict, gate: Gate) -> Verdict:
    """Put the recipe's own gate back; the lines that were judged by stand in the comparisons."""
    sure = None if found.sure is None else found.sure.model_copy(update={"gate": gate})
    return found.model_copy(update={"gate": gate, "sure": sure})


def _joined(own: Verdict, faced: Mapping[Earlier, Standing]) -> Verdict:
    """Let the worst of all decisions count, and tell the reasons of those that made it."""
    told = [(own.decision, own.reason), *((_decision(one), _reason(model, one)) for model, one in faced.items())]
    worst = max((decision for decision, _ in told), key=SEVERITY.__getitem__)
    reason = "; ".join(reason for decision, reason in told if decision == worst)
    return own.model_copy(update={"decision": worst, "reason": reason} | dict(faced))


def _decision(standing: Standing) -> Decision:
    return "INCONCLUSIVE" if standing.verdict is None else standing.verdict.decision


def _reason(model: Earlier, standing: Standing) -> str:
    name = f"{_NAMES[model]}{f' ({standing.run})' if model == 'champion' else ''}"
    if standing.verdict is None:
        return f"the candidate could not be compared with {name}, because {standing.missing}"
    if is_as_good(standing.verdict) and model == "champion":
        return f"it is as good as {name} within the margin, and {how_good(standing.verdict)}: {standing.verdict.reason}"
    return f"beside {name}, {standing.verdict.reason}"
