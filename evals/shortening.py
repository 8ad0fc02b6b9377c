"""What of an exam is longer than a suite or the model takes: how many items, cut where, and which end still counts."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Cut(BaseModel):
    """Items of a suite of which only a part counts."""

    model_config = ConfigDict(frozen=True)

    suite: str = Field(description="Name of the suite.")
    n: int = Field(description="Items that were cut.")
    of: int = Field(description="Items of the suite.")
    limit: int = Field(description="What they were cut to, in the unit.")
    unit: Literal["bytes", "tokens"] = Field(
        description="bytes: answers or texts longer than the suite's max_bytes, of which the beginning counts; "
        "tokens: questions longer than the model's context, of which the end counts, next to the answer."
    )

    @property
    def sentence(self) -> str:
        """What happened, behind the suite's name and without a full stop.

        Examples
        --------
        >>> Cut(suite="code", n=3, of=60, limit=2048, unit="tokens").sentence
        '3 of 60 items were longer than the model’s 2,048 tokens; their end counts'
        """
        of = f"{self.n:,} of {self.of:,} item{'' if self.of == 1 else 's'} {'was' if self.n == 1 else 'were'}"
        its = "its" if self.n == 1 else "their"
        if self.unit == "tokens":
            return f"{of} longer than the model’s {self.limit:,} tokens; {its} end counts"
        return f"{of} longer than {self.limit:,} bytes (max_bytes of the suite); {its} beginning counts"


class Shortened(str):
    """A sentence that says how many questions were cut at the model's context, and keeps the numbers."""

    cut: int
    limit: int

    def __new__(cls, sentence: str, cut: int, limit: int) -> Shortened:
        """Make the sentence; so many questions were cut to `limit` tokens."""
        made = super().__new__(cls, sentence)
        made.cut, made.limit = cut, limit
        return made


def behind(prefix: str, sentence: str) -> str:
    """Put a prefix before a sentence, which keeps its numbers."""
    told = f"{prefix}{sentence}"
    return Shortened(told, sentence.cut, sentence.limit) if isinstance(sentence, Shortened) else told


def at_context(suite: str, told: list[Shortened], items: int) -> tuple[Cut, ...]:
    """Sum up what was told while a suite of so many items was asked; a task may ask several questions of an item."""
    if not told:
        return ()
    count = min(items, sum(one.cut for one in told))
    return (Cut(suite=suite, n=count, of=items, limit=told[0].limit, unit="tokens"),)
