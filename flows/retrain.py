"""Retrain: from a dirty pool to one answer, ship this adapter or not."""

from prefect import flow
from prefect.client.schemas.objects import State

from evals.verdict import Gate
from flows.checked import checked
from flows.ending import ending
from flows.naming import RecipeName, run_name
from flows.recipe import dump
from flows.settings import Curate
from quality.sources import Sources
from tasks.audit_canaries import audit_canaries
from tasks.check import check
from tasks.check_champion import check_champion
from tasks.check_contract import check_contract
from tasks.check_method import check_method
from tasks.check_news import Renew, check_news
from tasks.check_power import check_power
from tasks.check_quotas import check_quotas
from tasks.check_source_weights import check_source_weights, check_weights_left
from tasks.check_template import check_template
from tasks.choose import choose
from tasks.choose_scale import choose_scale
from tasks.compare_answers import compare_answers
from tasks.decontaminate import decontaminate
from tasks.dedupe import dedupe
from tasks.dedupe_meaning import dedupe_meaning
from tasks.early_warning import early_warning
from tasks.examine import base_beside, examine
from tasks.examine_candidate import examine_candidate
from tasks.examine_champion import examine_champion
from tasks.exams import Exam
from tasks.fine_tune import fine_tune
from tasks.general import gather_general, read_apart, rest_for
from tasks.ingest import ingest
from tasks.judge import judge
from tasks.keep_domain import keep_domain
from tasks.models import Models
from tasks.offer import Promote, offer
from tasks.probe import Probe
from tasks.probe import probe as probe_candidate
from tasks.protect import protect
from tasks.publish_history import publish_history
from tasks.repair import repair
from tasks.report import report
from tasks.runs import open_run
from tasks.screen import screen
from tasks.seal_exam import seal_exam
from tasks.skim import skim
from tasks.spare_items import spare_items
from tasks.split import split
from tasks.stop import evidence
from tasks.trace import trace
from tasks.training.settings import Tune, general_for
from tasks.validate import validate
from tasks.weigh import weigh


@flow(name="retrain", flow_run_name=run_name, validate_parameters=False)
@checked
def retrain(
    name: RecipeName,
    sources: Sources,
    model: Models,
    curate: Curate = Curate(),  # noqa: B008 - frozen
    exam: Exam = Exam(),  # noqa: B008 - frozen
    tune: Tune = Tune(),  # noqa: B008 - frozen
    gate: Gate = Gate(),  # noqa: B008 - frozen
    probe: Probe = Probe(),  # noqa: B008 - frozen
    renew: Renew = Renew(),  # noqa: B008 - frozen
    promote: Promote = "ask",
) -> State:
    """Curate the pool, examine the base, fine-tune on what is kept, examine again, judge, and repair.

    Ends as `Accepted`, `Rejected`, `Inconclusive`, or `Unchanged` when the kept rows changed too little since the last
    verdict, or training set, exam and settings turn out to be those of the last run.

    Args:
        name: Name of the recipe: of its runs, its champion and, unless exam.name says otherwise, its sealed exam.
        sources: Where the pool comes from; of two duplicates the row of the earlier source is kept.
        model: The base model to fine-tune, and the embedder.
        curate: How the pool becomes a training set, stage by stage.
        exam: What base and candidate are asked.
        tune: How the adapter is trained.
        gate: From which gain, and up to which loss, the adapter is accepted.
        probe: What is looked at beside the exam, to explain the verdict.
        renew: From which change of the kept rows on it is worth to train again.
        promote: Whether an accepted adapter becomes the champion by itself (auto), when a person says so (ask), or not
            (never).
    """
    with open_run(name, config=dump(locals())) as run, evidence(run, curate.personal):
        given = check(sources, model, curate.domain, exam, gate, tune.general, taken=tune.taken)
        check_method(tune, given.base)
        terms = check_contract(name, curate.contract, given.embedder)
        ledger = check_champion(name)

        pool = ingest(given.pool)
        check_quotas(pool, curate.budget)
        check_source_weights(pool, tune)
        check_template(pool, given.base)
        pool = screen(pool, curate.screen, given.base, threads=tune.threads)
        pool = protect(pool, curate.personal)
        pool = dedupe(pool, curate.dedupe, curate.pairing)
        pool = skim(pool, curate.domain, given.domains)
        pool = dedupe_meaning(pool, curate.meaning, given.embedder)
        pool = keep_domain(pool, curate.domain, given.domains, given.embedder)
        rest = rest_for(general_for(tune), pool)
        sealed, pool = seal_exam(pool, name, exam, given.suites, given.embedder)
        pool = decontaminate(pool, sealed, curate.decontaminate, given.embedder)
        pool = compare_answers(pool, curate.pairing)
        pool = weigh(pool, curate.weigh, given.base, threads=tune.threads)
        pool = choose(pool, curate.budget, given.embedder, given.base)
        pool = audit_canaries(pool, sealed, curate, given.domains, given.embedder, given.base)
        contract = validate(pool, terms, sealed)
        data = split(pool, curate.split)

        if (stands := check_news(run, data, contract, sealed, renew, ledger)) is not None:
            return ending(stands)
        check_weights_left(data, pool, tune)

        base = base_beside(given.base, tune.method)
        before = examine(sealed, base, threads=tune.threads)
        power = check_power(before, gate)

        wide = read_apart(general_for(tune), given.general, data, curate.personal)
        general = gather_general(
            general_for(tune),
            wide,
            rest,
            sealed,
            curate.personal,
            curate.decontaminate,
            given.base,
            given.embedder,
            threads=tune.threads,
        )
        adapter = fine_tune(data, general, given.base, tune)
        adapter = choose_scale(adapter, data, general, given.base, tune, spare_items(sealed, gate))
        moved = early_warning(sealed, before, base, adapter.adapter, probe.divergence_items, tune.threads)

        earlier = examine_champion(ledger, sealed, base, before, adapter.adapter, threads=tune.threads)
        after = examine_candidate(sealed, base, adapter.adapter, before, gate, pool, earlier, threads=tune.threads)
        verdict = judge(before, after, gate, pool, earlier)
        adapter, after, verdict, tried = repair(
            adapter, before, after, verdict, gate, pool, earlier, data, sealed, base, threads=tune.threads
        )
        probed = probe_candidate(
            sealed, before, base, adapter.adapter, given.embedder, moved, probe, threads=tune.threads
        )
        traced = trace(probed, data, pool, given.embedder)

        ended = report(
            run, pool, data, contract, sealed, general, adapter, before, after, verdict, traced, earlier, tried, power
        )
        offer(ended, name, promote)
        publish_history(name)
        return ending(ended)
