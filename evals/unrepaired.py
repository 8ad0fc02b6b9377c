"""Why no smaller scale of a candidate ships where the gate asks for a repair: one of a closed set of reasons.

A rejection that says nothing of the repair leaves two readings: that it was tried in vain, or that it never could be
tried. Those are told apart here, in a word that programs compare and in a sentence that people read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evals.verdict import Comparison, Standing, Verdict

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

_NONE = "no repair was tried, because"


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


NO_SCALE = Unrepaired(why="no_scale", sentence=f"{_NONE} an adapter of this kind has no scale to turn down")

ELSEWHERE = Unrepaired(
    why="trained_elsewhere",
    sentence=f"{_NONE} the adapter was trained elsewhere: no row is known that it was not trained on, to choose a "
    "scale by",
)

NOT_TRAINED_AGAIN = Unrepaired(
    why="not_trained_again",
    sentence=f"{_NONE} that takes the model; with this gate in the recipe, `winnow run` tries smaller scales",
)


def obstacle(verdict: Verdict) -> Unrepaired | None:
    """Return what keeps a repair of a candidate from being tried; None where a smaller scale may help.

    That is asked of the comparison with the base and of those with champion and original base, each with the items
    that training rows may have given away and without.

    Parameters
    ----------
    verdict
        On a candidate that does not ship.
    """
    for name, standing in _standings(verdict):
        if standing.verdict is None:
            told = f"the candidate could not be compared with {name}, without which it ships at no scale"
            return _untried("not_compared", told)
    beside = [("the base", verdict), *((name, one.verdict) for name, one in _standings(verdict) if one.verdict)]
    if doubted := [suite for _, one in beside if one.unsure for suite in _given_away(one)]:
        told = " and ".join(dict.fromkeys(doubted))
        return _untried("given_away", f"of no item of {told} is it sure that no training row gives it away")
    parts = [
        (f"beside {name}{told}", part)
        for name, one in beside
        for told, part in (("", one), (" without the items that training rows may have given away", one.sure))
        if part
    ]
    for where, part in parts:
        if part.gain.status != "pass":
            return _untried(
                "no_gain", f"{_no_gain(part.gain)} {where}, and a smaller scale is tried only where the gain stands"
            )
    lacking = [line for _, part in parts for line in part.retention if line.status != "pass"]
    if not lacking:
        return _untried("nothing_lost", "no retention suite is in the way")
    hopeless = [line for line in lacking if line.found.few or line.found.degenerate]
    return _untried("no_scale_can", _hopeless(hopeless[0])) if hopeless else None


def _untried(why: Why, told: str) -> Unrepaired:
    return Unrepaired(why=why, sentence=f"{_NONE} {told}")


def _standings(verdict: Verdict) -> Iterator[tuple[str, Standing]]:
    if verdict.champion is not None:
        yield "the champion", verdict.champion
    if verdict.original is not None:
        yield "the original base", verdict.original


def _given_away(one: Verdict) -> tuple[str, ...]:
    """Name the suites of which no item is sure; nothing ships with such a suite (`evals.judging.judge`)."""
    return one.doubted or ((one.gain.suite,) if one.sure is None else ())


def _no_gain(gain: Comparison) -> str:
    return f"{gain.suite} gains too little" if gain.status == "fail" else f"{gain.suite} does not surely gain"


def _hopeless(line: Comparison) -> str:
    if line.found.few:
        return f"{line.suite} has too few source documents to decide anything at any scale"
    return f"all differences of {line.suite} are equal, so that it decides nothing"
