"""Samples of what a run decided and of what its models answer, as Markdown for the run's page."""

from collections.abc import Iterator

from tasks.reporting import charts, palette
from tasks.reporting.evidence import Evidence, Removed
from tasks.reporting.markdown import image, row
from tasks.reporting.text import humanise

_LETTERS = 120  # shown of a text
_ID = 8


def sampled(evidence: Evidence) -> Iterator[tuple[str, str, str]]:
    """Yield key, Markdown and description of each that there is: receipts, the domain's histogram, answers."""
    if evidence.removed:
        yield "receipts", _receipts(evidence), "A handful of rows that were removed, with reason and witness"
    domain = evidence.domain
    if domain is not None and len(domain.scores):
        picture = charts.png(charts.domain_chart(domain, palette.WIDE), 1.5)
        yield "domain", image("Domain scores", picture) + "\n", "How near the rows are to the domain, and the cut"
    if evidence.answers:
        yield "answers", _answers(evidence), "A handful of questions, and what base and candidate answer"


def _receipts(evidence: Evidence) -> str:
    head = ["| row | reason | prompt | answer | because of |", "|---|---|---|---|---|"]
    return "\n".join([*head, *map(_receipt, evidence.removed), ""])


def _receipt(removed: Removed) -> str:
    reason = f"{humanise(removed.stage)}: {humanise(removed.reason)}"
    because = removed.witness_text or removed.witness or "–"
    return row(removed.id[:_ID], reason, _short(removed.prompt), _short(removed.answer), _short(because))


def _answers(evidence: Evidence) -> str:
    head = ["| question | the base | the candidate |", "|---|---|---|"]
    rows = (row(_short(one.prompt), _short(one.base), _short(one.candidate)) for one in evidence.answers)
    return "\n".join([*head, *rows, ""])


def _short(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[:_LETTERS]}…"
