r"""Find the pool rows that give an exam item away: its question, much of its words, or the same thing in other words.

A row leaks an item by one of four reasons, each with a score and the threshold it reached:

- `same_question`: the item's question stands in the prompt, as the whole of it or as a line or sentence of its own, or
  in the answer as such a one (see `quality.leaks.same_question`);
- `shared_ngrams`: prompt or answer hold at least `threshold` of the word n-grams of the item's question or of its
  answer, each field on its own, so that neither a long answer hides a leaked question nor the other way round;
- `lightly_edited`: they hold a question or answer shorter than `short_field` words with a few words changed, where a
  single one breaks most of the n-grams (see `quality.leaks.light_edits`), or both as one where the answer is too short
  for that (see `quality.leaks.short_items`);
- `paraphrase`: question and answer both mean the same (see `quality.leaks.paraphrases`).

Who asks of something else in nearly the words of a question, and answers otherwise, leaks nothing by these; nor does
who answers of something else in nearly the words of an answer (see `quality.leaks.kin`).

A text that many items share, or that many rows hold part of, is a template and gives nothing away: what is filled
into it does. Nor does a question of three words or fewer that many rows hold besides other things ("Summarise the
text."), unless they answer it as the item does. But who copies an item leaks it, however many do.

Texts are compared as a reader sees them (see `quality.texts.legible`).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, TypedDict

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from quality.leaks.kin import Kin
from quality.leaks.light_edits import lightly_edited, suspected
from quality.leaks.longer_questions import without_longer_questions
from quality.leaks.paraphrases import Meanings, paraphrases
from quality.leaks.same_question import same_question
from quality.leaks.shared_ngrams import Matching, shared_ngrams
from quality.leaks.short_items import edited_short_items
from quality.prompts.edited import usual_words
from quality.texts.legible import legible, unbroken
from quality.texts.normalise import fold
from quality.texts.words import WORD

__all__ = ["DEFAULT", "LEAKS", "Decontaminate", "Leaks", "Meanings", "leaks"]

LEAKS = pl.Schema(
    {"row": pl.UInt32(), "item": pl.String(), "reason": pl.String(), "score": pl.Float64(), "threshold": pl.Float64()}
)

_REASONS = ("same_question", "shared_ngrams", "lightly_edited", "paraphrase")


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
    words: int = Field(
        default=8,
        ge=2,
        le=50,
        description="Words per n-gram. In scripts without spaces as many characters as say the same: for 8 words 13 "
        "in Chinese, 26 in Japanese, Thai, Lao, Khmer and Burmese; and so wherever words of an item are counted.",
    )
    short_question: int = Field(
        default=4,
        ge=1,
        description="Fewest words of a question, shorter than an n-gram, that is looked for whole inside "
        "prompts; one that is shorter still must equal the prompt, or a line, sentence or quoted string of it.",
    )
    enough: int = Field(
        default=64,
        ge=1,
        description="N-grams of an item that the threshold refers to at most: half of these, word for word, "
        "leak even a long item.",
    )
    short_field: int = Field(
        default=256,
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
        description="An n-gram, or a question among other text, in more than this share of the rows (and more than 20) "
        "is a template as well.",
    )
    copy_share: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="Share (0 to 1) of all n-grams of a question or answer from which a row is a copy of it and leaks "
        "it, however many rows do: templates leave more to be filled in.",
    )


DEFAULT = Decontaminate()


class Leaks(NamedTuple):
    """The rows that leak an item, and the items of which rows may hold much and be spared.

    `found` has `row: UInt32, item: String, reason: String, score: Float64, threshold: Float64`, one line per leaking
    row, ascending. Of several reasons the first in the order above is told; the item is the one with the largest score.
    `common` lists the items whose question, or most of a field, stands in so many rows that it counts as a template:
    only rows that copy them are found.
    """

    found: pl.DataFrame
    common: pl.Series


def leaks(
    prompts: pl.Series,
    answers: pl.Series,
    items: pl.DataFrame,
    settings: Decontaminate = DEFAULT,
    meanings: Meanings | None = None,
) -> Leaks:
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
    """
    prompts, answers, items = _as_seen(prompts, answers, items)
    asked = same_question(
        prompts,
        answers,
        items,
        words=settings.words,
        template_items=settings.template_items,
        template_share=settings.template_share,
    )
    shared = shared_ngrams(prompts, answers, items, _whole_fields(settings))
    shared = shared._replace(found=without_longer_questions(shared.found, prompts, answers, items, settings.words))
    usual = cache(lambda: usual_words(prompts))
    suspects = suspected(prompts, answers, items, **_short_fields(settings))
    among = pl.concat([shared.found.select(suspects.columns), suspects])
    kin = Kin(among, prompts, answers, items, usual)
    partly = kin.without(shared.found, templates=False)
    edited = kin.without(lightly_edited(suspects, prompts, answers, items, likeness=settings.likeness), templates=True)
    short = edited_short_items(prompts, answers, items, likeness=settings.likeness, **_short_fields(settings))
    for field in ("question", "answer"):
        short = kin.without(short.with_columns(field=pl.lit(field)), templates=True)
    parts = [asked.found, partly.drop("field"), pl.concat([edited, short]).drop("field")]
    found = pl.concat([part.with_columns(order=pl.lit(order)) for order, part in enumerate(parts)])
    if meanings is not None and settings.paraphrase < 1:
        same = paraphrases(meanings, settings.paraphrase, known=found["row"])
        same = same.filter(~kin.of_meaning(same))
        found = pl.concat([found, same.with_columns(order=pl.lit(len(parts)))], how="diagonal_relaxed")
    common = pl.concat([asked.common, shared.common.select("place")])
    return Leaks(_first_told(found, items), items.join(common, on="place", how="semi", maintain_order="left")["item"])


