"""What an ablation found, in sentences; each says as much as its interval does, and no more."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import polars as pl

from evals.gate import NOISE
from tasks.reporting.attribution import costly_stages, slices_told, stages_told
from tasks.reporting.comparisons import UNITS, number
from tasks.reporting.dividend_evidence import EPOCHS, DividendEvidence
from tasks.reporting.intervals import ends
from tasks.reporting.text import counted

Tone = Literal["ship", "reject", "undecided"]

CURATED = "curated"
_ALIKE = 0.05  # a training ends before the row that has no room in its budget
_WITHIN, _MORE, _UNTOLD = "within the margin", "forgets more", "can't be told"
_NAMES = {"random": "random rows", "longest": "the longest rows", "domain-only": "the domain alone"}


def headline(evidence: DividendEvidence) -> str:
    """Return the dividend beside the first control that there is, in a sentence; where none was asked for, what was."""
    judged = _judged(evidence.dividends, "domain")
    if not judged.is_empty():
        return dividend(evidence, judged["control"][0])
    told = "" if _controls(evidence).height else " ".join([*stages_told(evidence), *slices_told(evidence)])
    return told or f"No dividend can be told: {_why_none(evidence)}."


def dividend(evidence: DividendEvidence, control: str) -> str:
    """Say what the curated arm gains and forgets beside a control."""
    gain = _line(evidence.dividends, "domain", control)
    assert gain is not None
    if control in _same(evidence):
        return f"No dividend beside {named(control)}: curation leaves the very rows, so both are one training."
    unit = UNITS[evidence.gain_unit]
    rows = _curated_on(evidence, control)
    kept = _forgets(evidence, control)
    gains, between = f"gains {_apart(gain, ('more', 'less'), unit.name)}", ends(gain, unit.scale)
    if gain["sure"]:
        told = f"{rows} {gains} than {named(control)} ({between})"
        return f"{told}, and {kept}." if kept else f"{told}."
    told = f"No dividend can be told beside {named(control)}: {rows[0].lower()}{rows[1:]} {gains} ({between})"
    return f"{told}{_why_unsure(gain)}{f', and {kept}' if kept else ''}."


def _apart(line: dict[str, Any], words: tuple[str, str], unit_name: str) -> str:
    """Say by how much two arms differ; what is not sure, and nothing in the decimals of its unit, is no more or less.

    Parameters
    ----------
    words
        For a mean above zero, and below.
    unit_name
        Left out where it is empty.
    """
    unit = UNITS[line["unit"]]
    size = number(abs(line["mean"]) * unit.scale, unit)
    if not (line["sure"] or float(size)):
        return f"as much in {unit_name}" if unit_name else "as much"
    return " ".join(filter(None, (size, unit_name, words[int(line["mean"] < 0)])))


def _why_unsure(line: dict[str, Any]) -> str:
    """Say why a difference is not told whose interval leaves zero out (`tasks.ablation.findings`)."""
    if line["lower"] <= 0 <= line["upper"]:
        return ""
    is_small = line["unit"] == "bits per byte" and min(abs(line["lower"]), abs(line["upper"])) <= NOISE
    return ", which may be rounding alone" if is_small else ", in too few documents to tell"


def tone(evidence: DividendEvidence) -> Tone:
    """Return whether curation surely gained more than each control, within the margins; surely cost; or neither.

    Where one of its own trainings diverged it did not surely gain: that training is in no interval.
    """
    judged = _judged(evidence.dividends, "domain")
    words = {one["word"] for control in judged["control"] for one in margins(evidence, control)}
    if judged.filter(pl.col("sure"), pl.col("mean") < 0).height or _MORE in words:
        return "reject"
    whole = evidence.arms.filter(pl.col("arm") == CURATED)["diverged"].sum() == 0
    return "ship" if whole and judged.height and judged["sure"].all() and words <= {_WITHIN} else "undecided"


def doubts(evidence: DividendEvidence) -> Iterator[str]:
    """Say what is known of margins, the other controls' sentences, and what limits all of them."""
    for place, control in enumerate(_judged(evidence.dividends, "domain")["control"]):
        within = _within(evidence, control)
        if place:
            beyond = f" {within}" if _beyond_margin(evidence, control) else ""  # what can't be told the table says
            yield f"{dividend(evidence, control)}{beyond}"
        elif within:
            yield within
    if _controls(evidence).height:
        yield from costly_stages(evidence)
        yield from slices_told(evidence)
    if same := _same(evidence).filter(~_same(evidence).is_in(evidence.dividends["control"].implode())).to_list():
        yield f"The very rows of the curated set, so nothing to compare: {_listed(same)}."
    if evidence.left_out:
        yield f"{counted(evidence.left_out, 'training')} not begun, as the time was up: the same command goes on."
    diverged = evidence.arms.filter(pl.col("diverged") > 0).select("arm", "diverged", "trainings")
    for arm, times, left in diverged.iter_rows():
        told = f"and {'is' if times == 1 else 'are'} left out of its numbers" if left else "so that it has no numbers"
        yield f"{counted(times, 'training')} of {arm} diverged, {told}."
    yield from _reading(evidence)
    few = evidence.arms.filter(pl.col("trainings") == 1)["arm"].to_list()
    if few:
        yield f"Trained once, which tells nothing of chance in training, so without interval: {_listed(few)}."


