"""General text, which a training on the domain must not make the model forget: read from sources, or the base's own."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from quality.clusters import akin
from quality.drawing import by_lot
from quality.leaks.decontaminate import Decontaminate
from quality.personal import Personal
from quality.reasons import OF_THE_DOMAIN
from quality.records import QUARANTINED, RECORDS, record_ids
from tasks import cards, runs, store
from tasks.caching import plain, step
from tasks.check import Pinned
from tasks.decontaminate import decontaminate
from tasks.examine import loaded
from tasks.exams import SealedExam
from tasks.fates import removed, tell_unread
from tasks.general_sources import read_answered
from tasks.models import ModelFiles, measured_by
from tasks.pool import EmptyPool, Pool, told_losses
from tasks.protect import protect, rewritten
from tasks.reporting.text import counted
from tasks.split import PUBLISHED, Data
from tasks.training.general_questions import questions
from tasks.training.general_settings import BESIDE, OWN, General, held_back


class GeneralText(BaseModel):
    """General rows (`id, messages, source, origin`): to replay, and held back to measure forgetting on.

    `pool` holds what was drawn, and what was taken out of it: personal data, copies, exam items.
    """

    model_config = ConfigDict(frozen=True)

    train: store.Table
    held: store.Table
    pool: Pool


@step(name="gather_general", beside=measured_by)
def gather_general(
    asked: General | None,
    wide: store.Table | None,
    rest: store.Table | None,
    exam: SealedExam,
    personal: Personal,
    leaks: Decontaminate,
    base: ModelFiles,
    embedder: ModelFiles,
    threads: int | None = None,
) -> GeneralText | None:
    """Return general rows without personal data and without what gives an exam item away; None where none are asked.

    Parameters
    ----------
    wide, rest
        Records of sources (`read_apart`), and of the pool's rest (`rest_for`). Without both the base answers.

    Raises
    ------
    ValueError
        If too few rows are left to measure forgetting on.
    """
    if asked is None:
        cards.say("not needed: forgetting is neither measured nor held back")
        return None
    given = [store.read_table(part) for part in (wide, rest) if part is not None]
    records = _drawn(given, asked) if given else _answered(asked, base, threads)
    pool = _pool(records)
    try:
        with cards.muted():  # what is removed here is none of the run's pool
            # Copies go first: what many rows share is taken for a template, which gives nothing away.
            pool = plain(decontaminate)(_once(plain(protect)(pool, personal)), exam, leaks, embedder)
    except EmptyPool as error:
        raise ValueError(f"tune.general: no general row is left. {error}") from error
    gone = pool.removed().filter(pl.col("stage") != "dedupe").height
    rows = pool.left().select(PUBLISHED)
    held = held_back(rows.height)
    if rows.height < 2:
        raise ValueError("tune.general: a single row is left, and one is held back to measure forgetting. Name more.")
    found = GeneralText(train=store.write_table(rows[held:]), held=store.write_table(rows[:held]), pool=pool)
    lost = f"; {gone:,} more hold personal data, or give exam items away" if gone else ""
    cards.say(f"{told(found)}{lost}")
    return found


def told(general: GeneralText) -> str:
    """Say how many general rows there are, where they come from, and how many are held back."""
    rows = general.pool.left()
    beside = pl.col("origin").str.starts_with(BESIDE)
    where = [*rows.filter(beside)["source"].unique().sort()]
    where += [] if rows.filter(~beside).is_empty() else ["what curate.domain left out"]
    return f"{counted(rows.height, 'general row')} ({', '.join(where)}), {general.held.rows:,} held back"


def read_apart(asked: General | None, pinned: Pinned | None, data: Data, personal: Personal) -> store.Table | None:
    """Read the sources of general rows that are asked for, without those that the training set holds, or nearly.

    Nor those without an answer; how many there are of these, and of rows that can't be read, is told.

    What is replayed must not be validated on, and what forgetting is measured on not be trained on. Rows are held
    against each other as they read without personal data.

    Raises
    ------
    ValueError
        If no row is left.
    """
    if asked is None or pinned is None:
        return None
    with cards.shown("read_apart") as say, cards.warnings_of("quality.sources.pool"):
        found = read_answered(pinned.sources, Path(pinned.base), pinned.copies)
        tell_unread("tune.general.sources", found.unread, say)
        rows = found.rows.filter(~_of_training(found.rows, data, personal))
        if rows.is_empty():
            raise ValueError("tune.general.sources: the training set holds all of their rows, or nearly. Name others.")
        gone = found.rows.height - rows.height
        aside = f"; {gone:,} more left aside, which the training set holds, or nearly" if gone else ""
        aside += f"; {found.blank:,} more left aside, which have no answer" if found.blank else ""
        say(f"{counted(rows.height, 'row')} of tune.general.sources{aside}")
    # The pool may have rows of these names: only those of its rest keep them.
    return store.write_table(rows.with_columns(pl.format(f"{BESIDE}{{}}", "origin").alias("origin")))


def _of_training(found: pl.DataFrame, data: Data, personal: Personal) -> pl.Series:
    """Tell which rows the training set holds, or nearly."""
    protected, _ = rewritten(_pool(found), personal)
    own = pl.concat([store.read_table(table) for table in (data.train, data.validation)])
    return akin(protected.read(), own)


def rest_for(asked: General | None, pool: Pool) -> store.Table | None:
    """Draw general rows from those that are outside the domain, skimmed off or not; None where none are asked for.

    A row is drawn by what it says, so that a row more in the pool hardly changes which. Their digest is noted for the
    manifest.

    Raises
    ------
    EmptyPool
        If the filter left no row out, and no sources are named beside.
    """
    if asked is None or not asked.rest:
        return None
    outside = pool.removed().filter(pl.col("stage").is_in(OF_THE_DOMAIN))
    rows = pool.read().join(outside, on="row", how="semi")
    if rows.is_empty() and not asked.sources:
        raise EmptyPool(
            "tune.general.rest: curate.domain left no row out up to the stage “keep_domain”, so the pool has no rest. "
            f"{told_losses(pool)} Name tune.general.sources beside it, or leave it out.",
            "keep_domain",
            pool,
        )
    drawn = store.write_table(first_by_lot(rows, asked))
    runs.pin(rest=drawn.digest)
    return drawn


def first_by_lot(rows: pl.DataFrame, asked: General) -> pl.DataFrame:
    """Return the rows (`id`, and whatever else) that are drawn, each content once, in the order of their lots."""
    distinct = rows.unique("id", keep="first", maintain_order=True).sort("id")
    keys = distinct["id"].str.head(16).str.to_integer(base=16, dtype=pl.UInt64).to_numpy()
    return distinct[by_lot(keys, asked.seed)[: asked.rows]]


def _drawn(parts: Sequence[pl.DataFrame], asked: General) -> pl.DataFrame:
    """Draw general rows from those of sources and from the pool's rest."""
    drawn = first_by_lot(pl.concat(parts), asked)
    return drawn.drop("row").with_row_index("row").select(RECORDS.keys())  # rows of two readings may have one number


