"""Defects that nobody wants to train on, each with a name: what is missing, echoed, broken or repeated.

The checks look at form alone and are set to leave honest rows in peace: one-word answers where they are the
custom of the pool, sums, formulas, code, and every script that Unicode knows.

Measuring and judging are two steps: `measure` reads the texts and returns a table of scores, `find_defects` compares
scores with thresholds. So a threshold can be moved without reading a text again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from quality.refusals.refusals import ASSENTING, refusals_of
from quality.screening.as_asked import spared
from quality.screening.brief_answers import SLIP_WORDS, fits_brief
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

__all__ = ["DEFAULT", "DEFECTS", "REASONS", "SCORES", "Screen", "find_defects", "measure", "screen"]

DEFECTS = pl.Schema({"row": pl.UInt32(), "reason": pl.String(), "score": pl.Float64(), "threshold": pl.Float64()})

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

# To be brief is a slip where fewer than this share of the answers is.
_BRIEF_SHARE = 0.005
_MOSTLY_REFUSED = 0.5  # of an answer, from which on its length says nothing about the pool's

DEFAULT = Screen()


@dataclass(frozen=True)
class _Check:
    """One defect: its name, its measure, the threshold, on which side of it rows fail."""

    reason: str
    score: pl.Expr
    threshold: float
    fails_below: bool = False

    @property
    def fails(self) -> pl.Expr:
        return self.score < self.threshold if self.fails_below else self.score > self.threshold


def screen(prompts: pl.Series, answers: pl.Series, settings: Screen = DEFAULT) -> pl.DataFrame:
    """Find defective rows: `find_defects` of what `measure` measures.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row; null counts as empty.
    settings : Screen
        Thresholds.

    Returns
    -------
    pl.DataFrame
        As of `find_defects`.
    """
    return find_defects(measure(prompts, answers, settings), settings)


def measure(
    prompts: pl.Series,
    answers: pl.Series,
    settings: Screen = DEFAULT,
    memory: RowMemory | None = None,
    sources: pl.Series | None = None,
    reader: Reader | None = None,
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

    Returns
    -------
    pl.DataFrame
        The columns `SCORES`, Float64, in the order of the rows.

    Raises
    ------
    UnknownLanguage
        If `languages` names one that can't be told, or the identifier is not installed.
    """
    prompts, answers = prompts.fill_null("").alias("prompt"), answers.fill_null("").alias("answer")
    own = measure_rows(prompts, answers) if memory is None else memory.of(measure_rows, prompts, answers)
    asked = language_shares(answers, settings.languages) if settings.languages else pl.lit(None)
    own = own.with_columns(markup=pl.col("markup") + leftover_code(prompts, answers, own["code"]))
    nothing = (pl.col("markup") > 0) & (pl.col("shows_nothing") > 0)
    brief = own["brief"] > 0
    judged = own.with_columns(
        *refusals_of(own),
        *gibberish(prompts, answers, own["shouted"] > 0),
        placeholder=stands_for_none(prompts, answers, settings.placeholders, own.select(SEEN)) & (own["drawn"] == 0),
        languages=asked,
        fits_brief=fits_brief(own.select(FRAMES), own["words"]) | brief,
        assents=own["kind"] == ASSENTING,
        echo=pl.col("echo") > 0,
        empty_answer=(pl.col("empty_answer") > 0) | nothing,
    ).with_columns(spared(own["signs"] > 0))
    cut_short = cut_off(prompts, answers, _none_at_all(judged), sources, own.select(ENDS), reader)
    cut = pl.max_horizontal(cut_short, false_stops(answers))
    return judged.with_columns(cut_off=cut * ~brief).select(pl.col(SCORES).cast(pl.Float64))


def _none_at_all(scores: pl.DataFrame) -> pl.Series:
    """Tell the answers that are none for another reason than their length or end, and no custom of the pool."""
    broken = (pl.col("broken_share") > DEFAULT.most_broken) | (pl.col("broken_count") > DEFAULT.most_broken_count)
    stuck = (pl.col("repeated_lines") > DEFAULT.most_repeated_lines) | (
        pl.col("looped_words") > DEFAULT.most_looped_words
    )
    refused = pl.max_horizontal("refusal", "assistant_boilerplate") > _MOSTLY_REFUSED
    noise = (pl.col("symbols") > DEFAULT.most_symbols) | (pl.col("letters") < DEFAULT.least_letters)
    noise = noise | (pl.col("gibberish") > DEFAULT.most_gibberish) | (pl.col("jumbled_words") > DEFAULT.most_jumbled)
    none = pl.col("placeholder") | pl.col("echo") | (pl.col("markup") > 0) | broken | stuck | refused | noise
    return scores.select(none=none).to_series()


