"""Write the page of a recipe's history, and publish it beside the run that was added to it."""

from pathlib import Path

from tasks import cards, run_history, store
from tasks.caching import step
from tasks.places import folder_name
from tasks.reporting.history import headline, history_markdown, render


@step(name="history", cached=False)
def publish_history(name: str) -> None:
    """Bring a recipe's history up to date; a page that can't be written takes nothing from the run that ended."""
    try:
        found = run_history.of(name)
        cards.markdown("history", history_markdown(found), f"All runs of {name}")
        write(found)
    except (OSError, ValueError) as error:
        cards.warn(f"The history of {name} could not be written: {error}")
        return
    cards.say(headline(found))


def write(history: run_history.History) -> Path:
    """Write the page of a history; return where it is."""
    file = store.home() / "history" / f"{folder_name(history.name)}.html"
    with store.writing(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
    store.write_text(file, render(history))
    return file