def _reading(evidence: DividendEvidence) -> Iterator[str]:
    """Say which arms the budget reaches in part alone, and which ended before it."""
    early = _ended_early(evidence)
    if part := _in_part(evidence):
        read = _listed([f"{_percent(share)} of {named(arm)}" for arm, share in part.items()])
        who = "Trainings read" if part.keys() & early.keys() else "The budget (tune.token_budget) reaches"
        yield f"{who} {read}: what the rest would bring is not told."
    if early:
        saw = _listed([f"{named(arm)} saw {tokens:,}" for arm, tokens in early.items()])
        yield (
            f"Of the budget of {evidence.token_budget:,} tokens, {saw}: a training ends early by tune.patience or "
            "tune.forgetting, and before a row that its budget has no room for."
        )


def seeds_told(seeds: Sequence[int], left_out: int) -> str:
    """Name the seeds of every arm, and say where the time was up before all were trained."""
    told = f"seeds {', '.join(map(str, seeds))}"
    return f"{told} as far as the time reached" if left_out else told


def _curated_on(evidence: DividendEvidence, control: str) -> str:
    """Tell the curated arm's tokens as a share of a control's: of those read, where the budget reached all of both."""
    tokens = dict(evidence.arms.select("arm", "tokens").iter_rows())
    share = tokens[CURATED] / max(1.0, tokens[control])
    alike = abs(share - 1) < _ALIKE
    if {CURATED, control} & _in_part(evidence).keys():
        return f"Curated, with {'as many unique tokens' if alike else f'{_percent(share)} of the unique tokens'},"
    return f"Curated on {'as many tokens' if alike else f'{_percent(share)} of the tokens'}"


def _in_part(evidence: DividendEvidence) -> dict[str, float]:
    """Return the arms of the whole budget of which it reached a part alone, and which."""
    read = _whole(evidence).select("arm", read=EPOCHS).filter(pl.col("read") < 1 - _ALIKE)
    return dict(read.iter_rows())


def _ended_early(evidence: DividendEvidence) -> dict[str, int]:
    """Return the arms of the whole budget that ended clearly before it, and how many tokens they saw."""
    fewer = pl.col("tokens_seen") < (1 - _ALIKE) * evidence.token_budget
    return dict(_whole(evidence).filter(fewer).select("arm", "tokens_seen").iter_rows())


def _whole(evidence: DividendEvidence) -> pl.DataFrame:
    """Return the arms of the whole budget that were trained."""
    return evidence.arms.filter(pl.col("kind").is_in(["curated", "control", "without"]), pl.col("trainings") > 0)


def _percent(part: float) -> str:
    """Write a part as percent, and one of less than a percent not as none."""
    if part >= 0.01:
        return f"{part:.0%}"
    return f"{part:.1%}" if part >= 0.001 else "less than 0.1%"


def named(control: str) -> str:
    """Return how a sentence calls a control."""
    return _NAMES.get(control, control)


