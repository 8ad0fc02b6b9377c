"""Hold back the exam: drawn once, in whole clusters, before anything is decontaminated against it."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import polars as pl

from evals.asking import Example
from evals.choices import choice_items
from evals.examples import draw_examples, example_rows
from evals.guest import guest_items
from evals.guest_tasks import Guest
from evals.items import ITEMS, questions
from evals.option_rows import items_from_options
from evals.suites import (
    Suite,
    SuiteError,
    count_cut,
    items_from_records,
    items_from_texts,
    reserve_records,
    reserve_texts,
)
from quality.clusters import draw_clusters, split_clusters
from quality.records import answer_text, full_text, prompt_text
from quality.sources import Copy, Source, read
from quality.texts.normalise import normalised
from tasks import cards, exam_size, exams, runs, store
from tasks.caching import step
from tasks.exams import Exam, SealedExam
from tasks.fates import removed, tell, tell_unread
from tasks.keep_domain import embed
from tasks.models import ModelFiles
from tasks.named_suites import most_items
from tasks.option_rows import read_lines
from tasks.places import common_folder
from tasks.pool import EmptyPool, Pool, ensure_rows, told_losses
from tasks.reporting.text import counted
from tasks.sealed_suites import PinnedSuite, choice_of, units_of
from tasks.text_rows import read_texts

_Made = TypeVar("_Made")


class EmptySuite(EmptyPool):
    """A suite of the exam would have no item, and what it watches would go unseen."""


class Sealed(NamedTuple):
    """The exam, and the pool without it."""

    exam: SealedExam
    pool: Pool


class Made(NamedTuple):
    """Items of a suite, as many spare ones behind them, what no training row may give away of it, and its examples.

    `cut` counts the items whose answer or text is cut.
    """

    items: pl.DataFrame
    spare: pl.DataFrame
    reserve: pl.DataFrame
    shots: tuple[Example, ...] = ()
    cut: int = 0


@step(name="seal_exam", cached=False)
def seal_exam(
    pool: Pool,
    name: str,
    settings: Exam,
    suites: tuple[PinnedSuite, ...],
    embedder: ModelFiles,
) -> Sealed:
    """Return the exam and the pool without its rows or their clusters.

    An exam that was sealed before under this name is loaded; otherwise it is drawn now, and sealed for good when this
    run first uses it (`tasks.exams` says why not before).
    """
    name = settings.name or name
    exam = exams.load(name, settings, suites) or exams.hold(
        name, settings, suites, *_draw(pool, name, settings, suites, embedder)
    )
    runs.hold(exam)
    for missing in exam.unexamined:
        cards.say(f"{missing.suite}: not examined, because {missing.reason}")
    for sentence in exam_size.small_suites(store.read_table(exam.items), units_of(exam.suites)):
        cards.warn(sentence)
    fates = _sealed_rows(pool.left(), store.read_table(exam.drawn))
    tell(fates, left=pool.left().height)
    kept = ensure_rows(
        pool.with_fates(fates),
        "seal_exam",
        "The pool is too small, or too much of one piece, to hold back an exam; give exam.domain.",
    )
    return Sealed(exam, kept)


def _draw(
    pool: Pool, name: str, settings: Exam, suites: tuple[PinnedSuite, ...], embedder: ModelFiles
) -> tuple[exams.Draw, dict[str, tuple[Example, ...]], dict[str, int]]:
    """Draw the exam's items, from the suites asked for and, if none is of the domain, from the pool itself.

    Returns them with the suites' worked examples, and how many items are cut, by name.
    """
    asked = [pinned.suite for pinned in suites]
    drawn = pl.DataFrame(schema={"id": pl.String, "group": pl.String})
    parts = [_of_suite(pinned.suite, settings, embedder, pinned.copies) for pinned in suites]
    for suite, made in zip(asked, parts, strict=True):
        if made.items.is_empty():
            raise EmptySuite(
                f"exam.{suite.role}: the suite “{suite.name}” has no item, since nothing in its source could be read "
                "as a question with an answer, or as a text. Mend the source, or take the suite out of the recipe."
            )
    if not any(suite.role == "domain" for suite in asked):
        if taken := {name, choice_of(name)} & {suite.name for suite in asked}:
            raise ValueError(
                f"exam.retention: a suite is named “{taken.pop()}”, as that which is drawn from the pool for the "
                "domain is; their scores could not be told apart. Rename its file, or the recipe, or give exam.domain."
            )
        rows = _draw_rows(pool.left(), settings)
        if rows.is_empty():
            raise EmptySuite(
                f"The stage “seal_exam” has no row to seal for the domain: {settings.largest_share:.1%} of the "
                f"{pool.left().height:,} rows left (exam.largest_share) is less than one row. {told_losses(pool)} Give "
                "more rows, or exam.domain.",
                "seal_exam",
                pool,
            )
        drawn = rows.select("id", "group")
        suite = Suite(name=name, version=1, role="domain", kind="completion")
        asked_of = _answered_nowhere_else(rows, pool.left())
        own = _domain_items(_families(asked_of), suite, settings, embedder)
        kept = reserve_records(rows, suite=suite)
        parts.append(Made(own, own.clear(), kept, cut=count_cut(own, kept)))
    items, spare = (
        pl.concat([pl.DataFrame(schema=ITEMS), *(getattr(made, kind) for made in parts)]) for kind in ("items", "spare")
    )
    spare = spare.join(items, on="cluster", how="anti", maintain_order="left")  # another suite may ask the same rows
    reserve = pl.concat([questions(items), *(made.reserve for made in parts)])
    cards.say(f"sealed {counted(items.height, 'item')} in {counted(items['suite'].n_unique(), 'suite')}")
    shots = {suite.name: made.shots for suite, made in zip(asked, parts, strict=False) if made.shots}
    cut = {made.items["suite"][0]: made.cut for made in parts}
    return exams.Draw(items, drawn, reserve.unique("item", keep="last", maintain_order=True), spare), shots, cut


def _draw_rows(left: pl.DataFrame, settings: Exam) -> pl.DataFrame:
    """Draw whole clusters for the domain exam, at most the allowed share of what is left.

    Questions that rows answer in several ways are no items as long as there are others; `compare_answers` judges them.
    """
    wanted = min(settings.domain_items, int(left.height * settings.largest_share))
    labels = _labels(left)
    sound = ~labels.is_in(labels.filter(_answered_in_several_ways(left)).implode())
    if sound.sum() < wanted:
        sound = pl.repeat(True, left.height, eager=True)
    among, labels = left.filter(sound), labels.filter(sound)
    return among.filter(draw_clusters(labels, among["id"], n_rows=wanted, seed=settings.seed))


def _answered_in_several_ways(rows: pl.DataFrame) -> pl.Series:
    told = pl.DataFrame({"asked": normalised(prompt_text(rows)), "told": normalised(answer_text(rows))})
    return told.select(pl.col("told").n_unique().over("asked") > 1).to_series()


def _answered_nowhere_else(drawn: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Leave out drawn rows whose answer stands below other questions too (“Other: Reduce Performance”).

    Whoever trains on those has the answer by heart, and where all of them were drawn, one answer would be asked for
    many times. They stay sealed; they are just not asked, unless there are no others: first those of which all rows
    were drawn, then all.
    """
    told = pl.DataFrame({"asked": normalised(prompt_text(left)), "told": normalised(answer_text(left))})
    common = told.filter(pl.col("asked").n_unique().over("told") > 1)["told"]
    rest = normalised(answer_text(left.join(drawn, on="row", how="anti")))
    said = normalised(answer_text(drawn))
    unlearnt = ~said.is_in(rest.implode())
    once = unlearnt & ~said.is_in(common.implode())
    return next((drawn.filter(some) for some in (once, unlearnt) if some.any()), drawn)


