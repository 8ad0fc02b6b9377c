"""How surprising it is to a language model that an answer ends where it does.

An answer that was cut off stops where its words go on: the model expects no end there. One that is whole stops where
the model would, full stop or not. An end is the end of the text or of a turn, a new line, or a mark that closes a
sentence. Where the text ends within a word, its last token is none that the model expects anything behind: what it
expected in its place, and begins with the same letters, goes on as well (`evals.word_pieces`).

A long answer is read without its prompt, which says little of its end and takes as long to read. Where all of 80 whole
ends and 160 cut ones were, surprise told those cut behind words with an area under the curve of .946, and those within
words with .971; below a hundred characters of each prompt it was .927 and .946 (manuals; on biomedical answers .975 and
.991, and .970 and .988).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.chat import render_bare
from evals.encoding import context_limit, encode_questions
from evals.finite import BrokenWeights
from evals.word_pieces import WordPieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_CLOSING = (".", "!", "?", "…", "\n", "।", "。", "！", "？")
_READ = 140  # characters of a row that are read: an answer's last ones, and its prompt's where there is room for them
_LEAST_ASKED = 20  # characters of a prompt: a scrap of fewer asks nothing
_ROWS = 8  # of a batch
_LAST = 5  # tokens behind which it is read what the model expects
_WIDTHS = (12, 16, 21, 27, 35, 46, 60, 78, 102, 134, 176, 231, 303, 398, 523)  # of batches, in tokens


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
    depends on those that are read with it, and where it was tried in bfloat16 not at all. They are read without the
    chat template, which would be read again with each.

    Parameters
    ----------
    model, tokenizer
        As `evals.models.load` returns them.
    prompts, answers
        One of each per row. The last 140 characters of an answer are read, and of its prompt what there is room for.
    progress
        Called with (rows read, rows in all).

    Returns
    -------
    list of float
        Nats, at least 0: -log P(the answer ends here), of all texts that begin with what is read.

    Raises
    ------
    ValueError
        If the model returns a value that is not finite: its weights are broken.
    """
    import torch

    contexts = [_context(tokenizer, prompt, answer.strip()) for prompt, answer in zip(prompts, answers, strict=True)]
    most = min(_WIDTHS[-1], context_limit(model, tokenizer))
    read = encode_questions(tokenizer, contexts, [["."]] * len(contexts))
    found = [0.0] * len(read)
    done = 0
    with torch.inference_mode():
        ends = torch.tensor(_ends(model, tokenizer), device=model.device)
        pieces = WordPieces(tokenizer, _known(model))
        for rows, ids, lengths in _batches([question.context[-most:] for question in read], most):
            expected = _behind(model, ids, lengths).float().log_softmax(-1)
            surprise = -expected[:, 0, ends].logsumexp(-1)
            if not surprise.isfinite().all():
                raise BrokenWeights("The model's predictions are not finite numbers")
            # Behind the rows stands what fills the batch.
            for at, (row, value) in enumerate(zip(rows, surprise.tolist(), strict=False)):
                context = ids[at, : lengths[at]].tolist()
                found[row] = max(0.0, value + _goes_on(expected[at], context, pieces))
            done += len(rows)
            if progress is not None:
                progress(done, len(read))
    return found


def _context(tokenizer: PreTrainedTokenizerBase, prompt: str, answer: str) -> str:
    """Render what is read of a row."""
    room = _READ - len(answer)
    question = {"role": "user", "content": _last(prompt, room) if room >= _LEAST_ASKED else ""}
    return f"{render_bare(tokenizer, [question])} {_last(answer, _READ)}"


def _goes_on(expected: torch.Tensor, ids: list[int], pieces: WordPieces) -> float:
    """Return how much likelier its last letters begin any word than the text that was read: nats, at least 0.

    `expected` are log-probabilities behind each of the last tokens, the last one first: (5, vocabulary).
    """
    import torch

    so_far, ways = expected.new_zeros(()), [expected.new_zeros(())]
    for back, longer in enumerate(pieces.of_last_word(ids[1:]), start=1):
        so_far = so_far + expected[back, ids[-back]]
        if longer:
            ways.append(expected[back, longer].logsumexp(-1) - so_far)
    return float(torch.stack(ways).logsumexp(-1))


def _behind(model: PreTrainedModel, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Return what the model expects behind each row's last tokens, the last one first: (rows, 5, vocabulary) logits."""
    import torch

    from evals.forward import logits_at
    from evals.packing import Batch

    rows, width = ids.shape
    none = torch.empty(0, dtype=torch.long)
    places = (lengths[:, None] - 1 - torch.arange(_LAST)).clamp(min=0)
    batch = Batch(
        items=list(range(rows)),
        ids=ids,
        positions=torch.arange(width).expand(rows, width),
        branches=(torch.arange(width) >= lengths[:, None]).long().neg(),
        picks=(torch.arange(rows)[:, None] * width + places).flatten(),
        targets=none,
        sources=none,
        owners=none,
        lengths=lengths,
        branched=False,
    )
    return logits_at(model, batch, batch.picks).reshape(rows, _LAST, -1)


def _batches(contexts: Sequence[list[int]], most: int) -> Iterator[tuple[list[int], torch.Tensor, torch.Tensor]]:
    """Group contexts of like length: their rows, (8, width) ids, padded on the right and filled up, and lengths."""
    import torch

    widths = [*(width for width in _WIDTHS if width < most), most]
    by_width: dict[int, list[int]] = {}
    for row, context in enumerate(contexts):
        by_width.setdefault(next(width for width in widths if width >= len(context)), []).append(row)
    for width, rows in by_width.items():
        for begin in range(0, len(rows), _ROWS):
            group = rows[begin : begin + _ROWS]
            ids, lengths = torch.zeros(_ROWS, width, dtype=torch.long), torch.ones(_ROWS, dtype=torch.long)
            for at, row in enumerate(group):
                lengths[at] = len(contexts[row])
                ids[at, : lengths[at]] = torch.tensor(contexts[row])
            yield group, ids, lengths


def _ends(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """List the tokens that end a text or a turn, and those that begin with a closing mark, of those the model knows."""
    known = _known(model)
    generation = getattr(model, "generation_config", None)
    told = getattr(generation, "eos_token_id", None)
    ends = {tokenizer.eos_token_id, *(told if isinstance(told, list) else [told])}
    tokens = tokenizer.convert_ids_to_tokens(list(range(min(known, len(tokenizer)))))
    texts = [tokenizer.convert_tokens_to_string([token]) if token is not None else "" for token in tokens]
    ends |= {place for place, text in enumerate(texts) if text.startswith(_CLOSING)}
    return sorted(end for end in ends if isinstance(end, int) and end < known)


def _known(model: PreTrainedModel) -> int:
    """Count the tokens that the model knows."""
    from evals.forward import vocabulary_projection

    return int(vocabulary_projection(model).weight.shape[0])


def _last(text: str, characters: int) -> str:
    """Return the end of a text, from the beginning of a word."""
    if len(text) <= characters:
        return text
    end = text[-characters:]
    return end.partition(" ")[2] or end
