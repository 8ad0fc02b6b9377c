"""What the arms' scores say: tables of gains, dividends, what each stage bought and what each slice brought."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from evals.dividend import BASE, Difference, Sittings
from evals.gate import NOISE, Gate
from evals.holm import levels
from tasks.ablation.arms import Arm
from tasks.ablation.settings import ABOUT, CURATED, WHOLE
from tasks.ablation.training import Training
from tasks.reporting.dividend_evidence import ARMS, DIFFERENCES


@dataclass(frozen=True)
class Findings:
    """The tables, and in which unit gain and what was kept are told."""

    arms: pl.DataFrame
    dividends: pl.DataFrame
    kept: pl.DataFrame
    stages: pl.DataFrame
    slices: pl.DataFrame
    gain_unit: str
    kept_unit: str | None

    @property
    def differences(self) -> pl.DataFrame:
        """All of them, one behind the other."""
        return pl.concat([self.dividends, self.kept, self.stages, self.slices])


def find(arms: Sequence[Arm], trainings: Sequence[Training], sat: Sittings, gate: Gate) -> Findings:
    """Compare what was trained. An arm without two trainings has no intervals, one without any no line but its rows.

    Slices go by their arms: of kind slice, `WHOLE` and those without one.
    """
    domain, retention = sat.judged("domain"), sat.judged("retention")
    curated = next((arm for arm in arms if arm.name == CURATED), None)
    known = [arm for arm in arms if arm.name in sat.arms]
    others = [arm for arm in known if arm is not curated] if curated in known else []
    same = {arm.name for arm in others if curated and arm.same_as(curated)}
    dividends = [(CURATED, arm.name) for arm in others if arm.kind == "control"]
    bought = [(CURATED, arm.name) for arm in others if arm.kind == "without" and arm.name not in same]
    slices = [arm.name for arm in known if arm.kind == "slice" and arm.name != WHOLE]
    brought = [(WHOLE, name) for name in slices if WHOLE in sat.arms]
    return Findings(
        arms=pl.DataFrame([_line(arm, curated, trainings, sat, gate) for arm in arms], schema=ARMS),
        dividends=_level(_differences(sat, dividends, gate, together=False), same),
        kept=_of_suites(sat, "retention", [(CURATED, BASE)] if curated in known else [], gate),
        stages=_differences(sat, bought, gate, together=True),
        slices=_differences(sat, brought, gate, together=True),
        gain_unit=sat.suites[domain[0]][1],
        kept_unit=sat.suites[retention[0]][1] if retention else None,
    )


def _line(arm: Arm, curated: Arm | None, trainings: Sequence[Training], sat: Sittings, gate: Gate) -> dict[str, object]:
    own = [one for one in trainings if one.arm.name == arm.name]
    places = [one.place for one in own] or range(len(arm.rows))
    seen = [one.sat.facts["tokens"] for one in own if one.sat.facts]
    replayed = [one.sat.facts["replayed_tokens"] for one in own if one.sat.facts]
    line: dict[str, object] = {
        "arm": arm.name,
        "kind": arm.kind,
        "about": ABOUT.get(arm.name, ""),
        "rows": statistics.fmean(arm.rows[place] for place in places),
        "tokens": statistics.fmean(arm.tokens[place] for place in places),
        "tokens_seen": round(sum(seen) / len(seen)) if seen else arm.token_budget,
        "replayed": round(sum(replayed) / len(replayed)) if replayed else 0,
        "trainings": sum(not one.sat.diverged for one in own),
        "diverged": sum(bool(one.sat.diverged) for one in own),
        "seconds": sum(one.sat.facts.get("seconds", 0.0) for one in own),
        "same_as_curated": curated is not None and arm is not curated and arm.same_as(curated),
    }
    if arm.name not in sat.arms:
        return line
    for what, role in (("gain", "domain"), ("kept", "retention")):
        if suites := sat.judged(role):
            found = sat.compare(arm.name, BASE, suites).found
            line |= {f"{what}_mean": found.mean}
            line |= {f"{what}_lower": found.lower(gate.alpha / 2), f"{what}_upper": found.upper(gate.alpha / 2)}
            line |= {"gain_by_seeds": found.by_seeds} if what == "gain" else {}
    return line


def _differences(sat: Sittings, pairs: Sequence[tuple[str, str]], gate: Gate, *, together: bool) -> pl.DataFrame:
    """Compare pairs of arms on domain and retention; `together`: they are one family of questions."""
    suites = {role: own for role in ("domain", "retention") if (own := sat.judged(role))}
    judged = {(role, control): sat.compare(arm, control, of) for role, of in suites.items() for arm, control in pairs}
    sure = _sure(judged, gate.alpha, together=together)
    parts = []
    for role in suites:
        lines = [_told(one, gate, judged=True, sure=sure[key]) for key, one in judged.items() if key[0] == role]
        parts += [pl.DataFrame(lines, schema=DIFFERENCES), _of_suites(sat, role, pairs, gate)]
    return pl.concat(parts) if parts else pl.DataFrame(schema=DIFFERENCES)


def _of_suites(sat: Sittings, role: str, pairs: Sequence[tuple[str, str]], gate: Gate) -> pl.DataFrame:
    """Compare pairs of arms on each suite of a role by itself."""
    lines = []
    for suite in (name for name, (of, _) in sat.suites.items() if of == role):
        each = {(suite, control): sat.compare(arm, control, [suite]) for arm, control in pairs}
        sure = _sure(each, gate.alpha, together=False)
        lines += [_told(one, gate, judged=False, sure=sure[key]) for key, one in each.items()]
    return pl.DataFrame(lines, schema=DIFFERENCES)


def _level(lines: pl.DataFrame, same: set[str]) -> pl.DataFrame:
    """Say of arms that are one training that they differ by nothing: by construction, without any chance in it."""
    one = pl.col("control").is_in(list(same))
    nothing = dict.fromkeys(("mean", "lower", "upper", "by_seeds"), 0.0) | {"p": 1.0}
    return lines.with_columns(
        *(pl.when(one).then(pl.lit(value)).otherwise(name).alias(name) for name, value in nothing.items())
    )


def _sure(found: Mapping[tuple[str, str], Difference], alpha: float, *, together: bool) -> dict[tuple[str, str], bool]:
    p_values = {key: _p_told(one) for key, one in found.items()}
    level = levels(p_values, alpha) if together else dict.fromkeys(p_values, alpha)
    return {key: p <= level[key] for key, p in p_values.items()}


def _p_told(one: Difference) -> float:
    """Return the p-value that a difference is more than rounding may bring (`evals.gate.NOISE`).

    It is 1 where few documents may agree by chance.
    """
    rounding = NOISE if one.unit == "bits per byte" else 0.0
    if one.found.items.few or abs(one.found.mean) <= rounding:
        return 1.0
    return one.found.p_beside(math.copysign(rounding, one.found.mean))


def _told(one: Difference, gate: Gate, *, judged: bool, sure: bool) -> dict[str, object]:
    found = one.found
    return {
        "arm": one.arm,
        "control": one.control,
        "suite": one.suite,
        "role": one.role,
        "unit": one.unit,
        "judged": judged,
        "mean": found.mean,
        "lower": found.lower(gate.alpha / 2),
        "upper": found.upper(gate.alpha / 2),
        "by_seeds": found.by_seeds,
        "p": found.p_beside(),
        "sure": sure,
        "margin": gate.margins.get(one.suite, gate.margin) if one.role == "retention" else None,
        "n": found.items.n,
        "clusters": found.items.clusters,
        "trainings": one.trainings,
        "control_trainings": one.control_trainings,
    }
