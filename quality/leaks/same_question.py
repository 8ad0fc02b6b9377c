"""Match the questions of items with what rows ask: as their whole prompt, or as a line or sentence of it.

What stands between two tags, in a string of JSON, in a cell of a table or between quotation marks that show where they
open is a line as well, if it has two words. So is a line or sentence of the answer, of four words or more, with a
question mark there or in the item: who repeats what was asked gives it away, and few honest answers ask. (Longer
questions are found by their n-grams.) With a question mark there, words may go before it: "They were asked what is the
capital of Peru?"

A question of three words or fewer that many rows hold besides other things ("Summarise the text."), or one that many
answers end a sentence with, gives nothing away, unless they also answer it as the item does. A prompt that is the
question and nothing else always asks it.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from quality.leaks.shared_ngrams import FEWEST_TEMPLATE_ROWS, rows_with_any
from quality.texts.normalise import normalise
from quality.texts.words import WORD, apart, size_in_words, words_apart

# What may stand around a question and means nothing: other marks, and those of lists and headings before it. Emphasis
# ends where it began: “C#” and “A*” without their signs are something else.
_AROUND = " ?.!:\"'“”‘’,;…¿¡。？！：；、>–—•·()[]{}`«»‹›„-「」『』《》〈〉【】（），．។၊။"
_BEFORE = _AROUND + "#*_"
_EMPHASIS = "*_"
# A question of so many words is asked by whoever holds it as a line or sentence, however many do.
_TELLING_WORDS = 4
_SENTENCE_END = r"([?.!:]) +|([。？！；：។။])"
_QUESTION_MARK = r"[?？؟][\s.!…\"'“”’»」』()*_\]}]*$"
# Tags that set words of a sentence apart from the others, and end none.
_INLINE = (
    r"(?i)</?(?:abbr|[abisu]|big|cite|code|del|em|font|ins|kbd|mark|small|span|strong|su[bp]|tt|var)(?:\s[^<>]*)?>"
)
# Where another tag, a string of JSON or of Python, a quotation or a cell of a table begins and ends.
_BOUNDARY = (
    r"</?[A-Za-z][^<>]*>|[\[{,:]\s*[\"']|[\"']\s*[\]},:]|\\[nrt\"']|[「」『』“”|\t]"
    r"|(?:^|[\s(])\"|\"(?:[\s.;!?)]|$)"
)
_UP_TO_MARK, _MARKS = r"[^?？؟]*[?？؟]", " ?？؟"


class Asked(NamedTuple):
    """`found` has `row, place, score, threshold`; `common` (`place`) lists the items whose question is one of many."""

    found: pl.DataFrame
    common: pl.DataFrame


class _Parts(NamedTuple):
    """What prompts ask, normalised (`row, key`): the whole of each, and what stands inside."""

    whole: pl.DataFrame
    inside: pl.DataFrame


class _Said(NamedTuple):
    """What answers ask (`row, key`): as a line or sentence of its own, and at the end of a longer question."""

    alone: pl.DataFrame
    ending: pl.DataFrame


class _Pieces(NamedTuple):
    """Texts cut up (`row, text`): whole, into lines, into sentences, and into what tags and quotes set apart."""

    whole: pl.DataFrame
    lines: pl.DataFrame
    sentences: pl.DataFrame
    opened: pl.DataFrame


def same_question(
    prompts: pl.Series,
    answers: pl.Series,
    items: pl.DataFrame,
    *,
    words: int,
    template_items: int,
    template_share: float,
) -> Asked:
    """Match whole questions with prompts, and with the lines and sentences of these.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row.
    items : pl.DataFrame
        `place, question, answer`.
    words : int
        Questions of so many words are not looked for in answers.
    template_items : int
        A question that more items ask gives nothing away.
    template_share : float
        Nor does one of fewer than four words that stands, among other text, in more than this share of the rows, and
        in more than 20; nor one with which so many answers end a sentence.
    """
    asking = (
        items.select(
            "place", key=_question(pl.col("question")), reply=_reply(pl.col("answer")), marked=_marked("question")
        )
        .filter(pl.col("key") != "")
        .filter(pl.len().over("key") <= template_items)
    )
    parts, said = _parts(prompts), _repeated(answers, asking, words)
    asked = pl.concat([parts.whole, parts.inside, said.alone]).unique(maintain_order=True)
    asked = asked.join(asking.select("key").unique(), on="key")
    ending = said.ending.unique(maintain_order=True).join(asked, on=["row", "key"], how="anti", maintain_order="left")
    found = pl.concat([asked.with_columns(ends=pl.lit(value=False)), ending.with_columns(ends=pl.lit(value=True))])
    most = max(FEWEST_TEMPLATE_ROWS, int(template_share * len(prompts)))
    may_be_usual = pl.col("ends") | (size_in_words(pl.col("key")) < _TELLING_WORDS)
    crowded = found.filter(may_be_usual & (pl.len().over("key") > most))
    crowded = crowded.join(parts.whole, on=["row", "key"], how="anti")
    spared = crowded.join(_answering(crowded, answers, asking), on=["row", "key"], how="anti")
    found = found.join(spared, on=["row", "key"], how="anti", maintain_order="left")
    named = found.join(asking.unique("key", keep="first", maintain_order=True), on="key", maintain_order="left")
    return Asked(
        named.select("row", "place", score=pl.lit(1.0), threshold=pl.lit(1.0)),
        asking.join(spared, on="key", how="semi", maintain_order="left").select("place"),
    )


def _parts(prompts: pl.Series) -> _Parts:
    """Normalise prompts, their lines, and of two words or more what else they hold: `row, key`."""
    key = _question(pl.col("text")).alias("key")
    pieces = _pieces(prompts)
    small = pl.concat([pieces.sentences, pieces.opened]).select("row", key).filter(_several_words(pl.col("key")))
    return _Parts(pieces.whole.select("row", key), pl.concat([pieces.lines.select("row", key), small]))


def _pieces(texts: pl.Series) -> _Pieces:
    text = pl.col("text")
    whole = texts.fill_null("").to_frame("text").with_row_index("row")
    lines = _cut(whole.with_columns(text.str.replace_all("\r", "\n", literal=True)))
    marked = lines.filter(text.str.contains(_BOUNDARY)).with_columns(text.str.replace_all(_INLINE, ""))
    opened = _cut(marked.with_columns(text.str.replace_all(_BOUNDARY, "\n")))
    cut = pl.concat([lines, opened]).with_columns(text.str.replace_all(_SENTENCE_END, "$1$2\n"))
    return _Pieces(whole, lines, _cut(cut), opened)


def _repeated(answers: pl.Series, asking: pl.DataFrame, words: int) -> _Said:
    """List the questions of several words that answers hold."""
    telling = asking.filter(size_in_words(pl.col("key")).is_between(_TELLING_WORDS, words - 1))
    asks = telling.group_by("key").agg(asks=pl.col("marked").any())
    # To cut up every answer would take longer than all the rest; most hold no question's beginning.
    rows = rows_with_any(answers, telling["key"], _TELLING_WORDS)
    pieces = _pieces(answers.gather(rows))
    said = pl.concat([pieces.lines, pieces.sentences, pieces.opened]).with_columns(key=_question(pl.col("text")))
    said = said.join(asks, on="key", maintain_order="left").filter(pl.col("asks") | _marked("text"))
    ending = _ending(pieces.lines, asks)
    return _Said(*(part.select(row=rows.gather(part["row"]), key="key") for part in (said, ending)))


def _ending(lines: pl.DataFrame, asks: pl.DataFrame) -> pl.DataFrame:
    """List the questions that stand before a question mark, whatever goes before them in the line: `row, key`."""
    text, words = pl.col("text"), pl.col("words")
    asked = lines.select("row", text=text.str.extract_all(_UP_TO_MARK)).explode("text", empty_as_null=False)
    parts = asked.select("row", words=normalise(text).str.strip_chars_end(_MARKS).str.split(" "))
    longest = asks.select(pl.col("key").str.count_matches(" ", literal=True).max()).item() or 0
    ends = pl.concat_list(words.list.tail(count).list.join(" ") for count in range(1, longest + 2))
    listed = (
        parts.select("row", key=ends).explode("key", empty_as_null=False).with_columns(key=_question(pl.col("key")))
    )
    return listed.join(asks, on="key", maintain_order="left")


def _marked(text: str) -> pl.Expr:
    return pl.col(text).fill_null("").str.contains(_QUESTION_MARK)


def _cut(texts: pl.DataFrame) -> pl.DataFrame:
    return texts.with_columns(pl.col("text").str.split("\n")).explode("text")


def _several_words(key: pl.Expr) -> pl.Expr:
    """Tell texts of two words: a single one ("Hello!") is a question only where nothing else is said."""
    unspaced = apart(key).str.contains(" ", literal=True) & (size_in_words(key) > 1)
    return key.str.contains(" ", literal=True) | unspaced


def _answering(found: pl.DataFrame, answers: pl.Series, asking: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows that also hold the answer to the question they ask, word by word."""
    replies = answers.fill_null("").to_frame("said").with_row_index("row")
    pairs = found.select("row", "key").join(asking.filter(pl.col("reply") != "  "), on="key")
    pairs = pairs.join(replies, on="row").with_columns(said=_reply(pl.col("said")))
    return pairs.filter(pl.col("said").str.contains(pl.col("reply"), literal=True)).select("row", "key")


def _reply(text: pl.Expr) -> pl.Expr:
    """List a text's words between spaces, so that one text stands in another word by word."""
    words = normalise(text.fill_null("")).map_batches(words_apart, return_dtype=pl.String)
    return pl.format(" {} ", words.str.extract_all(WORD).list.join(" "))


def _question(text: pl.Expr) -> pl.Expr:
    """Normalise, without what may stand around a question and means nothing."""
    whole = normalise(text)
    bare = whole.str.strip_chars_start(_BEFORE)
    begun = whole.str.head(whole.str.len_chars() - bare.str.len_chars()).str.contains(f"[{_EMPHASIS}]")
    return bare.str.strip_chars_end(pl.when(begun).then(pl.lit(_AROUND + _EMPHASIS)).otherwise(pl.lit(_AROUND)))
