"""What was mended in rows while they were read, as card and report tell it."""

from typing import NamedTuple

from tasks.reporting.text import counted


class Mending(NamedTuple):
    """How many rows were mended, of which how many were kept, by what, and some of these as they came and as they read.

    `entities` and `marks` are how many were read or taken out, each with the number of rows.
    """

    rows: int
    kept: int
    entities: tuple[int, int]
    marks: tuple[int, int]
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """Say it in words."""
        read, taken = (
            f"{counted(number, thing)} {done} in {counted(rows, 'row')}" if number else ""
            for (number, rows), thing, done in (
                (self.entities, "character", "read where entities stood"),
                (self.marks, "pair of a wiki's marks", "taken out"),
            )
        )
        return (
            f"{counted(self.rows, 'row')} {'was' if self.rows == 1 else 'were'} mended while the sources were read, of "
            f"which {self.kept:,} {'is' if self.kept == 1 else 'are'} kept: {', '.join(filter(None, [read, taken]))}."
        )