def _once(pool: Pool) -> Pool:
    """Return the pool with each content once: rows that differ in what is masked say the same since."""
    rows = pool.left().with_row_index("at")
    again = rows.select("at", witness=pl.col("at").first().over("id")).filter(pl.col("at") != pl.col("witness"))
    found = again.select(row="at", witness="witness", reason=pl.lit("exact_duplicate"), score=1.0, threshold=1.0)
    return pool.with_fates(removed(rows, found, stage="dedupe"))


def _pool(records: pl.DataFrame) -> Pool:
    """Return a pool of records alone."""
    return Pool(records=store.write_table(records), quarantined=store.write_table(pl.DataFrame(schema=QUARANTINED)))


def _answered(asked: General, base: ModelFiles, threads: int | None) -> pl.DataFrame:
    """Let the base answer general questions greedily; what it leaves unanswered is left out."""
    from evals.answering import answers

    model, tokenizer = loaded(base, None, threads)
    prompts = questions(asked.rows)
    with cards.progress("Asking the base general questions") as tick:
        spoken = answers(
            model,
            tokenizer,
            [[{"role": "user", "content": prompt}] for prompt in prompts],
            max_new_tokens=asked.answer_tokens,
            progress=tick,
        )
    turns = [
        [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
        for prompt, answer in zip(prompts, spoken, strict=True)
        if answer.strip()
    ]
    messages = pl.Series("messages", turns, dtype=RECORDS["messages"])
    frame = pl.DataFrame({"messages": messages, "id": record_ids(messages)}).with_row_index("row")
    told = {"source": pl.lit(OWN), "origin": pl.format(f"{BESIDE}{{}}", "row"), "group": pl.lit(None, pl.String)}
    return frame.with_columns(**told).select(RECORDS.keys()).cast(pl.Schema(RECORDS))
