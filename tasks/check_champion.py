"""Read the ledger of the recipe's champion before any work, so that a damaged one stops no run after its training."""

from tasks import cards, champions
from tasks.caching import step
from tasks.champions import Entry


@step(name="check_champion", cached=False)
def check_champion(name: str) -> tuple[Entry, ...]:
    """Return the ledger of the champion of a recipe, oldest entry first; it is empty where nobody was promoted.

    Raises
    ------
    LedgerError
        When the ledger is damaged or of another recipe.
    """
    ledger = champions.history(name)
    if ledger:
        cards.say(f"the champion is {ledger[-1].run}, since {ledger[-1].when:%Y-%m-%d}")
    else:
        cards.say(f"{name} has no champion: the candidate is compared with the base alone")
    return ledger
