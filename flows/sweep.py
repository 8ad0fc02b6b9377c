"""Sweep: which settings of training gain the most without forgetting too much. The exam is never asked."""

from prefect import flow
from prefect.client.schemas.objects import State

from evals.verdict import Gate
from flows.checked import checked
from flows.ending import ending
from flows.naming import RecipeName, run_name
from flows.recipe import brief, dump
from flows.settings import Curate
from quality.sources import Sources
from tasks.audit_canaries import audit_canaries
from tasks.check import check
from tasks.check_contract import check_contract
from tasks.check_news import Renew
from tasks.check_quotas import check_quotas
from tasks.check_source_weights import check_source_weights, check_weights_left
from tasks.check_template import check_template
from tasks.choose import choose
from tasks.compare_answers import compare_answers
from tasks.decontaminate import decontaminate
from tasks.dedupe import dedupe
from tasks.dedupe_meaning import dedupe_meaning
from tasks.exams import Exam
from tasks.general import gather_general, read_apart, rest_for
from tasks.halve import halve
from tasks.ingest import ingest
from tasks.keep_domain import keep_domain
from tasks.lay_out import lay_out, most_taken
from tasks.models import Models
from tasks.offer import Promote
from tasks.probe import Probe
from tasks.protect import protect
from tasks.publish_sweep import publish_sweep
from tasks.runs import open_run
from tasks.screen import screen
from tasks.seal_exam import seal_exam
from tasks.skim import skim
from tasks.split import split
from tasks.stop import evidence
from tasks.training.settings import Tune
from tasks.training.sweep_settings import Sweep
from tasks.validate import validate
from tasks.weigh import weigh


@flow(name="sweep", flow_run_name=run_name, validate_parameters=False)
@checked
def sweep_recipe(
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
    sweep: Sweep = Sweep(),  # noqa: B008 - frozen
) -> State:
    """Curate the pool, train many trials by successive halving, and write the winner's recipe. Ends as `Swept`.

    Trials are told apart by validation rows and general text. The exam's items are known only so that no training row
    gives one away; no model is asked any.

    Args:
        name: Name of the recipe: of its runs and, unless exam.name says otherwise, of its sealed exam.
        sources: Where the pool comes from; of two duplicates the row of the earlier source is kept.
        model: The base model to fine-tune, and the embedder.
        curate: How the pool becomes a training set, stage by stage.
        exam: What must be kept out of the training set.
        tune: How a trial is trained, unless the sweep says otherwise; its token budget is that of a whole training.
        gate: Its alpha is the level of the intervals; the winner's recipe keeps the rest.
        probe: The winner's recipe keeps it.
        renew: The winner's recipe keeps it.
        promote: The winner's recipe keeps it.
        sweep: What is tried, and how many tokens that may take.
    """
    with open_run(name, config=dump(locals())) as run, evidence(run, curate.personal):
        given = check(sources, model, curate.domain, exam, gate, tune.general, taken=most_taken(tune, sweep))
        plan = lay_out(tune, sweep, given.base)
        terms = check_contract(name, curate.contract, given.embedder)

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
        rest = rest_for(tune.general, pool)
        sealed, pool = seal_exam(pool, name, exam, given.suites, given.embedder)
        pool = decontaminate(pool, sealed, curate.decontaminate, given.embedder)
        pool = compare_answers(pool, curate.pairing)
        pool = weigh(pool, curate.weigh, given.base, threads=tune.threads)
        pool = choose(pool, curate.budget, given.embedder, given.base)
        pool = audit_canaries(pool, sealed, curate, given.domains, given.embedder, given.base)
        validate(pool, terms, sealed)
        data = split(pool, curate.split)
        check_weights_left(data, pool, tune)

        wide = read_apart(tune.general, given.general, data, curate.personal)
        general = gather_general(
            tune.general,
            wide,
            rest,
            sealed,
            curate.personal,
            curate.decontaminate,
            given.base,
            given.embedder,
            threads=tune.threads,
        )
        swept = halve(plan, data, general, given.base, pool)
        winner = {"name": name, "sources": sources, "model": model, "curate": curate, "exam": exam}
        winner |= {"tune": swept.winner.settings, "gate": gate, "probe": probe, "renew": renew, "promote": promote}
        return ending(publish_sweep(run, swept, gate.alpha, recipe=brief(winner)))
