"""Let a model answer in its own words: greedily, questions of like length together, what all begin with read once.

A pass through the model reads all its weights for one token of each answer, so that sixteen answers cost little more
than one. Which questions are together depends on the questions alone. Where a candidate is asked a suite part by part
and the base at once, or questions one by one, an answer may differ where two words are as likely, as sums are rounded
in another order.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evals.chat import ChatTemplateError, other_turns, render_prompt
from evals.encoding import context_limit, opening_token
from evals.finite import watchful
from evals.lessons import end_of_turn
from evals.metrics import up_to
from evals.packing import shared_prefix
from evals.shortening import Shortened
from evals.virtual import kept_places, virtual_tokens, writer

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache, GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Tell = Callable[[str], None]

# Questions answered together at the most, and tokens of these and their answers, which the model's cache holds.
ROWS = 16
TOKENS = 16_384


def answers(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    prompts: Sequence[Sequence[Mapping[str, str]]],
    *,
    max_new_tokens: int = 64,
    progress: Progress | None = None,
) -> list[str]:
    """Let the model answer questions in its chat template; half of its context is the longest answer.

    A conversation that the chat template refuses gets an empty answer.
    """
    contexts: list[str | None] = []
    for prompt in prompts:
        try:
            contexts.append(render_prompt(tokenizer, prompt))
        except ChatTemplateError as error:
            logger.warning("A question is left unanswered: %s", error)
            contexts.append(None)
    most = min(max_new_tokens, context_limit(model, tokenizer) // 2)
    return write(model, tokenizer, contexts, max_new_tokens=most, ends=other_turns(tokenizer), progress=progress)


def write(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    contexts: Sequence[str | None],
    *,
    max_new_tokens: int,
    ends: Sequence[str] = (),
    progress: Progress | None = None,
    tell: Tell = logger.warning,
) -> list[str]:
    """Let the model go on behind each rendered context; None gets an empty answer.

    Contexts that leave no room for the answer lose tokens on the left, and `tell` is called with how many do. An answer
    ends before the first of `ends` that stands in it.

    Raises
    ------
    ValueError
        If the answers alone are longer than the model's context.
    BrokenWeights
        If the model's predictions are not finite.
    """
    room = context_limit(model, tokenizer) - max_new_tokens
    if room < 1:
        raise ValueError(
            f"answers of {max_new_tokens:,} tokens (max_new_tokens) leave no room for a question in the model's "
            f"context of {room + max_new_tokens:,}: allow fewer"
        )
    asked = [at for at, context in enumerate(contexts) if context is not None]
    ids = [_encoded(tokenizer, contexts[at]) for at in asked]
    if cut := sum(len(one) > room for one in ids):
        told = f"{cut} of {len(contexts)} questions leave no room for {max_new_tokens} tokens of answer"
        tell(Shortened(f"{told} in the model's context; they were cut on the left.", cut, room + max_new_tokens))
    ids = [one[-room:] for one in ids]
    written = [""] * len(contexts)
    done = len(contexts) - len(asked)
    for places, answered in _answered(model, tokenizer, ids, max_new_tokens, ends):
        for place, answer in zip(places, answered, strict=True):
            written[asked[place]] = up_to(answer, ends)
        done += len(places)
        if progress is not None:
            progress(done, len(contexts))
    return written


def _encoded(tokenizer: "PreTrainedTokenizerBase", context: str | None) -> list[int]:
    found: list[int] = tokenizer(context or "", add_special_tokens=False, verbose=False)["input_ids"]
    return found or [opening_token(tokenizer)]


def _answered(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    ids: Sequence[list[int]],
    max_new_tokens: int,
    ends: Sequence[str],
) -> Iterator[tuple[list[int], list[str]]]:
    """Answer questions together; yield their places and what was answered."""
    import torch

    from evals.forward import can_branch, read_prefix

    writing = writer(model)
    together = can_branch(writing)
    settings = _greedy(writing, tokenizer, max_new_tokens)
    rows = kept_places(model, ids, settings.pad_token_id or 0)
    prefix = opening_length(model, rows, together=together)
    with torch.inference_mode():
        cache = read_prefix(model, rows[0][:prefix]) if rows and prefix else None
    with _set_to(writing, settings):
        for places in _batches([len(one) + max_new_tokens for one in rows], ROWS if together else 1):
            yield places, _answer(writing, tokenizer, [rows[place] for place in places], settings, cache, ends)


def opening_length(model: "PreTrainedModel", rows: Sequence[list[int]], *, together: bool) -> int:
    """Count the tokens to read before the rows (`evals.virtual.kept_places`) are gone on with: what all begin with.

    Of a model that does not read them together these are its virtual tokens alone.
    """
    return max(virtual_tokens(model), shared_prefix(rows) if together else 0)


def _batches(lengths: Sequence[int], rows: int) -> Iterator[list[int]]:
    """Group what is of like length, longest first: as many rows as are allowed, and tokens as fit."""
    group: list[int] = []
    for at in sorted(range(len(lengths)), key=lambda at: -lengths[at]):
        if group and (len(group) == rows or (len(group) + 1) * lengths[group[0]] > TOKENS):
            yield group
            group = []
        group.append(at)
    if group:
        yield group


def _greedy(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", max_new_tokens: int) -> "GenerationConfig":
    """Ask for the likeliest token each time, up to what ends a text (for model or tokenizer) or the template's turn."""
    from transformers import GenerationConfig

    told = model.generation_config.eos_token_id if model.generation_config else None
    ends = {*(told if isinstance(told, list) else [told]), tokenizer.eos_token_id, end_of_turn(tokenizer)} - {None}
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    return GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False, max_new_tokens=max_new_tokens, eos_token_id=sorted(ends) or None, pad_token_id=pad
    )


