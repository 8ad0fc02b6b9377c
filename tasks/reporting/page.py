"""The report as one HTML page that needs nothing else: no script, no request, no file beside it."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import jinja2
import polars as pl
from markupsafe import Markup

from tasks.reporting import charts, palette, text, wording
from tasks.reporting.canaries import audit_of
from tasks.reporting.champion import beside
from tasks.reporting.comparisons import BITS, Comparison, comparisons, means, number
from tasks.reporting.evidence import Evidence
from tasks.reporting.probe import recalled, spill
from tasks.reporting.statistics import ends, holds, sights

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE = Path(__file__).parent
_MOST_SAMPLES = 10
_LONGEST = 20_000  # characters of any one value, the recipe included


class Picture(NamedTuple):
    """A chart in two widths, with what it shows in words for those who can't see it."""

    wide: Markup
    narrow: Markup
    words: str


def render(evidence: Evidence) -> str:
    """Return the report as a whole HTML document.

    Every value is escaped by the template, shortened with a note of how much is missing, and freed of
    characters that would be invisible or would turn text around. What the evidence leaves out, the page says
    is missing.
    """
    judged = comparisons(evidence)
    return filled(
        "report.html.j2",
        alpha=wording.alpha(evidence),
        evidence=evidence,
        headline=wording.headline(evidence),
        figures=wording.figures(evidence),
        confidence=wording.confidence(evidence),
        gate=(evidence.verdict or {}).get("gate", {}),
        judged=judged,
        bits=BITS,
        beside=beside(evidence),
        doubts=wording.doubts(evidence),
        unproven=wording.unproven(evidence),
        sights=sights(evidence),
        learnt=wording.learnt(evidence),
        spill=spill(evidence.probe) if evidence.probe else "",
        means={one.suite: means(one, evidence) for one in judged},
        pictures=dict(_pictures(evidence, judged)),
        audit=audit_of(evidence.canaries),
        books=evidence.books,
        balance=wording.balance(evidence.books),
        slowest=max((seconds or 0 for seconds in evidence.clock.values()), default=0) or 1,
        most=_MOST_SAMPLES,
    )


def filled(template: str, *, alpha: float | None = None, **values: object) -> str:
    """Return a page as a whole HTML document: a template, filled in; what is no Unicode text is replaced.

    Parameters
    ----------
    template
        Name of the template, which extends `whole.html.j2`.
    alpha
        Level of the intervals that the page shows.
    """
    page = environment(alpha).get_template(template).render(css=css(), alpha=alpha, **values)
    return page.encode("utf-8", "replace").decode("utf-8")


@functools.cache  # templates are compiled once, for all pages of a process
def environment(alpha: float | None = None) -> jinja2.Environment:
    """Return what fills in the templates: every value escaped, and made safe to look at."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {
        "shorten": text.shorten,
        "one_line": text.one_line,
        "with_minus": text.with_minus,
        "humanise": text.humanise,
        "duration": wording.duration,
        "tone": lambda status: palette.TONES.get(status, "neutral"),
        "number": number,
        "percent": lambda share: None if share is None else f"{share:.1%}",
        "recalled": recalled,
        "counted": lambda number, one, more: f"{number:,} {one if number == 1 else more}",
        "holds": lambda one: holds(one, alpha),
        "ends": lambda one: ends(one, alpha),
    }
    return environment


def css() -> Markup:
    """Return the style sheet of every page."""
    return Markup((_HERE / "report.css").read_text(encoding="utf-8"))  # noqa: S704 (our own file)


def _shown(value: object) -> object:
    """Make every printed value safe to look at, also where the template forgot to ask for it."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else text.shorten(value, _LONGEST)


def _pictures(evidence: Evidence, judged: list[Comparison]) -> Iterator[tuple[str, Picture]]:
    if judged:
        words = "; ".join(f"{text.humanise(one.suite)} {one.difference} {one.interval}, {one.status}" for one in judged)
        yield "forest", drawn("forest", lambda width: charts.forest_chart(judged, width), words)
    if not evidence.funnel.is_empty():
        stages = evidence.funnel.select("stage", "rows_out").iter_rows()
        words = "; ".join(f"{text.humanise(stage)} leaves {rows:,}" for stage, rows in stages)
        words = f"{evidence.books.rows:,} rows in; {words}"
        yield (
            "funnel",
            drawn("funnel", lambda width: charts.funnel_chart(evidence.funnel, evidence.reasons, width), words),
        )
    meaning = evidence.meaning
    if meaning is not None and meaning.others + meaning.copies:
        words = (
            f"{meaning.false_merges:.1%} of {meaning.others:,} rows have a row of other words beyond the threshold of "
            f"{meaning.threshold:.3f}"
        )
        yield "meaning", drawn("meaning", lambda width: charts.meaning_chart(meaning, width), words)
    domain = evidence.domain
    if domain is not None and len(domain.scores):
        of = "distances to the nearest domain's threshold" if domain.several else "domain scores"
        words = f"Histogram of {len(domain.scores):,} {of}, cut at {text.with_minus(f'{domain.threshold:.3f}')}"
        yield "domain", drawn("domain", lambda width: charts.domain_chart(domain, width), words)
    if evidence.curve.filter(pl.col("loss").is_finite()).height:
        losses = evidence.curve["loss"].drop_nulls()
        words = f"Training loss over {len(losses):,} logged steps, from {losses[0]:.3f} to {losses[-1]:.3f}"
        yield (
            "training",
            drawn("training", lambda width: charts.training_chart(evidence.curve, width), words),
        )


def drawn(name: str, draw: "Callable[[int], charts.Chart]", words: str) -> Picture:
    """Draw a chart in both widths; `name` parts its ids from those of others on the page."""
    wide, narrow = (
        # vl-convert escapes what it draws: see the tests.
        Markup(charts.svg(draw(width), f"{name}-{width}"))  # noqa: S704
        for width in (palette.WIDE, palette.NARROW)
    )
    return Picture(wide, narrow, words)
