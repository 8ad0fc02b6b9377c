"""What two stages remove, from texts alone: duplicates, and answers that contradict each other or stand below anything.

The stages and the auditor run the same functions: what is removed twice from the same rows is what had to be removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from quality.duplicates.asked_again import alike_answers, conflicts, many_voiced
from quality.duplicates.boilerplate import boilerplate, many_prompts
from quality.duplicates.copies import copies, others_of_rows, placed, signs_differ
from quality.duplicates.in_short import answers_in_short
from quality.duplicates.same_letters import respelled_copies
from quality.duplicates.slipped import slipped_copies
from quality.duplicates.unfinished import unfinished_answers
from quality.judged_pairs import JudgedPairs
from quality.preambles import led_alike, led_by, preambles, without_preambles, without_system
from quality.prompts.bare_questions import bare_questions
from quality.records import answer_text, full_text, prompt_text
from quality.texts.legible import disguised
from quality.texts.letter_case import other_capitals
from quality.texts.normalise import normalised

if TYPE_CHECKING:
    from collections.abc import Callable

    from quality.duplicates.asked_again import Pairing
    from quality.neardup import NearDup

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
    rows: pl.DataFrame,
    near: Callable[[pl.Series], pl.DataFrame],
    settings: NearDup,
    pairing: Pairing,
    judged: JudgedPairs | None = None,
) -> pl.DataFrame:
    """Find exact and near-duplicates, stumps, copies in another spelling or with a slip, copied and short answers.

    No row is dropped that proves another. Of a short answer and one that says the same in full the latter stays, and
    copies of the former go by the same witness. Of a stump and a row that goes on where it breaks off, near-duplicates
    perhaps, the whole one stays, wherever it stands; and of a plain text and a disguised one (entities, escapes,
    letters of another width or script, hidden characters), the plain one. Rows that differ in a sign that means as much
    as a word are no copies of each other (`quality.texts.signs`), nor are rows that answer one prompt in really
    different ways, rows that differ in a fact alone, or name other things of code
    (`quality.texts.told_otherwise`), rows that are led by different preambles (`quality.preambles`), and rows that
    system messages of their own make alike.

    Parameters
    ----------
    rows : pl.DataFrame
        `messages`, in priority order.
    near : callable
        Finds near-duplicates among texts in priority order: `quality.neardup.near_duplicates`, or what gives the same.
    settings, pairing : NearDup, Pairing
        What the recipe asks of near-duplicates, and of prompts and answers.
    judged : JudgedPairs, optional
        What earlier runs found of pairs of rows; what this one finds is added to it.

    Returns
    -------
    pl.DataFrame
        Schema `REMOVED`, ascending by row; `row` and `witness` are positions.
    """
    judged = judged or JudgedPairs()
    rows = _read(rows)
    order = _best_first(rows)
    pairs = copies(rows[order], near, settings, pairing, judged)
    found = _near(rows, pairs.with_columns(placed("row", order), placed("witness", order)), settings)
    stumps = _unfinished(rows, found)
    found = pl.concat([found.filter(~pl.col("row").is_in(stumps["row"].implode())), stumps])
    respelled = _respelled(rows, found)
    found = pl.concat([found.filter(~pl.col("row").is_in(respelled["row"].implode())), respelled])
    found = pl.concat([found, _alike(rows, found, pairing, judged)])
    found = pl.concat([found, _slipped(rows, found, judged)])
    brief = _in_short(rows, found, judged)
    return pl.concat([found.filter(~pl.col("row").is_in(brief["row"].implode())), brief]).sort("row")


def sources_of_many_voices(rows: pl.DataFrame, settings: Pairing, judged: JudgedPairs | None = None) -> pl.Series:
    """Name the sources that answer questions in several ways on purpose, told by the rows before the domain filter."""
    return many_voiced(prompt_text(rows), answer_text(rows), rows["source"], settings, judged)


def stock_answers(rows: pl.DataFrame, settings: Pairing) -> pl.DataFrame:
    """List the answers that stand below many prompts, told by the rows before the domain filter.

    Returns
    -------
    pl.DataFrame
        Schema `quality.duplicates.boilerplate.STOCK`.
    """
    return many_prompts(prompt_text(rows), answer_text(rows), settings)


def incompatible_answers(
    rows: pl.DataFrame,
    many_voices: pl.Series,
    settings: Pairing,
    judged: JudgedPairs | None = None,
    stock: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Find boilerplate, and conflicts among the rest: a canned reply contradicts nothing.

    Parameters
    ----------
    rows : pl.DataFrame
        `messages, source`, in priority order.
    many_voices : pl.Series of String
        Sources whose prompts are in no conflict (`sources_of_many_voices`).
    settings : Pairing
        What the recipe asks.
    judged : JudgedPairs, optional
        What earlier runs found of pairs of rows.
    stock : pl.DataFrame, optional
        Answers below many prompts of the pool before the domain filter (`stock_answers`); by default those of these
        rows.

    Returns
    -------
    pl.DataFrame
        Schema `REMOVED`, ascending by row; `row` and `witness` are positions.
    """
    prompts, answers = prompt_text(rows), answer_text(rows)
    canned = boilerplate(prompts, answers, settings, stock)
    others = canned.filter(pl.col("row") != pl.col("witness"))
    told = _said(others.rename({"prompts": "score"}), "boilerplate", settings.boilerplate_prompts)
    rest = pl.DataFrame({"prompt": prompts, "answer": answers, "source": rows["source"]}).with_row_index("place")
    rest = rest.filter(~pl.col("place").is_in(canned["row"].implode()))
    found = conflicts(rest["prompt"], rest["answer"], rest["source"], settings, many_voices, judged)
    return pl.concat([told, _in_all(rest, found, "conflict", settings.alike)]).sort("row")


