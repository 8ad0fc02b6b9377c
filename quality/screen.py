"""Defects that nobody wants to train on, each with a name: what is missing, echoed, broken or repeated.

The checks look at form alone and are set to leave honest rows in peace: one-word answers where they are the
custom of the pool, sums, formulas, code, and every script that Unicode knows.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from quality.markup import leftover_markup
from quality.normalise import normalise
from quality.repetition import repeated_lines, repeated_phrases

DEFECTS = pl.Schema({"row": pl.UInt32(), "reason": pl.String(), "score": pl.Float64(), "threshold": pl.Float64()})

# What UTF-8 becomes when it is read as Latin-1 or Windows-1252 ("Ã©", "â€™"), and what nothing could decode.
_BROKEN = r"\x{FFFD}|Ã[\x{80}-\x{BF}ƒ‚„…†‡ˆ‰Š‹Œ]|â€[\x{80}-\x{BF}œ\x{9D}™˜¦“”]?|Â[\x{A0}-\x{BF}]|ï¿½"
# A run of letters is a word, but in scripts without spaces each character counts.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = rf"[{_UNSPACED}]|[\w--[{_UNSPACED}]]+"
# Unless told otherwise, an answer of fewer words is a slip where less than this share of the answers is as short.
_SLIP_WORDS = 3
_SLIP_SHARE = 0.02
# Below so many characters, the share of letters says little: "(a)", "**B**".
_FEWEST_CHARACTERS = 20


class Screen(BaseModel):
    """Which defects cost a row its place. Checks apply to answers unless they say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    least_words: int | None = Field(
        default=None,
        ge=0,
        description="Fewest words of an answer (`short_answer`). Left out, it is 3 where less than one answer in 50 "
        "is that short, as then a short one is a slip (“ok”), and else 1, which keeps “Paris.” and “42”.",
    )
    placeholders: tuple[str, ...] = Field(
        default=("n/a", "nan", "null", "tbd", "todo", "[deleted]", "[removed]"),
        description="What stands for a missing answer (`placeholder_answer`); compared whole, in any case.",
    )
    least_letters: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Least share (0 to 1) of letters and digits of any script among the characters that are "
        "not blank (`mostly_non_letters`).",
    )
    most_broken: float = Field(
        default=0.005,
        ge=0,
        le=1,
        description="Largest share (0 to 1) of characters that were decoded wrongly (`broken_characters`): "
        "0.005 is one in 200.",
    )
    most_markup: int = Field(
        default=0,
        ge=0,
        description="Most HTML tags, entities and chat-template tokens, outside of code and of rows about "
        "markup (`leftover_markup`).",
    )
    most_repeated_lines: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Largest share (0 to 1) of characters in lines that stood before (`repeated_lines`).",
    )
    most_repeated_phrases: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Largest share (0 to 1) of runs of three words that stood before (`repeated_phrases`).",
    )


@dataclass(frozen=True)
class _Check:
    """One defect: its name, its measure, the threshold, and on which side of it rows fail."""

    reason: str
    score: pl.Expr
    threshold: float
    fails_below: bool = False

    @property
    def fails(self) -> pl.Expr:
        return self.score < self.threshold if self.fails_below else self.score > self.threshold


DEFAULT = Screen()


def screen(prompts: pl.Series, answers: pl.Series, settings: Screen = DEFAULT) -> pl.DataFrame:
    """Find defective rows.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row; null counts as empty.
    settings : Screen
        Thresholds.

    Returns
    -------
    pl.DataFrame
        `row: UInt32, reason: String, score: Float64, threshold: Float64`, one line per defective row,
        ascending; the reason is the first that applies, in the order of `_checks`.
    """
    frame = pl.DataFrame({"prompt": prompts.fill_null(""), "answer": answers.fill_null("")})
    words = frame["answer"].str.count_matches(_WORD)
    frame = frame.with_columns(words=words, phrases=repeated_phrases(frame["answer"]))
    checks = _checks(settings, _least_words(words) if settings.least_words is None else settings.least_words)
    first = pl.coalesce(pl.when(check.fails).then(place) for place, check in enumerate(checks))
    failed = frame.with_row_index("row").with_columns(first=first).drop_nulls("first")
    found = [_report(failed.filter(pl.col("first") == place), check) for place, check in enumerate(checks)]
    return pl.concat(found).sort("row").cast(DEFECTS)


