"""Ask a person about the rows near the domain's threshold, and show what another threshold would change."""

import sys
from pathlib import Path

from rich.markup import escape
from rich.prompt import Prompt

from flows.console import Terminal
from tasks import cards, domain_line, labels, runs
from tasks.domain_line import Borderline

console = Terminal()

_MOST = 700  # characters shown of a row


def label(run: str | None, most: int, into: Path) -> None:
    """Show borderline rows one by one; yes makes a row a seed, no a negative, in files of the person's own."""
    folder = runs.find(run)
    rows = domain_line.borderline(folder, most=most)
    if not rows:
        console.print("No row lies near the threshold: there is nothing to label.")
        return
    if not sys.stdin.isatty():
        raise ValueError("winnow label asks a person: run it in a terminal.")
    files = labels.files(folder, into)
    console.print(
        f"{cards.counted(len(rows), 'row')} near the line of {folder.name}; answers go to files in "
        f"{escape(str(into.resolve()))}.\n"
        "Of the domain? [bold]y[/]es, [bold]n[/]o, [bold]s[/]kip, [bold]q[/]uit and write.",
        highlight=False,
        soft_wrap=True,
    )
    answers: list[tuple[Borderline, labels.Answer]] = []
    for place, row in enumerate(rows, 1):
        _show(row, f"{place} of {len(rows)}")
        given = Prompt.ask("of the domain?", choices=["y", "n", "s", "q"], default="s", console=console)
        if given == "q":
            break
        if given != "s":
            answers.append((row, "yes" if given == "y" else "no"))
    for target, added in labels.write(files, answers):
        file = escape(str(target.file))
        console.print(f"{cards.counted(added, 'row')} added to {file}", highlight=False, soft_wrap=True)
        if not target.is_named:
            told = f"[dim]To use it, name it in the recipe: {target.key}: {file}[/]"
            console.print(told, highlight=False, soft_wrap=True)


def threshold(run: str | None, domain: float) -> None:
    """Print what another threshold of the domain would change."""
    found = domain_line.shift(runs.find(run), domain)
    console.print(
        f"threshold {found.before:.3f} → {found.after:.3f}: of {found.judged:,} rows judged, "
        f"[bold]{found.entering:,}[/] more would pass keep_domain (later stages would still judge them), "
        f"[bold]{found.leaving:,}[/] fewer ({found.published:,} of them in the dataset)",
        highlight=False,
    )
    for title, samples in (("would pass", found.entering_samples), ("would go", found.leaving_samples)):
        for origin, score, text in samples:
            flat = escape(" ".join(text.split())[:160])
            console.print(f"  [dim]{title} {score:+.3f} {escape(origin)}[/]  {flat}", highlight=False)
    console.print(f"[dim]To have it so: curate: {{domain: {{threshold: {found.after:g}}}}}[/]", highlight=False)


def _show(row: Borderline, place: str) -> None:
    side = "kept" if row.margin >= 0 else "dropped"
    name = "" if row.domain == "domain" else f" as {row.domain}"
    console.rule(f"[dim]{place} · {side}{name} ({row.margin:+.2f}) · {escape(row.origin)}[/]", align="left")
    text = row.text if len(row.text) <= _MOST else f"{row.text[:_MOST]}… (+{len(row.text) - _MOST:,} characters)"
    console.print(escape(text), highlight=False)
