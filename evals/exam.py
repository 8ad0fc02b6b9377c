"""Sit the exam: score a model on every item, and keep what it answers in its own words."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import polars as pl

from evals.answering import answers as answers
from evals.answering import write
from evals.asking import Asked
from evals.chat import ChatTemplateError
from evals.encoding import encode_questions
from evals.finite import BrokenWeights
from evals.items import ANSWERS, SCORES
from evals.likelihood import likelihoods, score_questions, score_texts
from evals.metrics import measure
from evals.shortening import Cut, Shortened, at_context, behind
from evals.suites import Suite

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Tell = Callable[[str], None]

_FOUND: dict[str, pl.DataType] = {"place": pl.UInt32(), "score": pl.Float64(), "answer": pl.String()}
_Shown = TypeVar("_Shown")


class Sat(NamedTuple):
    """A model's scores (schema `evals.items.SCORES`) and its answers to generate items (`evals.items.ANSWERS`).

    `cut` tells which suites had items longer than the model's context, `refused` names the items that its chat template
    does not show.
    """

    scores: pl.DataFrame
    answers: pl.DataFrame
    cut: tuple[Cut, ...] = ()
    refused: tuple[str, ...] = ()


def score(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    items: pl.DataFrame,
    *,
    model_name: str,
    asked: Mapping[str, Asked] | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Return the scores of `sit` alone."""
    return sit(model, tokenizer, items, model_name=model_name, asked=asked, progress=progress).scores


def sit(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    items: pl.DataFrame,
    *,
    model_name: str,
    asked: Mapping[str, Asked] | None = None,
    progress: Progress | None = None,
    tell: Tell = logger.warning,
    whole: bool = True,
) -> Sat:
    """Score a model on every item; higher is always better.

    - completion: minus the bits per byte of the target behind the rendered prompt. The end-of-turn token and
      the template's white space are not scored, and the bytes are the target's own (UTF-8).
    - text: minus the bits per byte of the whole text.
    - choice: 1 if the right option has the highest log-likelihood *per byte*, else 0. Per byte, so that short
      options have no advantage; a tie is wrong, since a model that prefers nothing knows nothing. By the metric
      `acc`, of the highest log-likelihood of the whole option.
    - generate: what the suite's metric gives the greedy answer beside the target, 0 to 1.

    Parameters
    ----------
    model, tokenizer
        As `evals.models.load` returns them.
    items
        Schema `evals.items.ITEMS`.
    model_name
        What the scores' column `model` says: base, candidate or champion.
    asked
        How suites ask their items, by name; a suite that is not in it asks in the chat template, without examples.
    progress
        Called with (items done, items in all).
    tell
        Called with a sentence for every suite whose items are cut or left out.
    whole
        Whether the suites are asked whole; of a part of one, the chat template may refuse every item.

    Returns
    -------
    Sat
        In the order of `items`. Items that the model's chat template refuses are left out, told and named; they are
        the same for every adapter of that model.

    Raises
    ------
    ValueError
        If no item of a whole suite can be rendered, the model returns a value that is not finite, or it is not known by
        which metric a generate suite is scored.
    """
    found = [pl.DataFrame(schema=_FOUND)]
    cut: tuple[Cut, ...] = ()
    done = 0
    numbered = items.with_row_index("place")
    for (name, kind), part in numbered.group_by("suite", "kind", maintain_order=True):
        tick = _shifted(progress, done, items.height)
        shortened: list[Shortened] = []
        say = _named(str(name), tell, shortened)
        try:
            how = (asked or {}).get(str(name)) or _by_default(part)
            if kind == "text":
                found.append(_text_scores(model, tokenizer, part, tick))
            elif kind == "generate":
                found.append(_written_scores(model, tokenizer, part, how, tick, say, whole=whole))
            else:
                found.append(_answer_scores(model, tokenizer, part, how, tick, say, whole=whole))
        except BrokenWeights as error:
            raise BrokenWeights(f"Suite {name}: {error.what}") from error
        except ValueError as error:
            raise ValueError(f"Suite {name}: {error}") from error
        cut = (*cut, *at_context(str(name), shortened, part.height))
        done += part.height
        if progress is not None:
            progress(done, items.height)
    scored = pl.concat(found)
    refused = numbered.join(scored, on="place", how="anti", maintain_order="left")["item"]
    rows = numbered.drop("answer").join(scored, on="place", how="inner", maintain_order="left")
    rows = rows.with_columns(model=pl.lit(model_name))
    written = rows.filter(kind="generate").select(ANSWERS.keys())
    return Sat(rows.select(SCORES.keys()).cast(pl.Schema(SCORES)), written, cut, tuple(refused))