def _report(failed: pl.DataFrame, check: _Check) -> pl.DataFrame:
    return failed.select(
        "row",
        reason=pl.lit(check.reason),
        score=check.score.cast(pl.Float64),
        threshold=pl.lit(float(check.threshold)),
    )


def _least_words(words: pl.Series) -> int:
    """Tell how many words an answer of this pool owes, empty answers aside."""
    said = words.filter(words > 0)
    short = int((said < _SLIP_WORDS).sum())
    return _SLIP_WORDS if len(said) and short / len(said) < _SLIP_SHARE else 1


def _checks(settings: Screen, least_words: int) -> list[_Check]:
    """List the checks in the order in which they name a row's defect."""
    prompt, answer = pl.col("prompt"), pl.col("answer")
    missing = answer.str.strip_chars().str.to_lowercase().is_in(list(settings.placeholders))
    return [
        _Check("empty_prompt", _is_empty(prompt).cast(pl.Int8), 0),
        _Check("empty_answer", _is_empty(answer).cast(pl.Int8), 0),
        _Check("short_answer", pl.col("words"), least_words, fails_below=True),
        _Check("placeholder_answer", missing.cast(pl.Int8), 0),
        _Check("answer_equals_prompt", _is_echo(prompt, answer).cast(pl.Int8), 0),
        _Check("broken_characters", _broken(answer), settings.most_broken),
        _Check("leftover_markup", leftover_markup(prompt, answer), settings.most_markup),
        _Check("mostly_non_letters", _letters(answer), settings.least_letters, fails_below=True),
        _Check("repeated_lines", repeated_lines(answer), settings.most_repeated_lines),
        _Check("repeated_phrases", pl.col("phrases"), settings.most_repeated_phrases),
    ]


def _is_empty(text: pl.Expr) -> pl.Expr:
    """Tell texts in which nothing can be seen: blanks, controls, zero-width characters."""
    return ~text.str.contains(r"[^\s\p{C}]")


def _is_echo(prompt: pl.Expr, answer: pl.Expr) -> pl.Expr:
    """Tell answers that repeat the prompt, or its last line, and say nothing more."""
    # Only an answer that isn't much longer than its prompt can be one: the others see null.
    short = answer.str.strip_chars().str.len_bytes() <= 2 * prompt.str.len_bytes() + 20
    said, asked = pl.when(short).then(answer), pl.when(short).then(prompt)
    last = asked.str.strip_chars_end().str.split("\n").list.last()
    return ((_bare(said) == _bare(asked)) | (_bare(said) == _bare(last))).fill_null(value=False)


def _bare(text: pl.Expr) -> pl.Expr:
    return normalise(text).str.strip_chars(" ?.!:\"'“”‘’")


def _letters(text: pl.Expr) -> pl.Expr:
    """Measure the share of letters, marks and digits among visible characters; 1 for very short texts."""
    visible = text.str.len_chars() - text.str.count_matches(r"\s")
    others = text.str.count_matches(r"[^\p{L}\p{M}\p{N}\s]")
    return pl.when(visible < _FEWEST_CHARACTERS).then(1.0).otherwise(1 - others / visible)


def _broken(text: pl.Expr) -> pl.Expr:
    """Measure the share of wrongly decoded characters."""
    broken = pl.when(text.str.len_bytes() > text.str.len_chars()).then(text).str.count_matches(_BROKEN)
    return (broken / text.str.len_chars()).fill_null(0.0)
