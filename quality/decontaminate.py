r"""Find the pool rows that give an exam item away: the same question, or much of its words.

A row leaks an item if its prompt is the item's question, or if it holds at least `threshold` of the word
n-grams of the item's question or of its answer, each field on its own, so that neither a long answer hides a
leaked question nor the other way round. N-grams are of `\w+` words after case folding: punctuation and layout
make no difference, and a verbatim leak scores 1 however long the row around it is.

Templates ("what is the weakness named … and how can it be mitigated") leak nothing: n-grams that many items
or many rows hold don't count as evidence. What remains must reach the threshold, and so must all n-grams
together, lest the one odd n-gram left of a boilerplate answer decide alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from quality.normalise import fold, normalise
from quality.shingles import batches, ngrams, word_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAKS = pl.Schema({"row": pl.UInt32(), "item": pl.String(), "reason": pl.String(), "score": pl.Float64()})

# An n-gram in this many rows or fewer is evidence even in a small pool.
_FEWEST_TEMPLATE_ROWS = 20
_GRAMS = pl.Schema({"row": pl.UInt32(), "gram": pl.UInt64()})


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
        "prompts; one that is shorter still must equal the prompt or its last line.",
    )
    enough: int = Field(
        default=64,
        ge=1,
        description="N-grams of an item that the threshold refers to at most: half of these, word for word, "
        "leak even a long item.",
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
        description="An n-gram in more than this share of the rows (and more than 20) is a template as well.",
    )


DEFAULT = Decontaminate()


def leaks(
    prompts: pl.Series, answers: pl.Series, items: pl.DataFrame, settings: Decontaminate = DEFAULT
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

    Returns
    -------
    pl.DataFrame
        `row: UInt32, item: String, reason: String, score: Float64`, one line per leaking row, ascending. The
        reason is `same_question` (score 1) or `shared_ngrams`; the item is the one with the largest score.
    """
    items = items.select("item", "question", "answer").with_row_index("place")
    found = pl.concat(
        [
            _same_question(prompts, items, settings),
            _shared_ngrams(prompts, answers, items, settings),
        ]
    )
    best = found.sort("row", "order", "score", "place", descending=[False, False, True, False])
    return (
        best.unique("row", keep="first", maintain_order=True)
        .join(items, on="place", how="left", maintain_order="left")
        .select("row", "item", "reason", "score")
        .cast(LEAKS)
    )


def _same_question(prompts: pl.Series, items: pl.DataFrame, settings: Decontaminate) -> pl.DataFrame:
    """Match whole questions with whole prompts, or with their last line (what follows a system message)."""
    asked = (
        items.select("place", key=_question(pl.col("question")))
        .filter(pl.col("key") != "")
        .filter(pl.len().over("key") <= settings.template_items)
        .unique("key", keep="first", maintain_order=True)
    )
    rows = prompts.to_frame("prompt").with_row_index("row")
    last = pl.col("prompt").str.strip_chars_end().str.split("\n").list.last()
    keys = pl.concat([rows.select("row", key=_question(pl.col("prompt"))), rows.select("row", key=_question(last))])
    return keys.join(asked, on="key").select(
        "row", "place", order=pl.lit(0), reason=pl.lit("same_question"), score=pl.lit(1.0)
    )


def _question(text: pl.Expr) -> pl.Expr:
    """Normalise, without what may stand around a question and means nothing."""
    return normalise(text).str.strip_chars(" ?.!:\"'“”‘’")


def _shared_ngrams(
    prompts: pl.Series, answers: pl.Series, items: pl.DataFrame, settings: Decontaminate
) -> pl.DataFrame:
    """Match n-grams: first those that are evidence, then, for the few pairs these point to, all of them."""
    wanted = _item_grams(items, settings)
    held = _row_grams(prompts, answers, wanted, settings)
    evidence = wanted.join(_templates(wanted, held, len(prompts), settings), on="gram", how="anti")
    suspects = _score(held.join(evidence, on="gram"), evidence, settings)
    everything = suspects.select("row", "place", "field").join(wanted, on=["place", "field"])
    everything = everything.join(held, on=["row", "gram"], how="semi")
    return (
        suspects.join(_score(everything, wanted, settings), on=["row", "place", "field"], suffix="_of_all")
        .with_columns(score=pl.min_horizontal("score", "score_of_all"))
        .select("row", "place", order=pl.lit(1), reason=pl.lit("shared_ngrams"), score="score")
    )


