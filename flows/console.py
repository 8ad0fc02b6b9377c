r"""The console that everything is printed on: text of rows, files and errors is shown there, and never acts there.

A row may hold what a terminal obeys: an escape that clears the screen, a title, a line written backwards. All of it
is printed as `\x1b[2J` would be written in Python.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

# C0 and C1 controls but tab and line end, what turns the direction of a line, other line ends, half characters.
_ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Return a text with every character that a terminal would obey written as its escape.

    Examples
    --------
    >>> visible("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    return _ACTS.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def short(path: Path) -> str:
    """Write a path as it is reached from where the command was called."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


class Terminal(Console):
    """A rich console on which only winnow's own markup acts; row text is not searched for emoji names either."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - rich's own
        super().__init__(**{"emoji": False} | options)

    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 - rich's own
        """Render a string; here, since rich would leave out some of the characters and measure others as nothing."""
        return super().render_str(visible(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render anything else: titles, bars, cells."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)