@contextmanager
def _set_to(model: "PreTrainedModel", settings: "GenerationConfig") -> Iterator[None]:
    """Put the model's own settings away: what others leave unsaid, a penalty on words said before, it would add."""
    unwrap = getattr(model, "get_base_model", None)
    base = model if unwrap is None else unwrap()
    own, base.generation_config = base.generation_config, settings
    try:
        yield
    finally:
        base.generation_config = own


def _answer(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: Sequence[list[int]],
    settings: "GenerationConfig",
    cache: "DynamicCache | None",
    ends: Sequence[str],
) -> list[str]:
    """Answer questions side by side."""
    import torch

    from evals.forward import expanded

    read, seen = ending_together(rows, 0 if cache is None else cache.get_seq_length(), settings.pad_token_id or 0)
    width = read.shape[1]
    with torch.inference_mode():
        out = model.generate(  # type: ignore[operator]
            input_ids=read.to(model.device),
            attention_mask=seen.to(model.device),
            generation_config=settings,
            logits_processor=watchful(),
            stopping_criteria=[_stop(tokenizer, width, ends)] if ends else [],
            **({} if cache is None else {"cache": expanded(cache, len(rows))}),
        )
    return _texts(tokenizer, out[:, width:])


def ending_together(rows: Sequence[list[int]], prefix: int, pad: int) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Pad rows of tokens behind the `prefix` ones that all begin with, so that all end in one column.

    Returns
    -------
    ids, mask
        (rows, width) int64 each; the mask is 0 where a row was padded.
    """
    import torch

    width = max(map(len, rows))
    read = torch.full((len(rows), width), pad)
    seen = torch.zeros_like(read)
    for at, row in enumerate(rows):
        for place, part in ((slice(0, prefix), row[:prefix]), (slice(width - len(row) + prefix, width), row[prefix:])):
            read[at, place], seen[at, place] = torch.tensor(part, dtype=read.dtype), 1
    return read, seen


def _texts(tokenizer: "PreTrainedTokenizerBase", ids: "torch.Tensor") -> list[str]:
    return [str(text).strip() for text in tokenizer.batch_decode(ids, skip_special_tokens=True)]


def _stop(tokenizer: "PreTrainedTokenizerBase", width: int, ends: Sequence[str]) -> "Callable[..., torch.Tensor]":
    import torch

    def ended(ids: "torch.Tensor", _: object, **__: object) -> "torch.Tensor":
        said = _texts(tokenizer, ids[:, width:])
        return torch.tensor([len(up_to(text, ends)) < len(text) for text in said], device=ids.device)

    return ended
