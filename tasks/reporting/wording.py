"""The verdict in words for someone who reads nothing else: a headline and three numbers."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from evals.floors import told as floored
from evals.shortening import Cut
from tasks.exam_size import too_few
from tasks.reporting import champion, reasons
from tasks.reporting.blame import blamed
from tasks.reporting.canaries import audit_of
from tasks.reporting.comparisons import BITS, PLAIN, Comparison, comparisons, means, number
from tasks.reporting.evidence import Books, Evidence
from tasks.reporting.palette import TONES, Tone
from tasks.reporting.text import humanise, listed, with_minus

_SMALL = 0.01  # below it, a share is written with a decimal


class Headline(NamedTuple):
    """What the banner says: `word: sentence.`, then the reason."""

    tone: Tone
    word: str
    sentence: str
    reason: str


class Figure(NamedTuple):
    """One of the key numbers: what it is, the number, and how to take it."""

    label: str
    value: str
    notes: tuple[str, ...]


def headline(evidence: Evidence) -> Headline:
    """Return the verdict as a manager would say it."""
    if evidence.data_only:
        books, (share, gone) = evidence.books, _data(evidence.books).notes
        kept = f"{books.kept:,} of {books.rows:,} rows are the training set"
        return Headline("neutral", "Curated", kept, f"{share}; {gone}. Nothing was trained or judged in this run.")
    if evidence.verdict is None:
        return Headline("neutral", "No verdict", "this run judged no candidate", "")
    decision, judged = str(evidence.verdict.get("decision", "")), comparisons(evidence)
    tone = TONES.get(decision, "neutral")
    reason = _sentence(str(evidence.verdict.get("reason", "")))
    beside = champion.headline(evidence)
    if decision == "SHIP":
        return Headline(tone, "Ship it", beside or reasons.ship(judged), reason)
    if decision == "REJECT":
        return Headline(tone, "Do not ship it", beside or reasons.reject(judged), reason)
    if decision == "INCONCLUSIVE":
        return Headline(tone, "Not decided", beside or reasons.undecided(judged, evidence.verdict), reason)
    return Headline(tone, decision or "No decision", "the verdict carries no decision this report knows", reason)


def figures(evidence: Evidence) -> list[Figure]:
    """Return the key numbers: gain, most forgetting and the share of the pool kept; of data alone, how clean it is."""
    if evidence.data_only:
        return [*_cleanness(evidence)]
    judged, level = comparisons(evidence), confidence(evidence)
    skipped = [one for one in (evidence.verdict or {}).get("skipped", ()) if one["role"] == "retention"]
    shown = [_gain(one, level, means(one, evidence)) for one in judged if one.part == "gain"][:1]
    if evidence.verdict is not None:
        shown.append(_forgetting([one for one in judged if one.part == "retention"], level, was_asked=not skipped))
    return shown if evidence.verdict_only else [*shown, _data(evidence.books)]


def confidence(evidence: Evidence) -> str:
    """Return the confidence of each bound in words, e.g. `95%`."""
    level = alpha(evidence)
    return "the stated" if level is None else f"{100 * (1 - level):g}%"


def alpha(evidence: Evidence) -> float | None:
    """Return the level of each bound."""
    found = (evidence.verdict or {}).get("gate", {}).get("alpha")
    return None if found is None else float(found)


def unexamined(evidence: Evidence) -> list[str]:
    """Return a sentence for every suite that was asked for and could not be made."""
    missing = (evidence.verdict or {}).get("unexamined", ())
    return [f"{humanise(one['suite'])}: not examined, because {one['reason']}." for one in missing]


def refused(evidence: Evidence) -> list[str]:
    """Return a sentence for every suite asked whole of which the model's chat template refused items."""
    verdict = evidence.verdict or {}
    lines = (verdict.get("gain") or {}, *verdict.get("retention", ()))
    part = {one["suite"] for one in (*verdict.get("skipped", ()), *(line for line in lines if line.get("looks")))}
    counted = dict(evidence.scores.filter(model="base").group_by("suite").len().iter_rows())
    told = []
    for suite in evidence.exam.suites:
        lost = suite.items - counted.get(suite.suite, 0)
        if lost > 0 and suite.suite in counted and suite.suite not in part:
            told.append(
                f"{humanise(suite.suite)}: {lost:,} of {suite.items:,} items were not asked, since the model's chat "
                "template refuses them; manifest.json names them."
            )
    return told


