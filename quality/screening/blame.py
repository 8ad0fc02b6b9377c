"""Which words of an answer gave it away, for whoever asks why it was dropped."""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl

from quality.records import answer_text, asked_text, earlier_exchanges
from quality.screening.measuring import measure
from quality.screening.screen import DEFAULT, Screen, find_defects, screen

_PIECE = r"(?:[^.!?\n]|[.!?](?=[^\s.!?\"'”’)\]]))+[.!?]*[\"'”’)\]]*"  # a sentence, or a line
_MOST = 200  # pieces looked at
_TOLD = 3  # pieces told
_LAST = 6  # words at the end of an answer that was cut off


class Blame(NamedTuple):
    """Words of an answer, and whether it is one before a conversation's last."""

    words: str
    earlier: bool = False


def blamed_in(record: pl.DataFrame, reason: str, settings: Screen = DEFAULT) -> Blame:
    """Find what gave a record away: as `blamed` of its last answer, or else of the earlier one that has the defect.

    Parameters
    ----------
    record : pl.DataFrame
        One record (`messages`) that `quality.screening.screen` found defective.
    reason : str
        What it found.
    settings : Screen
        What it was told to look for.

    Returns
    -------
    Blame
        Of an earlier answer that has it as a whole, all its words. Without words where no answer has it by itself.
    """
    prompts, answers = asked_text(record), answer_text(record)
    defects = find_defects(measure(prompts, answers, settings), settings)
    if reason not in defects["reason"]:
        earlier = earlier_exchanges(record)
        for at in _costly(prompts, answers, earlier, reason, settings)[:1]:
            answer = earlier["answer"][at]
            return Blame(blamed(earlier["prompt"][at], answer, reason) or answer, earlier=True)
    return Blame(blamed(prompts.item(), answers.item(), reason))


def _costly(prompts: pl.Series, answers: pl.Series, earlier: pl.DataFrame, reason: str, settings: Screen) -> list[int]:
    """List the places of the earlier answers each of which alone would cost the row its place, for this reason."""
    each = pl.Series([0] * earlier.height, dtype=pl.UInt32)
    one_by_one = earlier.with_columns(row=pl.int_range(earlier.height, dtype=pl.UInt32))
    scores = measure(prompts.gather(each), answers.gather(each), settings, earlier=one_by_one)
    return find_defects(scores, settings).filter(pl.col("reason") == reason)["row"].to_list()


def blamed(prompt: str, answer: str, reason: str) -> str:
    """Quote the sentences or lines that have this defect by themselves.

    Parameters
    ----------
    prompt, answer : str
        A row that `quality.screening.screen` found defective.
    reason : str
        What it found.

    Returns
    -------
    str
        At most three pieces of the answer, in its order; its last words, where it was cut off. Empty where it is the
        whole that has the defect, or the pool around it.
    """
    if reason == "truncated_answer":
        words = answer.split()
        return f"… {' '.join(words[-_LAST:])}" if len(words) > _LAST else ""
    pieces = [piece.strip() for piece in re.findall(_PIECE, answer)[:_MOST] if piece.strip()]
    if len(pieces) < 2:
        return ""
    found = screen(pl.Series([prompt] * len(pieces)), pl.Series(pieces))
    alone = found.filter(pl.col("reason") == reason)["row"]
    return " … ".join(pieces[row] for row in alone.head(_TOLD)) if len(alone) < len(pieces) else ""
