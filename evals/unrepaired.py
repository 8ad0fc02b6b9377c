"""Why no smaller scale of a candidate ships where the gate asks for a repair: one of a closed set of reasons.

A rejection that says nothing of the repair leaves two readings: that it was tried in vain, or that it never could be
tried. Those are told apart here, in a word that programs compare and in a sentence that people read.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Why = Literal[
    "no_gain",
    "not_compared",
    "given_away",
    "nothing_lost",
    "no_scale_can",
    "no_scale",
    "trained_elsewhere",
    "no_validation_items",
    "no_scale_passes",
    "exam_refuses",
    "not_trained_again",
]

UNTRIED = "no repair was tried, because"
"""How a sentence begins."""


class Unrepaired(BaseModel):
    """Why no smaller scale ships.

    - `no_gain`: the domain does not pass, and a smaller scale is tried only where forgetting alone is in the way.
    - `not_compared`: the champion or the original base has no scores, and without them nothing ships.
    - `given_away`: of a suite that decides, training rows may give away every item.
    - `nothing_lost`: no retention suite is in the way.
    - `no_scale_can`: a retention suite can't be judged at any scale.
    - `no_scale`: the adapter's change to the base can't be multiplied (virtual tokens).
    - `trained_elsewhere`: it is not known on which rows the adapter was trained.
    - `no_validation_items`: no scale can be chosen without looking at the exam.
    - `no_scale_passes`: all scales were tried on validation items, and none passes.
    - `exam_refuses`: one passes there, and the exam does not accept it.
    - `not_trained_again`: a changed gate asks for a repair, which takes a run.
    """

    model_config = ConfigDict(frozen=True)

    why: Why = Field(description="Which of the reasons it is.")
    sentence: str = Field(min_length=1, description="The reason in words, without a full stop.")


NO_SCALE = Unrepaired(why="no_scale", sentence=f"{UNTRIED} an adapter of this kind has no scale to turn down")

ELSEWHERE = Unrepaired(
    why="trained_elsewhere",
    sentence=f"{UNTRIED} the adapter was trained elsewhere: no row is known that it was not trained on, to choose a "
    "scale by",
)

NOT_TRAINED_AGAIN = Unrepaired(
    why="not_trained_again",
    sentence=f"{UNTRIED} that takes the model; with this gate in the recipe, `winnow run` tries smaller scales",
)