def cut(evidence: Evidence) -> list[str]:
    """Return a sentence for every suite of which items were too long, and at what they were cut."""
    found = [Cut.model_validate(one) for one in (evidence.verdict or {}).get("cut", ())]
    return [f"{humanise(one.suite)}: {one.sentence}." for one in found]


def floors(evidence: Evidence) -> list[str]:
    """Return a sentence for every retention suite on which the base has no more to lose than is allowed."""
    found = []
    for one in comparisons(evidence):
        base = means(one, evidence).get("base")
        bounded = one.part == "retention" and one.unit not in (BITS, PLAIN)
        if bounded and base is not None and one.line is not None and base <= -one.line:
            shown = f"{number(base, one.unit)} {one.unit.short}"
            found.append(f"{floored(humanise(one.suite), shown, number(-one.line, one.unit))}.")
    return found


def unasked(evidence: Evidence) -> list[str]:
    """Say what the candidate was not asked since it could change nothing any more, and the time that it saved."""
    course, skipped = evidence.course, (evidence.verdict or {}).get("skipped", ())
    if course is None or course.asked == course.items:
        return []
    left = f"The candidate was asked {course.asked:,} of {course.items:,} items of the exam, until its verdict stood"
    suites = listed([humanise(one["suite"]) for one in skipped]) if skipped else ""
    told = f"{left}; {suites} {'was' if len(skipped) == 1 else 'were'} not asked" if suites else left
    if course.saved is not None:
        told += f", which saved about {duration(course.saved)}"
    return [f"{told}. With gate.examine: whole it is asked everything."]


def too_small(evidence: Evidence) -> list[str]:
    """Return a sentence for every suite that decides, and has too few items to decide anything."""
    judged = [one for one in comparisons(evidence) if one.part != "informative" and one.n]
    told = [too_few(humanise(one.suite), one.n, one.clusters) for one in judged]
    return [f"{sentence}." for sentence in told if sentence]


def doubts(evidence: Evidence) -> list[str]:
    """Return all that a reader of the verdict should know beside it."""
    told = (repaired, blamed, too_small, unproven, unsure, champion.sentences)
    return [sentence for of in told for sentence in of(evidence)]


def unproven(evidence: Evidence) -> list[str]:
    """Return what was not asked, not whole, or not looked for among the training rows."""
    told = (unasked, unexamined, refused, cut, floors, unchecked)
    return [sentence for of in told for sentence in of(evidence)]


def repaired(evidence: Evidence) -> list[str]:
    """Say how a repair went, or why none was tried where one was called for."""
    return [_sentence(evidence.repair)] if evidence.repair else []


def learnt(evidence: Evidence) -> str:
    """Return a sentence on whether the gain is knowledge or format; nothing where there is no gain to explain."""
    found = (evidence.verdict or {}).get("learnt") or {}
    return "" if found.get("answer", "no gain") == "no gain" else _sentence(str(found["reason"]))


def unsure(evidence: Evidence) -> list[str]:
    """Return a sentence on the verdict without the items that training rows may have given away, if there are such."""
    verdict = evidence.verdict or {}
    count, sure = verdict.get("unsure") or 0, champion.surely(verdict)
    if not count:
        return []
    items = "1 item" if count == 1 else f"{count:,} items"
    told = f"Training rows that were kept may give away {items} of the exam (not checked, or worded as many rows are)"
    doubted = listed([humanise(suite) for suite in verdict.get("doubted", ())] or ["the domain"])
    if sure is None:
        return [f"{told}, and no item of {doubted} is left without."]
    is_same = all(sure[part] == verdict.get(part) for part in ("decision", "reason"))
    what = "the same" if is_same else f"{sure['decision']}: {sure['reason'].rstrip('.')}"
    without = f"{told}. Without, the verdict is {what}."
    return [f"{without} No item of {doubted} is left then."] if verdict.get("doubted") else [without]


def unchecked(evidence: Evidence) -> list[str]:
    """Return a sentence for every suite whose items were not all looked for in the training rows."""
    if evidence.verdict is None:
        return []
    suites = evidence.exam.suites
    if all(suite.checked is None for suite in suites):
        return [
            "No score was checked for leaks: it is not known which rows the candidate was trained on, and they may "
            "hold items of the exam."
        ]
    return [
        f"{humanise(suite.suite)}: not checked for leaks in {suite.items - (suite.checked or 0):,} of "
        f"{suite.items:,} items, so its score may be too good."
        for suite in suites
        if (suite.checked or 0) < suite.items
    ]