def _read(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the texts of rows once: `prompt, bare, answer`, `said` without system messages, `whole` without shared ones.

    Which of these a row begins with is named in `led`, and `asked` is its prompt without it.
    """
    shared = preambles(rows)
    rows = led_alike(rows, shared)
    prompts = prompt_text(rows)
    told = {"prompt": prompts, "bare": bare_questions(prompts), "answer": answer_text(rows)}
    below, alone = without_preambles(rows, shared), without_system(rows)
    whole = full_text(below)
    said = {
        "whole": whole,
        "said": whole if alone is rows else full_text(alone),
        "asked": prompts if below is rows else prompt_text(below),
    }
    return pl.DataFrame(told | said | {"led": led_by(rows, shared)})


def _near(rows: pl.DataFrame, found: pl.DataFrame, settings: NearDup) -> pl.DataFrame:
    texts = rows["whole"]
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
    prompts, answers = rows["prompt"], rows["answer"]
    none = pl.repeat(value=False, n=rows.height, eager=True)
    places = pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    stumps = places.is_in(unfinished_answers(prompts, answers, none, bare=rows["bare"])["row"].implode())
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
    stumps = unfinished_answers(rest["prompt"], rest["answer"], proving, bare=rest["bare"])
    found = _in_all(rest, stumps, "unfinished_answer", 0.0)
    return pl.concat([cut, found, _as_well(gone.filter(copied), found)])


def _copied(rows: pl.DataFrame, gone: pl.DataFrame) -> pl.Series:
    """Tell the exact duplicates whose prompts are equal too: what is true of the witness is true of them."""
    prompts = rows["prompt"]
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
    found = unfinished_answers(rest["prompt"], rest["answer"], proving=~away, gone=away, bare=rest["bare"])
    return _in_all(rest, found, "unfinished_answer", 0.0)


def _respelled(rows: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Find the rows that are another one in another spelling, and the copies of such rows."""
    copied = _copied(rows, gone)
    rest, proving = _rest(rows, gone, proved=~copied)
    spelled = respelled_copies(rest["prompt"], rest["answer"], proving)
    found = _in_all(rest, _in_one_case(rest, _without_other_signs(rest, spelled)), "same_letters", 1.0)
    return pl.concat([found, _as_well(gone.filter(copied), found)])


def _alike(rows: pl.DataFrame, gone: pl.DataFrame, pairing: Pairing, judged: JudgedPairs) -> pl.DataFrame:
    """Find the rows that ask what another row asks and answer alike."""
    rest, proving = _rest(rows, gone)
    found = alike_answers(rest["prompt"], rest["answer"], proving, pairing, rest["bare"], judged)
    return _in_all(rest, _without_other_signs(rest, found), "same_prompt_alike_answer", pairing.alike)


def _slipped(rows: pl.DataFrame, gone: pl.DataFrame, judged: JudgedPairs) -> pl.DataFrame:
    """Find the rows that are another one but for a slip in the prompt or in the answer."""
    rest, proving = _rest(rows, gone)
    prompts, answers = rest["prompt"], rest["answer"]
    pool = rows.select(pl.concat_str("prompt", "answer", separator="\n", ignore_nulls=True)).to_series()
    found = slipped_copies(prompts, answers, proving, pool, rest["bare"], judged)
    others = others_of_rows(prompts, answers, found)
    kept = _in_one_case(rest, _without_other_signs(rest, found.filter(~others)))
    return _in_all(rest, kept, "copy_with_a_slip", 0.0)


def _in_short(rows: pl.DataFrame, gone: pl.DataFrame, judged: JudgedPairs) -> pl.DataFrame:
    """Find the rows that say in short what another answer to their prompt says in full, and the copies of such rows."""
    proven = dict(gone.select("row", "witness").iter_rows())
    found = answers_in_short(rows["prompt"], rows["answer"], proven, rows["bare"], judged)
    return _said(found.rename({"jaccard": "score"}), "same_answer_in_short", 0.0)


def _without_other_signs(rest: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows that differ from their witness in a sign that means something."""
    return found.filter(~signs_differ(rest["whole"], found))


def _in_one_case(rest: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows that write a name of code in other capitals than their witness."""
    pairs = zip(*(rest["whole"].gather(found[name]) for name in ("row", "witness")), strict=True)
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
