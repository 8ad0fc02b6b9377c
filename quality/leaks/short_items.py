"""Items whose answer is too short to be looked for with words changed: question and answer are looked for as one text.

“What is otitis?” and “Pain in the ear.” prove little one by one, since much in few words stands in many an honest row,
and one word in nine may be changed of neither. Together they are long enough: an edited copy keeps all but one word. So
does a sibling of a template that leaves one word open; there other rows, too, fill in that word and no other, each in
its own way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from quality.leaks.fillings import FEWEST_FILLINGS, Fillings
from quality.leaks.light_edits import lightly_edited, suspected
from quality.prompts.edited import words_counted
from quality.texts.normalise import folded
from quality.texts.words import size_in_words, words_apart

if TYPE_CHECKING:
    from quality.leaks.fillings import Blanks

_FIELDS = ("question", "answer")
# Rows of more characters than so many times those of the longest short item are not looked at.
_MOST_TIMES = 2


def edited_short_items(
    prompts: pl.Series,
    answers: pl.Series,
    items: pl.DataFrame,
    *,
    likeness: float,
    fewest_words: int,
    most_words: int,
    template_items: int,
    template_share: float,
) -> pl.DataFrame:
    """Find the rows that hold a short item nearly whole: its question, and its answer right behind.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row.
    items : pl.DataFrame
        `place, question, answer`.
    likeness : float
        As for `quality.leaks.light_edits.lightly_edited`; an answer is short where even one changed word is too many.
    fewest_words, most_words, template_items, template_share
        As for `quality.leaks.light_edits.suspected`; question and answer are of so many words together.

    Returns
    -------
    pl.DataFrame
        `row, place, field, score, threshold`; the field is always `question`. Rows that only put something else in the
        place of a word of the item's own are left out; siblings of its question or answer (`quality.leaks.siblings`)
        are not.
    """
    joined = pl.concat_str(_FIELDS, separator="\n")
    # Step by step: in one expression a text would be spelled once for each time that its size is named.
    spelled = pl.DataFrame({text.name: _spelled(text) for text in items.select(*_FIELDS, joined=joined)})
    asked, said, together = (size_in_words(pl.col(name)) for name in spelled.columns)
    sized = together.is_between(fewest_words, most_words)
    short = spelled.select(sized & (asked > 0) & (said > 0) & (1 - 1 / said < likeness)).to_series()
    both = pl.when(short).then(joined).otherwise(pl.lit(""))
    whole = items.select("place", question=both, answer=pl.lit(""))
    texts = _of_like_length(prompts, answers, whole["question"])
    silent = pl.repeat("", len(texts), dtype=pl.String, eager=True)
    suspects = suspected(
        texts,
        silent,
        whole,
        fewest_words=fewest_words,
        most_words=most_words,
        template_items=template_items,
        template_share=template_share,
    )
    near = lightly_edited(suspects, texts, silent, whole, likeness=likeness)
    blanks = Fillings(suspects, texts, silent, whole).of(near)
    theirs = near.select("place").join(whole, on="place", maintain_order="left")["question"]
    pairs = zip(words_counted(texts.gather(near["row"])), words_counted(theirs), blanks, strict=True)
    return near.filter(
        pl.Series([not _is_sibling(set(row), set(item), own) for row, item, own in pairs], dtype=pl.Boolean)
    )


def _of_like_length(prompts: pl.Series, answers: pl.Series, whole: pl.Series) -> pl.Series:
    """Join prompts and answers; a row much longer than any item is left empty, since to cut up all takes long."""
    most = _MOST_TIMES * (whole.str.len_chars().max() or 0)  # type: ignore[operator]
    sizes = [pl.col(side).fill_null("").str.len_chars() for side in ("prompt", "answer")]
    both = pl.concat_str("prompt", "answer", separator="\n", ignore_nulls=True)
    rows = pl.DataFrame({"prompt": prompts, "answer": answers})
    return rows.select(pl.when(pl.sum_horizontal(sizes) <= most).then(both).otherwise(pl.lit(""))).to_series()


def _spelled(texts: pl.Series) -> pl.Series:
    return words_apart(folded(texts.fill_null("")))


def _is_sibling(row: set[str], item: set[str], blanks: Blanks) -> bool:
    lacking = item - row
    return bool(blanks.own & lacking) and blanks.filled_besides(
        row - item, lacking, ways=FEWEST_FILLINGS - 1, at_most=True
    )
