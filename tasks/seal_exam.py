"""Hold back the exam: drawn once, in whole clusters, before anything is decontaminated against it."""

from typing import NamedTuple

import numpy as np
import polars as pl

from evals.asking import Example
from evals.items import ITEMS, questions
from evals.suites import Suite, count_cut, reserve_records
from quality.clusters import draw_clusters, row_clusters
from quality.records import answer_text, prompt_text
from quality.texts.normalise import normalised
from tasks import cards, exam_size, exams, runs, store
from tasks.caching import step
from tasks.check_suites import ensure_none_is_named
from tasks.exams import Exam, SealedExam
from tasks.fates import removed, tell
from tasks.keep_domain import embed
from tasks.models import ModelFiles
from tasks.pool import Pool, ensure_rows, told_losses
from tasks.reporting.text import counted
from tasks.sealed_suites import PinnedSuite, units_of
from tasks.suite_items import EmptySuite, Made, domain_items, families, suite_items


class Sealed(NamedTuple):
    """The exam, and the pool without it."""

    exam: SealedExam
    pool: Pool


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
    fates = sealed_rows(pool.left(), store.read_table(exam.drawn))
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

    def vectors(texts: pl.Series) -> np.ndarray:
        return embed(texts, embedder)

    parts = [suite_items(pinned.suite, settings, pinned.copies, embed=vectors) for pinned in suites]
    if not any(suite.role == "domain" for suite in asked):
        ensure_none_is_named(name, asked)
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
        own = domain_items(families(asked_of), suite, settings, vectors)
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
    clusters = row_clusters(left)
    sound = ~clusters.is_in(clusters.filter(_answered_in_several_ways(left)).implode())
    if sound.sum() < wanted:
        sound = pl.repeat(True, left.height, eager=True)
    among, clusters = left.filter(sound), clusters.filter(sound)
    return among.filter(draw_clusters(clusters, among["id"], n_rows=wanted, seed=settings.seed))


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


def sealed_rows(left: pl.DataFrame, drawn: pl.DataFrame) -> pl.DataFrame:
    """Fates of the rows that are exam rows, or share a cluster with one (the witness)."""
    if drawn.is_empty():
        return removed(left, pl.DataFrame(schema={"row": pl.UInt32, "reason": pl.String}), stage="seal_exam")
    rows = left.select("id", "group").with_row_index("row").with_columns(label=row_clusters(left))
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
