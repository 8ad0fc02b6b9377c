r"""Find the pool rows that give an exam item away: its question, much of its words, or the same thing in other words.

A row leaks an item by one of four reasons, each with a score and the threshold it reached:

- `same_question`: the item's question stands in the prompt, as the whole of it or as a line or sentence of its own;
- `shared_ngrams`: prompt or answer hold at least `threshold` of the word n-grams of the item's question or of its
  answer, each field on its own, so that neither a long answer hides a leaked question nor the other way round;
- `lightly_edited`: they hold a question or answer shorter than `short_field` words with a few words changed, where a
  single one breaks most of the n-grams (see `quality.light_edits`);
- `paraphrase`: question and answer both mean the same (see `quality.paraphrases`).

A question that many rows or many items ask ("Summarise the text.") gives nothing away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from quality.light_edits import lightly_edited
from quality.normalise import normalise
from quality.paraphrases import Meanings, paraphrases
from quality.shared_ngrams import FEWEST_TEMPLATE_ROWS, Matching, shared_ngrams

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEFAULT", "LEAKS", "Decontaminate", "Meanings", "leaks"]

LEAKS = pl.Schema(
    {"row": pl.UInt32(), "item": pl.String(), "reason": pl.String(), "score": pl.Float64(), "threshold": pl.Float64()}
)

_REASONS = ("same_question", "shared_ngrams", "lightly_edited", "paraphrase")
_AROUND = " ?.!:\"'“”‘’"  # what may stand around a question and means nothing


class Decontaminate(BaseModel):
    """When a row gives an exam item away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="Share (0 to 1) of the n-grams of an item's question or answer from which a row leaks "
        "it. Every changed word breaks up to `words` n-grams: 0.5 still sees two changes in 40 words.",
    )
    words: int = Field(default=8, ge=2, le=50, description="Words per n-gram.")
    short_question: int = Field(
        default=4,
        ge=1,
        description="Fewest words of a question, shorter than an n-gram, that is looked for whole inside "
        "prompts; one that is shorter still must equal the prompt, or a line or sentence of it.",
    )
    enough: int = Field(
        default=64,
        ge=1,
        description="N-grams of an item that the threshold refers to at most: half of these, word for word, "
        "leak even a long item.",
    )
    short_field: int = Field(
        default=64,
        ge=0,
        description="A question or answer of fewer words than this (and as many as an n-gram) is also looked for "
        "with some of its words changed; 0 for none.",
    )
    likeness: float = Field(
        default=0.88,
        gt=0,
        le=1,
        description="Share (0 to 1) of the words of such a field from which a row leaks it: one word in nine may be "
        "changed, left out or added.",
    )
    paraphrase: float = Field(
        default=0.77,
        gt=0,
        le=1,
        description="Mean cosine of question and answer from which a row is an item in other words; raised where "
        "honest rows of the pool lie closer to each other than that. 1 turns it off.",
    )
    template_items: int = Field(
        default=5,
        ge=1,
        description="An n-gram, or a question, that more items than this hold is a template and no evidence.",
    )
    template_share: float = Field(
        default=0.01,
        gt=0,
        le=1,
        description="An n-gram or a question in more than this share of the rows (and more than 20) is a template "
        "as well.",
    )


DEFAULT = Decontaminate()


def leaks(
    prompts: pl.Series,
    answers: pl.Series,
    items: pl.DataFrame,
    settings: Decontaminate = DEFAULT,
    meanings: Meanings | None = None,
) -> pl.DataFrame:
    """Find rows that leak an item.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        The pool, one of each per row; null counts as empty.
    items : pl.DataFrame
        `item, question, answer`, all String; either text may be empty.
    settings : Decontaminate
        What counts as a leak.
    meanings : Meanings, optional
        Embeddings of both; without them paraphrases are not looked for.

    Returns
    -------
    pl.DataFrame
        `row: UInt32, item: String, reason: String, score: Float64, threshold: Float64`, one line per leaking row,
        ascending. Of several reasons the first in the order above is told; the item is the one with the largest score.
    """
    items = items.select("item", "question", "answer").with_row_index("place")
    found = pl.concat(
        [part.with_columns(order=_REASONS.index(reason)) for reason, part in _found(prompts, answers, items, settings)]
    )
    if meanings is not None and settings.paraphrase < 1:
        same = paraphrases(meanings, settings.paraphrase, known=found["row"])
        found = pl.concat([found, same.with_columns(order=_REASONS.index("paraphrase"))], how="diagonal_relaxed")
    best = found.sort("row", "order", "score", "place", descending=[False, False, True, False])
    return (
        best.unique("row", keep="first", maintain_order=True)
        .join(items, on="place", how="left", maintain_order="left")
        .with_columns(reason=pl.col("order").replace_strict(dict(enumerate(_REASONS)), return_dtype=pl.String))
        .select(LEAKS.keys())
        .cast(LEAKS)
    )


def _found(
    prompts: pl.Series, answers: pl.Series, items: pl.DataFrame, settings: Decontaminate
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield what each lexical reason finds: `row, place, score, threshold`."""
    yield "same_question", _same_question(prompts, items, settings)
    whole = Matching(
        words=settings.words,
        threshold=settings.threshold,
        enough=settings.enough,
        shortest_whole=settings.short_question,
        template_items=settings.template_items,
        template_share=settings.template_share,
    )
    yield "shared_ngrams", shared_ngrams(prompts, answers, items, whole).drop("field")
    if settings.short_field:
        yield (
            "lightly_edited",
            lightly_edited(
                prompts,
                answers,
                items,
                likeness=settings.likeness,
                fewest_words=settings.words,
                most_words=settings.short_field - 1,
                template_items=settings.template_items,
                template_share=settings.template_share,
            ),
        )


def _same_question(prompts: pl.Series, items: pl.DataFrame, settings: Decontaminate) -> pl.DataFrame:
    """Match whole questions with prompts, and with the lines and sentences of these."""
    asked = (
        items.select("place", key=_question(pl.col("question")))
        .filter(pl.col("key") != "")
        .filter(pl.len().over("key") <= settings.template_items)
        .unique("key", keep="first", maintain_order=True)
    )
    rows = prompts.fill_null("").to_frame("prompt").with_row_index("row")
    lines = rows.with_columns(pl.col("prompt").str.split("\n")).explode("prompt")
    sentences = lines.with_columns(pl.col("prompt").str.replace_all(r"([?.!:]) +", "$1\n").str.split("\n"))
    parts = [part.select("row", key=_question(pl.col("prompt"))) for part in (rows, lines, sentences.explode("prompt"))]
    # A single word ("Hello!") is a question only where nothing else is said.
    parts[2] = parts[2].filter(pl.col("key").str.contains(" ", literal=True))
    found = pl.concat(parts).unique(maintain_order=True).join(asked, on="key")
    most = max(FEWEST_TEMPLATE_ROWS, int(settings.template_share * len(prompts)))
    return found.filter(pl.len().over("key") <= most).select("row", "place", score=pl.lit(1.0), threshold=pl.lit(1.0))


def _question(text: pl.Expr) -> pl.Expr:
    """Normalise, without what may stand around a question and means nothing."""
    return normalise(text).str.strip_chars(_AROUND)
