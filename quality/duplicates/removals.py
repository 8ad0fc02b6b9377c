"""What two stages remove, from texts alone: duplicates, and answers that contradict each other or stand below anything.

The stages and the auditor run the same functions: what is removed twice from the same rows is what had to be removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from quality.duplicates.asked_again import alike_answers, answered_otherwise, conflicts, many_voiced
from quality.duplicates.boilerplate import boilerplate
from quality.duplicates.contradictions import apart
from quality.duplicates.in_short import answers_in_short
from quality.duplicates.same_letters import respelled_copies
from quality.duplicates.slipped import slipped_copies
from quality.duplicates.unfinished import unfinished_answers
from quality.neardup import near_duplicates
from quality.records import answer_text, full_text, prompt_text
from quality.texts.legible import disguised
from quality.texts.letter_case import other_capitals
from quality.texts.normalise import normalised
from quality.texts.signs import have_other_signs

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from quality.duplicates.asked_again import Pairing
    from quality.neardup import NearDup

# Rows that have much in common and are told apart; what is beyond stays, copies and all.
_MOST_TOLD_APART = 32

REMOVED = pl.Schema(
    {
        "row": pl.UInt32(),
        "witness": pl.UInt32(),
        "reason": pl.String(),
        "score": pl.Float64(),
        "threshold": pl.Float64(),
    }
)


def duplicates(
    rows: pl.DataFrame, near: Callable[[pl.Series], pl.DataFrame], settings: NearDup, pairing: Pairing
) -> pl.DataFrame:
    """Find exact and near-duplicates, stumps, copies in another spelling or with a slip, copied and short answers.

    No row is dropped that proves another. Of a short answer and one that says the same in full the latter stays, and
    copies of the former go by the same witness. Of a stump and a row that goes on where it breaks off, near-duplicates
    perhaps, the whole one stays, wherever it stands; and of a plain text and a disguised one (entities, escapes,
    letters of another width or script, hidden characters), the plain one. Rows that differ in a sign that means as much
    as a word are no copies of each other (`quality.texts.signs`), nor are rows that answer one prompt in really
    different ways, and rows that differ in a fact alone, or name other things of code
    (`quality.texts.told_otherwise`).

    Parameters
    ----------
    rows : pl.DataFrame
        `messages`, in priority order.
    near : callable
        Finds near-duplicates among texts in priority order: `quality.neardup.near_duplicates`, or what gives the same.
    settings, pairing : NearDup, Pairing
        What the recipe asks of near-duplicates, and of prompts and answers.

    Returns
    -------
    pl.DataFrame
        Schema `REMOVED`, ascending by row; `row` and `witness` are positions.
    """
    order = _best_first(rows)
    pairs = _told_apart(rows[order], near, settings, pairing)
    found = _near(rows, pairs.with_columns(_placed("row", order), _placed("witness", order)), settings)
    stumps = _unfinished(rows, found)
    found = pl.concat([found.filter(~pl.col("row").is_in(stumps["row"].implode())), stumps])
    respelled = _respelled(rows, found)
    found = pl.concat([found.filter(~pl.col("row").is_in(respelled["row"].implode())), respelled])
    found = pl.concat([found, _alike(rows, found, pairing)])
    found = pl.concat([found, _slipped(rows, found)])
    brief = _in_short(rows, found)
    return pl.concat([found.filter(~pl.col("row").is_in(brief["row"].implode())), brief]).sort("row")


def sources_of_many_voices(rows: pl.DataFrame, settings: Pairing) -> pl.Series:
    """Name the sources that answer questions in several ways on purpose, told by the rows before the domain filter."""
    return many_voiced(prompt_text(rows), answer_text(rows), rows["source"], settings)


def incompatible_answers(rows: pl.DataFrame, many_voices: pl.Series, settings: Pairing) -> pl.DataFrame:
    """Find boilerplate, and conflicts among the rest: a canned reply contradicts nothing.

    Parameters
    ----------
    rows : pl.DataFrame
        `messages, source`, in priority order.
    many_voices : pl.Series of String
        Sources whose prompts are in no conflict (`sources_of_many_voices`).
    settings : Pairing
        What the recipe asks.

    Returns
    -------
    pl.DataFrame
        Schema `REMOVED`, ascending by row; `row` and `witness` are positions.
    """
    canned = boilerplate(prompt_text(rows), answer_text(rows), settings)
    told = _said(canned.rename({"prompts": "score"}), "boilerplate", settings.boilerplate_prompts)
    places = pl.concat([canned["row"], canned["witness"]])
    rest = rows.with_row_index("place").filter(~pl.col("place").is_in(places.implode()))
    found = conflicts(prompt_text(rest), answer_text(rest), rest["source"], settings, many_voices)
    return pl.concat([told, _in_all(rest, found, "conflict", settings.alike)]).sort("row")


def _placed(column: str, order: pl.Series) -> pl.Expr:
    return pl.lit(order).gather(pl.col(column)).alias(column)


def _told_apart(
    rows: pl.DataFrame, near: Callable[[pl.Series], pl.DataFrame], settings: NearDup, pairing: Pairing
) -> pl.DataFrame:
    """Find near-duplicates that are copies of their witness; those that are not are compared anew with each other."""
    texts, prompts, answers = full_text(rows), prompt_text(rows), answer_text(rows)
    found = near(texts)
    told = []
    for _ in range(_MOST_TOLD_APART):
        differ = _signs_differ(texts, found) | answered_otherwise(prompts, answers, found, pairing)
        differ[~differ] = _apart(prompts, answers, found.filter(~pl.Series(differ, dtype=pl.Boolean)))
        others = pl.Series(differ, dtype=pl.Boolean)
        told.append(found.filter(~others))
        left = found["row"].filter(others)
        if left.is_empty():
            break
        again = near_duplicates(texts.gather(left), settings)
        found = again.with_columns(_placed("row", left), _placed("witness", left))
    return pl.concat(told)


def _signs_differ(texts: pl.Series, found: pl.DataFrame) -> NDArray[np.bool_]:
    return have_other_signs(texts.gather(found["row"]), texts.gather(found["witness"]))


def _apart(prompts: pl.Series, answers: pl.Series, found: pl.DataFrame) -> NDArray[np.bool_]:
    return apart(prompts, answers, found["row"].to_numpy(), found["witness"].to_numpy())


def _near(rows: pl.DataFrame, found: pl.DataFrame, settings: NearDup) -> pl.DataFrame:
    texts = full_text(rows)
    exact = normalised(texts.gather(found["row"])) == normalised(texts.gather(found["witness"]))
    return found.select(
        "row",
        "witness",
        reason=pl.when(exact).then(pl.lit("exact_duplicate")).otherwise(pl.lit("near_duplicate")),
        score="jaccard",
        threshold=pl.when(exact).then(1.0).otherwise(settings.threshold),
    ).cast(REMOVED)


def _best_first(rows: pl.DataFrame) -> pl.Series:
    """Order the rows: first those written as they are read, then disguised ones, and stumps last."""
    prompts, answers = prompt_text(rows), answer_text(rows)
    none = pl.repeat(value=False, n=rows.height, eager=True)
    places = pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    stumps = places.is_in(unfinished_answers(prompts, answers, none)["row"].implode())
    hidden = (disguised(prompts) | disguised(answers)) & ~stumps
    return pl.concat([places.filter(~stumps & ~hidden), places.filter(hidden), places.filter(stumps)])


def _unfinished(rows: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Find the rows that break off where another answer to the same prompt goes on, and the copies of such rows.

    Near-duplicates are among them: that one breaks off says more than that it is much like the whole one.
    """
    cut = _cut_duplicates(rows, gone)
    gone = gone.filter(~pl.col("row").is_in(cut["row"].implode()))
    copied = _copied(rows, gone)
    rest, proving = _rest(rows, pl.concat([gone, cut]), proved=pl.concat([~copied, cut["row"].is_not_null()]))
    found = _in_all(rest, unfinished_answers(prompt_text(rest), answer_text(rest), proving), "unfinished_answer", 0.0)
    return pl.concat([cut, found, _as_well(gone.filter(copied), found)])


