"""Everything the report shows, as plain data: the caller fills it, nothing here reads a file or a clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

import polars as pl

from evals.corpora import CorpusLine
from evals.foresight import Foresight
from evals.items import SCORES as SCORES
from evals.sitting import Course
from evals.unharmed import Unharmed
from tasks.reporting.domain import Domain as Domain
from tasks.reporting.meaning import Meaning
from tasks.reporting.mending import Mending
from tasks.reporting.probe import Probe
from tasks.training.scales import Tried

FUNNEL: dict[str, pl.DataType] = {"stage": pl.String(), "rows_in": pl.UInt32(), "rows_out": pl.UInt32()}
"""One line per stage, in the order they ran; the first stage's `rows_in` counts every row of the pool."""

REASONS: dict[str, pl.DataType] = {
    "stage": pl.String(), "fate": pl.String(), "reason": pl.String(), "rows": pl.UInt32(),
}  # fmt: skip
"""How many rows each stage removed, by fate (`dropped` or `quarantined`) and reason."""

SOURCES: dict[str, pl.DataType] = {
    "source": pl.String(), "rows": pl.UInt32(), "kept": pl.UInt32(), "dropped": pl.UInt32(),
    "quarantined": pl.UInt32(),
}  # fmt: skip
"""The same books by source; `rows = kept + dropped + quarantined` in every line."""

CURVE: dict[str, pl.DataType] = {
    "step": pl.UInt32(), "tokens": pl.UInt64(), "loss": pl.Float64(), "validation_loss": pl.Float64(),
    "learning_rate": pl.Float64(), "general_loss": pl.Float64(), "divergence": pl.Float64(),
}  # fmt: skip
"""Training, one line per logged step; nulls where a value was not measured at that step."""

TOKENS: dict[str, pl.DataType] = {
    "source": pl.String(), "rows": pl.UInt32(), "tokens": pl.UInt64(), "rows_kept": pl.UInt32(),
    "tokens_kept": pl.UInt64(), "tokens_allowed": pl.UInt64(),
}  # fmt: skip
"""What a token budget chose from, and what it chose, by source; `tokens_allowed` is null without a quota."""

DIFFICULTY: dict[str, pl.DataType] = {
    "score": pl.String(), "rows": pl.UInt32(), "low": pl.Float64(), "median": pl.Float64(), "high": pl.Float64(),
    "least": pl.Float64(), "most": pl.Float64(),
}  # fmt: skip
"""What the base model made of the rows, a line for each score: how many have one, its 5%, 50% and 95% quantiles, and
the recipe's thresholds, null where it names none."""

ALL = "all"

CANARIES: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "stage": pl.String(),
    "planted": pl.UInt32(),
    "removed": pl.UInt32(),
    "under_own_reason": pl.UInt32(),
    "low": pl.Float64(),
    "high": pl.Float64(),
}
"""What became of planted rows, with bounds of the share removed (0 to 1): a line for each kind, one for each stage
(kind `ALL`), one for all (kind and stage `ALL`)."""


def _empty(schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True)
class Choice:
    """A token budget, by what its rows were chosen, and what it was spent on, shaped as `TOKENS`."""

    by: str
    budget: int
    tokens: pl.DataFrame


@dataclass(frozen=True)
class Kept:
    """A row that went into the training set."""

    id: str
    source: str
    prompt: str
    answer: str


@dataclass(frozen=True)
class Removed:
    """A row that did not, with its receipt; `witness` is the id of the row or exam item that caused it."""

    id: str
    source: str
    stage: str
    reason: str
    prompt: str
    answer: str
    fate: str = "dropped"
    score: float | None = None
    threshold: float | None = None
    witness: str | None = None
    witness_text: str | None = None


@dataclass(frozen=True)
class Answers:
    """What base and candidate say to the same prompt; `reference` is the exam's own answer."""

    prompt: str
    reference: str
    base: str
    candidate: str


@dataclass(frozen=True)
class Suite:
    """One suite of the exam; `kind` and, of what the model writes, `metric` decide the unit of its scores.

    `checked` is how many of its items the training rows were searched for; None when nobody knows the training rows.
    """

    suite: str
    role: Literal["domain", "retention"]
    kind: Literal["completion", "text", "choice", "generate", "lm-eval"]
    items: int
    clusters: int
    about: str = ""
    checked: int | None = None
    metric: str | None = None
    shots: int = 0


@dataclass(frozen=True)
class Exam:
    """The exam: its suites, the digest that pins it, and how many pool rows were removed for matching it."""

    suites: Sequence[Suite] = ()
    digest: str = ""
    leaks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """An expectation of the data contract that was not met."""

    expectation: str
    severity: Literal["info", "warning", "critical"]
    detail: str


@dataclass(frozen=True)
class Contract:
    """What Great Expectations said about the kept set.

    `drift` says in words how far the kept set moved since a run before, where there was one; `docs`, whether Data Docs
    lie beside the report.
    """

    checked: int
    failures: Sequence[Failure] = ()
    drift: str = ""
    docs: bool = False


