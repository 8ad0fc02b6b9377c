"""Ask a person about the rows near the domain's threshold."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.markup import escape
from rich.prompt import Prompt

from flows.console import Terminal
from tasks import domain_line, labels, runs
from tasks.domain_line import Borderline
from tasks.reporting.text import counted

console = Terminal()

_MOST = 700  # characters shown of a message


class Question(Prompt):
    """A question whose answers count by their first letter, in either case."""

    def process_response(self, value: str) -> str:
        """Take “Yes” for y."""
        return str(super().process_response(value.strip().lower()[:1]))


def label(run: str | None, most: int, into: Path) -> None:
    """Show borderline rows one by one; yes makes a row a seed, no a negative, in files of the person's own.

    What was answered is written at once, and never asked again where the answers go to the same folder.
    """
    folder = runs.find(run, stopped=True)
    rows = domain_line.borderline(folder)
    if not rows:
        console.print("No row lies near the threshold: there is nothing to label.")
        return
    if not sys.stdin.isatty():
        raise ValueError("winnow label asks a person: run it in a terminal.")
    files = labels.files(folder, into)
    left = labels.unanswered(files, rows)
    rows = left[:most]
    if not rows:
        console.print(f"All rows near the line of {folder.name} are answered in {escape(str(into.resolve()))}.")
        return
    console.print(
        f"{counted(len(rows), 'row')} near the line of {folder.name}, of {len(left):,} not answered yet; answers "
        f"go to files in {escape(str(into.resolve()))}.\n"
        "Of the domain? [bold]y[/]es, [bold]n[/]o, [bold]s[/]kip, [bold]q[/]uit.",
        highlight=False,
        soft_wrap=True,
    )
    added: dict[labels.Labels, int] = {}
    try:
        for answer in _asked(rows):
            for target, number in labels.write(files, [answer]):
                added[target] = added.get(target, 0) + number
    finally:
        _tell(added)


def _asked(rows: list[Borderline]) -> Iterator[tuple[Borderline, labels.Answer]]:
    """Ask about each row; yield each answer."""
    signal.siginterrupt(signal.SIGINT, True)  # Polars' handler lets a question wait for Enter after Ctrl-C
    for place, row in enumerate(rows, 1):
        _show(row, f"{place} of {len(rows)}")
        try:
            given = Question.ask("of the domain?", choices=["y", "n", "s", "q"], default="s", console=console)
        except EOFError:  # Ctrl-D
            given = "q"
        if given == "q":
            return
        if given != "s":
            yield row, "yes" if given == "y" else "no"


def _tell(added: dict[labels.Labels, int]) -> None:
    for target, number in added.items():
        file = escape(str(target.file))
        console.print(f"{counted(number, 'row')} added to {file}", highlight=False, soft_wrap=True)
        if target.advice:
            console.print(f"[dim]{escape(target.advice)}[/]", highlight=False, soft_wrap=True)


def _show(row: Borderline, place: str) -> None:
    console.rule(f"[dim]{place} · {escape(_fate(row))} · {escape(row.origin)}[/]", align="left")
    for message in row.messages:
        content = message["content"]
        cut = f"{content[:_MOST]}… (+{len(content) - _MOST:,} characters)" if len(content) > _MOST else content
        console.print(f"[dim]{escape(message['role'])}:[/] {escape(cut)}", highlight=False)


def _fate(row: Borderline) -> str:
    """Say on which side of the line a row lies, and what the run made of it."""
    own = row.domain != "domain"
    if row.lost and row.margin >= 0:
        return f"in the domain{f' {row.domain}' if own else ''} by {row.margin:.2f} (log-odds), {row.lost}"
    side, beyond = ("kept", "above") if row.margin >= 0 else ("dropped", "below")
    return f"{side}{f' as {row.domain}' if own else ''}, {abs(row.margin):.2f} {beyond} its line (log-odds)"
