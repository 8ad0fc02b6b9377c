"""Defects that nobody wants to train on, each with a name: what is missing, echoed, broken or repeated.

The checks look at form alone and are set to leave honest rows in peace: one-word answers where they are the
custom of the pool, sums, formulas, code, and every script that Unicode knows.

Measuring and judging are two steps: `quality.screening.measuring` reads the texts and returns a table of scores,
`find_defects` compares scores with thresholds. So a threshold can be moved without reading a text again.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from quality.screening.brief_answers import SLIP_WORDS
from quality.screening.measuring import SCORES, measure
from quality.screening.settings import Screen

__all__ = ["DEFAULT", "DEFECTS", "REASONS", "Screen", "find_defects", "screen"]

DEFECTS = pl.Schema({"row": pl.UInt32(), "reason": pl.String(), "score": pl.Float64(), "threshold": pl.Float64()})

# To be brief is a slip where fewer than this share of the answers is.
_BRIEF_SHARE = 0.005

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
