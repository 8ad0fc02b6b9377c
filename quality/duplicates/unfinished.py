"""Answers that break off where another answer to the same prompt goes on.

Whether a stump was cut can only be guessed from how it ends (`quality.truncation.truncation`); the whole answer below
the same prompt proves it. Without this, the stump would contradict the whole answer and take it along into quarantine.
"""

from __future__ import annotations

import polars as pl

from quality.duplicates.contradictions import LONG
from quality.duplicates.same_prompt import asked_again
from quality.lsh.star import REMOVALS
from quality.texts.normalise import normalised

# Behind a full stop or another closing mark, a short answer is an answer, unless its sentence goes on.
_FINISHED = r"[.!?。！？)\]}\"'`”’»」]$"
_GOES_ON = r"^[,;:，；：、]"
_AMOUNT, _GOES_ON_IN_FIGURES = r"\d\s?\p{L}{0,3}$", r"^(?:[.,]\d|\s?[%°/^]|[⁰¹²³⁴-⁹])"
_TRAILING = r"\s*(?:\.{2,}|…)\s*$"


def unfinished_answers(
    prompts: pl.Series,
    answers: pl.Series,
    proving: pl.Series,
    gone: pl.Series | None = None,
    bare: pl.Series | None = None,
) -> pl.DataFrame:
    """Find rows whose answer begins an answer to the same prompt that has more words, and ends without a mark.

    With one, too, where a comma follows: "in the hive (a ball)" was cut from "In the hive (a ball), around the queen".

    Parameters
    ----------
    prompts, answers : pl.Series of String
        The rows.
    proving : pl.Series of Boolean
        Rows that are witnesses already: they stay.
    gone : pl.Series of Boolean, optional
        Rows that were removed before. They may be found, and are nobody's witness.
    bare : pl.Series of String, optional
        As of `quality.duplicates.same_prompt.asked_again`.

    Returns
    -------
    pl.DataFrame
        `row, witness, jaccard` (schema `quality.lsh.star.REMOVALS`), ascending by row. The witness is the longest such
        answer, the first of several; it stays, since no longer one begins with it. `jaccard` is the share of its
        characters that the row has.
    """
    pairs = asked_again(prompts, bare)
    away = pl.repeat(value=False, n=len(prompts), eager=True) if gone is None else gone
    both = pl.concat([pairs.select(row="left", witness="right"), pairs.select(row="right", witness="left")])
    at = both["row"].unique().sort()  # most prompts are asked once, and their answers need not be read
    spelled = normalised(answers.gather(at))
    begun = spelled.str.replace(_TRAILING, "").str.strip_chars_end()
    texts = pl.DataFrame(
        {"said": begun, "proving": proving.gather(at), "gone": away.gather(at), "whole": spelled, "at": at}
    )
    witnesses = texts.filter(~pl.col("gone")).select("whole", goes_on="said", witness="at")
    told = both.join(texts.select("said", "proving", row="at"), on="row").join(witnesses, on="witness")
    said, whole = pl.col("said"), pl.col("whole")
    # Dots alone don't go on: “In the hive” and “In the hive …” say as much.
    longer = said.str.len_bytes() < pl.col("goes_on").str.len_bytes()
    rest = whole.str.strip_prefix(said)
    in_mid_sentence = ~said.str.contains(_FINISHED) | rest.str.contains(_GOES_ON)
    # A short one may end within a number or its unit: “5” and “50”, “5 m” and “5 mm” are two facts.
    within = (said.str.contains(_AMOUNT) & rest.str.contains(r"^\w")) | (
        said.str.contains(r"\d$") & rest.str.contains(_GOES_ON_IN_FIGURES)
    )
    another = within & (said.str.count_matches(r"\w+") < LONG)
    # Who lacks the marks at the end lacks nothing that was said.
    cut = (said != "") & longer & in_mid_sentence & rest.str.contains(r"\w") & ~another
    found = (
        told.filter(~pl.col("proving") & cut & whole.str.starts_with(said))
        .with_columns(size=whole.str.len_chars())
        .sort("row", pl.col("goes_on").str.len_bytes(), "witness", descending=[False, True, False])
        .unique("row", keep="first", maintain_order=True)
    )
    return found.select("row", "witness", jaccard=said.str.len_chars() / pl.col("size")).cast(REMOVALS)
