"""The terminal's side of a run: one line per step, a bar for whatever takes long, the verdict at the end."""

from collections.abc import Sequence
from types import TracebackType

from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from flows.console import Terminal
from tasks.cards import WARNING, Event


class Steps:
    """Print steps as they run. Use it as a context manager, and as a listener of `tasks.cards`."""

    def __init__(self, console: Terminal) -> None:
        self._console = console
        self._waiting = self._part = ""
        self._before: list[str] = []
        self._said: list[str] = []
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=console,
            transient=True,
        )
        self._bar: TaskID | None = None

    def __enter__(self) -> "Steps":
        """Start drawing."""
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing."""
        self._cached()
        self._clear()
        self._bars.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event.kind:
            case "asked":
                self._cached()
                self._waiting, self._part = event.step, event.part
                self._before = event.text.splitlines() or ["nothing changed"]
            case "started":
                if self._waiting != event.step:
                    self._cached()
                self._waiting, self._said = "", []
                self._show(_of(event.part, event.step), 0, None)
            case "progress":
                self._show(_of(event.part, ": ".join(filter(None, (event.step, event.text)))), event.done, event.total)
            case "said" if event.step:
                self._said.append(event.text)
            case "said":  # of no step, but of the run
                self._tell([event.text])
            case "finished":
                self._clear()
                self._line(event.step, event.part, self._said, f"{event.seconds:,.1f} s")

    def _cached(self) -> None:
        """Show a step that was asked for and never started: it was answered from the cache, as it was told before."""
        if self._waiting:
            self._line(self._waiting, self._part, self._before, "cached")
            self._waiting = ""

    def _line(self, step: str, part: str, said: Sequence[str], cost: str) -> None:
        """Print what a step said, and below it what a person should look at."""
        warned = [text for text in said if text.startswith(WARNING)]
        text = _of(part, *(text for text in said if text not in warned))
        line = f"[green]✓[/] [bold]{step:<14}[/] {escape(text)} [dim]{cost}[/]"
        self._console.print(line, highlight=False, soft_wrap=True)
        self._tell(warned)

    def _tell(self, warned: Sequence[str]) -> None:
        """Print what a person should look at."""
        for text in warned:
            told = f"  [yellow]![/] {escape(text.removeprefix(WARNING))}"
            self._console.print(told, highlight=False, soft_wrap=True)

    def _show(self, text: str, done: int, total: int | None) -> None:
        if self._bar is None:
            self._bar = self._bars.add_task(text, total=total)
        self._bars.update(self._bar, description=text, completed=done, total=total)

    def _clear(self) -> None:
        if self._bar is not None:
            self._bars.remove_task(self._bar)
            self._bar = None


def _of(part: str, *said: str) -> str:
    """Put what a step is done for before what it says."""
    return " · ".join(filter(None, (part, *said)))
