"""Seal the exam: once, in whole clusters, before anything is decontaminated against it."""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from evals.choices import choice_items
from evals.items import ITEMS
from evals.suites import Suite, items_from_records, items_from_texts
from quality.clusters import draw_clusters, split_clusters
from quality.records import answer_text, full_text, prompt_text
from quality.sources import Source, read, read_paragraphs
from tasks import cards, exams, store
from tasks.caching import step
from tasks.exams import Exam, PinnedSuite, SealedExam
from tasks.fates import removed, tell
from tasks.keep_domain import embed
from tasks.models import ModelFiles
from tasks.pool import Pool, ensure_rows


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
    preview: bool = False,
) -> Sealed:
    """Return the sealed exam and the pool without its rows or their clusters.

    An exam that was sealed before under this name is loaded; otherwise it is drawn now, once and for all (a preview
    draws it too, but leaves nothing behind).
    """
    name = settings.name or name
    request = exams.request_of(settings, suites)
    exam = exams.load(name, request)
    if exam is None:
        items, drawn = _draw(pool, name, settings, suites, embedder)
        exam = exams.hold(name, items, drawn) if preview else exams.seal(name, request, items, drawn)
    fates = _sealed_rows(pool.left(), store.read_table(exam.drawn))
    tell(fates, left=pool.left().height)
    kept = pool.with_fates(fates)
    return Sealed(exam, ensure_rows(kept, "seal_exam", "The pool is too small to hold back an exam; give exam.domain."))


def _draw(
    pool: Pool, name: str, settings: Exam, suites: tuple[PinnedSuite, ...], embedder: ModelFiles
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Draw the exam's items, and the pool rows (`id, group`) that some of them were made of."""
    asked = [pinned.suite for pinned in suites]
    drawn = pl.DataFrame(schema={"id": pl.String, "group": pl.String})
    parts = [_suite_items(suite, settings, embedder) for suite in asked]
    if not any(suite.role == "domain" for suite in asked):
        rows = _draw_rows(pool.left(), settings)
        drawn = rows.select("id", "group")
        parts.append(
            _domain_items(rows, Suite(name=name, version=1, role="domain", kind="completion"), settings, embedder)
        )
    items = pl.concat([pl.DataFrame(schema=ITEMS), *parts])
    cards.say(f"sealed {items.height:,} items in {items['suite'].n_unique()} suites")
    return items, drawn


def _draw_rows(left: pl.DataFrame, settings: Exam) -> pl.DataFrame:
    """Draw whole clusters for the domain exam, at most the allowed share of what is left."""
    wanted = min(settings.domain_items, int(left.height * settings.largest_share))
    drawn = draw_clusters(_labels(left), left["id"], n_rows=wanted, seed=settings.seed)
    return left.filter(drawn)


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


def _domain_items(rows: pl.DataFrame, suite: Suite, settings: Exam, embedder: ModelFiles) -> pl.DataFrame:
    """Bits-per-byte items of the domain, and multiple-choice items with sibling answers from the same rows."""
    records = rows.select("id", "messages", "group")
    written = items_from_records(records, suite=suite, limit=settings.domain_items, seed=settings.seed)
    if not settings.choice_items:
        return written
    choices = choice_items(
        records,
        embed(answer_text(rows), embedder),
        suite=suite.model_copy(update={"name": f"{suite.name}-choice", "kind": "choice"}),
        limit=settings.choice_items,
        seed=settings.seed,
    )
    return pl.concat([written, choices])


def _suite_items(suite: Suite, settings: Exam, embedder: ModelFiles) -> pl.DataFrame:
    limit = suite.limit or settings.retention_items
    if suite.kind == "text" and "path" in suite.source:
        return items_from_texts(read_paragraphs(Path(str(suite.source["path"]))), suite=suite, limit=limit)
    rows = read([Source.model_validate(suite.source)], base=Path.cwd()).records
    if suite.kind == "text":
        texts = rows.select("origin", "group", text=answer_text(rows))
        return items_from_texts(texts, suite=suite, limit=limit)
    if suite.role == "domain":
        return _domain_items(rows, suite, settings, embedder)
    return items_from_records(rows.select("id", "messages", "group"), suite=suite, limit=limit, seed=settings.seed)
