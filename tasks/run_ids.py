"""What a run is called: the time it began, and its recipe; which run is the newest goes by that."""

import logging
import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

log = logging.getLogger(__name__)

_FORM = "%Y%m%d-%H%M%S"
_LENGTH = len("20260101-000000")


def id_of(name: str, started: datetime) -> str:
    """Name the directory of a run of a recipe; a second one within the second gets `-2`, and so on."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "run"
    return f"{started:{_FORM}}-{safe}"


def short(run: str, runs: Collection[str]) -> str:
    """Return the beginning of a run's id that is its time, where among those runs it names no other; else all of it."""
    begun = run[:_LENGTH]
    return begun if sum(one.startswith(begun) for one in runs) == 1 else run


def begun(run: str) -> datetime | None:
    """Return when a run began, as its id says; None of a folder that no run made."""
    try:
        return datetime.strptime(run[:_LENGTH], _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def start(newest: str) -> datetime:
    """Return when a run begins: now, and where the clock was set back, a second after the newest run there is.

    What asks for the newest run, such as `winnow promote`, would else be given one from before.
    """
    now, last = datetime.now(UTC), begun(newest)
    if last is None or now >= last:
        return now
    log.warning(
        "the clock shows %s UTC, and the newest run here, %s, began later. This one is dated a second after it, so "
        "that it counts as the newest. Set the clock; if it is that run whose date is wrong, move it out of this home.",
        f"{now:%Y-%m-%d %H:%M}",
        newest,
    )
    return last + timedelta(seconds=1)
