"""Show what other thresholds would change in a finished run."""

from rich.markup import escape

from flows.console import Terminal
from flows.named_numbers import named_numbers
from tasks import domain_line, runs, weigh_line
from tasks.reporting.text import counted
from tasks.shifts import Shift

console = Terminal()

_MOST = 160  # characters shown of a row
_SUCH_AS = "0.4, or NAME=0.4 of several domains; scores are log-odds, below 0 and above 1 as well, and no percentages"


def threshold(run: str | None, domain: list[str], weigh: list[str]) -> None:
    """Print what other thresholds of the domain, or of several, and of perplexity and IFD would change."""
    if not domain and not weigh:
        raise ValueError("Name a threshold: --domain 0.4, or --weigh most_perplexity=80.")
    folder = runs.find(run, stopped=True)
    if domain:
        _tell(domain_line.shift(folder, _lines("--domain", domain, _SUCH_AS)), "keep_domain", domain_line.FILE)
        if skimmed := domain_line.skimmed(folder):
            console.print(
                f"[dim]{counted(skimmed, 'row')} left out before by their words alone can't be told so: "
                "curate.domain.skim: null has every row judged[/]",
                highlight=False,
                soft_wrap=True,
            )
    if weigh:
        _tell(
            weigh_line.shift(folder, _lines("--weigh", weigh, "80, as in most_perplexity=80")), "weigh", weigh_line.FILE
        )


def _tell(found: Shift, stage: str, scores: str) -> None:
    named = len(found.lines) > 1 or any(line.name != "domain" for line in found.lines)
    for line in found.lines:
        name = f" of {escape(line.name)}" if named else ""
        before = "none" if line.before is None else f"{line.before:.3f}"
        console.print(f"threshold{name} {before} → {line.after:.3f}", highlight=False)
    console.print(
        f"of {found.judged:,} rows judged, "
        f"[bold]{found.entering:,}[/] more would pass {stage} (later stages would still judge them), "
        f"[bold]{found.leaving:,}[/] fewer ({found.published:,} of them in the dataset)",
        highlight=False,
        soft_wrap=True,
    )
    sides = (
        ("would pass", found.entering, found.entering_samples),
        ("would go", found.leaving, found.leaving_samples),
    )
    for title, rows, samples in sides:
        for row in samples:
            flat = escape(" ".join(row.text.split())[:_MOST])
            told = f"{title}{f' ({row.name})' if named else ''} {row.score:+.3f} {row.origin}"
            console.print(f"  [dim]{escape(told)}[/]  {flat}", highlight=False, soft_wrap=True)
        if rows > len(samples):
            told = f"and {rows - len(samples):,} more {title}; {scores} of the run has the scores of all"
            console.print(f"  [dim]{escape(told)}[/]", highlight=False, soft_wrap=True)
    settings = ", ".join(f"{line.key}: {line.after!r}" for line in found.lines)
    console.print(f"[dim]To have it so, set in the recipe: {escape(settings)}[/]", highlight=False, soft_wrap=True)


def _lines(option: str, asked: list[str], such_as: str) -> dict[str, float]:
    return named_numbers(option, asked, what="a threshold", such_as=such_as)