def _copied(rows: pl.DataFrame, gone: pl.DataFrame) -> pl.Series:
    """Tell the exact duplicates whose prompts are equal too: what is true of the witness is true of them."""
    prompts = prompt_text(rows)
    own, of_witness = (normalised(prompts.gather(gone[name])) for name in ("row", "witness"))
    return (gone["reason"] == "exact_duplicate") & (own == of_witness)


def _as_well(copies: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Let copies of what was found go with it, by the same witness."""
    firsts = copies.select("row", first="witness")
    return firsts.join(found, left_on="first", right_on="row", how="inner", maintain_order="left").select(found.columns)


def _cut_duplicates(rows: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Find the near-duplicates that break off where an answer that stays goes on."""
    near = gone["reason"] == "near_duplicate"
    rest, _ = _rest(rows, gone.filter(~near))
    away = rest["place"].is_in(gone["row"].filter(near).implode())
    found = unfinished_answers(prompt_text(rest), answer_text(rest), proving=~away, gone=away)
    return _in_all(rest, found, "unfinished_answer", 0.0)


def _respelled(rows: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Find the rows that are another one in another spelling, and the copies of such rows."""
    copied = _copied(rows, gone)
    rest, proving = _rest(rows, gone, proved=~copied)
    spelled = respelled_copies(prompt_text(rest), answer_text(rest), proving)
    found = _in_all(rest, _in_one_case(rest, _without_other_signs(rest, spelled)), "same_letters", 1.0)
    return pl.concat([found, _as_well(gone.filter(copied), found)])


def _alike(rows: pl.DataFrame, gone: pl.DataFrame, pairing: Pairing) -> pl.DataFrame:
    """Find the rows that ask what another row asks and answer alike."""
    rest, proving = _rest(rows, gone)
    found = alike_answers(prompt_text(rest), answer_text(rest), proving, pairing)
    return _in_all(rest, _without_other_signs(rest, found), "same_prompt_alike_answer", pairing.alike)


def _slipped(rows: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Find the rows that are another one but for a slip in the prompt or in the answer."""
    rest, proving = _rest(rows, gone)
    prompts, answers = prompt_text(rest), answer_text(rest)
    pool = pl.select(pl.concat_str(prompt_text(rows), answer_text(rows), separator="\n", ignore_nulls=True)).to_series()
    found = slipped_copies(prompts, answers, proving, pool)
    others = pl.Series(_apart(prompts, answers, found), dtype=pl.Boolean)
    kept = _in_one_case(rest, _without_other_signs(rest, found.filter(~others)))
    return _in_all(rest, kept, "copy_with_a_slip", 0.0)


def _in_short(rows: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Find the rows that say in short what another answer to their prompt says in full, and the copies of such rows."""
    proven = dict(gone.select("row", "witness").iter_rows())
    found = answers_in_short(prompt_text(rows), answer_text(rows), proven)
    return _said(found.rename({"jaccard": "score"}), "same_answer_in_short", 0.0)


def _without_other_signs(rest: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows that differ from their witness in a sign that means something."""
    return found.filter(~pl.Series(_signs_differ(full_text(rest), found), dtype=pl.Boolean))


def _in_one_case(rest: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows that write a name of code in other capitals than their witness."""
    pairs = zip(*(full_text(rest).gather(found[name]) for name in ("row", "witness")), strict=True)
    return found.filter(~pl.Series([other_capitals(*pair) for pair in pairs], dtype=pl.Boolean))


def _rest(rows: pl.DataFrame, gone: pl.DataFrame, proved: pl.Series | None = None) -> tuple[pl.DataFrame, pl.Series]:
    """Leave the rows not gone yet, with their places, and mark those that prove what is gone (or of it, `proved`)."""
    rest = rows.with_row_index("place").filter(~pl.col("place").is_in(gone["row"].implode()))
    proven = gone if proved is None else gone.filter(proved)
    return rest, rest["place"].is_in(proven["witness"].implode())


def _in_all(rest: pl.DataFrame, found: pl.DataFrame, reason: str, threshold: float) -> pl.DataFrame:
    """Give what was found among the rest its places among all rows."""
    places = {name: rest["place"].gather(found[name]) for name in ("row", "witness")}
    return _said(pl.DataFrame(places | {"score": found["jaccard"]}), reason, threshold)


def _said(found: pl.DataFrame, reason: str, threshold: float) -> pl.DataFrame:
    told = found.with_columns(reason=pl.lit(reason), threshold=pl.lit(float(threshold)))
    return told.select(REMOVED.names()).cast(REMOVED)
