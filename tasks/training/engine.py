"""Fine-tuning in one call: rows in, an adapter and its account out."""

from collections.abc import Callable, Iterable, Sized
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from evals.virtual import has_soft_prompt
from tasks.training import attention, checkpoint, low_rank, methods, threads
from tasks.training.data import Examples, NothingToLearnError, gather
from tasks.training.forgetting import to_watch
from tasks.training.loop import LossNotFiniteError, Training
from tasks.training.loss import Validation, find_head
from tasks.training.result import Step, TrainResult
from tasks.training.settings import Tune
from tasks.training.shared import WorkerError
from tasks.training.workers import Workers

if TYPE_CHECKING:
    import polars as pl
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from evals.adapters import Adapted
    from tasks.training.head import Head

__all__ = ["LossNotFiniteError", "Step", "TrainResult", "train"]


class ForeignTokensError(ValueError):
    """Token ids that the model's vocabulary doesn't have."""


def train(
    model: "PreTrainedModel",
    examples: "Iterable[Any] | pl.DataFrame",
    settings: Tune | None = None,
    *,
    validation: "Iterable[Any] | pl.DataFrame" = (),
    tokenizer: "PreTrainedTokenizerBase | None" = None,
    out: Path | None = None,
    resume: bool = False,
    general: "Iterable[Any] | pl.DataFrame" = (),
    watched: "Iterable[Any] | pl.DataFrame" = (),
    progress: Callable[[Step], None] | None = None,
    clear: bool = True,
) -> TrainResult:
    """Train an adapter for a causal language model.

    Parameters
    ----------
    model
        A plain transformers model in any precision. It is wrapped in place and its own weights are frozen.
    examples
        What to learn: `data.Examples`, or rows in any shape that `data.gather` reads, such as pairs
        ``(ids, mask)``, mappings with ``input_ids`` and ``labels``, or (with a tokenizer) records.
    settings
        Method, budget, optimizer. The defaults suit a small run.
    validation
        Held-out rows, in the same shapes. Their loss is measured before, during and after training.
    tokenizer
        Needed where rows are still text.
    out
        Folder for checkpoints while training runs and, at its end, ``adapter/``. None: nothing is written.
    resume
        Continue from the newest checkpoint in `out`, if there is one. On CPU and with as many threads and workers, the
        result equals that of an uninterrupted run bit for bit.
    general
        General text, in the same shapes: replayed, held on to by a penalty, or what the method corda goes by.
    watched
        Other general text, on which forgetting is measured.
    progress
        Called after every step. An exception it raises ends the training.
    clear
        Remove the checkpoints at the end. Whoever has still to put the adapter elsewhere, where the disk may be full,
        keeps them until then.

    Returns
    -------
    TrainResult
        The wrapped model, the curve and the counts.

    Raises
    ------
    NothingToLearnError
        If no example has a token to learn.
    WorkerError
        If the settings ask for several processes, and one can't be started or ends before its work is done.
    LossNotFiniteError
        If the loss or its gradient is NaN or infinite. The last good adapter is in the exception's `result`
        and, where `out` is given, in ``out/adapter``.

    Examples
    --------
    >>> from transformers import LlamaConfig, LlamaForCausalLM
    >>> tiny = LlamaConfig(vocab_size=32, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
    ...                    num_attention_heads=2, num_key_value_heads=1)
    >>> question_and_answer = ([1, 5, 6, 7, 8, 2], [0, 0, 0, 1, 1, 1])
    >>> result = train(LlamaForCausalLM(tiny), [question_and_answer], Tune(token_budget=60, batch_tokens=12))
    >>> result.tokens, result.supervised_tokens, result.curve.height
    (60, 30, 5)
    """
    import torch

    settings = settings or Tune()
    window = within_reach(model, settings)
    rows = gather(examples, window, tokenizer)
    held = _held_out(validation, window, tokenizer, "Validation can't be measured")
    _check_tokens(model, rows, held)
    count = threads.workers(settings, model.device.type)
    with threads.limited_to(settings.threads), torch.random.fork_rng(devices=[]), ExitStack() as stack:
        torch.manual_seed(settings.seed)
        others, looked_at = (
            _held_out(part, window, tokenizer, "General text can't be used") for part in (general, watched)
        )
        wrapped = methods.wrap(model, settings, others, rows)
        packed = stack.enter_context(attending(wrapped, model))
        stack.enter_context(low_rank.quick(wrapped))
        workers = None
        if count > 1:
            prepare = partial(_join, _folder_of(model), model.dtype, settings, others, rows, count)
            seen = (*rows, *others)
            packing = _packing(settings, packed=packed)
            workers = stack.enter_context(Workers(wrapped, seen, prepare, packing, count - 1, out))
            stack.enter_context(threads.limited_to(threads.share(settings.threads, count)))
        training = Training(
            wrapped, rows, held, settings, packed=packed, out=out, general=others, watched=looked_at, workers=workers
        )
        if resume:
            training.resume()
        try:
            result = training.run(progress)
        except LossNotFiniteError:
            if out is not None:
                checkpoint.clear(out)
            raise
        if out is not None and clear:
            checkpoint.clear(out)
        return replace(result, max_length=window.max_length)