def find_defects(scores: pl.DataFrame, settings: Screen = DEFAULT) -> pl.DataFrame:
    """Compare scores with thresholds.

    Parameters
    ----------
    scores : pl.DataFrame
        What `measure` returned, of the whole pool: whether a short answer is a slip depends on how many are short.
    settings : Screen
        Thresholds.

    Returns
    -------
    pl.DataFrame
        `row: UInt32, reason: String, score: Float64, threshold: Float64`, one line per defective row, ascending; `row`
        is a position in `scores`, and the reason is the first that applies, in the order of `_checks`.
    """
    checks = _checks(settings, _fewest_words(scores))
    first = pl.coalesce(pl.when(check.fails).then(place) for place, check in enumerate(checks))
    failed = scores.select(SCORES).with_row_index("row").with_columns(first=first).drop_nulls("first")
    found = [_report(failed.filter(pl.col("first") == place), check) for place, check in enumerate(checks)]
    return pl.concat(found).sort("row").cast(DEFECTS)


def _report(failed: pl.DataFrame, check: _Check) -> pl.DataFrame:
    return failed.select(
        "row",
        reason=pl.lit(check.reason),
        score=check.score,
        threshold=pl.lit(float(check.threshold)),
    )


def _fewest_words(scores: pl.DataFrame) -> int:
    """Tell how many words an answer of this pool has at least; empty answers and noise say nothing.

    None where many answer with signs ("/", "<="), as they do when asked for a path or an operator.
    """
    sign = (pl.col("words") == 0) & (pl.col("empty_answer") == 0) & (pl.col("placeholder") == 0)
    sign = sign & (pl.col("symbols") == 0) & (pl.col("letters") >= DEFAULT.least_letters)
    if (scores.select(sign.mean()).item() or 0) >= _BRIEF_SHARE:
        return 0
    said = scores.filter(pl.col("words") > 0)
    brief = said.select((pl.col("words") < SLIP_WORDS).mean()).item()
    return SLIP_WORDS if brief is not None and brief < _BRIEF_SHARE else 1


def _checks(settings: Screen, fewest_words: int) -> list[_Check]:
    """List the checks in the order in which they name a row's defect, from what is surest to what is softest."""
    least_words = fewest_words if settings.least_words is None else settings.least_words
    return [
        _Check("empty_prompt", pl.col("empty_prompt"), 0),
        _Check("empty_answer", pl.col("empty_answer"), 0),
        _Check("placeholder_answer", pl.col("placeholder"), 0),
        _Check("answer_equals_prompt", pl.col("echo"), 0),
        _Check("broken_characters", pl.col("broken_share"), settings.most_broken),
        _Check("broken_characters", pl.col("broken_count"), settings.most_broken_count),
        _Check("mostly_non_letters", pl.col("letters"), settings.least_letters, fails_below=True),
        _Check("mostly_digits", pl.col("digits"), settings.most_digits),
        _Check("symbol_noise", pl.col("symbols"), settings.most_symbols),
        _Check("leftover_markup", pl.col("markup"), settings.most_markup),
        _Check("refusal", pl.col("refusal"), settings.most_refusal),
        # “OK.” is a formula as well, but where no answer is as short, that is what is wrong with it.
        _Check("short_answer", pl.when(pl.col("assents") > 0).then(_words(settings)), least_words, fails_below=True),
        _Check("assistant_boilerplate", pl.col("assistant_boilerplate"), settings.most_refusal),
        _Check("repeated_lines", pl.col("repeated_lines"), settings.most_repeated_lines),
        _Check("repeated_phrases", pl.col("repeated_phrases"), settings.most_repeated_phrases),
        _Check("repeated_phrases", pl.col("looped_words"), settings.most_looped_words),
        _Check("gibberish", pl.col("gibberish"), settings.most_gibberish),
        _Check("gibberish", pl.col("jumbled_words"), settings.most_jumbled),
        _Check("placeholder_answer", _brief_none(settings, least_words), 0),
        _Check("short_answer", _words(settings), least_words, fails_below=True),
        _Check("truncated_answer", pl.col("cut_off"), settings.most_cut_off),
        _Check("long_answer", pl.col("words"), settings.most_words),
        _Check("other_language", pl.col("languages"), settings.least_language, fails_below=True),
    ]


def _brief_none(settings: Screen, least_words: int) -> pl.Expr:
    """Tell a word that stands for none at times, where an answer as short is a slip, or seems cut: 1, else 0."""
    slip = (_words(settings) < least_words) | (pl.col("cut_off") > settings.most_cut_off)
    return ((pl.col("says_none") > 0) & slip).cast(pl.Float64)


def _words(settings: Screen) -> pl.Expr:
    """Count an answer's words; as enough, where nobody set how many these are and its prompt has brief answers."""
    words = pl.col("words")
    if settings.least_words is not None:
        return words
    return pl.when(pl.col("fits_brief") > 0).then(pl.max_horizontal(words, pl.lit(SLIP_WORDS))).otherwise(words)


REASONS = tuple(dict.fromkeys(check.reason for check in _checks(DEFAULT, 1)))
"""In the order in which a row is given them."""
