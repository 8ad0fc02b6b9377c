"""Canaries: rows whose right fate is known, planted in a copy of the pool to see whether the stages catch them.

`plant` makes them of rows that curation kept and of the exam's reserve; `judge` reads what became of each, and
`recall` counts.
"""

from quality.canaries.planting import CANARIES, KINDS, plant
from quality.canaries.recall import ALL, RECALL, judge, recall, weakest

__all__ = ["ALL", "CANARIES", "KINDS", "RECALL", "judge", "plant", "recall", "weakest"]
