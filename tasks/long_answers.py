"""Tell before any work which answers the base model can't read whole: scoring would refuse them after all curation."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import polars as pl

from evals.encoding import stated_limit, token_counts
from evals.suites import Suite, SuiteError
from tasks import models
from tasks.reporting.text import counted


def ensure_readable(items: pl.DataFrame, suites: Iterable[Suite], base: models.ModelFiles, taken: int = 0) -> None:
    """Refuse a suite with an answer that is longer than the base model's context, or that leaves no room to be asked.

    A token is a byte at the least, so that no tokenizer is loaded unless an answer holds more bytes than the model
    reads tokens: at the usual `max_bytes` of 2,000 that takes a small model. A model that does not state its limit is
    left to the stage that scores.

    Parameters
    ----------
    items
        Schema `evals.items.ITEMS`, of those suites.
    suites
        How the items are asked.
    base
        The model that will be asked; a GGUF file is converted for it only where an answer is that long.
    taken
        Positions that the candidate's virtual tokens take of its context.

    Raises
    ------
    SuiteError
        With the suite, the lengths, and what would be right.
    """
    for suite in suites:
        if suite.kind in ("completion", "choice"):
            _ensure_fits(items.filter(suite=suite.name), suite, base, taken)
        elif suite.kind == "generate" and (limit := _limit(base, suite.max_new_tokens, taken)) is not None:
            _ensure_room(suite, limit, taken)


def _ensure_room(suite: Suite, limit: int, taken: int) -> None:
    if suite.max_new_tokens >= limit:
        raise SuiteError(
            f"exam.{suite.role}: the suite “{suite.name}” lets the model write {suite.max_new_tokens:,} tokens "
            f"(max_new_tokens), and the base model reads {limit:,} at once{_beside(taken)}, question included. Allow "
            "fewer."
        )


def _beside(taken: int) -> str:
    return f" beside {counted(taken, 'virtual token')}" if taken else ""


def _ensure_fits(items: pl.DataFrame, suite: Suite, base: models.ModelFiles, taken: int) -> None:
    column = pl.col("options").explode() if suite.kind == "choice" else pl.col("target")
    answers = items.select(column.alias("answer")).unique(maintain_order=True)["answer"]
    sizes = answers.str.len_bytes()
    limit = _limit(base, max(sizes, default=0), taken)
    long = answers.filter(sizes > limit) if limit is not None else answers.clear()
    if limit is None or long.is_empty():
        return
    longest, answer = max(zip(token_counts(models.ready(base), long.to_list()), long, strict=True))
    if longest > limit:
        what = "option" if suite.kind == "choice" else "answer"
        by = "" if suite.kind == "choice" else f", or set max_bytes: {limit} in the suite's .yaml file"
        raise SuiteError(
            f"exam.{suite.role}: the suite “{suite.name}” has an {what} of {longest:,} tokens "
            f"(“{answer[:40].strip()}…”), and the base model reads {limit:,} at once{_beside(taken)}. Shorten it{by}."
        )


# The shortest context of any language model that is told in a GGUF file; only beyond it is one worth converting.
_SURELY = 512


def _limit(base: models.ModelFiles, size: int, taken: int) -> int | None:
    """Return how many tokens the base reads behind those that are `taken`.

    None if it does not say, or `size` is less than any model's.
    """
    folder = Path(base.folder)
    if not any(folder.glob("*.safetensors")) and size + taken <= _SURELY:
        return None
    stated = _stated(models.ready(base))
    return None if stated is None else stated - taken


@cache
def _stated(folder: Path) -> int | None:
    return stated_limit(folder)
