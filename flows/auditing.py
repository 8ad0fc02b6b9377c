"""Prove a finished run again, on the terminal."""

from rich.markup import escape

from flows.console import Terminal
from tasks import runs
from tasks.auditing import audit as prove
from tasks.auditing.summary import summary

console = Terminal()


def audit(run: str | None) -> bool:
    """Print every proof, and what is not proven; return whether all hold."""
    folder = runs.find(run, stopped=True, holding="")
    found = prove(folder)
    for proof in found.proofs:
        mark = "[red]✗[/]" if proof.failed else "[green]✓[/]"
        failed = f"\n  [red]{proof.failed:,} failed: {escape(', '.join(proof.examples))}[/]" if proof.failed else ""
        console.print(
            f"{mark} {proof.claim} [dim]({proof.checked:,} checked)[/]{failed}",
            highlight=False,
            soft_wrap=True,
        )
    if found.stopped:
        console.print(f"[yellow]{escape(found.stopped)}[/]", highlight=False, soft_wrap=True)
    broken = any(proof.failed for proof in found.proofs)
    if broken and found.other_code:
        console.print(f"[yellow]{escape(found.other_code)}[/]", highlight=False, soft_wrap=True)
    console.print("not proven:", highlight=False)
    for gap in found.unproven:
        console.print(f"[yellow]–[/] [dim]{escape(gap)}[/]", highlight=False, soft_wrap=True)
    console.print(f"in sum: {escape(summary(found))}", highlight=False, soft_wrap=True)
    console.print(f"[dim]run {folder.name} · manifest {found.manifest or 'unreadable'}[/]", highlight=False)
    return not broken
