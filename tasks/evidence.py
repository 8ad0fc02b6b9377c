"""Gather what the report shows: from stored tables to the plain data of `tasks.reporting`."""

import shlex
from dataclasses import replace
from typing import Any, Literal

import polars as pl

from evals.corpora import as_corpora
from evals.foresight import Foresight
from evals.unharmed import unharmed
from evals.verdict import Verdict
from quality.choosing.budget import Budget
from quality.receipts import funnel
from quality.records import answer_text, prompt_text
from quality.screening.screen import Screen
from quality.screening.weighing import Weigh
from tasks import run_settings, store
from tasks.examine import Scores
from tasks.exams import SealedExam
from tasks.filters_shown import domain, meaning
from tasks.fine_tune import Trained
from tasks.mended_rows import mended_in
from tasks.pool import Pool
from tasks.removed_rows import removed_in
from tasks.repair import Tried, repair_told
from tasks.reporting import evidence as shown
from tasks.runs import Run
from tasks.sealed_suites import SealedSuite
from tasks.training.scales import told_scales
from tasks.validate import Broken, Validation
from tasks.versions import versions

_SAMPLES = 10


def gather(
    run: Run,
    receipts: pl.DataFrame,
    pool: Pool,
    contract: Validation,
    exam: SealedExam,
    trained: Trained,
    scores: pl.DataFrame,
    before: Scores,
    after: Scores,
    verdict: Verdict,
    digests: dict[str, str],
    tried: Tried | None = None,
    foreseen: tuple[Foresight, ...] = (),
) -> shown.Evidence:
    """Return the evidence of a finished run."""
    return replace(
        gather_data(run, receipts, pool, contract, exam, digests, command="run"),
        curve=store.read_table(trained.curve).select(shown.CURVE.keys()),
        training=_shown_facts(trained.facts),
        scales=told_scales(trained.facts),
        **_judged(exam, scores, before, after, verdict, foreseen, tried),
    )


def gather_alone(
    run: Run,
    exam: SealedExam,
    scores: pl.DataFrame,
    before: Scores,
    after: Scores,
    verdict: Verdict,
    digests: dict[str, str],
    adapter: str,
) -> shown.Evidence:
    """Return the evidence of a run that examined an adapter trained elsewhere, in the folder `adapter`."""
    command = f"winnow examine runs/{run.folder.name}/config.yaml --adapter {shlex.quote(adapter)}"
    return replace(
        _begun(run, digests, command),
        exam=_exam(exam, pl.DataFrame(schema=shown.REASONS), None),
        **_judged(exam, scores, before, after, verdict),
    )


def _judged(
    exam: SealedExam,
    scores: pl.DataFrame,
    before: Scores,
    after: Scores,
    verdict: Verdict,
    foreseen: tuple[Foresight, ...] = (),
    tried: Tried | None = None,
) -> dict[str, Any]:
    """Return what was judged; models are shown side by side on what the candidate was asked."""
    scores = after.sitting.asked(scores)
    return {
        "scores": scores,
        "verdict": verdict.model_dump(mode="json"),
        "foreseen": foreseen,
        "unharmed": unharmed(verdict, foreseen),
        "corpora": as_corpora(scores, store.read_table(exam.items), verdict.gate.alpha),
        "answers": _answers(before, after),
        "repair": repair_told(verdict, tried),
    }


def gather_data(
    run: Run,
    receipts: pl.DataFrame,
    pool: Pool,
    contract: Validation,
    exam: SealedExam,
    digests: dict[str, str],
    command: Literal["run", "curate"],
) -> shown.Evidence:
    """Return the evidence of a run's data half."""
    removals = funnel(receipts).filter(pl.col("fate") != "kept")
    return replace(
        _begun(run, digests, f"winnow {command} runs/{run.folder.name}/config.yaml"),
        funnel=_stages(receipts, removals),
        reasons=removals.cast(pl.Schema(shown.REASONS)),
        sources=_sources(receipts),
        difficulty=_difficulty(pool, run_settings.settings(run.folder, "weigh", Weigh)),
        choice=_choice(pool, run_settings.settings(run.folder, "budget", Budget)),
        canaries=_canaries(pool),
        meaning=meaning(pool, run_settings.meaning_settings(run.folder)),
        domain=domain(pool, run_settings.domain_settings(run.folder)),
        mending=mended_in(pool),
        kept=_kept(pool, receipts),
        removed=removed_in(
            pool,
            store.read_table(exam.items),
            run_settings.settings(run.folder, "screen", Screen),
        ),
        contract=_contract(contract),
        exam=_exam(exam, removals, pool.attribute("decontaminated")),
    )


def _begun(run: Run, digests: dict[str, str], command: str) -> shown.Evidence:
    """Return what is known of every run."""
    return shown.Evidence(
        name=run.name,
        run_id=run.folder.name,
        started=run.started,
        seconds=run.seconds,
        versions=versions(),
        digests=digests,
        recipe=(run.folder / "config.yaml").read_text(encoding="utf-8"),
        command=command,
        clock=run.clock,
    )


def _stages(receipts: pl.DataFrame, removals: pl.DataFrame) -> pl.DataFrame:
    """Rows in and out by stage, in the order the stages first removed something."""
    order = ["ingest", "screen", "protect", "dedupe", "dedupe_meaning", "keep_domain", "seal_exam", "decontaminate"]
    lost = dict(removals.group_by("stage").agg(pl.col("rows").sum()).iter_rows())
    if "skim" in lost:
        order.insert(order.index("dedupe_meaning"), "skim")
    later = [stage for stage in ("compare_answers", "weigh", "choose") if stage in lost]
    stages = [*order, *later, *(stage for stage in lost if stage not in (*order, *later))]
    lines, left = [], receipts.height
    for stage in stages:
        lines.append((stage, left, left - lost.get(stage, 0)))
        left -= lost.get(stage, 0)
    return pl.DataFrame(lines, schema=shown.FUNNEL, orient="row")


