"""Judge: ship this adapter, or not, or not enough items to tell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evals.comparing import Pairs, join_suites, pair_up, refuse_margins
from evals.gains import above_noise, apart
from evals.learnt import style_or_knowledge
from evals.paired import Paired, paired
from evals.power import LEAST_CLUSTERS, deciding_items, detectable
from evals.proportions import exact_p
from evals.reasons import looked_note, reason_of, unasked_reason
from evals.sitting import Sitting
from evals.units import Unit, judged_first
from evals.verdict import COUNTED, SEVERITY, Comparison, Decision, Gate, Verdict, status_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import polars as pl

_FEW_CHANGES = 10
_CROWDED = 2  # times as many items as were measured to count as one: where bounds assume more, that is said
_UNEVEN = 0.5  # of the clusters: where fewer count, since a few hold most items, that is said


def judge(
    scores: pl.DataFrame,
    gate: Gate = Gate(),  # noqa: B008 - frozen
    *,
    baseline: str = "base",
    candidate: str = "candidate",
    unsure: Collection[str] = (),
    units: Mapping[str, Unit] | None = None,
    sitting: Sitting = Sitting(),  # noqa: B008 - frozen
) -> Verdict:
    """Decide whether a candidate ships.

    The gain is judged on all domain items scored in bits per byte together (on those of another unit only where the
    exam has nothing else: of the first in `evals.units.ORDER`), each retention suite on its own. This is an
    intersection-union test (Berger 1982): the candidate ships only if *every* lower bound clears its line, so that
    each is tested at level alpha without correction. It is rejected if any upper bound lies below its line. In
    between, items are missing.

    Items that training rows may have given away are judged with all others, and left out once more; the worse
    of the two verdicts counts.

    Parameters
    ----------
    scores
        Schema `evals.items.SCORES`; both models on the same items. Other models in it are left aside.
    gate
        Margins, level and power.
    baseline, candidate
        The two models to compare, as the column `model` names them.
    unsure
        Items of which it is not sure that no training row gives them away.
    units
        Units of the suites' scores, by name. Of others it is guessed (`evals.units.unit_of_scores`).
    sitting
        How far the candidate sat the exam; scores of what it was not asked are left aside. It ships only if it was
        asked all that is judged.

    Raises
    ------
    ScoresError
        If a model is missing, items are not paired, a score is not finite, there is no domain suite, or a
        margin is for a suite that the exam does not hold.

    References
    ----------
    Berger (1982), Multiparameter hypothesis testing and acceptance sampling, Technometrics 24(4).
    """
    pairs = pair_up(sitting.asked(scores), baseline, candidate, units=units)
    retention = [pair.suite for pair in pairs if pair.role == "retention"]
    # Of a suite that is asked in part, the chat template may refuse all that was asked yet.
    refuse_margins(gate.margins, [*retention, *sitting.unasked])
    whole = judge_pairs(pairs, gate, sitting)
    doubted = scores["item"].is_in(list(unsure))
    left = scores.filter(~doubted)
    if left.height == scores.height:
        return whole
    count = scores.filter(doubted)["item"].n_unique()
    if gone := _without_items(pairs, scores.filter(model=baseline), left):
        return _worse(whole, None, count, gone)
    known = {pair.suite: pair.unit for pair in pairs}
    kept = pair_up(sitting.asked(left), baseline, candidate, units=known)
    sure = judge_pairs(kept, gate, sitting)
    return _worse(whole, sure, count, _ungained(whole, sure))


def _without_items(pairs: Sequence[Pairs], asked: pl.DataFrame, left: pl.DataFrame) -> tuple[str, ...]:
    """Name what is judged, in the whole exam, and has no item left: the domain as a whole, or retention suites.

    What the candidate was not asked counts as well, so that the verdict is that of an exam asked whole.
    """
    kept = set(left["suite"])
    domain = graded_suites(pairs)
    lost = [suite for suite in asked.filter(role="retention")["suite"].unique(maintain_order=True) if suite not in kept]
    return (*(() if any(pair.suite in kept for pair in domain) else (join_suites(domain).suite,)), *lost)


def graded_suites(pairs: Sequence[Pairs]) -> list[Pairs]:
    """Return the domain suites that the gain is judged on."""
    domain = [pair for pair in pairs if pair.role == "domain"]
    return judged_first(domain, [pair.unit for pair in domain])


def judge_pairs(pairs: Sequence[Pairs], gate: Gate, sitting: Sitting = Sitting()) -> Verdict:  # noqa: B008 - frozen
    """Judge scores that are paired already; see `judge`."""
    graded = graded_suites(pairs)
    domain = [pair for pair in pairs if pair.role == "domain"]
    informs = [pair for pair in domain if pair not in graded or len(graded) > 1]
    together = join_suites(graded)
    return _judge(
        (together.suite, _found(together)),
        {pair.suite: _found(pair) for pair in pairs if pair.role == "retention"},
        {pair.suite: _found(pair) for pair in informs},
        gate,
        {pair.suite: pair.unit for pair in (*pairs, together)},
        {pair.suite: float(pair.base.mean()) for pair in informs if pair.unit == "share right"},
        sitting,
    )


def _worse(whole: Verdict, sure: Verdict | None, unsure: int, doubted: tuple[str, ...] = ()) -> Verdict:
    """Let the worse of two verdicts count; nothing ships of which a judged suite has no sure item left."""
    update: dict[str, object] = {"unsure": unsure, "sure": sure, "doubted": doubted}
    if sure is not None and SEVERITY[sure.decision] > SEVERITY[whole.decision]:
        update["decision"] = sure.decision
        left_out = "1 item" if unsure == 1 else f"{unsure:,} items"
        update["reason"] = f"without {left_out} that training rows may have given away, {sure.reason}"
    elif (sure is None or doubted) and whole.decision == "SHIP":
        update["decision"] = "INCONCLUSIVE"
        suites = " and ".join(doubted) or "the domain"
        update["reason"] = f"of no item of {suites} is it sure that no training row gives it away"
    return whole.model_copy(update=update)


def _ungained(whole: Verdict, sure: Verdict) -> tuple[str, ...]:
    """Name the suites that must each gain, and have no item in the second verdict."""
    left = {sure.gain.suite, *(line.suite for line in sure.informative)}
    each = [line.suite for line in whole.informative if line.unit == whole.gain.unit]
    return tuple(suite for suite in each if suite not in left) if whole.gate.gain == "each" else ()


def rejudge(verdict: Verdict, gate: Gate) -> Verdict:
    """Judge anew by another gate, from the statistics that a verdict holds; the scores are not needed.

    What it holds of a champion is left aside: `evals.champion` judges that too.

    Raises
    ------
    ScoresError
        If a margin is for a suite that the verdict doesn't know.
    """
    retention = {line.suite: line.found for line in verdict.retention}
    refuse_margins(gate.margins, [*retention, *(one.suite for one in verdict.skipped if one.role == "retention")])
    informative = {line.suite: line.found for line in verdict.informative}
    lines = (verdict.gain, *verdict.retention, *verdict.informative)
    units = {line.suite: line.unit for line in lines}
    right = verdict.learnt.right if verdict.learnt else {}
    gain, sitting = (verdict.gain.suite, verdict.gain.found), Sitting.of(verdict)
    judged = _judge(gain, retention, informative, gate, units, right, sitting)
    judged = judged.model_copy(update={"unexamined": verdict.unexamined, "cut": verdict.cut})
    if not verdict.unsure:
        return judged
    if verdict.sure is None:
        return _worse(judged, None, verdict.unsure, verdict.doubted)
    kept = {line.suite for line in verdict.sure.retention} | {one.suite for one in verdict.skipped}
    margins = {suite: margin for suite, margin in gate.margins.items() if suite in kept}
    sure = rejudge(verdict.sure, gate.model_copy(update={"margins": margins}))
    return _worse(judged, sure.model_copy(update={"gate": gate}), verdict.unsure, _ungained(judged, sure))


def _judge(
    domain: tuple[str, Paired],
    retention: Mapping[str, Paired],
    informative: Mapping[str, Paired],
    gate: Gate,
    units: Mapping[str, Unit],
    right: Mapping[str, float],
    sitting: Sitting,
) -> Verdict:
    def line_of(suite: str, found: Paired, line: float | None) -> Comparison:
        level = sitting.level(suite, gate.alpha)
        looks = sitting.looks.get(suite)
        upper = found.upper(level, early=looks is not None and looks[-1] < 1)
        compared = _compare(suite, found, line, gate, upper)
        known: dict[str, object] = {"unit": units[suite]}
        if looks:
            known |= {"looks": looks, "level": level, "note": looked_note(looks, level, compared.note)}
        return compared.model_copy(update=known)

    gain = above_noise(line_of(*domain, gate.min_gain), gate)
    kept = tuple(line_of(suite, found, -gate.margins.get(suite, gate.margin)) for suite, found in retention.items())
    gain, informs, gains = apart(gain, [line_of(*one, None) for one in informative.items()], gate)
    decision = _decide([gain, *kept])
    reason = reason_of(decision, gain, gains, kept, gate.power)
    if decision == "SHIP" and sitting.unasked:
        decision, reason = "INCONCLUSIVE", unasked_reason(sitting.unasked)
    # Nothing passes before all of it was asked.
    open_ = {"status": "undecided"}
    kept = tuple(
        one.model_copy(update=open_) if one.suite in sitting.unasked and one.status == "pass" else one for one in kept
    )
    return Verdict(
        decision=decision,
        reason=reason,
        gate=gate,
        gain=gain,
        retention=kept,
        informative=informs,
        learnt=style_or_knowledge(gain, informs, gate, right),
        skipped=sitting.skipped,
    )


def _found(pair: Pairs) -> Paired:
    return paired(pair.base, pair.candidate, pair.cluster, share=pair.share)


def _compare(suite: str, found: Paired, line: float | None, gate: Gate, upper: float) -> Comparison:
    lower = found.within(found.lower(gate.alpha))
    upper = found.within(upper)
    status = status_of(lower, upper, line, few=found.few)
    return Comparison(
        suite=suite,
        status=status,
        mean=found.mean,
        sd=None if math.isnan(found.sd) else found.sd,
        se=None if math.isnan(found.se) else found.se,
        **{name: getattr(found, name) for name in COUNTED},
        lower=lower,
        upper=upper,
        line=line,
        items_needed=_needed(found, line, gate) if status == "undecided" else None,
        mde=None if found.degenerate else detectable(found.spread(0.0), found.n, found.counted, gate.alpha, gate.power),
        p=exact_p(found.better, found.worse) if found.binary else None,
        note=_note(found),
    )


def _needed(found: Paired, line: float | None, gate: Gate) -> int | None:
    """Count the items that would decide a line with the gate's power, given what these have shown (`evals.power`).

    With as many items from each document as now.
    """
    if found.degenerate or found.few:
        return None
    distance = found.mean - (line or 0.0)
    needed = deciding_items(found.spread(), found.n, found.counted, distance, gate.alpha, gate.power, found.crowding)
    return None if needed is None else max(found.n + 1, needed)


def _note(found: Paired) -> str:
    if found.clusters < 2:
        return f"all items come from one source document: too few to decide, which takes {LEAST_CLUSTERS}"
    if found.alone:
        return f"one cluster holds {found.largest} of {found.n} items, so that all count as one"
    if found.few:
        count = f"{found.clusters} clusters" + ("" if found.counted == found.clusters else " that count as")
        count += "" if found.counted == found.clusters else f" {found.counted:.1f}"
        return f"only {count}: too few to decide, which takes {LEAST_CLUSTERS}"
    changed = found.worse + found.better
    if found.binary and changed < _FEW_CHANGES:
        count = f"only {changed}" if changed else "none"
        return f"{count} of {found.clusters} clusters changed"
    if found.degenerate:
        return f"all {found.n} differences equal {found.mean:g}, so their spread is unknown"
    if found.counted < _UNEVEN * found.clusters:
        return (
            f"one cluster holds {found.largest} of {found.n} items, so that all {found.clusters} count as "
            f"{found.counted:.1f}"
        )
    if (found.binary or found.share) and found.assumed_design > _CROWDED * found.design:
        return f"{found.clusters} documents are too few to show that their items change apart"
    return ""


def _decide(lines: list[Comparison]) -> Decision:
    if any(line.status == "fail" for line in lines):
        return "REJECT"
    return "SHIP" if all(line.status == "pass" for line in lines) else "INCONCLUSIVE"
