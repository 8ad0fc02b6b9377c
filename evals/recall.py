"""What the base knew and the candidate still knows: items that the base answers right, asked again in other words.

Who picks the items that a model got right, and asks them again, sees it fall back by chance alone: some were lucky
(regression to the mean). So items are chosen by one wording (A, the chat template), and both models are compared on
another (B, a plain question without it): the base's own share of right answers to that one is what the candidate's is
held against. SmolLM2-135M-Instruct chose as before on 36 of 42 items of the demo, and on 19 of the 20 it had right. (A
friendlier sentence around the question changed one choice of 42, which is no other wording; with the options listed
in the prompt, so small a model fell below chance.)
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.chat import ChatTemplateError, render_bare
from evals.encoding import encode_questions
from evals.exam import bits_per_byte
from evals.items import ITEMS
from evals.lessons import render_pair
from evals.likelihood import likelihoods, score_questions
from evals.paired import paired
from evals.proportions import exact_p
from evals.verdict import Lower, Upper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

_SIDES = ("base", "candidate")

RECALLED: dict[str, pl.DataType] = {
    **{name: ITEMS[name] for name in ("suite", "role", "item", "cluster", "prompt", "options", "answer")},
    "knew": pl.Boolean(),  # the base answers right under wording A
    "base": pl.UInt32(),  # option that the base prefers under wording B; null where it prefers none, or did not know
    "candidate": pl.UInt32(),  # option that the candidate prefers under wording B; null likewise
}


class Recall(BaseModel):
    """How much of what the base knew is still known, on one suite or on all of them."""

    model_config = ConfigDict(frozen=True)

    suite: str = Field(description="Name of the suite; of several, joined by +.")
    asked: int = Field(description="Items asked under wording A.")
    known: int = Field(description="Items of them that the base answers right: all that follows is on these.")
    base: float = Field(description="Share that the base answers right under wording B (0 to 1).")
    candidate: float = Field(description="Share that the candidate answers right under wording B (0 to 1).")
    lower: Lower = Field(description="One-sided lower bound of the difference at level alpha (share right).")
    upper: Upper = Field(description="One-sided upper bound of the difference at level alpha (share right).")
    lost: int = Field(description="Items that the base answers right under wording B, and the candidate wrong.")
    gained: int = Field(description="Items that the base answers wrong under wording B, and the candidate right.")
    p: float = Field(
        description="McNemar's exact p-value (two-sided, on documents) that as many are lost as are gained."
    )


def preferred(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    items: pl.DataFrame,
    *,
    bare: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[int | None]:
    """Return the option that a model prefers on each item: that of the highest log-likelihood per byte.

    Parameters
    ----------
    model, tokenizer
        As `evals.models.load` returns them.
    items
        Multiple-choice items, schema `evals.items.ITEMS`.
    bare
        Ask in wording B, the plain question of `evals.chat.render_bare`; else in wording A, by the chat template.
    progress
        Called with (items done, items in all).

    Returns
    -------
    list of int or None
        Index of the option; None where two are equally likely, or the chat template refuses the item.
    """
    contexts: list[str] = []
    completions: list[list[str]] = []
    places: list[int] = []
    for place, row in enumerate(items.iter_rows(named=True)):
        try:
            pairs = [_asked(tokenizer, row["prompt"], option, bare=bare) for option in row["options"]]
        except ChatTemplateError as error:
            logger.warning("An item is left out: %s: %s", row["item"], error)
            continue
        contexts.append(pairs[0][0])
        completions.append([completion for _, completion in pairs])
        places.append(place)
    questions = encode_questions(tokenizer, contexts, completions, move_space=False)
    sums = likelihoods(score_questions(model, tokenizer, questions, progress=progress))
    found: list[int | None] = [None] * items.height
    options = items["options"].to_list()
    for place, values in zip(places, sums, strict=True):
        found[place] = _best([bits_per_byte(*pair) for pair in zip(values, options[place], strict=True)])
    return found


def recalled(
    items: pl.DataFrame, knew: Sequence[bool], base: Sequence[int | None], candidate: Sequence[int | None]
) -> pl.DataFrame:
    """Put together what was asked and answered, schema `RECALLED`.

    Parameters
    ----------
    items
        Multiple-choice items, schema `evals.items.ITEMS`.
    knew
        Whether the base answers each right under wording A.
    base, candidate
        Options preferred under wording B, on the items known alone and in their order.
    """
    known = pl.Series("knew", list(knew), dtype=pl.Boolean)
    answers = {"base": list(base), "candidate": list(candidate)}
    again = items.filter(known).select("item", **{name: pl.Series(v, dtype=pl.UInt32) for name, v in answers.items()})
    rows = items.with_columns(known).join(again, on="item", how="left", maintain_order="left")
    return rows.select(RECALLED.keys()).cast(pl.Schema(RECALLED))


def flips(found: pl.DataFrame) -> pl.DataFrame:
    """Return the items (schema `RECALLED`) that the base answers right under both wordings, and the candidate wrong."""
    right = pl.col("knew") & (pl.col("base") == pl.col("answer"))
    return found.filter(right & pl.col("candidate").ne_missing(pl.col("answer")))


def recalls(found: pl.DataFrame, alpha: float = 0.05) -> tuple[Recall, ...]:
    """Sum up what is still known (schema `RECALLED`): of all suites together, then each, where there are several.

    Suites of which the base knew nothing tell nothing, and are left out.
    """
    suites = found["suite"].unique(maintain_order=True).to_list()
    parts = [(" + ".join(suites), found)] if len(suites) > 1 else []
    parts += [(suite, found.filter(suite=suite)) for suite in suites]
    return tuple(_recall(suite, part, alpha) for suite, part in parts if part["knew"].any())


def _recall(suite: str, part: pl.DataFrame, alpha: float) -> Recall:
    known = part.filter("knew")
    base, candidate = (known[side].eq_missing(known["answer"]).cast(pl.Float64).to_numpy() for side in _SIDES)
    spread = paired(base, candidate, known["cluster"].to_numpy())
    return Recall(
        suite=suite,
        asked=part.height,
        known=known.height,
        base=float(base.mean()),
        candidate=float(candidate.mean()),
        lower=spread.lower(alpha),
        upper=spread.upper(alpha),
        lost=spread.lost,
        gained=spread.gained,
        p=exact_p(spread.better, spread.worse),
    )


def _asked(
    tokenizer: PreTrainedTokenizerBase, prompt: Sequence[Mapping[str, str]], option: str, *, bare: bool
) -> tuple[str, str]:
    return (render_bare(tokenizer, prompt), f" {option}") if bare else render_pair(tokenizer, prompt, option)


def _best(bits: Sequence[float]) -> int | None:
    """Return the place of the fewest bits; a tie prefers nothing."""
    least = min(bits)
    return bits.index(least) if list(bits).count(least) == 1 else None
