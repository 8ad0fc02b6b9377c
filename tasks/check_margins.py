"""Refuse, before any work, margins that no suite of the exam has, or with which a suite may lose all there is."""

from collections.abc import Sequence

from evals.comparing import ScoresError, refuse_idle
from evals.verdict import Gate
from tasks.sealed_suites import PinnedSuite


def ensure_margins(gate: Gate | None, suites: Sequence[PinnedSuite]) -> None:
    """Refuse margins that the verdict would miss after all the training, or that would let anything pass.

    Raises
    ------
    ValueError
        With the suite and its margin, and what would be right.
    """
    if gate is None:
        return
    retention = {pinned.suite.name: pinned.suite for pinned in suites if pinned.suite.role == "retention"}
    for name in gate.margins:
        if name not in retention:
            raise ValueError(
                f"gate.margins.{name}: the exam has no retention suite “{name}”; it has "
                f"{', '.join(retention) or 'none'}."
            )
    margins = {name: gate.margins.get(name, suite.margin or gate.margin) for name, suite in retention.items()}
    try:
        refuse_idle(margins, {name: suite.unit for name, suite in retention.items()})
    except ScoresError as error:
        raise ValueError(f"gate.margin: {error}.") from error
