"""Write the data half of a run, from dataset to report; other steps build on these files."""

from dataclasses import replace
from typing import Any

import polars as pl

from evals.items import ANSWERS
from evals.repairing import explained
from evals.unrepaired import ELSEWHERE
from evals.verdict import Verdict
from quality.receipts import books, books_told, funnel, receipts
from tasks import cards, dataset_card, exams, pace, store
from tasks.caching import step
from tasks.evidence import gather_alone, gather_data
from tasks.examine import Scores
from tasks.examine_champion import Examined
from tasks.exams import SealedExam
from tasks.judge import together
from tasks.mended_rows import mended_in
from tasks.outcome import OF_DECISION, Outcome
from tasks.pool import Pool
from tasks.refused import refused_facts
from tasks.repair import Tried, manifest_facts
from tasks.reporting.evidence import Evidence
from tasks.reporting.markdown import funnel_markdown, verdict_markdown
from tasks.reporting.page import render
from tasks.reporting.samples import sampled
from tasks.row_files import write_exam, write_rows
from tasks.runs import Run
from tasks.split import Data
from tasks.validate import Validation


@step(name="publish", cached=False)
def publish(
    run: Run, pool: Pool, data: Data, contract: Validation, exam: SealedExam, *, preview: bool = False
) -> Outcome:
    """Publish the training set as a run of its own; a preview only says what it would hold."""
    ledger = write_receipts(pool, data)
    reason = books_told(books(ledger))
    cards.say(reason)
    if preview:
        cards.table("books", funnel(ledger).to_dicts(), f"Where the rows went. {reason}")
        return Outcome(state="Previewed", reason=reason, run=None)
    facts = write_data(run, ledger, pool, data, contract, exam)
    digests = run.pinned | facts["digests"]
    write_report(run, gather_data(run, ledger, pool, contract, exam, digests, command="curate"))
    run.commit(state="Curated", reason=reason, facts=facts)
    return Outcome(state="Curated", reason=reason, run=run.folder.name)


@step(name="publish_verdict", cached=False)
def publish_verdict(
    run: Run,
    exam: SealedExam,
    before: Scores,
    after: Scores,
    verdict: Verdict,
    adapter: store.Folder,
    place: str,
    earlier: tuple[Examined, ...] = (),
) -> Outcome:
    """Publish exam, scores and verdict of an adapter that was trained elsewhere; `place` is the folder it came from.

    The manifest names its files' digest, so that whoever has an adapter can tell whether it is the one judged.
    """
    verdict = explained(verdict, verdict.gate, ELSEWHERE)
    write_exam(run, exam)
    scores = write_verdict(run, before, after, verdict, earlier)
    cards.say(f"judged the adapter in {place}, whose files have the digest {adapter.digest}")
    digests = {
        "exam": exam.digest,
        "asked": exam.asked,
        "adapter": adapter.digest,
        "scores": store.value_digest([before, after, *earlier]),
    }
    course = pace.course(exam, run.pinned.get("base", ""), verdict)
    facts = {
        "decision": verdict.decision,
        "adapter": place,
        "examined": course.model_dump(),
        "refused": refused_facts(exam, before, after),
        "digests": digests,
    }
    evidence = gather_alone(run, exam, scores, before, after, verdict, run.pinned | digests, place)
    evidence = replace(evidence, course=course)
    store.write_text(run.folder / "report.html", render(evidence))
    cards.markdown("verdict", verdict_markdown(evidence), "Ship this adapter, or not?")
    run.commit(state=OF_DECISION[verdict.decision], reason=verdict.reason, facts=facts)
    return Outcome(
        state=OF_DECISION[verdict.decision],
        reason=verdict.reason,
        run=run.folder.name,
        decision=verdict.decision,
    )


def write_report(run: Run, evidence: Evidence) -> None:
    """Write `report.html`, and show on the run's page where the rows went."""
    page = run.folder / "report.html"
    store.write_text(page, render(evidence))
    cards.markdown("funnel", funnel_markdown(evidence), "Where the rows went")
    for key, text, told in sampled(evidence):
        cards.markdown(key, text, told)
    cards.link("report", page.as_uri(), str(page), "The whole report, a file on the machine that ran it")


def write_verdict(
    run: Run,
    before: Scores,
    after: Scores,
    verdict: Verdict,
    earlier: tuple[Examined, ...] = (),
    tried: Tried | None = None,
) -> pl.DataFrame:
    """Write `scores.parquet`, `answers.parquet` and `verdict.json`; return the scores of all models and looks."""
    scores = together(before, after, earlier)
    if tried is not None and tried.exam is not None:
        scores = pl.concat([scores, store.read_table(tried.exam)])
    store.write_parquet(run.folder / "scores.parquet", scores)
    said = [
        store.read_table(part.answers).select("item", model=pl.lit(name), answer="answer").cast(pl.Schema(ANSWERS))
        for name, part in (("base", before), ("candidate", after))
    ]
    store.write_parquet(run.folder / "answers.parquet", pl.concat(said))
    store.write_json(run.folder / "verdict.json", verdict.model_dump(mode="json"))
    return scores


def write_repair(run: Run, tried: Tried) -> dict[str, Any]:
    """Write `repair/`: how it went, the validation items and the scores on them; return what the manifest says."""
    folder = run.folder / "repair"
    with store.writing(folder):
        folder.mkdir()
    store.write_json(folder / "repair.json", tried.repair.model_dump(mode="json"))
    for name, table in (("items", tried.items), ("scores", tried.scores)):
        store.copy_table(table, folder / f"{name}.parquet")
    return manifest_facts(tried.repair)


def write_receipts(pool: Pool, data: Data) -> pl.DataFrame:
    """Return the receipts of every ingested row (schema `quality.receipts.RECEIPTS`); the books must balance."""
    parts = [
        store.read_table(table).select("origin", reason=pl.lit(part))
        for part, table in (("train", data.train), ("validation", data.validation))
    ]
    kept = pl.concat(parts).join(pool.read().select("row", "origin"), on="origin", how="left")
    return receipts(pool.read(), store.read_table(pool.quarantined), pool.removed(), kept.select("row", "reason"))


def write_data(
    run: Run, ledger: pl.DataFrame, pool: Pool, data: Data, contract: Validation, exam: SealedExam
) -> dict[str, Any]:
    """Fill the run directory's data half and seal the exam it is clean of; return the manifest's facts about it."""
    exams.seal(exam)
    dataset = run.folder / "dataset"
    with store.writing(dataset):
        dataset.mkdir()
    for part, table in (("train", data.train), ("validation", data.validation)):
        store.copy_table(table, dataset / f"{part}.parquet")
    mending = mended_in(pool)
    store.write_text(
        dataset / "README.md",
        dataset_card.write(run.name, run.folder.name, ledger, data.train, data.validation, mending),
    )
    write_rows(run, ledger, pool, pool.removed())
    write_exam(run, exam)
    store.copy_folder(store.locate(contract.evidence), run.folder)
    return {
        "books": books(ledger),
        "digests": {
            "pool": pool.records.digest,
            "unread": pool.quarantined.digest,
            "train": data.train.digest,
            "validation": data.validation.digest,
            "exam": exam.digest,
            "asked": exam.asked,
        },
    }
