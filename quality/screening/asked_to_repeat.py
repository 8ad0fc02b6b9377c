"""Answers that say something again and again because their prompt asks for just that ("Write “ha” ten times")."""

from __future__ import annotations

import re

import polars as pl

from quality.texts.normalise import normalised
from quality.texts.patterns import which_hold

_NUMBER = (
    r"(?:\d{1,4}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|"
    r"(?:a |one )?hundred|a dozen|several|many)"
)
_ASKED = (
    r"(?i)\b(?:repeat|say|write|type|print|output|chant|recite|answer|reply|respond)\b[^\n]{0,200}"
    rf"(?:\b{_NUMBER}[ -](?:times|lines|copies)\b|\bover and over\b|\bagain and again\b)"
)
_MOST = 4_000  # characters; whether one thing is said alone is looked at letter by letter
_NUMBERED = r"(?m)^\s*\d{1,4}[.):]\s+"
_ROUNDS = re.compile(r"\W*(\w.*?)(?:\W+\1)+\W*", re.DOTALL)
_LONGEST_ROUND = 200  # characters


def repeats_as_asked(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell answers that say nothing but one thing of their prompt, several times, where the prompt asks for that.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    asked = which_hold(prompts, _ASKED) & (answers.str.len_chars() <= _MOST)
    rows = asked.arg_true()
    told = zip(
        normalised(prompts.gather(rows)), normalised(answers.gather(rows).str.replace_all(_NUMBERED, "")), strict=True
    )
    found = pl.Series([_is_one_thing(prompt, answer) for prompt, answer in told], dtype=pl.Boolean)
    return pl.repeat(False, len(answers), eager=True).scatter(rows.filter(found), True)


def _is_one_thing(prompt: str, answer: str) -> bool:
    rounds = _ROUNDS.fullmatch(answer)
    return rounds is not None and len(rounds[1]) <= _LONGEST_ROUND and rounds[1].rstrip(".!?,;: ") in prompt
