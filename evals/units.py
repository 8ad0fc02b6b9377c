"""Units of scores: only scores of one unit may be averaged, and a margin means something else in each."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

Unit = Literal["bits per byte", "share right", "exact match", "token F1", "ROUGE-L", "chrF", "score"]
"""bits per byte are told below zero, all others from 0 to 1. “share right” is of options, “exact match” of what was
written, where form counts as much as knowledge; “score” is what nothing more is known of."""

ORDER: tuple[Unit, ...] = ("bits per byte", "share right", "exact match", "token F1", "ROUGE-L", "chrF", "score")
"""Of several, the first that a domain has is what its gain is judged in."""

_BY_METRIC: Mapping[str | None, Unit] = {
    "exact_match": "exact match", "token_f1": "token F1", "rouge_l": "ROUGE-L", "chrf": "chrF",
}  # fmt: skip

# Of lm-evaluation-harness, by its own names; any other metric is a score of which nothing more is known.
_RIGHT: tuple[str, ...] = ("acc", "acc_norm", "acc_bytes", "acc_mutual_info")
_BY_GUEST: Mapping[str | None, Unit] = {
    "bits_per_byte": "bits per byte", "exact_match": "exact match", "em": "exact match",
    **dict.fromkeys(_RIGHT, "share right"),
}  # fmt: skip

_Suite = TypeVar("_Suite")


def unit_of(kind: str, metric: str | None = None) -> Unit:
    """Return the unit of a suite's scores."""
    if kind == "lm-eval":
        return _BY_GUEST.get(metric, "score")
    if kind in ("completion", "text"):
        return "bits per byte"
    return _BY_METRIC.get(metric, "share right")


def unit_of_scores(scores: npt.NDArray[np.float64]) -> Unit:
    """Guess the unit from the scores: 0 and 1 alone are right or wrong, and what lies between is no bits per byte."""
    if np.isin(scores, (0, 1)).all():
        return "share right"
    return "score" if ((scores >= 0) & (scores <= 1)).all() else "bits per byte"


def most_to_lose(unit: Unit) -> float | None:
    """Return how far a suite's scores can fall at the most; None where that has no end, or nobody knows."""
    return None if unit in ("bits per byte", "score") else 1.0


def judged_first(suites: Sequence[_Suite], units: Sequence[Unit]) -> list[_Suite]:
    """Return the suites of the first unit that there is, of an unknown one a single suite; the others only inform."""
    first = min(units, key=ORDER.index, default=None)
    found = [suite for suite, unit in zip(suites, units, strict=True) if unit == first]
    return found[:1] if first == "score" else found
