"""A training of an arm, and what came of it."""

from dataclasses import dataclass

from tasks.ablation.arms import Arm
from tasks.train_arm import Sat


@dataclass(frozen=True)
class Training:
    """One training of an arm, with the seed at a place of `ablate.seeds`."""

    arm: Arm
    place: int
    seed: int
    sat: Sat
