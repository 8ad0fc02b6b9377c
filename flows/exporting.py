"""Write a run's exam for lm-evaluation-harness."""

from pathlib import Path

from rich.markup import escape

from flows.console import Terminal
from tasks import runs
from tasks.export_exam import export_exam, notes

console = Terminal()


def export(run: str | None, into: Path) -> None:
    """Write the exam as a folder of tasks, and print the command that scores it."""
    folder = runs.find(run, holding="exam.parquet")
    found = export_exam(folder, into)
    for task in found.tasks:
        console.print(f"{escape(task.name)}: {task.items:,} items of {escape(task.suite)}", highlight=False)
        for note in notes(task):
            console.print(f"[yellow]–[/] {escape(note)}", highlight=False, soft_wrap=True)
    for told in found.skipped:
        console.print(f"[yellow]–[/] {escape(told)}", highlight=False, soft_wrap=True)
    console.print(f"Wrote {escape(str(into))}. Score it (in \\[]: the candidate) with", highlight=False)
    console.print(escape(found.command), highlight=False, soft_wrap=True)
    console.print(f"[dim]run {escape(folder.name)}[/]", highlight=False)
