"""Score a model on every item of the sealed exam, and let it answer a few questions in its own words."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import polars as pl
from pydantic import BaseModel, ConfigDict

from evals import exam as examination
from evals.adapters import ModelFolderError
from evals.guest import guest_scores
from evals.items import ANSWERS, SCORES
from evals.models import load
from evals.shortening import Cut, Shortened, at_context
from evals.sitting import Sitting
from evals.units import Unit
from evals.verdict import Unexamined
from tasks import cards, exams, pace, store
from tasks.caching import step
from tasks.exams import SealedExam
from tasks.models import ModelFiles, measured_by, ready
from tasks.reporting.wording import duration
from tasks.sealed_suites import cuts_of, margins_of, units_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_ANSWERS = 6
_ANSWER_TOKENS = 64
_REFUSED = "the chat template refuses every item of this part"
_SHAPING = ("peft_type", "r", "target_modules", "rank", "layers")
_LONG = 60.0  # seconds from which on it is told what an exam takes
_held: ContextVar[dict[str, Any] | None] = ContextVar("held", default=None)


class Scores(BaseModel):
    """Item-level scores of one model, answers in its own words, and what the exam could not ask, or not whole.

    `answers` (`item, prompt, target, answer`) are to some domain questions, and to every item of kind generate.
    `refused` names the items that the model's chat template does not show, which nobody is scored on.
    """

    model_config = ConfigDict(frozen=True)

    scores: store.Table
    answers: store.Table
    unexamined: tuple[Unexamined, ...] = ()
    cut: tuple[Cut, ...] = ()
    units: dict[str, Unit] = {}
    margins: dict[str, float] = {}
    sitting: Sitting = Sitting()
    refused: tuple[str, ...] = ()


@step(name="examine", beside=measured_by)
def examine(
    exam: SealedExam,
    base: ModelFiles,
    adapter: store.Folder | None = None,
    threads: int | None = None,
    part: store.Table | None = None,
) -> Scores:
    """Return the scores of the base model, or of the base with an adapter (the candidate), which seals the exam.

    The base alone binds nobody: training may still fail, and the mended recipe draw another exam.

    Parameters
    ----------
    part
        The items to ask, if not all of the exam, on which the base was examined before.
    """
    if adapter is not None:
        exams.seal(exam)
    name = "base" if adapter is None else "candidate"
    every = store.read_table(exam.items)
    items = every if part is None else store.read_table(part)
    model, tokenizer = loaded(base, adapter, threads)
    digests = {one.suite.name: one.digest for one in exam.suites}

    spent: list[float] = []

    def took(suite: str, count: int, seconds: float) -> None:
        pace.remember(base.content, digests[suite], count, seconds)
        spent.append(seconds)

    told = took if adapter is None else None
    scores, own, cut, refused = sit(exam, items, model, tokenizer, name, took=told, whole=part is None)
    shown = items.filter(~pl.col("item").is_in(refused))
    asked = shown.filter((pl.col("role") == "domain") & (pl.col("kind") == "completion")).head(_ANSWERS)
    answers: list[str] = []
    if asked.height:
        with cards.progress(f"Asking the {name}") as tick:
            answers = examination.answers(
                model, tokenizer, asked["prompt"].to_list(), max_new_tokens=_ANSWER_TOKENS, progress=tick
            )
    written = asked.select("item", "prompt", "target").with_columns(answer=pl.Series(answers, dtype=pl.String))
    own = shown.select("item", "prompt", "target").join(own.drop("model"), on="item", maintain_order="left")
    written = pl.concat([written, own])
    cards.say(f"{name}: {_means(scores, every) or _REFUSED}{_long(sum(spent))}")
    return Scores(
        scores=store.write_table(scores),
        answers=store.write_table(written),
        unexamined=exam.unexamined,
        cut=(*cuts_of(exam.suites, every), *cut),
        units=units_of(exam.suites),
        margins=margins_of(exam.suites),
        refused=refused,
    )


def _long(seconds: float) -> str:
    """Say before anything is trained what the exam will take behind it, which may be longer than the training."""
    if seconds < _LONG:
        return ""
    return f" · in {duration(seconds)}; an adapter is asked for as long at the most, each time that one is examined"


def _means(scores: pl.DataFrame, items: pl.DataFrame) -> str:
    """Tell every suite's mean score; of one that was asked in part, on how many of its items."""
    whole = dict(items.group_by("suite").len().iter_rows())
    found = scores.group_by("suite", maintain_order=True).agg(pl.col("score").mean(), pl.len()).iter_rows()
    return ", ".join(
        f"{suite} {score:.3f}{f' on {n:,} of {whole[suite]:,} items' if n < whole[suite] else ''}"
        for suite, score, n in found
    )