def _join(
    folder: Path,
    dtype: "torch.dtype",
    settings: Tune,
    general: Examples,
    rows: Examples,
    count: int,
    rank: int,
    stack: ExitStack,
) -> "tuple[Adapted, bool, Head | None]":
    """Make what a worker trains: the same model, wrapped and run in the same way."""
    import torch

    settings = settings.model_copy(update={"threads": threads.share(settings.threads, count)})
    model, _ = methods.load_base(folder, settings, dtype)
    if model.device.type == "cuda":
        cast("torch.nn.Module", model).to(f"cuda:{rank}")
    torch.manual_seed(settings.seed)
    wrapped = methods.wrap(model, settings, general, rows)
    packed = stack.enter_context(attending(wrapped, model))
    stack.enter_context(low_rank.quick(wrapped))
    if settings.recompute:
        wrapped.gradient_checkpointing_enable({"use_reentrant": False})
    return wrapped, packed, find_head(wrapped, rows[0], packed=packed)


def _folder_of(model: "PreTrainedModel") -> Path:
    folder = Path(model.name_or_path or "")
    if not (folder / "config.json").is_file():
        raise WorkerError(
            "Several workers each load the model from its folder, and this one comes from none that is here; "
            "set workers: 1, or load it from a folder."
        )
    return folder


def _packing(settings: Tune, *, packed: bool) -> Tune:
    return settings if packed else settings.model_copy(update={"pack_tokens": 1})


def losses(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    validation: "pl.DataFrame",
    general: "pl.DataFrame",
    settings: Tune,
) -> tuple[float, float]:
    """Measure an adapter as training does, on the same examples: loss of validation and of general rows.

    Parameters
    ----------
    model
        The base with its adapter, as `evals.models.load` returns it.
    tokenizer
        Its tokenizer.
    validation, general
        The rows that training was given as `validation` and as `watched`.
    settings
        As of the training.

    Returns
    -------
    tuple of float
        Nats per learnt token.
    """
    window = within_reach(model, settings)
    unwrap = getattr(model, "get_base_model", None)
    base: PreTrainedModel = model if unwrap is None else unwrap()
    with threads.limited_to(settings.threads), attending(model, base) as packed:
        rows = [gather(part, window, tokenizer) for part in (validation, general)]
        head = find_head(model, rows[0][0], packed=packed)
        of_domain = Validation(rows[0], window, packed=packed, head=head).loss(model)
        of_general = to_watch(rows[1], window, packed=packed, head=head).loss(model)
    if of_domain is None or of_general is None:
        raise NothingToLearnError("There is no validation row, or no general one, to measure an adapter on.")
    return of_domain, of_general


def attending(model: "PreTrainedModel", base: "PreTrainedModel") -> "AbstractContextManager[bool]":
    """Let a model read several examples in a row, unless virtual tokens come before its one prompt."""
    if has_soft_prompt(model):
        return nullcontext(enter_result=False)
    return attention.within_segments(base, getattr(model, "disable_adapter", nullcontext))


def within_reach(model: "PreTrainedModel", settings: Tune) -> Tune:
    """Shorten the window to the positions the model knows, of which virtual tokens take the first."""
    reach = getattr(model.config, "max_position_embeddings", None)
    if reach is None:
        return settings
    return settings.model_copy(update={"max_length": min(settings.max_length, max(2, reach - settings.taken))})


def _held_out(
    rows: "Iterable[Any] | pl.DataFrame", settings: Tune, tokenizer: "PreTrainedTokenizerBase | None", fault: str
) -> Examples:
    rows = rows if isinstance(rows, Sized) else list(rows)
    if not len(rows):  # none is a choice; some, but all unusable, is a mistake
        return Examples(())
    try:
        return gather(rows, settings, tokenizer)
    except NothingToLearnError as error:
        raise NothingToLearnError(f"{fault}. {error}") from error


def _check_tokens(model: "PreTrainedModel", *parts: Examples) -> None:
    """Refuse ids outside the vocabulary, which would end in an index error deep in the model."""
    size = len(cast("torch.Tensor", model.get_input_embeddings().weight))
    for row in (row for part in parts for row in part):
        if row.ids.min() < 0 or row.ids.max() >= size:
            raise ForeignTokensError(
                f"Example {row.id!r} holds token ids from {row.ids.min()} to {row.ids.max()}, but the model "
                f"knows 0 to {size - 1}; tokenise with the model's own tokenizer."
            )