def balance(books: Books) -> str:
    """Return the books in one line, and plainly when they do not balance."""
    parts = f"{books.kept:,} kept + {books.dropped:,} dropped + {books.quarantined:,} quarantined"
    if books.balanced:
        return f"{books.rows:,} rows in = {parts}"
    missing = books.rows - books.kept - books.dropped - books.quarantined
    rows = f"{abs(missing):,} row{'' if abs(missing) == 1 else 's'}"
    return f"{books.rows:,} rows in ≠ {parts}: {rows} {'missing' if missing > 0 else 'too many'}"


def duration(seconds: float) -> str:
    """Return seconds as a person says them."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _sentence(reason: str) -> str:
    return with_minus(f"{reason[0].upper()}{reason[1:].rstrip('.')}.") if reason else ""


def _gain(one: Comparison, level: str, scores: Mapping[str, float]) -> Figure:
    bound = _bound(one, "at least", level)
    needed = one.limit if one.least is None else f"{one.least}, which rounding may bring"
    notes = (bound,) if one.line is None else (bound, f"needed: more than {needed}")
    if {"base", "candidate"} <= scores.keys():
        before, after = (number(scores[model], one.unit) for model in ("base", "candidate"))
        notes = (f"base {before}, candidate {after}{_change(one, scores)}", *notes)
    return Figure("Gain in the domain", f"{one.difference} {one.unit.short}", notes)


def _change(one: Comparison, scores: Mapping[str, float]) -> str:
    if one.unit != BITS or not scores["base"]:
        return ""
    share = scores["candidate"] / scores["base"] - 1
    return f" ({share:+.{0 if abs(share) >= _SMALL else 1}%})".replace("-", "−")


def _bound(one: Comparison, words: str, level: str) -> str:
    if math.isinf(one.lower):
        return "too few items for a bound"
    return f"{words} {number(one.lower, one.unit, signed=True)} ({level} confidence)"


def _forgetting(retention: Sequence[Comparison], level: str, *, was_asked: bool) -> Figure:
    if not retention:
        why = "the exam has no retention suite" if was_asked else "the verdict was decided before"
        return Figure("Forgetting", "not examined", (why,))
    # The suite nearest to its line in units of its own margin: bits and points can't be compared otherwise.
    worst = min(retention, key=lambda one: one.lower / abs(one.line) if one.line else one.lower)
    value = "unknown" if worst.mean is None else f"{worst.difference} {worst.unit.short}"
    bound = _bound(worst, "at worst", level)
    if worst.looks and worst.looks[-1] < 1:  # stopped: its lower end is that of a single look
        bound = f"at best {number(worst.upper, worst.unit, signed=True)} ({level} confidence over all looks)"
    notes = (f"on {humanise(worst.suite)} (allowed: {worst.limit})", bound)
    return Figure("Most forgetting" if (worst.mean or -1) < 0 else "Nearest to forgetting", value, notes)


def _cleanness(evidence: Evidence) -> Iterator[Figure]:
    """Say what is known of the rows kept: whether they are of the domain, clear of the exam, and free of dirt."""
    domain = evidence.domain
    if domain is not None and domain.precision is not None and domain.recall is not None:
        notes = [
            "of the rows that passed the filter, estimated from the seeds alone",
            f"about {domain.recall:.0%} of the domain passed the filter",
        ]
        if domain.written_otherwise:
            notes.append("the seeds are not written like the pool: it may be much less")
        yield Figure("Of the domain", f"about {domain.precision:.0%}", tuple(notes))
    leaks, items = sum(evidence.exam.leaks.values()), sum(suite.items for suite in evidence.exam.suites)
    checked = sum(suite.checked or 0 for suite in evidence.exam.suites)
    looked = [f"{checked:,} of {items:,} items of the exam were looked for" if items else "the recipe has no exam"]
    kinds = {suite.kind for suite in evidence.exam.suites if suite.role == "domain"}
    if {"completion", "choice"} <= kinds:
        looked.append("a row asked in two ways is two items")
    yield Figure("Exam leaks removed", f"{leaks:,}" if items else "none to find", tuple(looked))
    if (audit := audit_of(evidence.canaries)) is None:
        yield Figure("Planted dirt caught", "not measured", ("curate.canaries plants some",))
    else:
        yield Figure("Planted dirt caught", audit.caught, (f"at least {audit.least:.0%} (95% confidence)",))


def _data(books: Books) -> Figure:
    share = f"{100 * books.kept / books.rows:.0f}% of the pool" if books.rows else "no pool"
    notes = (share, f"{books.dropped:,} dropped, {books.quarantined:,} quarantined")
    return Figure("Rows kept", f"{books.kept:,} of {books.rows:,}", notes)
