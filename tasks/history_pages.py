"""The pages of what became of recipes: one for each, and one that tells of all."""

from pathlib import Path

from tasks import run_history, store
from tasks.places import folder_name
from tasks.reporting.history import render, render_overview


def write(history: run_history.History) -> Path:
    """Write the page of a history, and the one that tells of all recipes; return where the former is.

    A recipe that has no page of its own yet gets one, for the other leads there.
    """
    page, overview = _page(history.name), store.home() / "report" / "history.html"
    with store.writing(page.parent):
        page.parent.mkdir(parents=True, exist_ok=True)
    store.write_text(page, render(history))
    standings = run_history.standings()
    pages = {one.name: _page(one.name) for one in standings}
    for name, other in pages.items():
        if not other.is_file():
            store.write_text(other, render(run_history.of(name)))
    links = {name: other.relative_to(overview.parent).as_posix() for name, other in pages.items()}
    store.write_text(overview, render_overview(standings, links, run_history.passed_over()))
    return page


def _page(name: str) -> Path:
    return store.home() / "report" / "history" / f"{folder_name(name)}.html"
