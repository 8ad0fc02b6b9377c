"""Make the items of an exam's suites from their own sources, without the pool."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import polars as pl

from evals.asking import Example
from evals.choices import choice_items
from evals.examples import draw_examples, example_rows
from evals.guest import guest_items
from evals.guest_tasks import Guest
from evals.items import questions
from evals.option_rows import items_from_options
from evals.suites import (
    Suite,
    SuiteError,
    count_cut,
    exchanges,
    items_from_records,
    items_from_texts,
    reserve_records,
    reserve_texts,
)
from quality.clusters import row_clusters
from quality.records import answer_text
from quality.sources import Copy, Source, read
from quality.sources.installed import VOUCHED_FOR
from tasks import cards
from tasks.exams import Exam
from tasks.fates import tell_unread
from tasks.named_suites import most_items
from tasks.option_rows import read_rows
from tasks.places import common_folder
from tasks.pool import EmptyPool
from tasks.reporting.text import counted, listed
from tasks.sealed_suites import choice_of
from tasks.text_rows import read_texts

Embed = Callable[[pl.Series], np.ndarray]
"""Turns texts into vectors, (n_texts, dim) float32."""

_Made = TypeVar("_Made")


class EmptySuite(EmptyPool):
    """A suite of the exam would have no item, and what it watches would go unseen."""


class Made(NamedTuple):
    """Items of a suite, as many spare ones behind them, what no training row may give away of it, and its examples.

    `cut` counts the items whose answer or text is cut.
    """

    items: pl.DataFrame
    spare: pl.DataFrame
    reserve: pl.DataFrame
    shots: tuple[Example, ...] = ()
    cut: int = 0


def suite_items(suite: Suite, settings: Exam, copies: Sequence[Copy] = (), *, embed: Embed | None = None) -> Made:
    """Make the items of a suite, the spare ones of a retention suite, its examples, and the reserve of its source.

    What a domain suite or a file of the user's holds is kept out of training whole. Packages and hub datasets that
    retention items are drawn from are too large, and too common, for that: of them it is the items, the spare ones and
    the examples; of lm-eval's own tasks the items alone, since lm-eval draws examples when it asks.

    Raises
    ------
    SuiteError
        If a row, or the number of them, is not what the suite asks for.
    EmptySuite
        If there is no item.
    """
    made = _made(suite, settings, copies, embed)
    if made.items.is_empty():
        raise _empty(suite, "nothing in its source could be read as a question with an answer, or as a text")
    return made


def _empty(suite: Suite, why: str) -> EmptySuite:
    return EmptySuite(
        f"exam.{suite.role}: the suite “{suite.name}” has no item, since {why}. Mend the source, or take the suite out "
        "of the recipe."
    )


def _made(suite: Suite, settings: Exam, copies: Sequence[Copy], embed: Embed | None) -> Made:
    limit = most_items(suite, settings)
    whole = suite.role == "domain" or "path" in suite.source
    if suite.kind == "lm-eval":
        guest = Guest.of(suite)
        asked = guest_items(guest, suite=suite, limit=limit, seed=settings.seed)
        whole = suite.role == "domain" or guest.is_file or guest.include_path is not None
        reserved = pl.concat([asked.whole, asked.examples]) if whole else asked.drawn
        return Made(asked.drawn, asked.drawn.clear(), questions(reserved))
    if suite.kind == "text":
        texts = _texts(suite, copies)
        drawn = items_from_texts(texts, suite=suite, limit=2 * limit, seed=settings.seed)
        uncut = reserve_texts(texts, suite=suite)
        items, spare = _parted(drawn, limit)
        return Made(items, spare, uncut if whole else questions(drawn), cut=count_cut(items, uncut))
    if suite.kind == "choice":
        every = _asked_for(suite, lambda: items_from_options(read_rows(suite, copies), suite=suite, seed=settings.seed))
        items, spare = _parted(every.head(2 * limit), limit)
        shots = _asked_for(suite, lambda: draw_examples(every, items, suite=suite))
        return Made(items, _beside(spare, shots, suite), questions(every), shots)
    records = _records(suite, copies)
    _tell_unasked(records, suite)
    rows = families(records)
    every = items_from_records(rows, suite=suite, limit=rows.height + 1, seed=settings.seed)
    items, spare = _parted(every.head(2 * limit), limit)
    if suite.role == "domain":
        items = domain_items(rows, suite, settings, embed)
    shots = _asked_for(suite, lambda: draw_examples(every, items, suite=suite))
    spare, uncut = _beside(spare, shots, suite), reserve_records(rows, suite=suite)
    kept = uncut if whole else questions(pl.concat([items, spare, example_rows(shots, suite=suite)]))
    return Made(items, spare, kept, shots, count_cut(items, uncut))


def _tell_unasked(records: pl.DataFrame, suite: Suite) -> None:
    different = records["id"].n_unique()
    repeats, halves = records.height - different, different - exchanges(records).height
    why = [f"{repeats:,} said before"] * (repeats > 0) + [f"{halves:,} without a question or an answer"] * (halves > 0)
    if why:
        cards.say(f"{suite.name}: {counted(repeats + halves, 'row')} not asked: {listed(why)}")


def families(rows: pl.DataFrame) -> pl.DataFrame:
    """Let near-copies, and answers to one question, count as one source document, as they do where a pool is parted.

    Each gets the group of all, or the smallest id.
    """
    named = rows.with_columns(family=row_clusters(rows))
    return named.with_columns(group=pl.coalesce("group", "id").min().over("family")).drop("family")


def domain_items(rows: pl.DataFrame, suite: Suite, settings: Exam, embed: Embed | None) -> pl.DataFrame:
    """Items of the domain and, beside those in bits per byte, multiple choice with sibling answers of the same rows.

    Without a way to embed there is no multiple choice.
    """
    records = rows.select("id", "messages", "group")
    most = most_items(suite, settings)
    written = items_from_records(records, suite=suite, limit=most, seed=settings.seed)
    if embed is None or not settings.choice_items or suite.kind != "completion":
        return written
    choices = choice_items(
        records,
        embed(answer_text(rows)),
        suite=suite.model_copy(update={"name": choice_of(suite.name), "kind": "choice"}),
        limit=settings.choice_items,
        seed=settings.seed,
    )
    return pl.concat([written, choices])


def _parted(drawn: pl.DataFrame, limit: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Ask the first items of a draw; of the rest, those are spare that share no source document with any asked."""
    items, rest = drawn.head(limit), drawn.slice(limit)
    spare = rest.join(items, on="cluster", how="anti", maintain_order="left")
    return items, spare if items["role"][:1].to_list() == ["retention"] else spare.clear()


