"""A conversation's answers before its last: they are learnt as well, so a row with a broken one is broken."""

import polars as pl

WORST = (
    "placeholder",
    "broken_share",
    "broken_count",
    "markup",
    "refusal",
    "assistant_boilerplate",
    "symbols",
    "gibberish",
    "jumbled_words",
    "repeated_lines",
    "repeated_phrases",
    "looped_words",
)
"""The scores that tell of any answer whether it is broken. In a talk an answer may well be a word or a sign, say what
the question says, or end in the middle of what its next turn goes on with."""


# Who refuses offers something else, and that is not asked for to answer this question.
_SOMETHING_ELSE = (
    r"(?i)[^.!?\n]*\b(?:(?:any|another|other)\b[^.!?\n]*?\b(?:questions?|concerns?)|(?:any|some)thing\b[^.!?\n]*?\belse|"
    r"(?:another|other) (?:requests?|topics?|tasks?))\b[^.!?\n]*[.!?]*"
)
# Who lacks something says so, and is given it in the next turn.
_ASKS_FOR_MORE = (
    r"(?i)\b(?:please|kindly|(?:could|can|would|will) you|if you|you (?:can|could|may)|let me)\b[^.!?]{0,40}?\b(?:"
    r"paste|post|send|share|show|tell|describe|upload|attach|copy|type|provide|know|see|have)\b"
)


def outright(said: pl.DataFrame, answers: pl.Series) -> pl.DataFrame:
    """Judge what earlier answers say, as from `quality.refusals.refusals.said_in_rows`: as of `refusals` there.

    Formulas count for nothing: who asks for more details, or greets, is in the middle of a talk. Nor does it count that
    something can't be done as yet, where it is asked for ("I can't see your file. Please paste it.").
    """
    asks = answers.str.replace_all(_SOMETHING_ELSE, "").str.contains(_ASKS_FOR_MORE)
    refuses = pl.when(~asks).then("refuses").otherwise(0.0)
    return said.select(refusal=refuses, assistant_boilerplate="idles")


def worst(last: pl.DataFrame, earlier: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Give each row the worst score of its answers.

    Parameters
    ----------
    last : pl.DataFrame
        The scores of each row's last answer.
    earlier : pl.DataFrame
        Those of earlier answers: `WORST`, numbers or Boolean, and `languages`, of which the least is the worst.
    rows : pl.Series of UInt32
        The row of each of these: a position in `last`.

    Returns
    -------
    pl.DataFrame
        As `last`.
    """
    told = earlier.select(pl.col(*WORST, "languages").cast(pl.Float64), rows.alias("row"))
    by_row = told.group_by("row").agg(pl.col(WORST).max(), pl.col("languages").min())
    both = last.with_row_index("row").join(by_row, on="row", how="left", maintain_order="left", suffix=" earlier")
    most = [pl.max_horizontal(name, f"{name} earlier").alias(name) for name in WORST]
    least = pl.min_horizontal("languages", "languages earlier").alias("languages")
    return both.with_columns(*most, least).select(last.columns)
