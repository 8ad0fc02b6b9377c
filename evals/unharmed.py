"""With which chance a candidate that loses nothing passes all retention suites of an exam at once.

The gate asks *every* suite to be surely within its margin, each at level α. That keeps wrong passes at α without any
correction, and it has a price: each suite fails to show the truth in some exams, and with many suites one of them often
does. Seven suites that each pass a harmless candidate in 80 of 100 exams let it through in 21 (.8⁷).

The chance p_k of a suite is that of its test where the true difference is 0 (`evals.power.chance`), at the whole level
α also where the suite is looked at while it is asked: looks share out the level of its *upper* bound, by which it may
fail early, and what passes is told once, at its end, by the lower one (`evals.sitting`). Nor do they stop what would
have passed: of 4 million simulated exams of no loss, looked at 4 times, none that passed at the end had failed before,
at chances p_k from .07 to .95. Suites ask other
documents, so that the draw of one tells nothing of another's, and all pass with chance ∏ p_k. Where they hang together
after all, it is never less than max(0, 1 − Σ (1 − p_k)), nor more than the least p_k. The domain is left out: what it
must show is a gain, which a candidate that merely does no harm need not have. What must be shown beside a champion or
the original base is left out too, since those scores hang together with the base's; that it is asked is told.

References
----------
Berger (1982), Multiparameter hypothesis testing and acceptance sampling, Technometrics 24(4), for the test.
Sozu, Sugimoto, Hamasaki and Evans (2015), Sample Size Determination in Clinical Trials with Multiple Endpoints,
Springer, chapters 2 and 3, for the power of all endpoints together.
Fréchet (1935), Généralisations du théorème des probabilités totales, Fundamenta Mathematicae 25, for the bounds.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from evals.power import chance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evals.foresight import Foresight
    from evals.verdict import Comparison, Verdict


class Unharmed(BaseModel):
    """The chance that a candidate which loses nothing passes each retention suite, and all of them."""

    model_config = ConfigDict(frozen=True)

    suites: dict[str, float] = Field(min_length=1, description="Chance that it passes, by suite (0 to 1).")
    untold: tuple[str, ...] = Field(default=(), description="Suites of which no spread is known, so that none is told.")
    beside: tuple[str, ...] = Field(
        default=(), description="Models beside which it must pass as well, which the chance leaves out."
    )

    @property
    def apart(self) -> float:
        """Chance that it passes all of them, where they ask different documents: the product."""
        return math.prod(self.suites.values())

    @property
    def least(self) -> float:
        """The least that this chance can be, however the suites hang together: where no two fail in the same exam."""
        return max(0.0, 1 - sum(1 - one for one in self.suites.values()))

    @property
    def sentence(self) -> str:
        """What it comes to, without a full stop."""
        told = f"in {_of_hundred(self.apart)} of 100 exams"
        if len(self.suites) == 1:
            (suite,) = self.suites
            whole = f"A candidate that truly loses nothing passes {suite} {told}"
        else:
            weakest = min(self.suites, key=self.suites.__getitem__)
            least = _of_hundred(self.least)
            bound = (
                "" if least == _of_hundred(self.apart) else f" (in {least} at the least, were no two to fail at once)"
            )
            whole = (
                f"A candidate that truly loses nothing passes {self._counted} {told}{bound}, and {weakest} alone in "
                f"{_of_hundred(self.suites[weakest])}"
            )
        parts = [whole]
        if self.untold:
            parts.append(f"of {' and '.join(self.untold)} no spread is known")
        if self.beside:
            parts.append(f"that is beside the base, and it must pass beside {' and '.join(self.beside)} as well")
        return "; ".join(parts)

    @property
    def _counted(self) -> str:
        return f"{'these' if self.untold else 'all'} {len(self.suites)} retention suites"


def foreseen(told: Iterable[Foresight]) -> Unharmed | None:
    """Return the chance as it is known before training; None without a retention suite of which any is told."""
    return _together({one.suite: one.unharmed for one in told if one.margin is not None})


def unharmed(verdict: Verdict, told: Iterable[Foresight] = ()) -> Unharmed | None:
    """Return the chance by how far the candidate's differences spread, and where it was not asked all, by foresight.

    Parameters
    ----------
    verdict
        Margins, level and spreads.
    told
        What was foreseen of the exam, which serves for suites that the candidate was asked in part or not at all.
    """
    known: dict[str, float | None] = {one.suite: one.unharmed for one in told if one.margin is not None}
    skipped = {one.suite: known.get(one.suite) for one in verdict.skipped if one.role == "retention"}
    asked = {
        line.suite: known.get(line.suite) if line.looks and line.looks[-1] < 1 else _passes(line, verdict.gate.alpha)
        for line in verdict.retention
    }
    known_models = (("the champion", verdict.champion), ("the original base", verdict.original))
    return _together(asked | skipped, tuple(name for name, one in known_models if one is not None))


def _together(chances: dict[str, float | None], beside: tuple[str, ...] = ()) -> Unharmed | None:
    found = {suite: one for suite, one in chances.items() if one is not None}
    untold = tuple(suite for suite in chances if suite not in found)
    return Unharmed(suites=found, untold=untold, beside=beside) if found else None


def _passes(line: Comparison, alpha: float) -> float | None:
    found = line.found
    if found.few:
        return 0.0
    if found.degenerate or line.line is None:
        return None
    return chance(found.spread(0.0), found.n, found.counted, -line.line, alpha)


def _of_hundred(share: float) -> str:
    """Write a share as how many of a hundred; what is neither none nor all is not rounded to it.

    Examples
    --------
    >>> _of_hundred(0.416), _of_hundred(0.9999), _of_hundred(0.0003), _of_hundred(0.0)
    ('42', 'more than 99', 'fewer than 1', '0')
    """
    if share >= 1 or share <= 0:
        return f"{100 * share:.0f}"
    return "more than 99" if share >= 0.995 else "fewer than 1" if share < 0.005 else f"{100 * share:.0f}"
