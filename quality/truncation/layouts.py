"""How an answer is laid out and how it begins: what answers with one custom of full stops have in common."""

from __future__ import annotations

import polars as pl

from quality.lsh.shingles import stable_hash

# How an answer is laid out: in one line, or with a last line that begins with a letter, is indented or is marked;
# what it ends in: an address, a number, a word or a sign; and whether a sentence ended before.
_LINES = ("line", "lines", "indented", "marked")
_ENDS = ("name", "address", "number", "word", "sign")
LAYOUTS = ("layout", "said_first", "beginning")  # what `layouts` tells
_TAIL = 300  # characters
_LAST_WORD = r"(\S+)\s*\z"
_ADDRESS = r"://|@|\w[/_\\]\w|\w\.\w"
# Whose sentences have full stops so far hardly leaves out the last; the items of a list are sentences, too.
_SENTENCE = r"[.!?…][)\]\"'”’»*_]*\s+(?:(?:[-*•]|\d{1,3}[.)]|\|)[ \t]+)?[\"'“‘«(\[*_]*\p{Lu}"
# The first two words of an answer, which has more than a few.
_BEGINNING, _MOST_OF_BEGINNING = r"^\s*(\S{1,20}\s+\S{1,20})", 3


def layouts(answers: pl.Series) -> pl.DataFrame:
    """Describe answers.

    Parameters
    ----------
    answers : pl.Series of String
        Without nulls, and without white space at their ends.

    Returns
    -------
    pl.DataFrame
        In the order of the rows: `layout: UInt8`, a number for each way of laying answers out; `said_first: UInt64`, a
        hash of the first word; `beginning: UInt64`, one of the first two words, 0 for answers of a few words.
    """
    answer = pl.col("answer")
    told = answers.to_frame("answer").with_columns(tail=answer.str.tail(_TAIL))
    last_line, last_word = pl.col("tail").str.extract(r"\n([^\n]*)$"), pl.col("tail").str.extract(_LAST_WORD)
    lines = (
        pl.when(last_line.is_null())
        .then(_LINES.index("line"))
        .when(last_line.str.contains(r"^\p{L}"))
        .then(_LINES.index("lines"))
        .when(last_line.str.contains(r"^\s+\p{L}"))
        .then(_LINES.index("indented"))
        .otherwise(_LINES.index("marked"))
    )
    ends = (
        pl.when(last_word.str.contains(_ADDRESS))
        .then(_ENDS.index("address"))
        .when(last_word.str.contains(r"\p{N}"))
        .then(_ENDS.index("number"))
        .when(last_word.str.contains(r"[\p{L}\p{M}]"))
        .then(_ENDS.index("word"))
        .otherwise(_ENDS.index("sign"))
    )
    # Of a few words that begin alike, hardly one goes on to say something else.
    longer = pl.when(answer.str.count_matches(r"\S+") > _MOST_OF_BEGINNING).then(answer.str.extract(_BEGINNING))
    found = told.select(
        layout=((lines * len(_ENDS) + ends) * 2 + answer.str.contains(_SENTENCE).cast(pl.Int32)).cast(pl.UInt8),
        first=answer.str.extract(r"^\s*(\S{1,12})").fill_null("").str.to_lowercase(),
        begun=longer.str.to_lowercase(),
    )
    first, begun = (pl.Series(stable_hash(found[name].fill_null("")), dtype=pl.UInt64) for name in ("first", "begun"))
    return found.select(
        "layout", said_first=first, beginning=pl.when(pl.col("begun").is_not_null()).then(begun).otherwise(0)
    )


def of_names(layout: pl.Expr) -> pl.Expr:
    """Return the layout of an answer that is but a name, in place of its `layout`."""
    end = layout // 2 % len(_ENDS)
    return layout - 2 * (end - _ENDS.index("name"))