class Books(NamedTuple):
    """Rows in, and where they went."""

    rows: int
    kept: int
    dropped: int
    quarantined: int

    @property
    def balanced(self) -> bool:
        """Whether every row that came in has exactly one fate."""
        return self.rows == self.kept + self.dropped + self.quarantined


@dataclass(frozen=True)
class Evidence:
    """All that a report says. Only the first four fields are needed; what is left out is said to be missing.

    Parameters
    ----------
    name : str
        The recipe's name.
    run_id : str
        The run directory's name.
    started : datetime
        When the run opened.
    seconds : float
        Wall-clock seconds the run took.
    versions, digests : mapping of str to str
        Package versions, and digests of data, code, configuration and models.
    recipe : str
        The recipe as YAML, without secrets.
    command : str
        The command that makes this run again.
    funnel, reasons, sources, difficulty, canaries, curve, scores : pl.DataFrame
        Shaped as `FUNNEL`, `REASONS`, `SOURCES`, `DIFFICULTY`, `CANARIES`, `CURVE` and `SCORES` of this module.
    choice : Choice or None
        None when the recipe gives no token budget.
    meaning : Meaning or None
        None when the recipe asks for no semantic duplicates.
    mending : Mending or None
        None when no row was mended while it was read.
    domain : Domain or None
        None when the recipe has no domain filter.
    training : mapping of str to str, int or float
        Facts of the training run in the order to show them, e.g. `{"method": "lora", "steps": 118}`.
    scales : sequence of Tried
        What was found at each scale that was tried, the largest first.
    verdict : mapping or None
        What `verdict.json` holds; None when the run was not judged.
    corpora : sequence of CorpusLine
        Suites in bits per byte as one corpus each.
    foreseen : sequence of Foresight
        What the exam could see, as it was told before training.
    unharmed : Unharmed or None
        With which chance a candidate that loses nothing passes; None when nothing was judged that must not be lost.
    course : Course or None
        How much of the exam the candidate was asked; None when nothing was judged.
    repair : str
        How it went to turn the adapter's scale down, or why that was not tried; empty where nothing called for it.
    kept, removed, answers : sequence
        A handful of samples each; what is beyond ten is not shown.
    probe : Probe or None
        What explains the verdict; None when nothing was probed.
    contract : Contract or None
        None when the kept set was not checked.
    exam : Exam
        Facts of the exam; a suite's kind here gives the unit of its scores.
    clock : mapping of str to float or None
        Seconds by step, in order; None for a step whose result came from the cache.
    """

    name: str
    run_id: str
    started: datetime
    seconds: float
    versions: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    recipe: str = ""
    command: str = ""
    funnel: pl.DataFrame = field(default_factory=lambda: _empty(FUNNEL))
    reasons: pl.DataFrame = field(default_factory=lambda: _empty(REASONS))
    sources: pl.DataFrame = field(default_factory=lambda: _empty(SOURCES))
    difficulty: pl.DataFrame = field(default_factory=lambda: _empty(DIFFICULTY))
    choice: Choice | None = None
    canaries: pl.DataFrame = field(default_factory=lambda: _empty(CANARIES))
    meaning: Meaning | None = None
    mending: Mending | None = None
    domain: Domain | None = None
    curve: pl.DataFrame = field(default_factory=lambda: _empty(CURVE))
    training: Mapping[str, str | int | float] = field(default_factory=dict)
    scales: Sequence[Tried] = ()
    scores: pl.DataFrame = field(default_factory=lambda: _empty(SCORES))
    verdict: Mapping[str, Any] | None = None
    corpora: Sequence[CorpusLine] = ()
    foreseen: Sequence[Foresight] = ()
    unharmed: Unharmed | None = None
    course: Course | None = None
    repair: str = ""
    kept: Sequence[Kept] = ()
    removed: Sequence[Removed] = ()
    answers: Sequence[Answers] = ()
    probe: Probe | None = None
    contract: Contract | None = None
    exam: Exam = field(default_factory=Exam)
    clock: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def data_only(self) -> bool:
        """Whether the run curated a pool, and neither trained nor judged anything."""
        return self.verdict is None and not self.training and not self.funnel.is_empty()

    @property
    def verdict_only(self) -> bool:
        """Whether the run judged an adapter that was trained elsewhere, and saw none of its rows."""
        return self.verdict is not None and self.funnel.is_empty()

    @property
    def books(self) -> Books:
        """Rows in by the first stage, kept by the last, removed by the reasons: counted separately."""
        if self.funnel.is_empty():
            return Books(0, 0, 0, 0)
        removed = dict(self.reasons.group_by("fate").agg(pl.col("rows").sum().cast(pl.Int64)).iter_rows())
        return Books(
            int(self.funnel["rows_in"][0]),
            int(self.funnel["rows_out"][-1]),
            int(removed.get("dropped", 0)),
            int(removed.get("quarantined", 0)),
        )
