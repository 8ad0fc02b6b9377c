"""Match the questions of items with what rows ask: as their whole prompt, or as a line or sentence of it.

A question of three words or fewer that many rows hold besides other things ("Summarise the text.") gives nothing away,
unless they also answer it as the item does. A prompt that is the question and nothing else always asks it.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from quality.normalise import normalise
from quality.shared_ngrams import FEWEST_TEMPLATE_ROWS

# What may stand around a question and means nothing: other marks, and those of lists and headings before it. Emphasis
# ends where it began: “C#” and “A*” without their signs are something else.
_AROUND = " ?.!:\"'“”‘’,;…¿¡。？！：；、>–—•·()[]{}`«»‹›„-"
_BEFORE = _AROUND + "#*_"
_EMPHASIS = "*_"
# A question of so many words is asked by whoever holds it as a line or sentence, however many do.
_TELLING_WORDS = 4
_SENTENCE_END = r"([?.!:]) +|([。？！；])"


class Asked(NamedTuple):
    """`found` has `row, place, score, threshold`; `common` (`place`) lists the items whose question is one of many."""

    found: pl.DataFrame
    common: pl.DataFrame


def same_question(
    prompts: pl.Series, answers: pl.Series, items: pl.DataFrame, *, template_items: int, template_share: float
) -> Asked:
    """Match whole questions with prompts, and with the lines and sentences of these.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row.
    items : pl.DataFrame
        `place, question, answer`.
    template_items : int
        A question that more items ask gives nothing away.
    template_share : float
        Nor does one of fewer than four words that stands, among other text, in more than this share of the rows, and
        in more than 20.
    """
    asking = (
        items.select("place", key=_question(pl.col("question")), reply=_reply(pl.col("answer")))
        .filter(pl.col("key") != "")
        .filter(pl.len().over("key") <= template_items)
    )
    rows = prompts.fill_null("").to_frame("prompt").with_row_index("row")
    lines = rows.with_columns(pl.col("prompt").str.replace_all("\r", "\n", literal=True).str.split("\n"))
    lines = lines.explode("prompt")
    sentences = lines.with_columns(pl.col("prompt").str.replace_all(_SENTENCE_END, "$1$2\n").str.split("\n"))
    parts = [part.select("row", key=_question(pl.col("prompt"))) for part in (rows, lines, sentences.explode("prompt"))]
    # A single word ("Hello!") is a question only where nothing else is said.
    parts[2] = parts[2].filter(pl.col("key").str.contains(" ", literal=True))
    found = pl.concat(parts).unique(maintain_order=True).join(asking.select("key").unique(), on="key")
    most = max(FEWEST_TEMPLATE_ROWS, int(template_share * len(prompts)))
    short = pl.col("key").str.count_matches(r"\w+") < _TELLING_WORDS
    crowded = found.filter(short & (pl.len().over("key") > most)).join(parts[0], on=["row", "key"], how="anti")
    spared = crowded.join(_answering(crowded, answers, asking), on=["row", "key"], how="anti")
    found = found.join(spared, on=["row", "key"], how="anti", maintain_order="left")
    named = found.join(asking.unique("key", keep="first", maintain_order=True), on="key", maintain_order="left")
    return Asked(
        named.select("row", "place", score=pl.lit(1.0), threshold=pl.lit(1.0)),
        asking.join(spared, on="key", how="semi", maintain_order="left").select("place"),
    )


def _answering(found: pl.DataFrame, answers: pl.Series, asking: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows that also hold the answer to the question they ask, word by word."""
    replies = answers.fill_null("").to_frame("said").with_row_index("row")
    pairs = found.select("row", "key").join(asking.filter(pl.col("reply") != "  "), on="key")
    pairs = pairs.join(replies, on="row").with_columns(said=_reply(pl.col("said")))
    return pairs.filter(pl.col("said").str.contains(pl.col("reply"), literal=True)).select("row", "key")


def _reply(text: pl.Expr) -> pl.Expr:
    """List a text's words between spaces, so that one text stands in another word by word."""
    words = normalise(text.fill_null("")).str.extract_all(r"\w+").list.join(" ")
    return pl.format(" {} ", words)


def _question(text: pl.Expr) -> pl.Expr:
    """Normalise, without what may stand around a question and means nothing."""
    whole = normalise(text)
    bare = whole.str.strip_chars_start(_BEFORE)
    begun = whole.str.head(whole.str.len_chars() - bare.str.len_chars()).str.contains(f"[{_EMPHASIS}]")
    return bare.str.strip_chars_end(pl.when(begun).then(pl.lit(_AROUND + _EMPHASIS)).otherwise(pl.lit(_AROUND)))