def _beside(spare: pl.DataFrame, shots: tuple[Example, ...], suite: Suite) -> pl.DataFrame:
    """Leave out spare items of the documents that the examples are of."""
    return spare.join(example_rows(shots, suite=suite), on="cluster", how="anti", maintain_order="left")


def _asked_for(suite: Suite, made: Callable[[], _Made]) -> _Made:
    """Make a part of a suite, or say where the recipe asks for what can't be made."""
    try:
        return made()
    except SuiteError as error:
        raise SuiteError(f"exam.{suite.role}: {error}.") from error


def _texts(suite: Suite, copies: Sequence[Copy]) -> pl.DataFrame:
    if "path" in suite.source:
        with cards.warnings_of("quality.sources.paragraphs"):
            return _asked_for(suite, lambda: read_texts(suite, copies))
    rows = _records(suite, copies)
    return rows.select("origin", "group", text=answer_text(rows))


def _records(suite: Suite, copies: Sequence[Copy]) -> pl.DataFrame:
    source = Source.model_validate(suite.source)
    with cards.warnings_of("quality.sources.pool"):
        found = read([source], base=common_folder([source]), copies=copies)
    if found.records.is_empty() and not found.quarantined.is_empty():
        first = found.quarantined.row(0, named=True)
        raise _empty(suite, f"none of its rows could be read (first {first['origin']}: {first['reason']})")
    if (source.package or "").partition("/")[0] not in VOUCHED_FOR:  # what winnow brings itself, nobody else can mend
        tell_unread(suite.name, found.quarantined)
    # A blank name names no document: all rows that lack it would count as one.
    rows = found.records.with_columns(group=pl.when(pl.col("group").str.strip_chars() != "").then("group"))
    if suite.cluster is not None and (loose := rows["group"].null_count()):
        cards.say(
            f"{suite.name}: {counted(loose, 'row')} without {suite.cluster}; each counts as a document of its own"
        )
    return rows
