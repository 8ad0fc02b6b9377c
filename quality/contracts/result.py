"""What a contract found."""

from dataclasses import dataclass
from typing import Any

from quality.contracts.settings import Severity


@dataclass(frozen=True)
class Failure:
    """One expectation that was not met; as a string, a sentence and what to do.

    Attributes
    ----------
    check, expectation, column
        Its name here, its name in Great Expectations, and the column (None for the whole table).
    severity
        Of this failure; critical if the expectation errored.
    observed, wanted
        In words.
    advice
        What to do about it: a sentence; nothing for a warning.
    """

    check: str
    expectation: str
    column: str | None
    severity: Severity
    observed: str
    wanted: str
    advice: str = ""

    def __str__(self) -> str:
        """One sentence: severity, check, what was wanted and observed, expectation and column; a second: what to do."""
        where = f"{self.expectation} on {self.column}" if self.column else self.expectation
        told = f"{self.severity}: {self.check}: wanted {self.wanted}; observed {self.observed} ({where})."
        return f"{told} {self.advice}" if self.advice else told


@dataclass(frozen=True)
class ContractResult:
    """Whether the kept rows keep the contract.

    Attributes
    ----------
    passed
        No failure is critical. (Warnings are in `failures`.)
    severity
        Of the most serious failure; None if there is none.
    failures
        The critical ones first.
    raw
        Great Expectations' own results, as JSON types, by frame. No row's text is in them.
    """

    passed: bool
    severity: Severity | None
    failures: tuple[Failure, ...]
    raw: dict[str, Any]
