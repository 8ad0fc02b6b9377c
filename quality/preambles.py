"""System messages that stand before many conversations: they tell no row from another.

A long one that a whole pool shares makes unlike rows near-duplicates, and all of one meaning. So rows are compared
without it. One that stands before few rows may hold what a question is about, such as a document, and stays. Rows that
are led by different ones are no copies: what is to be done may stand there.

A system message of a row's own may be either: a document, or what all are told, with a date in it. So two rows that
have such ones are compared with and without (`without_system`), and who wants to know what a row is about reads what
stands below first (`about`).

What many share but for a date, a time or an id is one that they share: a machine put these in (`quality.texts.stamps`).
"""

from __future__ import annotations

import polars as pl

from quality.neardup import NearDup, near_pairs
from quality.prompts.edited import words_in_order
from quality.records import MESSAGE, full_text
from quality.texts.normalise import normalised
from quality.texts.spellings import in_one_spelling
from quality.texts.stamps import without_stamps
from quality.texts.told_otherwise import Text, rows_apart

# Of a document questions are asked, too, but seldom so many, and not in so large a part of a pool.
_FEWEST_ROWS, _LEAST_SHARE = 20, 0.02
# An edited copy of a row may have an edited system message.
_EDITED = NearDup(threshold=0.7)
_NOTHING = Text([], "")
_SYSTEM = pl.col("messages").list.first()
_ROLE, _CONTENT = (pl.element().struct.field(name) for name in ("role", "content"))
_IS_SYSTEM = _ROLE == "system"
_ASKED = pl.col("messages").list.eval(_ROLE == "user").list.any()


def preambles(rows: pl.DataFrame) -> pl.DataFrame:
    """List the system messages that stand before many of some records, and edited copies of them before one.

    Parameters
    ----------
    rows : pl.DataFrame
        Records, of which the messages are looked at. Many are 20 of them, and a fiftieth of those that begin with a
        system message.

    Returns
    -------
    pl.DataFrame
        `text`, normalised and without stamps, and `of`: the one that many share. It is the same in whatever order the
        rows come.
    """
    said = pl.DataFrame({"text": _unstamped(_begun(rows).drop_nulls())})
    counts = said.group_by("text").len().sort("text")
    many = pl.col("len") >= max(_FEWEST_ROWS, _LEAST_SHARE * said.height)
    shared = counts.filter(many).select("text", of="text")
    return pl.concat([shared, _edited(shared["text"], counts.filter(pl.col("len") == 1, ~many)["text"])])


def _edited(shared: pl.Series, others: pl.Series) -> pl.DataFrame:
    """List those of others that are copies of a shared one, and differ in no fact: `text, of`."""
    if shared.is_empty() or others.is_empty():
        return pl.DataFrame(schema={"text": pl.String, "of": pl.String})
    texts = pl.concat([shared, others])
    pairs = near_pairs(texts, _EDITED).filter(pl.col("left") < len(shared), pl.col("right") >= len(shared))
    sides = zip(*(_read(texts.gather(pairs[side])) for side in ("left", "right")), strict=True)
    apart = pl.Series([rows_apart(one, other, _NOTHING, _NOTHING) for one, other in sides], dtype=pl.Boolean)
    pairs = pairs.filter(~apart).unique("right", keep="first", maintain_order=True)
    return pl.DataFrame({"text": texts.gather(pairs["right"]), "of": texts.gather(pairs["left"])})


def _read(texts: pl.Series) -> list[Text]:
    spelled = in_one_spelling(texts)
    return [Text(*read) for read in zip(words_in_order(spelled).to_list(), spelled.to_list(), strict=True)]


def without_preambles(rows: pl.DataFrame, shared: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return records without the system messages that are listed, by default those that many of these records share.

    A system message that nothing but an answer follows is the question, and stays.
    """
    shared = preambles(rows) if shared is None else shared
    if shared.is_empty():
        return rows
    rest = pl.when(led_by(rows, shared).is_not_null()).then(pl.col("messages").list.slice(1)).otherwise("messages")
    return rows.with_columns(messages=rest.cast(pl.List(MESSAGE)))


def without_system(rows: pl.DataFrame) -> pl.DataFrame:
    """Return records without their system messages, but for those that nothing but answers follow: these ask."""
    if system_text(rows).null_count() == rows.height:
        return rows
    said = pl.col("messages").list.eval(pl.element().filter(~_IS_SYSTEM))
    return rows.with_columns(messages=pl.when(_ASKED).then(said).otherwise("messages").cast(pl.List(MESSAGE)))


def system_text(rows: pl.DataFrame) -> pl.Series:
    """Return what the messages say that `without_system` leaves out, one below the other; null where it is none."""
    said = pl.col("messages").list.eval(_CONTENT.filter(_IS_SYSTEM))
    return rows.select(text=pl.when(_ASKED & (said.list.len() > 0)).then(said.list.join("\n"))).to_series()


def about(rows: pl.DataFrame, shared: pl.DataFrame | None = None) -> pl.Series:
    """Return the texts of records for who asks what they are about, as by embedding them.

    They are without the system messages that are listed, by default those that many of these records share. Any other
    stands behind the rest: it may be a document that tells the subject, but one that many rows share but for a date
    would fill an embedder's window.
    """
    told = without_preambles(rows, shared)
    return pl.select(
        pl.concat_str(full_text(without_system(told)), system_text(told), separator="\n", ignore_nulls=True)
    ).to_series()


def led_by(rows: pl.DataFrame, shared: pl.DataFrame) -> pl.Series:
    """Return which of the listed preambles (`of`) each record begins with; null where it begins with none."""
    begun = pl.DataFrame({"text": _unstamped(_begun(rows))})
    return begun.join(shared, on="text", how="left", maintain_order="left")["of"]


def led_alike(rows: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """Return records in which each system message that is listed reads as the one that many share, dates and all.

    So prompts that differ in nothing else are the same.
    """
    if shared.is_empty():
        return rows
    first = pl.struct(role=_SYSTEM.struct.field("role"), content=pl.lit(led_by(rows, shared)))
    alike = pl.concat_list(first, pl.col("messages").list.slice(1))
    led = first.struct.field("content").is_not_null()
    return rows.with_columns(messages=pl.when(led).then(alike).otherwise("messages").cast(pl.List(MESSAGE)))


def led_otherwise(led: pl.Series, pairs: pl.DataFrame) -> pl.Series:
    """Tell which pairs (`row, witness`, by position) are led by different preambles; one that has none is not."""
    return (led.gather(pairs["row"]) != led.gather(pairs["witness"])).fill_null(value=False)


def _unstamped(texts: pl.Series) -> pl.Series:
    return without_stamps(normalised(texts))


def _begun(rows: pl.DataFrame) -> pl.Series:
    """Return the system message that a conversation begins with; null where it doesn't, or all but it is answered."""
    led = (_SYSTEM.struct.field("role") == "system") & (pl.col("messages").list.len() > 2)
    return rows.select(pl.when(led).then(_SYSTEM.struct.field("content"))).to_series()
