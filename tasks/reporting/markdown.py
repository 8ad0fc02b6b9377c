"""Short summaries in Markdown for Prefect artifacts.

Pictures are PNG in data URIs, since Prefect strips inline SVG.
"""

import base64
import re
from collections.abc import Sequence

import polars as pl

from tasks.reporting import champion, charts, palette, wording
from tasks.reporting.comparisons import Comparison, comparisons
from tasks.reporting.evidence import Evidence
from tasks.reporting.probe import Probe, recalled, spill
from tasks.reporting.statistics import holds
from tasks.reporting.text import humanise, one_line

# Behind a backslash these can't be structure, in tables too. (Character references are shown as they are written by
# Prefect's pages.)
_STRUCTURE = re.compile(r"[\\`*_{}\[\]()<>#+!|~$&:@\"'=^]")
_FLIPS = 10  # items shown; the report has their rows too
_SIGNS = {"SHIP": "✅", "REJECT": "❌", "INCONCLUSIVE": "⚠️"}
MARKS = {"pass": "✅ pass", "fail": "❌ fail", "undecided": "⚠️ undecided", "informative": "for information"}


def verdict_markdown(evidence: Evidence) -> str:
    """Return the verdict: headline, reason, key numbers, the picture, and the comparisons as a table."""
    head, judged = wording.headline(evidence), comparisons(evidence)
    sign = _SIGNS.get(str((evidence.verdict or {}).get("decision")), "")
    lines = [f"# {sign} {escape(head.word)}: {escape(head.sentence, 400)}".replace("#  ", "# "), ""]
    if head.reason:
        lines += [escape(head.reason, 600), ""]
    lines += [
        f"- **{figure.label}**: {escape(figure.value)} · {escape(' · '.join(figure.notes), 300)}"
        for figure in wording.figures(evidence)
    ]
    if judged:
        lines += [
            "",
            image("Gain against forgetting", charts.png(charts.forest_chart(judged, palette.WIDE), 1.5)),
            "",
            *comparison_table(judged),
            "",
            f"Each end of an interval holds with {wording.confidence(evidence)} confidence.",
        ]
        level = wording.alpha(evidence)
        looked = [(one, holds(one, level)) for one in judged if one.looks or one.lower_level]
        lines += [f"\n{escape(f'{humanise(one.suite)}: {told}.', 400)}" for one, told in looked if told]
    for beside in champion.beside(evidence):
        told = f"not compared, because {beside.missing}" if beside.missing else beside.word
        lines += ["", f"**Beside {beside.name}** ({escape(beside.run)}): {escape(told, 400)}", ""]
        lines += comparison_table(beside.judged)
    together = f"{evidence.unharmed.sentence}." if evidence.unharmed else ""
    sentences = [together, wording.learnt(evidence), *wording.doubts(evidence)]
    lines += [f"\n{escape(sentence, 400)}" for sentence in sentences if sentence]
    return "\n".join([*lines, ""])


def probe_markdown(probe: Probe) -> str:
    """Return what explains the verdict: divergence from the base by suite, what is still known, and the items lost."""
    lines = ["# Beside the verdict", "", "What may explain the verdict, and decides nothing.", ""]
    if probe.divergence:
        lines += [
            "| suite | role | nats per token from the base | interval | items | clusters |",
            "|---|---|--:|--:|--:|--:|",
            *(
                row(
                    humanise(one["suite"]), one["role"], _nats(one["mean"]),
                    f"[{_nats(one['lower'])}, {_nats(one['upper'])}]", f"{one['n']:,}", f"{one['clusters']:,}",
                )
                for one in probe.divergence
            ),
        ]  # fmt: skip
    told = [spill(probe), *map(recalled, probe.recall), *(f"{sentence}." for sentence in probe.missing)]
    lines += [f"\n{escape(sentence, 400)}" for sentence in told if sentence]
    if probe.flips:
        rows = [
            row(flip.question, flip.base, flip.candidate, flip.nearest[0].origin if flip.nearest else "–")
            for flip in probe.flips[:_FLIPS]
        ]
        lines += [
            "",
            "| lost | the base says, rightly | the candidate says | nearest training row |",
            "|---|---|---|---|",
            *rows,
        ]
    return "\n".join([*lines, ""])


def funnel_markdown(evidence: Evidence) -> str:
    """Return the funnel: the books in one line, the picture, and every reason as a table."""
    if evidence.funnel.is_empty():
        return "No pool was curated in this run.\n"
    picture = charts.png(charts.funnel_chart(evidence.funnel, evidence.reasons, palette.WIDE), 1.5)
    reasons = evidence.reasons.select("stage", "reason", "fate", pl.col("rows").cast(pl.Int64)).iter_rows()
    return "\n".join(
        [
            f"**{wording.balance(evidence.books)}**",
            "",
            image("Funnel", picture),
            "",
            "| stage | reason | fate | rows |",
            "|---|---|---|--:|",
            *(
                row(humanise(stage), humanise(reason), humanise(fate), f"{rows:,}")
                for stage, reason, fate, rows in reasons
            ),
            "",
        ]
    )


def comparison_table(judged: Sequence[Comparison]) -> list[str]:
    """List the comparisons, with their units below: a page of Prefect shows no more columns on a narrow screen."""
    if not judged:
        return []
    return [
        "| status | suite | difference | interval | line | items |",
        "|---|---|--:|--:|--:|--:|",
        *(
            row(
                MARKS.get(one.status, one.status), _named(one), one.difference, one.interval, one.must_exceed,
                f"{one.n:,} ({one.clusters:,})",
            )
            for one in judged
        ),
        "",
        escape(f"{units(judged)} Behind the items stands how many clusters they are of.", 600),
    ]  # fmt: skip


def _named(one: Comparison) -> str:
    """Name a suite; of retention are those that are neither the gain's nor for information."""
    return f"{humanise(one.suite)}, the gain" if one.part == "gain" else humanise(one.suite)


def units(judged: Sequence[Comparison]) -> str:
    """Say in which unit the differences are: of all, or of which; no unit can be compared with another."""
    named: dict[str, list[str]] = {}
    for one in judged:
        named.setdefault(one.unit.name, []).append(humanise(one.suite))
    if len(named) == 1:
        return f"Differences are in {next(iter(named))}."
    return (
        "Differences are in " + "; in ".join(f"{unit} of {', '.join(suites)}" for unit, suites in named.items()) + "."
    )


def escape(text: str, limit: int = 160) -> str:
    r"""Return `text` on one line such that Markdown shows it as it is, in a table cell too.

    Examples
    --------
    >>> escape("a|b")
    'a\\|b'
    """
    return _STRUCTURE.sub(r"\\\g<0>", one_line(text, limit))


def _nats(value: float | None) -> str:
    return "?" if value is None else f"{value:.3f}"


def row(*cells: str) -> str:
    """Return a line of a table, its cells escaped."""
    return f"| {' | '.join(escape(cell) for cell in cells)} |"


def image(words: str, picture: bytes) -> str:
    """Return a PNG picture within the text."""
    return f"![{words}](data:image/png;base64,{base64.b64encode(picture).decode('ascii')})"