def _sealed_rows(left: pl.DataFrame, drawn: pl.DataFrame) -> pl.DataFrame:
    """Fates of the rows that are exam rows, or share a cluster with one (the witness)."""
    if drawn.is_empty():
        return removed(left, pl.DataFrame(schema={"row": pl.UInt32, "reason": pl.String}), stage="seal_exam")
    rows = left.select("id", "group").with_row_index("row").with_columns(label=_labels(left))
    by_label = rows.join(drawn, on="id", how="semi").group_by("label").agg(mate=pl.col("id").min())
    by_group = drawn.drop_nulls("group").group_by("group").agg(kin=pl.col("id").min())
    found = (
        rows.join(by_label, on="label", how="left", maintain_order="left")
        .join(by_group, on="group", how="left", maintain_order="left")
        .with_columns(
            witness=pl.when(pl.col("id").is_in(drawn["id"].implode())).then("id").otherwise(pl.coalesce("mate", "kin")),
            reason=pl.lit("sealed_for_exam"),
        )
        .filter(pl.col("witness").is_not_null())
    )
    return removed(left, found, stage="seal_exam")


def _labels(rows: pl.DataFrame) -> pl.Series:
    return split_clusters(full_text(rows), prompt_text(rows), rows["group"])


def _families(rows: pl.DataFrame) -> pl.DataFrame:
    """Let near-copies, and answers to one question, count as one source document, as they do where a pool is parted.

    Each gets the group of all, or the smallest id.
    """
    named = rows.with_columns(family=_labels(rows))
    return named.with_columns(group=pl.coalesce("group", "id").min().over("family")).drop("family")


