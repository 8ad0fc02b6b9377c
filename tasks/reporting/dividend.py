"""An ablation as a page, and as an artifact of Prefect: one picture to understand, one table to trust."""

from typing import Any

import polars as pl

from tasks.reporting import attribution, charts, palette
from tasks.reporting import dividend_wording as wording
from tasks.reporting.comparisons import UNITS, number
from tasks.reporting.dividend_evidence import EPOCHS, DividendEvidence
from tasks.reporting.intervals import interval
from tasks.reporting.markdown import escape, image, row
from tasks.reporting.page import Picture, drawn, filled
from tasks.reporting.statistics import share
from tasks.reporting.text import counted, epochs, humanise
from tasks.reporting.wording import duration

_WHOLE = pl.col("kind").is_in(["curated", "control", "without"])  # of the whole budget


def render(evidence: DividendEvidence) -> str:
    """Return the page as a whole HTML document; every value is escaped, as in a run's report."""
    controls = evidence.dividends.filter(pl.col("judged"), pl.col("role") == "domain").height
    return filled(
        "dividend.html.j2",
        controls=controls,
        by_chance=share(min(1.0, controls * evidence.alpha)),
        alpha=evidence.alpha,
        evidence=evidence,
        tone=wording.tone(evidence),
        headline=wording.headline(evidence),
        doubts=list(wording.doubts(evidence)),
        picture_of=_picture(evidence),
        curve_of=_curve(evidence),
        arms=_arms(evidence, evidence.arms.filter(_WHOLE)),
        every=_arms(evidence, evidence.arms),
        suites=_suites(evidence),
        stages=_stages(evidence),
        slices=_slices(evidence),
        confidence=share(1 - evidence.alpha),
        gain_unit=UNITS[evidence.gain_unit].name,
        kept_unit=UNITS[evidence.kept_unit].name if evidence.kept_unit else None,
    )


def dividend_markdown(evidence: DividendEvidence) -> str:
    """Return the sentences, the picture, and the tables."""
    lines = [f"# {escape(wording.headline(evidence), 600)}", ""]
    lines += [f"{escape(doubt, 400)}\n" for doubt in wording.doubts(evidence)]
    if _picture(evidence) is not None:
        chart = charts.dividend_chart(evidence.arms, evidence.gain_unit, palette.WIDE)
        lines += [image("Gain against tokens", charts.png(chart, 1.5)), ""]
    lines += ["| arm | unique tokens | gain | not forgotten | dividend |", "|---|--:|--:|--:|--:|"]
    for told in _arms(evidence, evidence.arms.filter(_WHOLE)):
        both = (f"{told[key]} {told[f'{key}_ends']}".strip() for key in ("gain", "kept", "dividend"))
        lines.append(row(told["arm"], told["tokens"], *both))
    if stages := _stages(evidence):
        lines += ["", "| without | rows more | the stage bought | in gain per 1,000 rows | |", "|---|--:|--:|--:|---|"]
        lines += [row(*(one[key] for key in ("name", "rows", "bought", "per_row", "word"))) for one in stages]
    if slices := _slices(evidence):
        lines += ["", "| slice | rows | brings | keeps | |", "|--:|--:|--:|--:|---|"]
        lines += [row(str(one["number"]), *(one[key] for key in ("rows", "brings", "keeps", "word"))) for one in slices]
    lines += [
        "",
        f"Intervals hold with {share(1 - evidence.alpha)} confidence, chance of items and of training in them.",
    ]
    return "\n".join([*lines, ""])


def _picture(evidence: DividendEvidence) -> Picture | None:
    known = evidence.arms.filter(_WHOLE, pl.col("gain_mean").is_not_null())
    if known.is_empty():
        return None
    words = "; ".join(
        f"{one['arm']} {interval(one, evidence.gain_unit, 'gain_')} with {one['tokens']:,.0f} tokens"
        for one in known.iter_rows(named=True)
    )
    return drawn("dividend", lambda width: charts.dividend_chart(evidence.arms, evidence.gain_unit, width), words)


def _curve(evidence: DividendEvidence) -> Picture | None:
    known = charts.on_the_curve(evidence.arms)
    if known.is_empty():
        return None
    words = "; ".join(f"{arm} {gain:+z.3f}" for arm, gain in known.select("arm", "gain_mean").iter_rows())
    return drawn("scaling", lambda width: charts.scaling_chart(evidence.arms, evidence.gain_unit, width), words)


def _arms(evidence: DividendEvidence, arms: pl.DataFrame) -> list[dict[str, str]]:
    return [_arm(one, evidence) for one in arms.with_columns(epochs=EPOCHS).iter_rows(named=True)]


