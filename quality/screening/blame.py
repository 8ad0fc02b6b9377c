"""Which words of an answer gave it away, for whoever asks why it was dropped."""

from __future__ import annotations

import re

import polars as pl

from quality.screening.screen import screen

_PIECE = r"(?:[^.!?\n]|[.!?](?=[^\s.!?\"'”’)\]]))+[.!?]*[\"'”’)\]]*"  # a sentence, or a line
_MOST = 200  # pieces looked at
_TOLD = 3  # pieces told
_LAST = 6  # words at the end of an answer that was cut off


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