def _as_seen(prompts: pl.Series, answers: pl.Series, items: pl.DataFrame) -> tuple[pl.Series, pl.Series, pl.DataFrame]:
    read = items.select("item", *(legible(items[field]) for field in ("question", "answer")))

    @cache
    def words() -> frozenset[str]:
        said = pl.concat([read["question"].alias("text"), read["answer"].alias("text")]).drop_nulls().to_frame()
        listed = said.select(fold(pl.col("text")).str.extract_all(WORD)).explode("text", empty_as_null=False)
        return frozenset(listed["text"].unique())

    whole = read.select("item", *(unbroken(read[field], words) for field in ("question", "answer")))
    prompts, answers = (unbroken(legible(texts), words) for texts in (prompts, answers))
    return prompts, answers, whole.with_row_index("place")


def _first_told(found: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Keep one line a row: of the first reason that was found, the item with the largest score."""
    best = found.sort("row", "order", "score", "place", descending=[False, False, True, False])
    return (
        best.unique("row", keep="first", maintain_order=True)
        .join(items, on="place", how="left", maintain_order="left")
        .with_columns(reason=pl.col("order").replace_strict(dict(enumerate(_REASONS)), return_dtype=pl.String))
        .select(LEAKS.keys())
        .cast(LEAKS)
    )


class _Short(TypedDict):
    fewest_words: int
    most_words: int
    template_items: int
    template_share: float


def _short_fields(settings: Decontaminate) -> _Short:
    return _Short(
        fewest_words=settings.words,
        most_words=settings.short_field - 1,
        template_items=settings.template_items,
        template_share=settings.template_share,
    )


def _whole_fields(settings: Decontaminate) -> Matching:
    return Matching(
        words=settings.words,
        threshold=settings.threshold,
        enough=settings.enough,
        shortest_whole=settings.short_question,
        template_items=settings.template_items,
        template_share=settings.template_share,
        copy=settings.copy_share,
    )
