"""Let a model answer in its own words: greedily, one question at a time, so that none depends on its neighbours."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from evals.chat import ChatTemplateError, render_prompt
from evals.encoding import context_limit

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Tell = Callable[[str], None]


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
    return write(model, tokenizer, contexts, max_new_tokens=most, progress=progress)


def write(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    contexts: Sequence[str | None],
    *,
    max_new_tokens: int,
    progress: Progress | None = None,
    tell: Tell = logger.warning,
) -> list[str]:
    """Let the model go on behind each rendered context; None gets an empty answer.

    Contexts that leave no room for the answer lose tokens on the left, and `tell` is called with how many do.

    Raises
    ------
    ValueError
        If the answers alone are longer than the model's context.
    """
    room = context_limit(model, tokenizer) - max_new_tokens
    if room < 1:
        raise ValueError(
            f"answers of {max_new_tokens:,} tokens (max_new_tokens) leave no room for a question in the model's "
            f"context of {room + max_new_tokens:,}: allow fewer"
        )
    settings, written, cut = _greedy(model, tokenizer, max_new_tokens), [], 0
    for context in contexts:
        if context is None:
            written.append("")
        else:
            ids = tokenizer(context, add_special_tokens=False, verbose=False)["input_ids"]
            cut += len(ids) > room
            written.append(_answer(model, tokenizer, ids[-room:], settings))
        if progress is not None:
            progress(len(written), len(contexts))
    if cut:
        tell(
            f"{cut} of {len(contexts)} questions leave no room for {max_new_tokens} tokens of answer in the model's "
            "context; they were cut on the left."
        )
    return written


def _greedy(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", max_new_tokens: int) -> "GenerationConfig":
    from transformers import GenerationConfig

    stop = model.generation_config.eos_token_id if model.generation_config else None
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    # A configuration of its own: the model's may ask for sampling.
    return GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False,
        max_new_tokens=max_new_tokens,
        eos_token_id=tokenizer.eos_token_id if stop is None else stop,
        pad_token_id=pad,
    )


def _answer(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", ids: list[int], settings: "GenerationConfig"
) -> str:
    import torch

    read = torch.tensor([ids], device=model.device)
    with torch.inference_mode():
        out = model.generate(  # type: ignore[operator]
            input_ids=read, attention_mask=torch.ones_like(read), generation_config=settings
        )
    return str(tokenizer.decode(out[0, len(ids) :], skip_special_tokens=True)).strip()
