"""Sit the exam: score a model on every item, and let it answer in its own words."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from evals.chat import ChatTemplateError, render_pair, render_prompt
from evals.encoding import encode_questions
from evals.items import SCORES
from evals.likelihood import score_questions, score_texts

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


def score(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    items: pl.DataFrame,
    *,
    model_name: str,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Score a model on every item; higher is always better.

    - completion: minus the bits per byte of the target behind the rendered prompt. The end-of-turn token and
      the template's white space are not scored, and the bytes are the target's own (UTF-8).
    - text: minus the bits per byte of the whole text.
    - choice: 1 if the right option has the highest log-likelihood *per byte*, else 0. Per byte, so that short
      options have no advantage; a tie is wrong, since a model that prefers nothing knows nothing.

    Parameters
    ----------
    model, tokenizer
        As `evals.models.load` returns them.
    items
        Schema `evals.items.ITEMS`.
    model_name
        What the scores' column `model` says: base, candidate or champion.
    progress
        Called with (items done, items in all).

    Returns
    -------
    pl.DataFrame
        Schema `evals.items.SCORES`, in the order of `items`. Items that the model's chat template refuses are
        left out, with a warning; they are the same for every adapter of that model.

    Raises
    ------
    ValueError
        If no item of a suite can be rendered, or the model returns a value that is not finite.
    """
    found = [pl.DataFrame(schema={"place": pl.UInt32, "score": pl.Float64})]
    done = 0
    numbered = items.with_row_index("place")
    for (suite, kind), part in numbered.group_by("suite", "kind", maintain_order=True):
        tick = _shifted(progress, done, items.height)
        try:
            scored = _text_scores(model, tokenizer, part, tick) if kind == "text" else None
            found.append(_answer_scores(model, tokenizer, part, tick) if scored is None else scored)
        except ValueError as error:
            raise ValueError(f"Suite {suite}: {error}") from error
        done += part.height
        if progress is not None:
            progress(done, items.height)
    rows = numbered.join(pl.concat(found), on="place", how="inner", maintain_order="left")
    return rows.with_columns(model=pl.lit(model_name)).select(SCORES.keys()).cast(pl.Schema(SCORES))


def answers(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    prompts: Sequence[Sequence[Mapping[str, str]]],
    *,
    max_new_tokens: int = 64,
    progress: Progress | None = None,
) -> list[str]:
    """Let the model answer greedily, one question at a time, so that none depends on its neighbours.

    A conversation that the chat template refuses gets an empty answer.
    """
    from transformers import GenerationConfig

    stop = model.generation_config.eos_token_id if model.generation_config else None
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    # A configuration of its own: the model's may ask for sampling.
    settings = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False,
        max_new_tokens=max_new_tokens,
        eos_token_id=tokenizer.eos_token_id if stop is None else stop,
        pad_token_id=pad,
    )
    written: list[str] = []
    for prompt in prompts:
        written.append(_answer(model, tokenizer, prompt, settings))
        if progress is not None:
            progress(len(written), len(prompts))
    return written


def _answer(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    prompt: Sequence[Mapping[str, str]],
    settings: "GenerationConfig",
) -> str:
    import torch

    try:
        text = render_prompt(tokenizer, prompt)
    except ChatTemplateError as error:
        logger.warning("A question is left unanswered: %s", error)
        return ""
    encoded = tokenizer(text, add_special_tokens=False, return_tensors="pt").to(model.device)
    with torch.inference_mode():
        out = model.generate(**encoded, generation_config=settings)  # type: ignore[operator]
    tokens = out[0, encoded["input_ids"].shape[1] :]
    return str(tokenizer.decode(tokens, skip_special_tokens=True)).strip()


def _text_scores(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", part: pl.DataFrame, tick: Progress | None
) -> pl.DataFrame:
    texts = part["target"].to_list()
    sums = score_texts(model, tokenizer, texts, progress=tick)
    return _scored(part["place"].to_list(), [-bits_per_byte(s, t) for s, t in zip(sums, texts, strict=True)])


def _answer_scores(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", part: pl.DataFrame, tick: Progress | None
) -> pl.DataFrame:
    """Score completion and choice items: the target alone, or every option."""
    contexts: list[str] = []
    completions: list[list[str]] = []
    shown: list[dict[str, object]] = []
    refused: list[str] = []
    for row in part.iter_rows(named=True):
        offered = row["options"] if row["kind"] == "choice" else [row["target"]]
        try:
            pairs = [render_pair(tokenizer, row["prompt"], option) for option in offered]
        except ChatTemplateError as error:
            refused.append(f"{row['item']}: {error}")
            continue
        contexts.append(pairs[0][0])
        completions.append([completion for _, completion in pairs])
        shown.append(row | {"offered": offered})
    if refused and not shown:
        raise ValueError(f"the model's chat template refuses every item; the first is {refused[0]}")
    if refused:
        logger.warning("%d items are left out, the first is %s", len(refused), refused[0])
    questions = encode_questions(tokenizer, contexts, completions, move_space=False)
    sums = score_questions(model, tokenizer, questions, progress=tick)
    scores = [_grade(row, values) for row, values in zip(shown, sums, strict=True)]
    return _scored([row["place"] for row in shown], scores)


def _grade(row: dict[str, object], sums: list[float]) -> float:
    offered, right = row["offered"], row["answer"]
    assert isinstance(offered, list)
    assert isinstance(right, int)
    bits = [bits_per_byte(value, option) for value, option in zip(sums, offered, strict=True)]
    if row["kind"] != "choice":
        return -bits[0]
    return float(all(bits[right] < other for place, other in enumerate(bits) if place != right))


def bits_per_byte(log_likelihood: float, text: str) -> float:
    """Turn a natural-log likelihood into bits per byte of UTF-8: −ln p / (ln 2 · bytes)."""
    return -log_likelihood / (math.log(2) * len(text.encode("utf-8")))


def _scored(places: Sequence[object], scores: Sequence[float]) -> pl.DataFrame:
    return pl.DataFrame({"place": places, "score": scores}, schema={"place": pl.UInt32, "score": pl.Float64})


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    if progress is None:
        return None
    # Long texts are read in several windows: what a suite counts is not always its items.
    return lambda part, parts: progress(min(done + part, total), total)
