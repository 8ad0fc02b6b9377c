"""Cut an example to the window, and tell what that took from its answers."""

from dataclasses import replace

import numpy as np

from tasks.training.example import Example

_CONTEXT = 32
"""Tokens that must stand before an earlier answer of which the question was cut, so that it is learnt.

Five of them end the question and open the answer in the templates of ChatML, Llama 3 and Gemma, nine where an empty
thought is opened as well. Behind those alone an answer teaches to say it whatever was asked. The others are some twenty
words, a sentence or two of the question. One answer of a cut record is at stake, the first in the window.
"""


def fit(row: Example, max_length: int) -> Example:
    """Cut an example to at most `max_length` tokens.

    What follows the last answer teaches nothing and goes first. Then the front of the context goes, behind a
    system prompt that takes no more than half the window and leaves room for the last answer; never that answer. An
    earlier one that is cut in the middle is no longer learnt, nor one that keeps too little of the turn before it. Only
    an answer that exceeds the window by itself loses its end, and then keeps up to a quarter of the window as context.
    """
    mask = row.mask.copy()
    mask[:1] = False
    if not mask.any():
        return replace(row, mask=mask)
    stop = int(np.flatnonzero(mask)[-1]) + 1
    gaps = np.flatnonzero(~mask[:stop])
    answer = int(gaps[-1]) + 1  # the first token is never learnt, so there is always a gap before
    kept = row.system if row.system <= max_length // 2 and row.system + stop - answer < max_length < stop else 0
    start = max(0, stop - max_length + kept)
    if start >= answer:
        start = max(0, answer - max(1, max_length // 4))
        stop = start + max_length
    if start:
        first = start + int(np.flatnonzero(mask[start:])[0])
        # What stands before it is whole where it begins right behind another answer.
        if first == start or (first < answer and first - start < _CONTEXT and not mask[start - 1]):
            mask[first : first + int(np.flatnonzero(~mask[first:])[0])] = False
    ids, learnt = (np.concatenate([part[:kept], part[start:stop]]) for part in (row.ids, mask))
    return replace(row, ids=ids, mask=learnt, system=kept)


def without_end(row: Example, said: int) -> Example:
    """Let only the first `said` tokens of the last answer be learnt: one that was broken off does not end there."""
    mask = row.mask.copy()
    stop = last_learnt(row) + 1
    mask[stop - _last_answer(row) + said : stop] = False
    return replace(row, mask=mask)


def last_learnt(row: Example) -> int:
    """Return the position of the last token that is learnt."""
    return int(np.flatnonzero(row.mask)[-1])


def answers_in(row: Example) -> int:
    """Count the answers of which something is learnt."""
    return int((np.diff(row.mask.astype(np.int8), prepend=0) == 1).sum())


def is_torn(row: Example, short: Example) -> bool:
    """Tell whether a record's last answer lost its end when it was cut to `short`."""
    return _last_answer(short) < _last_answer(row)


def _last_answer(row: Example) -> int:
    """Count the learnt tokens of the last answer; the first token of all never is one."""
    stop = last_learnt(row)
    gaps = np.flatnonzero(~row.mask[:stop])
    return stop - (int(gaps[-1]) if len(gaps) else 0)