def sit(
    exam: SealedExam,
    items: pl.DataFrame,
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    name: str,
    what: str = "",
    took: Callable[[str, int, float], None] | None = None,
    *,
    whole: bool = True,
) -> examination.Sat:
    """Score a model on items of an exam, each suite as the exam asks it, those of lm-evaluation-harness by that.

    `took` is told of every suite, how many items it had, and how many seconds they took; `whole` is as
    `evals.exam.sit` takes it.
    """
    asked = {one.suite.name: one for one in exam.suites}
    own = items.filter(pl.col("kind") != "lm-eval")
    found = [examination.Sat(pl.DataFrame(schema=SCORES), pl.DataFrame(schema=ANSWERS))]
    for part in own.partition_by("suite", maintain_order=True):
        with cards.progress(f"Examining the {what or name} on {part['suite'][0]}") as tick, _timed(part, took):
            found.append(
                examination.sit(
                    model, tokenizer, part, model_name=name, asked=asked, progress=tick, tell=cards.warn, whole=whole
                )
            )
    scores, cut = [one.scores for one in found], [one for part in found for one in part.cut]
    refused = tuple(item for part in found for item in part.refused)
    for suite, guest in exam.guests.items():
        part = items.filter(pl.col("suite") == suite)
        if part.height:
            told: list[str] = []
            with cards.progress(f"Examining the {what or name} on {suite} (lm-eval)") as tick, _timed(part, took):
                scores.append(
                    guest_scores(model, tokenizer, guest, part, model_name=name, progress=tick, tell=told.append)
                )
            for sentence in told:
                cards.warn(sentence)
            cut += at_context(suite, [one for one in told if isinstance(one, Shortened)], part.height)
    return examination.Sat(pl.concat(scores), pl.concat(one.answers for one in found), tuple(cut), refused)


@contextlib.contextmanager
def _timed(part: pl.DataFrame, took: Callable[[str, int, float], None] | None) -> Iterator[None]:
    began = time.monotonic()
    yield
    if took is not None:
        took(part["suite"][0], part.height, time.monotonic() - began)


class OtherBase(ValueError):
    """The adapter's weights are not made for the base model."""


def base_beside(base: ModelFiles, kind: str) -> ModelFiles:
    """Return the base as it is scored beside an adapter of such a kind, which is in the adapter's precision.

    Of a full fine-tuning that is 32 bits: one of 8,000 tokens at the usual rate moved 5% of a base's weights by enough
    for bfloat16 to tell, and of its gain on validation rows a seventh was left there.
    """
    return base.model_copy(update={"exact": kind.upper() == "FULL"})


class Misfit(ValueError):
    """The adapter's configuration does not say how its weights were made."""


def loaded(
    base: ModelFiles, adapter: store.Folder | None, threads: int | None
) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """Load the base model, with an adapter of it if there is one, ready to be scored.

    Raises
    ------
    OtherBase, Misfit
        If the adapter's weights fit neither the base nor its own configuration.
    """
    held, key = _held.get(), (base.content, base.exact, adapter and adapter.digest, threads)
    if held is None:
        return _load(base, adapter, threads)
    if held.get("key") != key:
        held.clear()  # one at a time: two may not fit
        held |= {"key": key, "model": _load(base, adapter, threads)}
    found: tuple[PreTrainedModel, PreTrainedTokenizerBase] = held["model"]
    return found


@contextlib.contextmanager
def holding_the_model() -> Iterator[None]:
    """Keep the model that `loaded` loads last, for steps that ask the same one after another."""
    before = _held.set({})
    try:
        yield
    finally:
        _held.reset(before)


def _load(
    base: ModelFiles, adapter: store.Folder | None, threads: int | None
) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    import torch

    folder, dtype = ready(base), torch.float32 if base.exact else None
    if adapter is None:
        return load(folder, threads=threads, dtype=dtype)
    place = store.locate(adapter)
    try:
        return load(folder, adapter=place, threads=threads, dtype=dtype)
    except ModelFolderError as error:
        # The library's own words name places in the store, which nobody chose.
        raise _unfit(json.loads((place / "adapter_config.json").read_bytes()), base) from error


def _unfit(config: dict[str, Any], base: ModelFiles) -> ValueError:
    made_for = config.get("base_model_name_or_path")
    if made_for in (base.reference, base.folder):
        says = ", ".join(f"{key} {config[key]}" for key in _SHAPING if key in config)
        return Misfit(
            f"The adapter's adapter_config.json does not fit its weights, though it names {base.reference} as their "
            f"base. It says {says}, and the weights are others or that base has no place for them: copy both files "
            "again from where the adapter was trained."
        )
    return OtherBase(
        f"The adapter's weights do not fit the base model {base.reference}: it was trained on "
        f"{made_for or 'another one, which its adapter_config.json does not name'}. Name that one as model.base, "
        "or examine an adapter of this one."
    )
