"""How surprising it is to a language model that an answer ends where it does.

An answer that was cut off stops where its words go on: the model expects no end there. One that is whole stops where
the model would, full stop or not. An end is the end of the text or of a turn, a new line, or a mark that closes a
sentence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evals.chat import render_bare
from evals.encoding import Question, encode_questions
from evals.likelihood import score_questions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_CLOSING = (".", "!", "?", "…", "\n", "।", "。", "！", "？")
_ASKED = 100  # characters of a prompt that are read, its last ones
_ANSWERED = 140  # characters of an answer that are read, its last ones
_ROWS = 8  # of a batch
# Tokens of a batch's longest row, each so much more than the last that shorter rows are read with it.
_WIDTHS = (16, 21, 27, 35, 46, 60, 78, 102, 134, 176, 231, 303, 398, 523, 688, 905, 1190)


def end_surprises(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
    answers: Sequence[str],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> list[float]:
    """Measure how surprising the end of each answer is.

    Rows are read in batches of a few fixed shapes, as numbers are rounded by the shape: what is found of a row hardly
    depends on those that are read with it, in bfloat16 not at all. They are read without the chat template, which
    would be read again with each.

    Parameters
    ----------
    model, tokenizer
        As `evals.models.load` returns them.
    prompts, answers
        One of each per row; the last hundred characters or so of each are read.
    progress
        Called with (rows read, rows in all).

    Returns
    -------
    list of float
        Nats, at least 0: -log P(the answer ends here).

    Raises
    ------
    ValueError
        If the model returns a value that is not finite: its weights are broken.
    """
    contexts = [
        f"{render_bare(tokenizer, [{'role': 'user', 'content': _last(prompt, _ASKED)}])} {_last(answer, _ANSWERED)}"
        for prompt, answer in zip(prompts, (answer.strip() for answer in answers), strict=True)
    ]
    ends = [[token] for token in _ends(tokenizer)]
    read = encode_questions(tokenizer, contexts, [["."]] * len(contexts))
    found = [0.0] * len(read)
    done = 0
    for rows, batch in _batches([question.context for question in read], ends):
        scored = score_questions(model, tokenizer, batch, share_prefix=False, tokens_per_batch=_ROWS * _WIDTHS[-1])
        for row, options in zip(rows, scored, strict=False):  # behind the rows stands what fills the batch
            found[row] = max(0.0, -_log_sum(end.log_likelihood for end in options))
        done += len(rows)
        if progress is not None:
            progress(done, len(read))
    return found


def _batches(contexts: Sequence[list[int]], ends: list[list[int]]) -> Iterator[tuple[list[int], list[Question]]]:
    """Group contexts of like length, each group with one row at least that is as wide as the group may be."""
    by_width: dict[int, list[int]] = {}
    for row, context in enumerate(contexts):
        by_width.setdefault(next(width for width in _WIDTHS if width >= len(context)), []).append(row)
    for width, rows in by_width.items():
        filling = Question([ends[0][0]] * width, ends[:1])
        for begin in range(0, len(rows), _ROWS - 1):
            group = rows[begin : begin + _ROWS - 1]
            yield group, [*(Question(contexts[row], ends) for row in group), *[filling] * (_ROWS - len(group))]


def _ends(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """List the tokens that end a text or a turn, and those that begin with a closing mark."""
    special = {*tokenizer.all_special_ids, tokenizer.eos_token_id} - {None}
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    texts = [tokenizer.convert_tokens_to_string([token]) if token is not None else "" for token in tokens]
    return sorted(special | {place for place, text in enumerate(texts) if text.startswith(_CLOSING)})


def _last(text: str, characters: int) -> str:
    """Return the end of a text, from the beginning of a word."""
    if len(text) <= characters:
        return text
    end = text[-characters:]
    return end.partition(" ")[2] or end


def _log_sum(logs: Iterable[float]) -> float:
    """Return the logarithm of a sum of numbers that are given by their logarithms."""
    told = list(logs)
    most = max(told)
    return most + math.log(sum(math.exp(one - most) for one in told))