def _domain_items(rows: pl.DataFrame, suite: Suite, settings: Exam, embedder: ModelFiles) -> pl.DataFrame:
    """Items of the domain and, beside those in bits per byte, multiple choice with sibling answers of the same rows."""
    records = rows.select("id", "messages", "group")
    most = most_items(suite, settings)
    written = items_from_records(records, suite=suite, limit=most, seed=settings.seed)
    if not settings.choice_items or suite.kind != "completion":
        return written
    choices = choice_items(
        records,
        embed(answer_text(rows), embedder),
        suite=suite.model_copy(update={"name": choice_of(suite.name), "kind": "choice"}),
        limit=settings.choice_items,
        seed=settings.seed,
    )
    return pl.concat([written, choices])


def _of_suite(suite: Suite, settings: Exam, embedder: ModelFiles, copies: tuple[Copy, ...] = ()) -> Made:
    """Make the items of a suite, the spare ones of a retention suite, its examples, and the reserve of its source.

    What a domain suite or a file of the user's holds is kept out of training whole. Packages and hub datasets that
    retention items are drawn from are too large, and too common, for that: of them it is the items, the spare ones and
    the examples; of lm-eval's own tasks the items alone, since lm-eval draws examples when it asks.
    """
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
        drawn, uncut = items_from_texts(texts, suite=suite, limit=2 * limit), reserve_texts(texts, suite=suite)
        items, spare = _parted(drawn, limit)
        return Made(items, spare, uncut if whole else questions(drawn), cut=count_cut(items, uncut))
    if suite.kind == "choice":
        every = _asked_for(
            suite, lambda: items_from_options(read_lines(suite, copies), suite=suite, seed=settings.seed)
        )
        items, spare = _parted(every.head(2 * limit), limit)
        shots = _asked_for(suite, lambda: draw_examples(every, items, suite=suite))
        return Made(items, _beside(spare, shots, suite), questions(every), shots)
    rows = _families(_records(suite, copies))
    every = items_from_records(rows, suite=suite, limit=rows.height + 1, seed=settings.seed)
    items, spare = _parted(every.head(2 * limit), limit)
    if suite.role == "domain":
        items = _domain_items(rows, suite, settings, embedder)
    shots = _asked_for(suite, lambda: draw_examples(every, items, suite=suite))
    spare, uncut = _beside(spare, shots, suite), reserve_records(rows, suite=suite)
    kept = uncut if whole else questions(pl.concat([items, spare, example_rows(shots, suite=suite)]))
    return Made(items, spare, kept, shots, count_cut(items, uncut))


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


def _texts(suite: Suite, copies: tuple[Copy, ...]) -> pl.DataFrame:
    if "path" in suite.source:
        return _asked_for(suite, lambda: read_texts(suite, copies))
    rows = _records(suite, copies)
    return rows.select("origin", "group", text=answer_text(rows))


def _records(suite: Suite, copies: tuple[Copy, ...]) -> pl.DataFrame:
    source = Source.model_validate(suite.source)
    found = read([source], base=common_folder([source]), copies=copies)
    tell_unread(suite.name, found.quarantined)
    return found.records
