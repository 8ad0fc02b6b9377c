"""Prompts asked more than once: answers that are alike are copies, answers that are really different a conflict.

Prompts are the same when they are equal after normalisation and but for the marks at their end; for copies politeness
around the question makes no difference either (`quality.prompts.bare_questions`). When two answers to one prompt are
alike is told in `quality.duplicates.answers_compared`.

A conflict is a question to which the pool gives two to four really different answers, of which at most one can be
learned. What is none:

- two answers that may say the same in other spellings (`quality.texts.spellings`), or in another order;
- two answers of which one says in short what the other says in full (`quality.texts.in_short`);
- a prompt with more answers: `Summarise the text.` is an instruction that anything may follow;
- a prompt of one or two words: `Hello` asks for nothing in particular, and who trains a chat wants many greetings;
- a prompt that asks for any one of many: `Write a poem about rain.` (`quality.prompts.open_requests`);
- a question of a source that asks many of its questions twice (small talk, several passages to one question): it
  is written so, and quarantining would delete it. Only a source with few such rows has mistakes in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from quality.duplicates.answers_compared import compared
from quality.duplicates.contradictions import COPIED, LONG
from quality.duplicates.in_short import in_full
from quality.duplicates.same_prompt import asked_again, asked_in_the_same_words
from quality.lsh.star import PAIRS, REMOVALS, star
from quality.prompts.bare_questions import bare_questions
from quality.prompts.open_requests import open_requests
from quality.texts.word_bags import WordBags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.judged_pairs import JudgedPairs

CONFLICTS = pl.Schema({"row": pl.UInt32(), "witness": pl.UInt32(), "jaccard": pl.Float64()})


class Pairing(BaseModel):
    """What prompts and answers, compared separately, give away."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    alike: float = Field(
        default=0.75,
        gt=0,
        le=1,
        description="Share of their words (0 to 1) from which two answers to one prompt count as the same answer.",
    )
    most_answers: int = Field(
        default=4,
        ge=1,
        description="A prompt with more different answers than this is a general instruction, and no conflict. "
        "1 looks for no conflicts.",
    )
    least_prompt_words: int = Field(
        default=3, ge=0, description="Prompts of fewer words (“Hello”) may have many answers: no conflict."
    )
    few_conflicts: int = Field(
        default=20, ge=0, description="Up to this many rows of a source are always quarantined as conflicts."
    )
    most_conflicts: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Above that: a source with a larger share (0 to 1) of rows in conflict, before the domain filter, "
        "answers questions in several ways on purpose, and none of its rows is quarantined.",
    )
    boilerplate_prompts: int = Field(
        default=5, ge=2, description="Different prompts from which an answer can be boilerplate."
    )
    boilerplate_words: int = Field(
        default=4, ge=1, description="Answers of fewer words (“Yes.”, “42”) are never boilerplate."
    )
    boilerplate_kinship: float = Field(
        default=1.5,
        ge=0,
        description="How many times as many words the prompts of one answer may share as any prompts of the pool do. "
        "Above it they ask for one thing, and the answer is knowledge; below it, the answer is boilerplate.",
    )


DEFAULT = Pairing()
_SIDES = ("left", "right")


def alike_answers(
    prompts: pl.Series,
    answers: pl.Series,
    proving: pl.Series,
    settings: Pairing = DEFAULT,
    bare: pl.Series | None = None,
    judged: JudgedPairs | None = None,
) -> pl.DataFrame:
    """Find rows that ask what a row before them asks, and answer alike.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        In priority order: of two copies the one that comes first stays.
    proving : pl.Series of Boolean
        Rows that are witnesses already. They stay, and go before all others.
    settings : Pairing
        When answers are alike.
    bare : pl.Series of String, optional
        As of `quality.duplicates.same_prompt.asked_again`.
    judged : JudgedPairs, optional
        What earlier runs found of pairs.

    Returns
    -------
    pl.DataFrame
        `row, witness, jaccard` (schema `quality.lsh.star.REMOVALS`), ascending by row; the witness is a row that stays.
    """
    pairs = compared(asked_again(prompts, bare), answers, settings.alike, judged).filter("alike")
    order = proving.to_frame("proving").with_row_index("row").sort(pl.col("proving").not_(), "row")
    turn = np.empty(len(order), np.uint32)
    turn[order["row"].to_numpy()] = np.arange(len(order), dtype=np.uint32)
    one, other = turn[pairs["left"].to_numpy()], turn[pairs["right"].to_numpy()]
    turned = pl.DataFrame(
        {"left": np.minimum(one, other), "right": np.maximum(one, other), "jaccard": pairs["jaccard"]}
    )
    found = star(turned.filter(pl.col("right") >= int(proving.sum())).cast(PAIRS))
    named = {name: order["row"].gather(found[name]) for name in ("row", "witness")}
    return pl.DataFrame(named | {"jaccard": found["jaccard"]}).cast(REMOVALS).sort("row")


