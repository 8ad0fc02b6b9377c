"""Log-likelihoods of options, completions and texts, equal to lm-evaluation-harness's and cheaper.

Where the time goes elsewhere: the context of a multiple-choice item is read once for each option, the prompt
that all items share is read once for each item, and every position is projected on the whole vocabulary.
Here a context is read once and its options are branches of the same row; what all contexts begin with is
read once for the whole task; only positions whose next token is asked for reach the vocabulary.
"""

import logging
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from evals.encoding import Question, context_limit, encode_questions, encode_windows, ensure_texts, fit
from evals.finite import BrokenWeights

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]

TOKENS_PER_BATCH = 1024
_LOGITS = 2**26  # numbers that one pass may put out: 128 MB in bfloat16, whatever the size of the vocabulary
_WORTHWHILE = 4  # a shorter shared prefix costs more to copy into every row than to read again


class Scored(NamedTuple):
    """The log-likelihood of an option, in nats, and whether each of its tokens is the likeliest behind those before."""

    log_likelihood: float
    greedy: bool


def likelihoods(scored: Sequence[Sequence[Scored]]) -> list[list[float]]:
    """Return the log-likelihoods alone."""
    return [[option.log_likelihood for option in options] for options in scored]


def score_choices(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    contexts: Sequence[str],
    options: Sequence[Sequence[str]],
    *,
    share_prefix: bool = True,
    tokens_per_batch: int = TOKENS_PER_BATCH,
    progress: Progress | None = None,
) -> list[list[float]]:
    """Sum the log-likelihood of every option behind its context.

    Parameters
    ----------
    model
        A causal language model in evaluation mode, bare or wrapped by PEFT.
    tokenizer
        Its tokenizer.
    contexts
        One text for each item. Special tokens must be spelled out; none are added.
    options
        The texts to score behind each context, at least one, none of them empty.
    share_prefix
        Read what all contexts begin with once (same values, fewer tokens).
    tokens_per_batch
        Tokens in a batch, padding included.
    progress
        Called with (items done, items in all).

    Returns
    -------
    list of list of float
        Natural-log likelihoods, item by item, option by option.

    Raises
    ------
    ValueError
        If an option is empty or longer than the model's context, or a value of the model is not finite.
    TypeError
        If a text stands where a list of texts should, or something else where a text should.
    """
    questions = encode_questions(tokenizer, contexts, options)
    scored = score_questions(
        model,
        tokenizer,
        questions,
        share_prefix=share_prefix,
        tokens_per_batch=tokens_per_batch,
        progress=progress,
    )
    return likelihoods(scored)


def score_completions(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    contexts: Sequence[str],
    completions: Sequence[str],
    *,
    share_prefix: bool = True,
    tokens_per_batch: int = TOKENS_PER_BATCH,
    progress: Progress | None = None,
) -> list[float]:
    """Sum the log-likelihood of one completion behind each context; see `score_choices`."""
    ensure_texts(completions, "completions")
    if len(contexts) != len(completions):
        raise ValueError(f"There are {len(contexts)} contexts but {len(completions)} completions.")
    scored = score_choices(
        model,
        tokenizer,
        contexts,
        [[completion] for completion in completions],
        share_prefix=share_prefix,
        tokens_per_batch=tokens_per_batch,
        progress=progress,
    )
    return [values[0] for values in scored]


def score_texts(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    texts: Sequence[str],
    *,
    tokens_per_batch: int = TOKENS_PER_BATCH,
    progress: Progress | None = None,
) -> list[float]:
    """Sum the log-likelihood of every token of each text (``loglikelihood_rolling``).

    The first token is conditioned on the beginning-of-sequence (else end-of-sequence) token. A text longer
    than the model's context is read in windows; each token is scored once.
    """
    ensure_texts(texts, "texts")
    windows, owners = encode_windows(tokenizer, texts, context_limit(model, tokenizer))
    scored = score_questions(
        model, tokenizer, windows, share_prefix=False, tokens_per_batch=tokens_per_batch, progress=progress
    )
    sums = [0.0] * len(texts)
    for owner, values in zip(owners, scored, strict=True):
        sums[owner] += values[0].log_likelihood
    return sums


def score_questions(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    questions: Sequence[Question],
    *,
    share_prefix: bool = True,
    tokens_per_batch: int = TOKENS_PER_BATCH,
    progress: Progress | None = None,
    tell: Callable[[str], None] = logger.warning,
) -> list[list[Scored]]:
    """Sum the log-likelihood of every option of questions that are token ids already; see `score_choices`.

    Contexts that are too long for the model lose tokens on the left; `tell` is called with how many do.
    """
    from evals.forward import can_branch

    if not questions:
        return []
    fitted, owners = fit(questions, context_limit(model, tokenizer), tell=tell)
    branching = can_branch(model)
    if not branching:
        owners = [owner for owner, one in zip(owners, fitted, strict=True) for _ in one.options]
        fitted = [Question(one.context, [option]) for one in fitted for option in one.options]
    scored = _score(model, tokenizer, fitted, share_prefix and branching, tokens_per_batch, progress)
    values: list[list[Scored]] = [[] for _ in questions]
    for owner, options in zip(owners, scored, strict=True):
        values[owner] += options
    for item, options in enumerate(values):
        if not all(math.isfinite(option.log_likelihood) for option in options):
            raise BrokenWeights(f"The model's log-likelihood of item {item} is not a finite number")
    return values


def _score(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    questions: Sequence[Question],
    share_prefix: bool,
    tokens_per_batch: int,
    progress: Progress | None,
) -> list[list[Scored]]:
    """Score questions that fit the model and that it can read as they are."""
    import torch

    from evals.forward import log_likelihoods, read_prefix, vocabulary_projection
    from evals.packing import batches, shared_prefix

    picks = max(1, _LOGITS // vocabulary_projection(model).weight.shape[0])
    pad = tokenizer.pad_token_id if isinstance(tokenizer.pad_token_id, int) else 0
    scored: list[list[Scored]] = [[] for _ in questions]
    done = 0
    with torch.inference_mode():
        prefix = shared_prefix([one.context for one in questions]) if share_prefix else 0
        prefix = prefix if prefix >= _WORTHWHILE else 0
        cache = read_prefix(model, questions[0].context[:prefix]) if prefix else None
        for batch in batches(questions, prefix=prefix, tokens=tokens_per_batch, picks=picks, pad=pad):
            sums, greedy = log_likelihoods(model, batch, picks=picks, cache=cache)
            found = map(Scored, sums.tolist(), greedy.tolist())
            for item in batch.items:
                scored[item] = [next(found) for _ in questions[item].options]
            done += len(batch.items)
            if progress is not None:
                progress(done, len(questions))
    return scored
