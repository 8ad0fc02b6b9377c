"""What is measured of every row's form: its last answer, and whether an earlier one is worse.

Nothing is judged here: scores are compared with thresholds in `quality.screening.screen`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from quality.records import answer_text, asked_text, earlier_exchanges
from quality.refusals.refusals import ASSENTING, refusals_of
from quality.screening.as_asked import spared
from quality.screening.brief_answers import fits_brief
from quality.screening.earlier import outright, worst
from quality.screening.gibberish import gibberish
from quality.screening.language import language_shares
from quality.screening.leftover_code import leftover_code
from quality.screening.placeholders import SEEN, stands_for_none
from quality.screening.rows import measure_rows
from quality.screening.settings import Screen
from quality.truncation.false_stops import false_stops
from quality.truncation.prompt_kinds import FRAMES
from quality.truncation.row_ends import ENDS
from quality.truncation.truncation import cut_off

if TYPE_CHECKING:
    from quality.row_memory import RowMemory
    from quality.truncation.second_reading import Reader

# What is measured of every row, all of it Float64; `languages` is null where no language was asked for.
SCORES = (
    "empty_prompt",
    "empty_answer",
    "words",
    "fits_brief",
    "placeholder",
    "says_none",
    "echo",
    "broken_share",
    "broken_count",
    "markup",
    "refusal",
    "assistant_boilerplate",
    "assents",
    "letters",
    "digits",
    "symbols",
    "gibberish",
    "jumbled_words",
    "repeated_lines",
    "repeated_phrases",
    "looped_words",
    "cut_off",
    "languages",
)

_MOSTLY_REFUSED = 0.5  # of an answer, from which on its length says nothing about the pool's

_DEFAULT = Screen()


def measure_records(
    rows: pl.DataFrame, settings: Screen = _DEFAULT, memory: RowMemory | None = None, reader: Reader | None = None
) -> pl.DataFrame:
    """Measure the form of every record: of its last exchange, and of its earlier ones where the recipe asks for them.

    Parameters
    ----------
    rows : pl.DataFrame
        All records of the pool (`messages, source`).
    settings : Screen
        Its `placeholders`, `languages` and `earlier_answers`; thresholds make no difference.
    memory, reader
        As of `measure`.

    Returns
    -------
    pl.DataFrame
        As of `measure`.
    """
    earlier = earlier_exchanges(rows) if settings.earlier_answers else None
    return measure(asked_text(rows), answer_text(rows), settings, memory, rows["source"], reader, earlier)


def measure(
    prompts: pl.Series,
    answers: pl.Series,
    settings: Screen = _DEFAULT,
    memory: RowMemory | None = None,
    sources: pl.Series | None = None,
    reader: Reader | None = None,
    earlier: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Measure every row's form, whatever the thresholds.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row; null counts as empty.
    settings : Screen
        Its `placeholders` and `languages`; thresholds make no difference.
    memory : RowMemory, optional
        What was measured of rows seen before, as far as it depends on a row alone.
    sources : pl.Series of String, optional
        Where each row is from, since sources have customs; without it, all are from one.
    reader : Reader, optional
        The model that is asked about answers of which the pool does not tell whether they were cut.
    earlier : pl.DataFrame, optional
        Further answers of rows (`quality.records.earlier_exchanges`).

    Returns
    -------
    pl.DataFrame
        The columns `SCORES`, Float64, in the order of the rows; those of `quality.screening.earlier.WORST` are of the
        worst of a row's answers.

    Raises
    ------
    UnknownLanguage
        If `languages` names one that can't be told, or the identifier is not installed.
    """
    prompts, answers = prompts.fill_null("").alias("prompt"), answers.fill_null("").alias("answer")
    rows, every = len(answers), (prompts, answers)
    if earlier is not None:
        every = (pl.concat([prompts, earlier["prompt"]]), pl.concat([answers, earlier["answer"]]))
    own = measure_rows(*every) if memory is None else memory.of(measure_rows, *every)
    judged = _judged(*every, own, settings, rows)
    last, own = judged.head(rows), own.head(rows)
    # A row whose prompt is stuck is broken; what stands above an earlier answer is part of the prompt of the last.
    last = last.with_columns(repeated_phrases=pl.max_horizontal("repeated_phrases", "asked_phrases"))
    brief = own["brief"] > 0
    cut_short = cut_off(prompts, answers, _none_at_all(last), sources, own.select(ENDS), reader)
    cut = pl.max_horizontal(cut_short, false_stops(answers))
    told = last.with_columns(
        cut_off=cut * ~brief,
        fits_brief=fits_brief(own.select(FRAMES), own["words"]) | brief,
    ).select(pl.col(SCORES).cast(pl.Float64))
    return told if earlier is None else worst(told, judged.slice(rows), earlier["row"])


def _judged(prompts: pl.Series, answers: pl.Series, own: pl.DataFrame, settings: Screen, rows: int) -> pl.DataFrame:
    """Make scores of what rows alone tell; from the line `rows` on, they are of earlier answers."""
    asked = language_shares(answers, settings.languages) if settings.languages else pl.lit(None)
    own = own.with_columns(markup=pl.col("markup") + leftover_code(prompts, answers, own["code"]))
    nothing = (pl.col("markup") > 0) & (pl.col("shows_nothing") > 0)
    return own.with_columns(
        *pl.concat([refusals_of(own.head(rows)), outright(own.slice(rows), answers.slice(rows))]),
        *gibberish(prompts, answers, own["shouted"] > 0),
        placeholder=stands_for_none(prompts, answers, settings.placeholders, own.select(SEEN)) & (own["drawn"] == 0),
        languages=asked,
        assents=own["kind"] == ASSENTING,
        echo=pl.col("echo") > 0,
        empty_answer=(pl.col("empty_answer") > 0) | nothing,
    ).with_columns(spared(own["signs"] > 0))


def _none_at_all(scores: pl.DataFrame) -> pl.Series:
    """Tell the answers that are none for another reason than their length or end, and no custom of the pool."""
    broken = (pl.col("broken_share") > _DEFAULT.most_broken) | (pl.col("broken_count") > _DEFAULT.most_broken_count)
    stuck = (pl.col("repeated_lines") > _DEFAULT.most_repeated_lines) | (
        pl.col("looped_words") > _DEFAULT.most_looped_words
    )
    refused = pl.max_horizontal("refusal", "assistant_boilerplate") > _MOSTLY_REFUSED
    noise = (pl.col("symbols") > _DEFAULT.most_symbols) | (pl.col("letters") < _DEFAULT.least_letters)
    noise = noise | (pl.col("gibberish") > _DEFAULT.most_gibberish) | (pl.col("jumbled_words") > _DEFAULT.most_jumbled)
    none = pl.col("placeholder") | pl.col("echo") | (pl.col("markup") > 0) | broken | stuck | refused | noise
    return scores.select(none=none).to_series()