def margins(evidence: DividendEvidence, control: str) -> list[dict[str, Any]]:
    """Return the retention suites beside a control, each with the base beside it, and what both say of the margin.

    Forgetting is a loss against the base, as the gate has it. So what curation forgets more than a control is within
    the margin where it surely loses less than that beside the control, or beside the base; and beyond it where it
    surely loses more beside both. At intervals of level 1 − α, a wrong word has at most a chance of α.
    """
    lines = evidence.dividends.filter(pl.col("role") == "retention", ~pl.col("judged"), pl.col("control") == control)
    base = {one["suite"]: one for one in evidence.kept.iter_rows(named=True)}
    return [
        one | {"base": base[one["suite"]], "word": _margin_word(one, base[one["suite"]])}
        for one in lines.iter_rows(named=True)
    ]


def _margin_word(*beside: dict[str, Any]) -> str:
    """Say what is told by the differences to a control and to the base."""
    if any(one["lower"] > -one["margin"] for one in beside):
        return _WITHIN
    return _MORE if all(one["upper"] < -one["margin"] for one in beside) else _UNTOLD


def _beyond_margin(evidence: DividendEvidence, control: str) -> list[str]:
    return [one["suite"] for one in margins(evidence, control) if one["word"] == _MORE]


def _forgets(evidence: DividendEvidence, control: str) -> str:
    """Say how much less or more is forgotten, or where neither arm is below the base, how much more or less is won.

    That neither forgets is said of two that are surely better than the base, where it is no question on any suite.
    """
    kept = _line(evidence.dividends, "retention", control)
    if kept is None or evidence.kept_unit is None:
        return ""
    unit = UNITS[evidence.kept_unit]
    name = "" if evidence.kept_unit == evidence.gain_unit else unit.name
    between = ends(kept, unit.scale)
    both = evidence.arms.filter(pl.col("arm").is_in([CURATED, control])).select("kept_mean", "kept_lower")
    more = _apart(kept, ("more", "less"), name)
    improves = f"what must be kept improves {more if more.startswith('as') else f'by {more}'} ({between})"
    settled = all(one["word"] == _WITHIN for one in margins(evidence, control))
    if settled and (both["kept_lower"] > 0).sum() == both.height:
        return f"neither forgets: {improves}"
    if (both["kept_mean"] >= 0).sum() == both.height:
        return improves
    return f"forgets {_apart(kept, ('less', 'more'), name)} ({between})"


def _within(evidence: DividendEvidence, control: str) -> str:
    """Say whether what is forgotten more than by a control is within the margins."""
    lines = margins(evidence, control)
    if not lines or control in _same(evidence):
        return ""
    if beyond := _beyond_margin(evidence, control):
        return f"What it forgets more is surely beyond the margin on {_listed(beyond)}."
    untold = [one["suite"] for one in lines if one["word"] == _UNTOLD]
    if untold:
        return f"Whether what it forgets more is within the margin can't be told on {_listed(untold)}."
    return "On every suite, what it forgets more is surely within the margin."


def _same(evidence: DividendEvidence) -> pl.Series:
    """Name the arms that are one training with the curated arm."""
    return evidence.arms.filter(pl.col("same_as_curated"))["arm"]


def _controls(evidence: DividendEvidence) -> pl.DataFrame:
    return evidence.arms.filter(pl.col("kind") == "control")


def _judged(lines: pl.DataFrame, role: str) -> pl.DataFrame:
    return lines.filter(pl.col("judged"), pl.col("role") == role)


def _line(lines: pl.DataFrame, role: str, control: str) -> dict[str, Any] | None:
    found = _judged(lines, role).filter(pl.col("control") == control)
    return None if found.is_empty() else found.row(0, named=True)


def _why_none(evidence: DividendEvidence) -> str:
    controls = _controls(evidence)
    if controls.is_empty():
        return "no control arm was asked for"
    for told, arms in (("curated", evidence.arms.filter(pl.col("arm") == CURATED)), ("every control", controls)):
        if arms.height and arms["diverged"].sum() and not arms["trainings"].sum() and not evidence.left_out:
            return f"every training of {told} diverged"
    return "not enough was trained"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
