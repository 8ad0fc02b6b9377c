"""Write the page of a recipe's history, and publish it beside the run that was added to it."""

from tasks import cards, history_pages, run_history
from tasks.caching import step
from tasks.reporting.history import headline, history_markdown


@step(name="history", cached=False)
def publish_history(name: str) -> None:
    """Bring a recipe's history up to date; a page that can't be written takes nothing from the run that ended."""
    try:
        found = run_history.of(name)
        cards.markdown("history", history_markdown(found), f"All runs of {name}")
        history_pages.write(found)
    except (OSError, ValueError) as error:
        cards.warn(f"The history of {name} could not be written: {error}")
        return
    cards.say(headline(found))