def _by_default(part: pl.DataFrame) -> Asked:
    name, role, kind = part.select("suite", "role", "kind").row(0)
    if kind == "generate":
        raise ValueError("it is not told by which metric its answers are scored")
    return Asked(suite=Suite(name=name, role=role, kind=kind))


def _text_scores(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", part: pl.DataFrame, tick: Progress | None
) -> pl.DataFrame:
    texts = part["target"].to_list()
    sums = score_texts(model, tokenizer, texts, progress=tick)
    return _scored(part["place"].to_list(), [-bits_per_byte(s, t) for s, t in zip(sums, texts, strict=True)])


def _answer_scores(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    part: pl.DataFrame,
    how: Asked,
    tick: Progress | None,
    tell: Tell,
    *,
    whole: bool,
) -> pl.DataFrame:
    """Score completion and choice items: the target alone, or every option."""

    def offered(row: Mapping[str, Any]) -> list[str]:
        return list(row["options"]) if row["kind"] == "choice" else [row["target"]]

    def render(row: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [how.pair(tokenizer, row["prompt"], option) for option in offered(row)]

    shown, pairs = _rendered(part, render, tell, whole=whole)
    # In the chat template, white space before an answer is the template's; in a format it goes with the answer, by the
    # rule of lm-evaluation-harness.
    questions = encode_questions(
        tokenizer,
        [options[0][0] for options in pairs],
        [[completion for _, completion in options] for options in pairs],
        move_space=not how.is_chat,
    )
    sums = likelihoods(score_questions(model, tokenizer, questions, progress=tick, tell=tell))
    scores = [_grade(row, offered(row), values, how.suite.metric) for row, values in zip(shown, sums, strict=True)]
    return _scored([row["place"] for row in shown], scores)


def _written_scores(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    part: pl.DataFrame,
    how: Asked,
    tick: Progress | None,
    tell: Tell,
    *,
    whole: bool,
) -> pl.DataFrame:
    """Score generate items: what the model answers, beside the target."""
    metric = how.suite.metric
    if metric is None or metric == "acc" or metric == "acc_norm":
        raise ValueError("it is not told by which metric its answers are scored")
    shown, contexts = _rendered(part, lambda row: how.context(tokenizer, row["prompt"]), tell, whole=whole)
    most, ends = how.suite.max_new_tokens, how.ends(tokenizer)
    said = write(model, tokenizer, contexts, max_new_tokens=most, ends=ends, progress=tick, tell=tell)
    scores = measure(metric, said, [str(row["target"]) for row in shown])
    return _scored([row["place"] for row in shown], scores, said)


def _rendered(
    part: pl.DataFrame, render: Callable[[Mapping[str, Any]], _Shown], tell: Tell, *, whole: bool
) -> tuple[list[dict[str, Any]], list[_Shown]]:
    """Render items; return those that the chat template shows, and their renderings."""
    shown: list[dict[str, Any]] = []
    made: list[_Shown] = []
    refused: list[str] = []
    for row in part.iter_rows(named=True):
        try:
            made.append(render(row))
        except ChatTemplateError as error:
            refused.append(f"{row['item']}: {error}")
            continue
        shown.append(row)
    if refused and not shown and whole:
        raise ValueError(f"the model's chat template refuses every item; the first is {refused[0]}")
    if refused:
        tell(f"{len(refused)} items are left out, the first is {refused[0]}")
    return shown, made


def _grade(row: Mapping[str, Any], offered: list[str], sums: list[float], metric: str | None) -> float:
    bits = [bits_per_byte(value, option) for value, option in zip(sums, offered, strict=True)]
    if row["kind"] != "choice":
        return -bits[0]
    cost = [-value for value in sums] if metric == "acc" else bits
    right = row["answer"]
    return float(all(cost[right] < other for place, other in enumerate(cost) if place != right))


def bits_per_byte(log_likelihood: float, text: str) -> float:
    """Turn a natural-log likelihood into bits per byte of UTF-8: −ln p / (ln 2 · bytes)."""
    return -log_likelihood / (math.log(2) * len(text.encode("utf-8")))


def _scored(places: Sequence[object], scores: Sequence[float], answers: Sequence[str] | None = None) -> pl.DataFrame:
    said = [None] * len(places) if answers is None else list(answers)
    return pl.DataFrame({"place": places, "score": scores, "answer": said}, schema=_FOUND)


def _named(suite: str, tell: Tell, shortened: list[Shortened]) -> Tell:
    """Tell with the suite's name, and keep what is told of items that were cut."""

    def say(sentence: str) -> None:
        if isinstance(sentence, Shortened):
            shortened.append(sentence)
        tell(behind(f"Suite {suite}: ", sentence))

    return say


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    if progress is None:
        return None
    # Long texts are read in several windows: what a suite counts is not always its items.
    return lambda part, parts: progress(min(done + part, total), total)
