"""What each row alone tells of its form: the part of a pool's screening that need not be done twice."""

from __future__ import annotations

import polars as pl

from quality.refusals.refusals import said_in_rows
from quality.screening.as_asked import as_asked
from quality.screening.asked_to_repeat import repeats_as_asked
from quality.screening.drawings import drawings
from quality.screening.echoes import echoes
from quality.screening.gibberish import shouted
from quality.screening.leftover_code import pieces_of_code
from quality.screening.markup import leftover_markup, shows_nothing
from quality.screening.misread import misread
from quality.screening.mojibake import broken_count
from quality.screening.no_news import repeated_lines
from quality.screening.noise import noise
from quality.screening.ornaments import strewn_ornaments
from quality.screening.page_frames import page_frames
from quality.screening.placeholders import says_none, seems_none
from quality.screening.remnants import remnants
from quality.screening.repetition import repetition
from quality.screening.settings import Screen
from quality.screening.stuck_words import counted
from quality.screening.unreadable import unreadable
from quality.texts.characters import count_words, digits, is_empty, letters, symbol_noise, visible
from quality.truncation.row_ends import ends_of_rows

_LONG_PROMPT = 2_000  # characters


def measure_rows(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
    """Measure what one row alone tells, whoever else is in the pool.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        Named `prompt` and `answer`; one of each per row, without nulls.

    Returns
    -------
    pl.DataFrame
        Numbers without nulls, in the order of the rows: what `quality.screening.screen` makes its scores of, Float64,
        and what its parts learn a pool's customs from, in as few bytes as these need.
    """
    prompt, answer = pl.col("prompt"), pl.col("answer")
    broken, seen = pl.col("broken"), pl.col("visible")
    frame = pl.DataFrame([prompts, answers])
    whole_misread = pl.when(misread(answers)).then(answer.str.len_chars()).otherwise(0)
    frame = frame.with_columns(broken=broken_count(prompt, answer) + whole_misread, visible=visible(answer))
    said, asked_for = repetition(answers), repetition(_long(prompts))
    drawn = drawings(prompts, answers)
    unasked = ~(repeats_as_asked(prompts, answers) | drawn)
    by_expression = frame.select(
        empty_prompt=is_empty(prompt),
        empty_answer=is_empty(answer),
        shows_nothing=shows_nothing(answer),
        words=count_words(answer),
        broken_share=(broken / answer.str.len_chars()).fill_nan(0.0),
        broken_count=broken,
        says_none=says_none(answers),
        letters=letters(answer, seen),
        digits=digits(answer, seen),
    )
    # A syllable or sign said again and again ("hahaha", "! ! !") makes a word of no language, and is a loop.
    loops = (said["looped_words"] > Screen().most_looped_words).cast(pl.Float64)
    odd = unreadable(prompts, answers).cast(pl.Float64) * (1 - loops)
    told = by_expression.with_columns(
        *_spared(said_in_rows(prompts, answers), unasked),
        *as_asked(prompts, answers).select(pl.all() | drawn),
        drawn=drawn,
        shouted=shouted(answers),
        echo=echoes(prompts, answers),
        repeated_lines=repeated_lines(answers) * unasked,
        markup=leftover_markup(prompts, answers) + page_frames(prompts, answers),
        symbols=pl.max_horizontal(
            symbol_noise(answers),
            noise(prompts, answers),
            odd,
            remnants(prompts, answers) * (1 - loops),
            strewn_ornaments(prompts, answers),
        ),
        repeated_phrases=said["repeated_phrases"] * unasked,
        asked_phrases=asked_for["repeated_phrases"],
        looped_words=pl.max_horizontal(said["looped_words"], counted(prompts, answers)) * unasked,
    )
    of_pool = [seems_none(prompts, answers), ends_of_rows(prompts, answers)]
    return pl.concat([told.cast(pl.Float64), pieces_of_code(answers).to_frame(), *of_pool], how="horizontal")


def _spared(said: pl.DataFrame, unasked: pl.Series) -> pl.DataFrame:
    """Leave what an answer says again and again as asked ("I must not talk in class") out of what refuses."""
    return said.select(pl.all().exclude("kind") * unasked.cast(pl.Float64), "kind").select(said.columns)


def _long(prompts: pl.Series) -> pl.Series:
    """Leave prompts that are long enough to be stuck; a short one that repeats itself quotes, or drills."""
    return (
        prompts.to_frame("prompt")
        .select(pl.when(pl.col("prompt").str.len_chars() >= _LONG_PROMPT).then("prompt"))
        .to_series()
    )
