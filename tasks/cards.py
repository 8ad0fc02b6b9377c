"""What a person sees while a step works: progress, one-line summaries, and Prefect artifacts.

Steps say things here once; the terminal listens (`listen`), Prefect gets logs and artifacts.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Literal, NamedTuple
from uuid import UUID

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.context import FlowRunContext, TaskRunContext

from tasks.reporting.text import counted

log = logging.getLogger(__name__)

WARNING = "warning: "
"""What begins an event that a person should look at."""

_EVERY_SECONDS = 2.0
"""How often a run's page is told how far a step is; of what is over sooner, nothing is shown there."""
_WARNINGS_TOLD = 3


class Event(NamedTuple):
    """Something a person may want to see now.

    The text of a step that is asked for is what it said the last time, line by line; `part` is what the step is done
    for, where the same steps are done for several.
    """

    kind: Literal["asked", "started", "said", "progress", "finished"]
    step: str
    text: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    part: str = ""


Listener = Callable[[Event], None]
_listeners: list[Listener] = []
_muted: ContextVar[bool] = ContextVar("muted", default=False)
_part: ContextVar[str] = ContextVar("part", default="")


@contextlib.contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Send every event to `listener` while the context is open."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Let nothing be said, shown or published while the context is open: what runs inside is no part of the run."""
    before = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(before)


@contextlib.contextmanager
def part(name: str) -> Iterator[None]:
    """Let every event tell what it is done for while the context is open."""
    before = _part.set(name)
    try:
        yield
    finally:
        _part.reset(before)


def notify(event: Event) -> None:
    """Tell all listeners."""
    if not _muted.get():
        for listener in list(_listeners):
            listener(event._replace(part=_part.get()))


def say(text: str) -> None:
    """Sum up what the running step did, in one line: to the log and to whoever listens."""
    _say(current_step(), text)


def warn(text: str) -> None:
    """Say what a person should look at: to the log as a warning, and to whoever listens."""
    if _muted.get():
        return
    log.warning(_of_part(text))
    notify(Event("said", current_step(), WARNING + text))


@contextlib.contextmanager
def warnings_of(name: str) -> Iterator[None]:
    """Let whoever listens hear what the modules below `name` warn of: the first few, and how many more the log has."""
    heard = _Heard()
    logger = logging.getLogger(name)
    logger.addHandler(heard)
    try:
        yield
    finally:
        logger.removeHandler(heard)
        if heard.beyond:
            notify(Event("said", current_step(), f"{counted(heard.beyond, 'more warning')} in the log"))


class _Heard(logging.Handler):
    """Tells warnings as a step's own (`warn`), which are in the log already."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._heard: set[str] = set()

    @property
    def beyond(self) -> int:
        """How many different ones were not told."""
        return max(len(self._heard) - _WARNINGS_TOLD, 0)

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one warning, once."""
        text = record.getMessage()
        if text in self._heard:
            return
        self._heard.add(text)
        if len(self._heard) <= _WARNINGS_TOLD:
            notify(Event("said", current_step(), WARNING + text))


@contextlib.contextmanager
def shown(step: str) -> Iterator[Callable[[str], None]]:
    """Show what is done inside as a step of that name, where there is no task of Prefect; yield what sums it up.

    As of a step, that is in the log, too.
    """
    began = time.monotonic()
    notify(Event("started", step))
    yield partial(_say, step)
    notify(Event("finished", step, seconds=time.monotonic() - began))


@contextlib.contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a `(done, total)` callback that drives the terminal and a Prefect progress artifact."""
    artifact: UUID | None = None
    last = time.monotonic()

    def tick(done: int, total: int) -> None:
        nonlocal artifact, last
        notify(Event("progress", current_step(), label, done, total))
        now = time.monotonic()
        is_end = artifact is not None and done >= total
        if not _in_run() or (now - last < _EVERY_SECONDS and not is_end):
            return
        last, share = now, 100.0 * done / max(total, 1)
        if artifact is None:
            # Of one run's many some have the same label: which step it is of is shown nowhere else.
            step = current_step()
            created = create_progress_artifact(share, description=f"{step}: {label}" if step else label)
            artifact = created if isinstance(created, UUID) else None
        else:
            update_progress_artifact(artifact, share)

    yield tick


def markdown(key: str, text: str, description: str) -> None:
    """Publish a markdown artifact on the run page (nothing outside a run)."""
    if _in_run():
        create_markdown_artifact(text, key=key, description=description)


def table(key: str, rows: list[dict[str, object]], description: str) -> None:
    """Publish a table artifact on the run page (nothing outside a run)."""
    if _in_run():
        create_table_artifact(rows, key=key, description=description)


def link(key: str, address: str, text: str, description: str) -> None:
    """Publish a link on the run page (nothing outside a run)."""
    if _in_run():
        create_link_artifact(address, link_text=text, key=key, description=description)


def current_step() -> str:
    """Return the name of the running step, or an empty string outside one."""
    context = TaskRunContext.get()
    return context.task.name if context else ""


def _say(step: str, text: str) -> None:
    if not _muted.get():
        log.info(_of_part(text))
        notify(Event("said", step, text))


def _in_run() -> bool:
    return not _muted.get() and (TaskRunContext.get() is not None or FlowRunContext.get() is not None)


def _of_part(text: str) -> str:
    return f"{_part.get()} · {text}" if _part.get() else text
