"""The verdict as it is kept: the decision with all of its evidence, so that another gate needs nothing but it."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from evals.gate import Gate as Gate
from evals.paired import Paired
from evals.shortening import Cut
from evals.units import Unit
from evals.unrepaired import Unrepaired

Decision = Literal["SHIP", "REJECT", "INCONCLUSIVE"]
SEVERITY: dict[Decision, int] = {"SHIP": 0, "INCONCLUSIVE": 1, "REJECT": 2}
"""Of several decisions the worst counts."""

Status = Literal["pass", "fail", "undecided", "informative"]


def _null_if_infinite(value: float) -> float | None:
    return value if math.isfinite(value) else None


# JSON knows no infinity: an open end is null there.
Lower = Annotated[
    float,
    BeforeValidator(lambda value: -math.inf if value is None else value),
    PlainSerializer(_null_if_infinite, when_used="json"),
]
Upper = Annotated[
    float,
    BeforeValidator(lambda value: math.inf if value is None else value),
    PlainSerializer(_null_if_infinite, when_used="json"),
]


def status_of(lower: float, upper: float, line: float | None, *, few: bool = False) -> Status:
    """Tell on which side of a line an interval lies.

    A bound on the line itself decides nothing, nor does any bound of too `few` source documents (`Paired.few`): two
    that happen to agree would pass for certainty.
    """
    if line is None:
        return "informative"
    if few:
        return "undecided"
    if lower > line:
        return "pass"
    return "fail" if upper < line else "undecided"


def asked_whole(gate: object) -> object:
    """Say of a gate from before a candidate could be asked a part that it asks all, in the fields of a `Gate`."""
    return {"examine": "whole"} | gate if isinstance(gate, dict) else gate


# Fields of `Paired` that a comparison keeps as they are.
COUNTED = (
    "n", "clusters", "worse", "better", "lost", "gained", "largest", "crowding", "binary", "share", "skew", "headroom",
)  # fmt: skip


class Comparison(BaseModel):
    """Candidate minus base on one suite; above zero is better."""

    model_config = ConfigDict(frozen=True)

    suite: str = Field(description="Name of the suite; of several, joined by +.")
    status: Status = Field(description="pass: lower bound above the line; fail: upper bound below it.")
    n: int = Field(description="Items.")
    clusters: int = Field(description="Source documents that the items come from.")
    mean: float = Field(description="Mean difference (unit of the suite's scores).")
    sd: float | None = Field(description="Standard deviation of the differences; none for a single item.")
    lower: Lower = Field(description="One-sided lower bound of the mean at level alpha.")
    upper: Upper = Field(description="One-sided upper bound of the mean at level alpha.")
    line: float | None = Field(description="What the mean must lie above; none if it only informs.")
    items_needed: int | None = Field(
        description="Items that would decide it with the gate's power, given what these have shown; none if decided."
    )
    mde: float | None = Field(description="Smallest true difference that this many items find at the power.")
    se: float | None = Field(description="Clustered standard error of the mean; none for a single cluster.")
    binary: bool = Field(description="Whether all scores are right (1) or wrong (0).")
    gained: int = Field(description="Items on which the candidate does better.")
    lost: int = Field(description="Items on which it does worse.")
    better: int = Field(description="Source documents on whose items it does better, taken together.")
    worse: int = Field(description="Source documents on whose items it does worse, taken together.")
    largest: int = Field(description="Items of the largest source document.")
    crowding: float = Field(description="Items of a source document, as an item sees it: Σ n_g² / n.")
    share: bool = Field(default=False, description="Whether all scores lie between 0 and 1.")
    skew: float = Field(default=0.0, description="Skewness of the mean: below zero where few documents lose much.")
    headroom: float | None = Field(
        default=None, description="How far the mean can rise where no score lies above 0; none where scores may."
    )
    p: float | None = Field(
        default=None,
        description="McNemar's exact p-value (two-sided, on documents) that as many change for the better as for the "
        "worse; none where scores are not right or wrong. It decides nothing.",
    )
    note: str = Field(default="", description="What to know about the numbers.")
    looks: tuple[float, ...] = Field(
        default=(),
        description="Share of its source documents that each look was to see, of a suite that was looked at while it "
        "was asked; the numbers are those of the last look.",
    )
    level: float | None = Field(
        default=None, description="Level of its upper bound, where that of a look is another than the gate's alpha."
    )
    lower_level: float | None = Field(
        default=None, description="Level of its lower bound, where the gain is judged suite by suite (Holm's for any)."
    )
    unit: Unit = Field(
        # A verdict from before units were written knew two of them.
        default_factory=lambda known: "share right" if known.get("binary") else "bits per byte",
        description="Unit of the scores: bits per byte below zero, all others from 0 to 1.",
    )

    @property
    def found(self) -> Paired:
        """The statistics that the bounds came from, and other bounds can come from."""
        return Paired(
            mean=self.mean,
            sd=math.nan if self.sd is None else self.sd,
            se=math.nan if self.se is None else self.se,
            **{name: getattr(self, name) for name in COUNTED},
        )


class Unexamined(BaseModel):
    """A suite that the recipe asked for and the exam does not hold, so that nobody takes silence for a pass."""

    model_config = ConfigDict(frozen=True)

    suite: str = Field(description="Name that the suite would have.")
    reason: str = Field(description="Why it has no item, to be read after “because”.")


class Skipped(BaseModel):
    """A suite of the exam that the candidate was not asked, since the verdict was decided before."""

    model_config = ConfigDict(frozen=True)

    suite: str = Field(description="Name of the suite.")
    role: str = Field(description="domain or retention.")
    n: int = Field(description="Items.")


class Standing(BaseModel):
    """The candidate beside a model that was promoted earlier, or that the first promoted adapter was trained on."""

    model_config = ConfigDict(frozen=True)

    run: str = Field(description="The promoted run: the champion's, or the ledger's first for the original base.")
    taken: bool = Field(
        default=False, description="Whether the scores are those of that run; else the model was examined anew."
    )
    note: str = Field(default="", description="What to know about its scores.")
    missing: str = Field(default="", description="Why it could not be compared, to be read after “because”.")
    verdict: Verdict | None = Field(
        default=None, description="Candidate minus that model, on the same items; none if it could not be compared."
    )


class Learnt(BaseModel):
    """Whether what the domain gained is knowledge or format; it decides nothing."""

    model_config = ConfigDict(frozen=True)

    answer: Literal["knowledge", "format", "untold", "no gain"] = Field(
        description="knowledge: multiple choice gains too; format: it surely does not; untold: it can't tell; "
        "no gain: bits per byte do not surely gain either."
    )
    reason: str = Field(description="Why, in one line.")
    items_needed: int | None = Field(default=None, description="Multiple-choice items that would probably tell.")
    right: dict[str, float] = Field(description="Share that the base gets right, by multiple-choice suite (0 to 1).")


class Verdict(BaseModel):
    """The decision with its evidence."""

    model_config = ConfigDict(frozen=True)

    decision: Decision = Field(description="SHIP, REJECT or INCONCLUSIVE.")
    reason: str = Field(description="Why, in one line.")
    gate: Annotated[Gate, BeforeValidator(asked_whole)] = Field(
        description="Margins, level and power that it was judged by."
    )
    gain: Comparison = Field(description="The domain.")
    retention: tuple[Comparison, ...] = Field(description="What must not be forgotten, suite by suite.")
    informative: tuple[Comparison, ...] = Field(default=(), description="Suites that decide nothing.")
    learnt: Learnt | None = Field(
        default=None, description="Whether the gain is knowledge or format; none without multiple choice to tell."
    )
    unexamined: tuple[Unexamined, ...] = Field(default=(), description="Suites asked for that have no item.")
    cut: tuple[Cut, ...] = Field(default=(), description="Of which suites items were cut, how many, and at what.")
    skipped: tuple[Skipped, ...] = Field(
        default=(), description="Suites that the candidate was not asked, since the verdict was decided before."
    )
    scale: float = Field(
        default=1.0,
        description="What the adapter's change is multiplied by; below 1 where it was turned down to forget less.",
    )
    unrepaired: Unrepaired | None = Field(
        default=None,
        description="Why no smaller scale ships; none where the candidate does, or the gate asks for no repair.",
    )
    unsure: int = Field(
        default=0,
        description="Items that training rows may have given away, of all suites together.",
    )
    doubted: tuple[str, ...] = Field(
        default=(), description="Judged suites of which no item is sure; with them nothing ships."
    )
    sure: Verdict | None = Field(
        default=None,
        description="The verdict without those items, if there are any, and some of the domain are left. The worse of "
        "the two decides.",
    )
    champion: Standing | None = Field(
        default=None, description="The candidate beside the champion; none if there is none, or it is the candidate."
    )
    original: Standing | None = Field(
        default=None,
        description="The candidate beside the base of the ledger's first champion; none if that is this run's base.",
    )

    @property
    def parts(self) -> list[Verdict]:
        """Every comparison that was made: beside base, champion and original base, with unsure items and without."""
        beside = [self, *(one.verdict for one in (self.champion, self.original) if one)]
        return [part for one in beside if one for part in (one, one.sure) if part]


Standing.model_rebuild()