def _item_grams(items: pl.DataFrame, settings: Decontaminate) -> pl.DataFrame:
    """List the distinct n-grams of every question and answer: `place, field, size, gram`."""
    parts = []
    for field in ("question", "answer"):
        for size in _sizes(settings):
            grams = _grams(items[field], size, only_whole=size < settings.words)
            parts.append(grams.select(place="row", field=pl.lit(field), size=pl.lit(size), gram="gram"))
    # A short answer proves nothing: "Paris" or "validate all input" stands in many an honest row.
    found = pl.concat(parts).filter((pl.col("field") == "question") | (pl.col("size") == settings.words))
    return found.unique(maintain_order=True)


def _row_grams(prompts: pl.Series, answers: pl.Series, wanted: pl.DataFrame, settings: Decontaminate) -> pl.DataFrame:
    """List the n-grams of rows that some item holds, each once a row: `row, gram`."""
    parts = [pl.DataFrame(schema=_GRAMS)]
    for size in wanted["size"].unique().sort().to_list():
        grams = wanted.filter(pl.col("size") == size)["gram"].unique()
        for texts in (prompts, answers) if size == settings.words else (prompts,):
            parts.append(_grams(texts, size, among=grams))
    return pl.concat(parts).unique(maintain_order=True)


def _grams(texts: pl.Series, size: int, *, among: pl.Series | None = None, only_whole: bool = False) -> pl.DataFrame:
    """Hash the n-grams of texts (`row, gram`): those `among` some, or only of texts that are one n-gram."""
    parts = [pl.DataFrame(schema=_GRAMS)]
    for start, batch in batches(texts):
        hashes, counts = word_hashes(batch.to_frame("text").select(fold(pl.col("text"))).to_series())
        grams, lengths = ngrams(hashes, counts, size)
        if only_whole:
            grams, lengths = grams[np.repeat(lengths == 1, lengths)], np.where(lengths == 1, 1, 0)
        rows = np.repeat(np.arange(start, start + len(batch), dtype=np.uint32), lengths)
        found = pl.DataFrame({"row": rows, "gram": grams})
        parts.append(found if among is None else found.join(among.to_frame("gram"), on="gram", how="semi"))
    return pl.concat(parts)


def _templates(wanted: pl.DataFrame, held: pl.DataFrame, rows: int, settings: Decontaminate) -> pl.DataFrame:
    """List the n-grams that too many items or too many rows hold to say anything: `gram`."""
    items = wanted.group_by("gram").agg(n=pl.col("place").n_unique())
    most = max(_FEWEST_TEMPLATE_ROWS, int(settings.template_share * rows))
    return pl.concat(
        [
            items.filter(pl.col("n") > settings.template_items).select("gram"),
            held.group_by("gram").len().filter(pl.col("len") > most).select("gram"),
        ]
    )


def _score(shared: pl.DataFrame, grams: pl.DataFrame, settings: Decontaminate) -> pl.DataFrame:
    """Divide the n-grams a row shares with a field by those of the field: `row, place, field, score`."""
    counts = grams.group_by("place", "field").agg(of=pl.len().clip(upper_bound=settings.enough))
    score = (pl.col("shared") / pl.col("of")).clip(upper_bound=1.0)
    return (
        shared.group_by("row", "place", "field")
        .len("shared")
        .join(counts, on=["place", "field"])
        .select("row", "place", "field", score=score)
        .filter(pl.col("score") >= settings.threshold)
    )


def _sizes(settings: Decontaminate) -> Iterable[int]:
    """Sizes of n-grams: that of the settings, and those of whole short questions."""
    return range(min(settings.short_question, settings.words), settings.words + 1)
