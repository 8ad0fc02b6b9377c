"""Write the run directory, from the dataset to the report; the manifest comes last and makes the run count."""

from dataclasses import replace

from evals.foresight import Foresight
from evals.verdict import Verdict
from tasks import cards, model_card, pace, probing, runs, store
from tasks.caching import step
from tasks.evidence import gather
from tasks.examine import Scores
from tasks.examine_champion import Examined
from tasks.exams import SealedExam
from tasks.fine_tune import Trained
from tasks.general import GeneralText, told
from tasks.model_card import Facts
from tasks.outcome import OF_DECISION, Outcome, as_before, key_of
from tasks.pool import Pool
from tasks.publish import write_data, write_receipts, write_repair, write_report, write_verdict
from tasks.refused import refused_facts
from tasks.repair import Tried, repair_told
from tasks.reporting.markdown import probe_markdown, verdict_markdown
from tasks.row_files import write_general
from tasks.runs import Run
from tasks.split import Data
from tasks.trace import Traced
from tasks.validate import Validation


@step(name="report", cached=False)
def report(
    run: Run,
    pool: Pool,
    data: Data,
    contract: Validation,
    exam: SealedExam,
    general: GeneralText | None,
    trained: Trained,
    before: Scores,
    after: Scores,
    verdict: Verdict,
    traced: Traced,
    earlier: tuple[Examined, ...] = (),
    tried: Tried | None = None,
    foreseen: tuple[Foresight, ...] = (),
) -> Outcome:
    """Write everything the run found, a repair that was tried included, and commit it; return how it ended.

    `foreseen` is what the exam could see by `tasks.check_power`.
    """
    ledger = write_receipts(pool, data)
    facts = write_data(run, ledger, pool, data, contract, exam)
    facts["digests"] |= write_general(run, general)
    scores = write_verdict(run, before, after, verdict, earlier, tried)
    found = probing.write(run, traced, verdict.gate.alpha)
    store.copy_folder(store.locate(trained.adapter), run.folder / "adapter")
    store.write_parquet(run.folder / "metrics.parquet", store.read_table(trained.curve))

    facts["digests"] |= {"adapter": trained.adapter.digest, "scores": store.value_digest([before, after, *earlier])}
    facts |= {
        "decision": verdict.decision,
        "training": trained.facts,
        "outcome": key_of(facts["digests"], verdict),
    }
    course = pace.course(exam, run.pinned.get("base", ""), verdict)
    facts["examined"] = course.model_dump()
    facts["refused"] = refused_facts(exam, before, after, tried)
    if tried is not None:
        facts["repair"] = write_repair(run, tried)
    if repaired := repair_told(verdict, tried):
        cards.say(repaired)
    outcome = _outcome(run, verdict, facts["outcome"])
    digests = run.pinned | facts["digests"]
    evidence = gather(
        run, ledger, pool, contract, exam, trained, scores, before, after, verdict, digests, tried, foreseen
    )
    probe = probing.show(traced, data, found)
    training = {**evidence.training, **({} if general is None else {"general text": told(general)})}
    evidence = replace(evidence, probe=probe, course=course, training=training)
    cards.markdown("probe", probe_markdown(probe), "What explains the verdict")
    cards.markdown("verdict", verdict_markdown(evidence), "Ship this adapter, or not?")
    write_report(run, evidence)
    known = Facts(run.folder, run.folder / "adapter", digests, trained.facts, verdict, ledger)
    store.write_text(known.adapter / store.CARD, model_card.write(known))
    run.commit(state=outcome.state, reason=outcome.reason, facts=facts)
    return outcome


def _outcome(run: Run, verdict: Verdict, key: str) -> Outcome:
    earlier = next((m for m in map(runs.manifest, reversed(runs.finished(run.name))) if "outcome" in m), None)
    if earlier and earlier["outcome"] == key:
        return Outcome(
            state="Unchanged",
            reason=as_before(earlier["run"], verdict),
            run=run.folder.name,
            decision=verdict.decision,
        )
    return Outcome(
        state=OF_DECISION[verdict.decision],
        reason=verdict.reason,
        run=run.folder.name,
        decision=verdict.decision,
    )