def answered_otherwise(
    prompts: pl.Series, answers: pl.Series, pairs: pl.DataFrame, settings: Pairing = DEFAULT
) -> NDArray[np.bool_]:
    """Tell which pairs of rows ask the same and answer really differently.

    They are no copies, however much they share: below a long prompt two rows are near-duplicates whatever their answers
    say. Long answers that share `COPIED` of their words are copies nevertheless, unless they differ in a fact alone.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        All rows.
    pairs : pl.DataFrame
        `row, witness`: positions in `prompts`.
    settings : Pairing
        When answers are alike.
    """
    sides = (bare_questions(prompts.gather(pairs[side])) for side in ("row", "witness"))
    one, other = (asked.fill_null("") for asked in sides)
    found = ((one == other) & (one != "")).to_numpy().copy()
    again = compared(pairs.filter(found).select(left="row", right="witness"), answers, settings.alike)
    copied = (pl.col("jaccard") >= COPIED) & (pl.col("words") >= LONG) & ~pl.col("another_fact")
    found[found] = again.select(~pl.col("alike") & ~copied).to_series().to_numpy()
    return found


def conflicts(
    prompts: pl.Series,
    answers: pl.Series,
    sources: pl.Series,
    settings: Pairing = DEFAULT,
    many_voiced: pl.Series | None = None,
    judged: JudgedPairs | None = None,
) -> pl.DataFrame:
    """Find rows that ask what another row asks, and answer really differently.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        Rows in any order; where answers are alike, all of them are in the conflict.
    sources : pl.Series of String
        Where each row comes from.
    settings : Pairing
        What a conflict is.
    many_voiced : pl.Series of String, optional
        Sources whose prompts are in no conflict (`many_voiced`); by default those of these rows.
    judged : JudgedPairs, optional
        What earlier runs found of pairs.

    Returns
    -------
    pl.DataFrame
        `row, witness, jaccard` (schema `CONFLICTS`), ascending by row. The witness is the first row of the same
        prompt with another answer, which is in conflict as well; `jaccard` is the share of words they share.
    """
    both = _unlike(prompts, answers, settings, judged)
    excused = _busy(both, sources, settings) if many_voiced is None else many_voiced
    rows = both.select("prompt", source=sources.gather(both["row"]))
    spared = rows.join(excused.to_frame("source"), on="source", nulls_equal=True)["prompt"]
    return (
        both.filter(~pl.col("prompt").is_in(spared.implode()))
        .sort("row", "witness")
        .unique("row", keep="first", maintain_order=True)
        .select(CONFLICTS.names())
        .cast(CONFLICTS)
    )


def many_voiced(
    prompts: pl.Series,
    answers: pl.Series,
    sources: pl.Series,
    settings: Pairing = DEFAULT,
    judged: JudgedPairs | None = None,
) -> pl.Series:
    """Name the sources that answer questions in several ways on purpose: so many of their rows would be in conflict.

    Parameters
    ----------
    prompts, answers, sources : pl.Series of String
        Rows of the pool. A domain filter may leave so few of a source that some contradictions are a large share of
        them, or none of those that show its habit; so the rows that came before it tell.
    settings : Pairing
        What a conflict is, and how many are many.
    judged : JudgedPairs, optional
        What earlier runs found of pairs.
    """
    return _busy(_unlike(prompts, answers, settings, judged), sources, settings)


def _camps(pairs: pl.DataFrame) -> pl.DataFrame:
    """Count the really different answers to each prompt: `prompt, camps`."""
    copies = star(pairs.filter("alike").select(PAIRS.names()).cast(PAIRS))["row"]
    rows = pl.concat([pairs.select("prompt", row="left"), pairs.select("prompt", row="right")]).unique()
    return rows.filter(~pl.col("row").is_in(copies.implode())).group_by("prompt").agg(camps=pl.len())


def _unlike(
    prompts: pl.Series, answers: pl.Series, settings: Pairing, judged: JudgedPairs | None = None
) -> pl.DataFrame:
    """Pair rows that answer one definite prompt in few, really different ways: `prompt, row, witness, jaccard`."""
    pairs = compared(asked_in_the_same_words(prompts), answers, settings.alike, judged)
    asked = pairs.select(row=pl.col("left").unique())["row"]
    prompt = prompts.gather(asked)
    definite = asked.filter(
        pl.Series(WordBags(prompt).sizes >= settings.least_prompt_words, dtype=pl.Boolean) & ~open_requests(prompt)
    )
    pairs = pairs.filter(pl.col("left").is_in(definite.implode()))
    told = pairs.filter("unlike")
    agree = told.select("left", "right").filter(
        pl.Series(in_full(told, prompts, answers, judged) >= 0, dtype=pl.Boolean)
    )
    pairs = pairs.join(agree.with_columns(agree=True), on=["left", "right"], how="left", maintain_order="left")
    pairs = pairs.with_columns(alike=~pl.col("unlike") | pl.col("agree").fill_null(value=False))
    pairs = pairs.join(_camps(pairs), on="prompt").filter(pl.col("camps").is_between(2, settings.most_answers))
    unlike = pairs.filter(~pl.col("alike"))
    sides = (unlike.select("prompt", "jaccard", row=one, witness=other) for one, other in (_SIDES, _SIDES[::-1]))
    return pl.concat(sides)


def _busy(both: pl.DataFrame, sources: pl.Series, settings: Pairing) -> pl.Series:
    """Name the sources many of whose rows answer otherwise than another."""
    rows = both.select("row").unique()
    sizes = sources.to_frame("source").group_by("source").agg(size=pl.len())
    counted = rows.select(source=sources.gather(rows["row"])).group_by("source").agg(count=pl.len())
    most = pl.max_horizontal(pl.lit(float(settings.few_conflicts)), settings.most_conflicts * pl.col("size"))
    return counted.join(sizes, on="source", nulls_equal=True).filter(pl.col("count") > most)["source"].sort()
