"""All runs of a recipe, on the terminal and as a page."""

from rich.markup import escape
from rich.table import Table

from flows.console import Terminal, short
from flows.states import STYLE
from tasks import history_pages, run_history, run_ids, runs
from tasks.reporting.history import headline, shown, unfinished

console = Terminal()

_MOST = 20  # runs shown; the page has all
_WIDEST = 32  # characters of an id, from which on it is told by its beginning: a narrow terminal would cut the rest


def history(name: str | None) -> None:
    """Print what became of a recipe, the newest run first, and write its page."""
    runs.sweep_killed()  # so that they are told of
    found = run_history.of(name or _newest())
    console.print(f"{escape(headline(found))}", highlight=False, soft_wrap=True)
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0))
    for column in ("run", "ended as", "kept", "tokens", "gain", "worst retention", "took"):
        table.add_column(column, overflow="fold", no_wrap=column == "run", justify="left")
    ids = [record.run for record in found.records]
    for record in reversed(found.records[-_MOST:]):
        line = shown(record)
        run = record.run if len(record.run) <= _WIDEST else run_ids.short(record.run, ids)
        mark = f"\n[bold]{line['mark']}[/]" if line["mark"] else ""
        table.add_row(
            escape(run) + mark,
            f"[{STYLE.get(line['state'], 'bold')}]{line['state']}[/]",
            "–" if record.kept is None else f"{record.kept:,}",
            line["tokens"],
            escape(line["gain"].what),
            escape(line["worst"].what),
            line["took"],
        )
    console.print(table)
    if (more := len(found.records) - _MOST) > 0:
        console.print(f"[dim]and {more:,} before; the page has all[/]", highlight=False)
    for told in filter(None, (unfinished(found), *found.passed_over)):
        console.print(f"[yellow]{escape(told)}[/]", highlight=False, soft_wrap=True)
    page = history_pages.write(found)
    for label, file in (("page", page), ("all recipes", page.parent.with_suffix(".html"))):
        console.print(f"[dim]{label:<17}[/] {escape(short(file))}", highlight=False, soft_wrap=True)


def _newest() -> str:
    """Name the recipe that ran last, whatever kind of run it was, and whatever became of it."""
    standings = run_history.standings()
    if standings:
        return standings[0].name
    if lost := run_history.passed_over():
        raise ValueError(f"No run of this home has a manifest that can be read. {' '.join(lost)}")
    return str(runs.manifest(runs.find(holding=""))["name"])  # which says that there is none, and how to make one
