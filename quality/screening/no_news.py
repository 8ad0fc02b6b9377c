"""Where a text goes round: it says nothing new for a while, and what it says then it says more than once.

A configuration, a table, a program or a song says some lines many times, each time between others that are new. Who got
stuck says nothing new any more. So what was said before counts where it comes again and again before anything new does;
but nobody writes the same sentence, or paragraph, many times whatever stands between.
"""

from __future__ import annotations

import polars as pl

from quality.lsh.shingles import batches
from quality.texts.patterns import holds

# So often must something come again before there is news, or so often in so many words, which no refrain has.
_OFTEN = 3
_TWICE, _MANY_WORDS = 2, 24
# Of the lines of a text so many, at the least, stood before: one may be a summary, or what a property returns.
_FEWEST_REPEATS = 2
# A key or a value is no line that anybody gets stuck in, unless it stands below itself again and again.
_FEWEST_WORDS = 3
_FEWEST_IN_A_ROW = 4
_WORD = r"\p{L}[\p{L}\p{M}]*"
_NUMBERS = r"^\P{L}*\p{N}\P{L}*$"
# Words one behind the other, as in sentences alone, or many words and a stop.
_SENTENCE = r"(?:\p{L}[\p{L}\p{M}'’-]*[,.;:!?]?\s+){9}\p{L}|\p{Lo}{24}"
_STOPPED, _LONG = r"[.!?:][\"'”’)]*$", 10
# A text that says each of its lines twice; of a few lines so, a blues is made.
_EACH, _FEWEST_DOUBLED = 0.4, 6
_WIDE = 40  # characters of a line of prose, on average
_PARAGRAPHS = r"\n[^\S\n]*\n\s*"
_KEY = 0x9E3779B97F4A7C15  # odd: the same line of two texts has two keys


def goes_round(said: pl.DataFrame) -> pl.Series:
    """Tell what is said in a round: again, and more than once before anything new is said.

    Parameters
    ----------
    said : pl.DataFrame
        What texts say, in order, text after text: `key`, equal where one text says the same, and `words`, how long
        it is.

    Returns
    -------
    pl.Series of Boolean
        In the order of `said`.
    """
    marked = said.select("key", "words", new=pl.col("key").is_first_distinct())
    marked = marked.with_columns(run=pl.col("new").cum_sum())
    again = marked.with_row_index("place").filter(~pl.col("new"))
    times, words = pl.len().over("run", "key"), pl.col("words").sum().over("run")
    stuck = again.filter((times >= _OFTEN) | ((times >= _TWICE) & (words >= _MANY_WORDS)))["place"]
    return pl.repeat(value=False, n=said.height, eager=True).scatter(stuck, values=True)


def repeated_lines(texts: pl.Series) -> pl.Series:
    """Measure how much of a text repeats lines as only somebody does who is stuck, or pasted it twice.

    Parameters
    ----------
    texts : pl.Series of String
        Null texts repeat nothing.

    Returns
    -------
    pl.Series of Float64
        Shares (0 to 1) of a text's characters, blanks around lines aside, in lines that stood before and are sentences,
        or go round (`goes_round`), or stand four times or more in a row; or that stand in paragraphs of sentences which
        stood before; or of all lines that stood before, in a text that says each of its lines twice, and in one without
        letters. 0 where fewer than two lines, or paragraphs, stood before.
    """
    found = [pl.Series(dtype=pl.Float64)]
    for _, batch in batches(texts):
        rows = batch.to_frame("text").with_row_index("row").filter(pl.col("text").str.contains("\n", literal=True))
        shares = pl.zeros(len(batch), pl.Float64, eager=True)
        for told in (_lines(rows), _paragraphs(rows)):
            if told.height:
                more = pl.zeros(len(batch), pl.Float64, eager=True).scatter(told["row"], told["share"])
                shares = pl.select(pl.max_horizontal(shares, more)).to_series()
        found.append(shares)
    return pl.concat(found)


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    lines = _parts(rows, pl.col("text").str.split("\n"))
    lines = lines.with_columns(turn=pl.col("key").rle_id(), round=_in_a_round(lines))
    in_a_row = (pl.len().over("turn") >= _FEWEST_IN_A_ROW) & (pl.col("words") > 0)
    return _shares(lines, _is_sentence() | pl.col("round") | in_a_row | _each_twice() | _letterless())


def _paragraphs(rows: pl.DataFrame) -> pl.DataFrame:
    apart = pl.col("text").str.replace_all(_PARAGRAPHS, "\0").str.split("\0")
    parts = _parts(rows.filter(pl.col("text").str.contains(_PARAGRAPHS)), apart)
    # Verses are in shorter lines than prose, and come again.
    wide = pl.col("size") >= _WIDE * (pl.col("what").str.count_matches("\n", literal=True) + 1)
    return _shares(parts, wide & _is_sentence())


def _parts(rows: pl.DataFrame, split: pl.Expr) -> pl.DataFrame:
    """Cut texts into parts; leave those of texts that say some again: `row, what, key, size, words, again`."""
    parts = rows.select("row", what=split).explode("what", empty_as_null=False, keep_nulls=False)
    what = pl.col("what")
    parts = parts.with_columns(what.str.strip_chars()).filter(what != "")
    parts = parts.with_columns(
        key=what.hash() + pl.col("row").cast(pl.UInt64) * pl.lit(_KEY, pl.UInt64), size=what.str.len_chars()
    )
    parts = parts.with_columns(again=~pl.col("key").is_first_distinct())
    parts = parts.filter(pl.col("again").sum().over("row") >= _FEWEST_REPEATS)
    return parts.with_columns(words=what.str.count_matches(_WORD))


def _shares(parts: pl.DataFrame, counts: pl.Expr) -> pl.DataFrame:
    if parts.is_empty():  # nor are patterns compiled
        return parts.select("row", share=pl.lit(0.0))
    counted = parts.with_columns(counts=counts & pl.col("again"))
    return counted.group_by("row").agg(share=pl.col("size").filter("counts").sum() / pl.col("size").sum())


def _is_sentence() -> pl.Expr:
    what = pl.col("what")
    return holds(what, _SENTENCE) | ((pl.col("words") >= _LONG) & what.str.contains(_STOPPED))


def _in_a_round(lines: pl.DataFrame) -> pl.Series:
    """Tell the lines that go round; numbers are no news, and neither they nor keys and values are what goes round."""
    told = lines.with_row_index("place").filter(~holds(pl.col("what"), _NUMBERS))
    may = (pl.col("words") >= _FEWEST_WORDS) | ~pl.col("what").str.contains(r"\w")
    stuck = told.filter(goes_round(told) & told.select(may).to_series())["place"]
    return pl.repeat(value=False, n=lines.height, eager=True).scatter(stuck, values=True)


def _each_twice() -> pl.Expr:
    at_once = (pl.col("turn") == pl.col("turn").shift()).fill_null(value=False)
    often = (at_once.mean() >= _EACH) & (pl.col("key").filter(at_once).n_unique() >= _FEWEST_DOUBLED)
    return often.over("row") & at_once


def _letterless() -> pl.Expr:
    return pl.col("words").max().over("row") == 0