def _arm(one: dict[str, Any], evidence: DividendEvidence) -> dict[str, str]:
    beside = evidence.dividends.filter(
        pl.col("judged"), pl.col("role") == "domain", pl.col("control") == one["arm"]
    ).to_dicts()
    by_seeds = "–" if one["gain_by_seeds"] is None else _scaled(one["gain_by_seeds"], evidence.gain_unit)
    told = {
        "arm": one["arm"],
        "about": one["about"],
        "rows": f"{one['rows']:,.0f}",
        "tokens": f"{one['tokens']:,.0f}",
        "seen": f"{one['tokens_seen']:,}",
        "general": f"{one['replayed']:,} of general text" if one["replayed"] else "",
        "epochs": epochs(one["epochs"]),
        "trainings": str(one["trainings"]),
        "seconds": f"{one['seconds']:,.0f} s",
        "each": duration(one["seconds"] / one["trainings"]) if one["trainings"] else "–",
        "by_seeds": by_seeds,
    }
    for what, line, key, unit in (
        ("gain", one, "gain_", evidence.gain_unit),
        ("kept", one, "kept_", evidence.kept_unit),
        ("dividend", beside[0] if beside else {"mean": None}, "", evidence.gain_unit),
    ):
        mean, _, ends = interval(line, unit, key).partition(" ") if unit else ("–", "", "")
        told |= {what: mean, f"{what}_ends": ends}
    return told


def _suites(evidence: DividendEvidence) -> list[dict[str, str]]:
    """Return what curation forgets more or less than each control, suite by suite."""
    controls = evidence.dividends["control"].unique(maintain_order=True)
    return [_suite(one) for control in controls for one in wording.margins(evidence, control)]


def _suite(one: dict[str, Any]) -> dict[str, str]:
    told = {
        "suite": humanise(one["suite"]),
        "control": one["control"],
        "unit": UNITS[one["unit"]].short,
        "margin": _scaled(-one["margin"], one["unit"]),
        "asked": f"{one['n']:,}",
        "documents": counted(one["clusters"], "document"),
        "word": one["word"],
    }
    for what, line in (("difference", one), ("base", one["base"])):
        told[what], _, told[f"{what}_ends"] = interval(line, one["unit"]).partition(" ")
    return told


def _stages(evidence: DividendEvidence) -> list[dict[str, str]]:
    """Return what each stage bought, the one that bought most first."""
    rows = dict(evidence.arms.select("arm", "rows").iter_rows())
    judged = evidence.stages.filter(pl.col("judged"))
    kept = {one["control"]: one for one in judged.filter(pl.col("role") == "retention").iter_rows(named=True)}
    suspected = attribution.suspected(evidence.stages, evidence.alpha)
    found = []
    for one in judged.filter(pl.col("role") == "domain").sort("mean", descending=True).iter_rows(named=True):
        more = rows[one["control"]] - rows[wording.CURATED]
        per_row = one["mean"] / more * 1_000 if more >= 1 else None
        found.append(
            {
                "name": one["control"],
                "rows": f"{more:+,.0f}".replace("-", "−"),
                "bought": interval(one, one["unit"]),
                "per_row": "–" if per_row is None else _scaled(per_row, one["unit"], signed=True),
                "keeps": interval(kept[one["control"]], kept[one["control"]]["unit"]) if kept else "–",
                "word": attribution.stage([one, kept[one["control"]]] if kept else [one])
                + (" Look here first." if suspected and suspected["control"] == one["control"] else ""),
            }
        )
    return found


def _slices(evidence: DividendEvidence) -> list[dict[str, Any]]:
    """Return what each slice brings; what surely, or most likely, costs something comes first."""
    judged = {
        role: {one["control"]: one for one in lines.iter_rows(named=True)}
        for role in ("domain", "retention")
        for lines in [evidence.slices.filter(pl.col("judged"), pl.col("role") == role)]
    }
    suspected = attribution.suspected(evidence.slices, evidence.alpha)
    found = []
    for shown in evidence.slices_shown:
        if (brings := judged["domain"].get(shown.arm)) is None:
            continue
        keeps = judged["retention"].get(shown.arm)
        told = [attribution.slice_told(one) for one in (brings, keeps) if one and one["sure"]]
        first = suspected is not None and suspected["control"] == shown.arm
        found.append(
            {
                "number": shown.number,
                "rows": f"{shown.rows:,}",
                "brings": interval(brings, brings["unit"]),
                "keeps": interval(keeps, keeps["unit"]) if keeps else "–",
                "word": " and ".join(told) or ("look here first" if first else "can't be told"),
                "samples": shown.samples,
                "costs": first or any(one is not None and one["sure"] and one["mean"] < 0 for one in (brings, keeps)),
            }
        )
    return sorted(found, key=lambda one: (not one["costs"], one["number"]))


def _scaled(value: float, unit_name: str, *, signed: bool = False) -> str:
    unit = UNITS[unit_name]
    return number(value * unit.scale, unit, signed=signed)
