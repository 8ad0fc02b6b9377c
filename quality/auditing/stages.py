"""Re-prove stages from what they measured: which rows came in, and what the scores cost them.

Each stage that measures keeps its scores of all rows that reached it. So its receipts follow from scores and recipe,
and that the rows it saw are those that no earlier stage had removed makes the stages' books a chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from quality.auditing.audit import Proof
from quality.reasons import RUN_STOPPED, before
from quality.screening.measuring import SCORES, measure_records
from quality.screening.screen import Screen, find_defects
from quality.screening.weighing import Weigh, beyond
from quality.truncation.second_reading import ToldAgain

if TYPE_CHECKING:
    from quality.row_memory import RowMemory

LEARNT = (
    "cut_off", "gibberish", "jumbled_words", "placeholder", "refusal", "assistant_boilerplate", "markup", "fits_brief",
)  # fmt: skip
"""The scores of screening that go by all rows of the pool as they were ingested."""

_CLOSE = 1e-6
_KEY = ["id", "origin"]
_ENDS = [*_KEY, "reason", "witness", "score", "threshold"]


@dataclass(frozen=True)
class Measured:
    """What stages measured (`attributes/*.parquet`: `id, origin` and scores); None where the recipe asked for none."""

    screen: pl.DataFrame
    skim: pl.DataFrame | None = None
    domain: pl.DataFrame | None = None
    difficulty: pl.DataFrame | None = None
    choice: pl.DataFrame | None = None


def prove_stages(receipts: pl.DataFrame, found: Measured, screen: Screen, weigh: Weigh) -> list[Proof]:
    """Check that each stage saw the rows that were left, and that its receipts are what its scores give.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`.
    found : Measured
        The scores.
    screen, weigh : Screen, Weigh
        Thresholds of the recipe.
    """
    tables = {
        "screen": found.screen,
        "skim": found.skim,
        "keep_domain": found.domain,
        "weigh": found.difficulty,
        "choose": found.choice,
    }
    none = receipts.clear()
    expected = {
        "screen": _at(found.screen, find_defects(found.screen, screen)),
        "skim": none if found.skim is None else _outside(found.skim),
        "keep_domain": none if found.domain is None else _outside(found.domain),
        "weigh": none if found.difficulty is None else _at(found.difficulty, beyond(found.difficulty, weigh)),
    }
    claim = "the receipts of {} are those that its scores and the recipe's thresholds give"
    return [
        _chain(receipts, {stage: table for stage, table in tables.items() if table is not None}),
        *(follows(receipts, stage, ends, claim.format(stage)) for stage, ends in expected.items()),
    ]


def follows(receipts: pl.DataFrame, stage: str, ends: pl.DataFrame, claim: str) -> Proof:
    """Compare the receipts of a stage with those that it should have written; what a stop set aside is no such one.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`.
    stage : str
        The stage.
    ends : pl.DataFrame
        `id, origin, reason, score, threshold` of the rows it had to remove and, where it names them, `witness`.
    claim : str
        What is proven.
    """
    columns = [name for name in _ENDS if name in ends.columns]
    own = receipts.filter(pl.col("stage") == stage, pl.col("reason") != RUN_STOPPED)
    told, wanted = own.select(columns), ends.select(columns)
    lost = told.join(wanted, on=columns, how="anti", nulls_equal=True)
    more = wanted.join(told, on=columns, how="anti", nulls_equal=True)
    wrong = pl.concat([lost, more])["origin"].unique(maintain_order=True)
    return Proof.of(claim, told.height, wrong)


def prove_screening(
    rows: pl.DataFrame,
    edited: pl.Series,
    found: pl.DataFrame,
    settings: Screen,
    *,
    ends: pl.Series | None = None,
    memory: RowMemory | None = None,
    tell_languages: bool = True,
) -> Proof:
    """Measure rows again, as screening did: its definitions can't be told apart from the code that holds them.

    Parameters
    ----------
    rows : pl.DataFrame
        All rows that were read (`id, messages, source, origin`).
    edited : pl.Series of String
        Origins of rows that read otherwise since; of these nothing can be measured, and of the others all but `LEARNT`.
    found : pl.DataFrame
        `attributes/screen.parquet`.
    settings : Screen
        Placeholders and languages of the recipe.
    ends : pl.Series of Float64, optional
        What the base model said of the ends that it was asked about (`attributes/ends.parquet`), which is believed.
    memory : RowMemory, optional
        As of `quality.screening.measuring.measure`.
    tell_languages : bool
        Whether languages can be told here.
    """
    settings = settings if tell_languages else settings.model_copy(update={"languages": ()})
    left_out = [] if edited.is_empty() else [*LEARNT]
    left_out += [] if tell_languages else ["languages"]
    placed = found.join(rows.select(*_KEY, "messages", "source"), on=_KEY, how="left", maintain_order="left")
    reader = None if ends is None else ToldAgain(ends.to_numpy())
    scores = measure_records(placed, settings, memory, reader)
    unlike = [
        ~(placed[name] - scores[name]).abs().le(_CLOSE).fill_null(value=False)
        & ~(placed[name].is_null() & scores[name].is_null())
        for name in SCORES
        if name not in left_out
    ]
    wrong = placed.filter(pl.any_horizontal(unlike) & ~pl.col("origin").is_in(edited.implode()))["origin"]
    but = f" (but for {', '.join(left_out)})" if left_out else ""
    where = "" if edited.is_empty() else ", where it was not edited"
    claim = f"every row's scores of screening are those of its text{where}{but}"
    return Proof.of(claim, found.height - len(edited), wrong)


def _chain(receipts: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> Proof:
    wrong = []
    for stage, table in tables.items():
        came = receipts.filter(~pl.col("stage").is_in(before(stage))).select(_KEY)
        twice = table.filter(pl.struct(_KEY).is_duplicated())
        lost, more = came.join(table, on=_KEY, how="anti"), table.join(came, on=_KEY, how="anti")
        wrong += [f"{stage}: {origin}" for part in (lost, more, twice) for origin in part["origin"]]
    claim = "each stage that measured rows did so of every row that no earlier stage removed, and of no other"
    return Proof.of(claim, sum(table.height for table in tables.values()), wrong)


def _at(table: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Name the rows that were found by their positions."""
    return pl.concat([table.select(_KEY)[found["row"]], found.drop("row")], how="horizontal")


def _outside(domain: pl.DataFrame) -> pl.DataFrame:
    return domain.filter(pl.col("score") < pl.col("threshold")).with_columns(reason=pl.lit("out_of_domain"))
