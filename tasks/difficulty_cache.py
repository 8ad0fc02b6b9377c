"""Perplexity and IFD of rows, remembered by model and by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import polars_hash as plh

from evals.difficulty import DIFFICULTY, difficulty
from tasks.model_scores import Progress, model_scores
from tasks.models import ModelFiles

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def difficulty_of(messages: pl.Series, base: ModelFiles, *, threads: int | None = None) -> pl.DataFrame:
    """Measure the difficulty of rows that this model has not read yet; look up that of the others.

    A score depends on the row alone but for rounding, as rows are read in batches.

    Parameters
    ----------
    messages : pl.Series of List(Struct(role, content))
        Conversations.
    base : ModelFiles
        The model; loaded only if a row is new.
    threads : int, optional
        Threads that torch may use.

    Returns
    -------
    pl.DataFrame
        `evals.difficulty.DIFFICULTY`, in the order of `messages`.
    """
    return model_scores(
        pl.DataFrame({"key": _keys(messages), "messages": messages}),
        DIFFICULTY,
        _measure,
        base,
        folder="difficulty",
        code=["evals.difficulty"],
        passes=2,  # a row is read behind its prompt and alone
        threads=threads,
        saying="Weighing rows",
    )


def _measure(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, rows: pl.DataFrame, progress: Progress
) -> pl.DataFrame:
    return difficulty(model, tokenizer, rows["messages"].to_list(), progress=progress)


def _keys(messages: pl.Series) -> pl.Series:
    turns = pl.col("messages").list.eval(pl.element().struct.json_encode()).list.join("\n")
    keyed = messages.to_frame("messages").select(key=turns)
    return keyed.select(plh.col("key").chash.blake3().str.slice(0, 32))["key"]