def _sources(receipts: pl.DataFrame) -> pl.DataFrame:
    fates = [(pl.col("fate") == fate).sum().alias(fate) for fate in ("kept", "dropped", "quarantined")]
    counted = receipts.group_by("source", maintain_order=True).agg(pl.len().alias("rows"), *fates)
    return counted.select(shown.SOURCES.keys()).cast(pl.Schema(shown.SOURCES))


def _difficulty(pool: Pool, settings: Weigh) -> pl.DataFrame:
    scores = pool.attribute("difficulty")
    if scores is None:
        return pl.DataFrame(schema=shown.DIFFICULTY)
    lines = (("perplexity", None, settings.most_perplexity), ("ifd", settings.least_ifd, settings.most_ifd))
    told = []
    for name, least, most in lines:
        spread = [scores[name].quantile(at, "linear") for at in (0.05, 0.5, 0.95)]
        told.append((name, scores[name].count(), *spread, least, most))
    return pl.DataFrame(told, schema=shown.DIFFICULTY, orient="row")


def _choice(pool: Pool, settings: Budget) -> shown.Choice | None:
    counted = pool.attribute("choice")
    if counted is None or settings.tokens is None:
        return None
    rows = counted.join(pool.read().select("row", "source"), on="row", how="left", maintain_order="left")
    kept = pl.col("row").is_in(pool.left()["row"].implode())
    tokens = rows.group_by("source", maintain_order=True).agg(
        rows=pl.len(),
        tokens=pl.col("tokens").sum(),
        rows_kept=kept.sum(),
        tokens_kept=pl.col("tokens").filter(kept).sum(),
    )
    limits = {source: int(share * settings.tokens + 1e-9) for source, share in settings.quotas.items()}
    allowed = pl.col("source").replace_strict(limits, default=None, return_dtype=pl.UInt64)
    return shown.Choice(
        settings.by, settings.tokens, tokens.with_columns(tokens_allowed=allowed).cast(pl.Schema(shown.TOKENS))
    )


def _canaries(pool: Pool) -> pl.DataFrame:
    found = pool.attribute("canaries")
    return pl.DataFrame(schema=shown.CANARIES) if found is None else found.select(shown.CANARIES.keys())


def _shown_facts(facts: dict[str, Any]) -> dict[str, str | int | float]:
    """Return the account of a training by words, but for the scales."""
    plain = {key: value for key, value in facts.items() if value is not None and key != "scales_tried"}
    if sources := plain.pop("tokens_by_source", None):
        plain["tokens_by_source"] = ", ".join(f"{source} {tokens:,}" for source, tokens in sources.items())
    return {key.replace("_", " "): value for key, value in plain.items()}


def _kept(pool: Pool, receipts: pl.DataFrame) -> list[shown.Kept]:
    rows = pool.left().join(receipts.filter(pl.col("reason") == "train").select("origin"), on="origin", how="semi")
    rows = _spread(rows, _SAMPLES)
    texts = zip(rows["id"], rows["source"], prompt_text(rows), answer_text(rows), strict=True)
    return [shown.Kept(id=id_, source=source, prompt=prompt, answer=answer) for id_, source, prompt, answer in texts]


def _answers(before: Scores, after: Scores) -> list[shown.Answers]:
    both = store.read_table(before.answers).join(
        store.read_table(after.answers).select("item", candidate="answer"), on="item", maintain_order="left"
    )
    return [
        shown.Answers(prompt=prompt[-1]["content"], reference=target, base=answer, candidate=candidate)
        for prompt, target, answer, candidate in both.select("prompt", "target", "answer", "candidate").iter_rows()
    ]


def _contract(found: Validation) -> shown.Contract:
    return shown.Contract(
        checked=found.checked,
        failures=[
            shown.Failure(expectation=failure.expectation, severity=failure.severity, detail=_detail(failure))
            for failure in found.failures
        ],
        drift="" if found.drift is None else found.drift.sentence(),
        docs=found.data_docs,
    )


def _detail(failure: Broken) -> str:
    """Say what was wanted and observed; severity and check stand beside it."""
    return failure.sentence.removeprefix(f"{failure.severity}: {failure.expectation}: ")


def _exam(exam: SealedExam, removals: pl.DataFrame, checked: pl.DataFrame | None) -> shown.Exam:
    suites = (
        store.read_table(exam.items)
        .group_by("suite", "role", "kind", maintain_order=True)
        .agg(items=pl.len(), clusters=pl.col("cluster").n_unique())
    )
    if checked is not None:
        suites = suites.join(checked.select("suite", "checked"), on="suite", how="left", maintain_order="left")
    told = {one.suite.name: one for one in exam.suites}
    leaks = removals.filter(pl.col("stage") == "decontaminate")
    return shown.Exam(
        suites=[shown.Suite(**row, **_asking(told.get(row["suite"]))) for row in suites.iter_rows(named=True)],
        digest=exam.digest,
        leaks=dict(leaks.select("reason", "rows").iter_rows()),
    )


def _asking(one: SealedSuite | None) -> dict[str, Any]:
    if one is None:
        return {}
    return {"about": one.suite.about, "metric": one.suite.metric, "shots": len(one.shots)}


def _spread(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """Take rows evenly from the whole frame rather than its beginning."""
    return rows.gather_every(max(1, rows.height // most)).head(most)
