"""Tidy up the home from the terminal."""

from rich.filesize import decimal
from rich.markup import escape
from rich.table import Table

from flows.console import Terminal
from tasks import runs, store
from tasks import tidy as shelves
from tasks.reporting.text import counted

console = Terminal()


def tidy(days: int, *, preview: bool) -> None:
    """Print what the store holds and what of it was forgotten, and remove that unless this is a preview."""
    if preview:
        held = shelves.look(days)
    else:
        runs.sweep()
        held = shelves.tidy(days)
    place = escape(str(store.home() / "store"))
    if not held:
        console.print(f"There is nothing in {place}.", highlight=False, soft_wrap=True)
        return
    console.print(_table(held, days))
    all_of, forgotten = sum(one.size for one in held), sum(one.forgotten_size for one in held)
    told = "would go" if preview else "are gone"
    console.print(f"{decimal(forgotten)} of {decimal(all_of)} {told} from {place}.", highlight=False, soft_wrap=True)


def _table(held: list[shelves.Shelf], days: int) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column("in the store")
    for column in ("entries", "size", f"not asked for in {counted(days, 'day')}", "their size"):
        table.add_column(column, justify="right")
    for one in held:
        table.add_row(
            escape(one.kind), f"{one.entries:,}", decimal(one.size), f"{one.forgotten:,}", decimal(one.forgotten_size)
        )
    return table
