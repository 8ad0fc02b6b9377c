"""Look into finished runs: a row's life, what changed between two runs, and the audit."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tasks import inspection, runs

console = Console()


def why(row: str, run: str | None) -> None:
    """Print the life of a row."""
    folder = runs.find(run)
    for life in inspection.lives(folder, row):
        receipt = life.receipt
        colour = {"kept": "green", "dropped": "red"}.get(receipt["fate"], "yellow")
        console.print(
            f"[bold]{receipt['id'] or 'unreadable row'}[/]  {escape(receipt['origin'])}  "
            f"[dim]source {escape(receipt['source'])}[/]",
            highlight=False,
        )
        console.print(
            f"  [{colour}]{receipt['fate']}[/] at stage [bold]{receipt['stage']}[/]: "
            f"{escape(receipt['reason'])}{_measure(receipt)}",
            highlight=False,
        )
        if life.text:
            console.print(f"  [dim]text   [/] {escape(_short(life.text))}", highlight=False)
        if life.witness_text:
            console.print(f"  [dim]witness[/] {receipt['witness']}  {escape(life.witness_origin)}", highlight=False)
            console.print(f"  [dim]       [/] {escape(_short(life.witness_text))}", highlight=False)
    console.print(f"[dim]run {folder.name}[/]")


def diff(before: str, after: str) -> None:
    """Print what changed between two runs."""
    found = inspection.differences(runs.find(before), runs.find(after))
    table = Table(box=None, header_style="dim", padding=(0, 2))
    for column in ("", before, after):
        table.add_column(column, justify="left")
    for name, one, other in found.facts:
        mark = "" if one == other else "bold"
        table.add_row(
            escape(name),
            f"[{mark}]{escape(one)}[/]" if mark else escape(one),
            f"[{mark}]{escape(other)}[/]" if mark else escape(other),
        )
    console.print(table)
    for title, rows in (("rows only in the first", found.gone), ("rows only in the second", found.new)):
        console.print(f"{title}: [bold]{rows:,}[/]", highlight=False)
    console.print(f"rows with another fate: [bold]{sum(n for *_, n in found.moved):,}[/]", highlight=False)
    for one, other, count in found.moved[:12]:
        console.print(f"  {count:>6,}  {escape(one)} → {escape(other)}", highlight=False)


def audit(run: str | None) -> bool:
    """Print every proof; return whether all hold."""
    folder = runs.find(run)
    proofs = inspection.audit(folder)
    for proof in proofs:
        mark = "[red]✗[/]" if proof.failed else "[green]✓[/]"
        failed = f" [red]{proof.failed:,} failed: {escape(', '.join(proof.examples))}[/]" if proof.failed else ""
        console.print(
            f"{mark} {proof.claim} [dim]({proof.checked:,} checked)[/]{failed}",
            highlight=False,
            soft_wrap=True,
        )
    console.print(f"[dim]run {folder.name}[/]")
    return not any(proof.failed for proof in proofs)


def _measure(receipt: dict[str, object]) -> str:
    score, threshold = receipt["score"], receipt["threshold"]
    if score is None:
        return ""
    return f" (score {score:.4g}" + (f", threshold {threshold:.4g})" if threshold is not None else ")")


def _short(text: str, most: int = 400) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[:most]}… (+{len(flat) - most:,} characters)"
