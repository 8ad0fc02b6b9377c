"""Curate: the data half alone. `preview` shows what would be kept, without publishing a run."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.checked import checked
from flows.ending import ending
from flows.naming import RecipeName, run_name
from flows.recipe import dump
from flows.settings import Curate
from quality.sources import Sources
from tasks.audit_canaries import audit_canaries
from tasks.check import check
from tasks.check_contract import check_contract
from tasks.check_quotas import check_quotas
from tasks.choose import choose
from tasks.compare_answers import compare_answers
from tasks.decontaminate import decontaminate
from tasks.dedupe import dedupe
from tasks.dedupe_meaning import dedupe_meaning
from tasks.exams import Exam
from tasks.ingest import ingest
from tasks.keep_domain import keep_domain
from tasks.models import Models
from tasks.protect import protect
from tasks.publish import publish
from tasks.runs import open_run
from tasks.screen import screen
from tasks.seal_exam import seal_exam
from tasks.skim import skim
from tasks.split import split
from tasks.stop import evidence
from tasks.validate import validate
from tasks.weigh import weigh

TRAINING_ONLY = ("tune", "gate", "probe", "renew", "promote")
"""What the flow that trains takes besides."""


@flow(name="curate", flow_run_name=run_name, validate_parameters=False)
@checked
def curate_pool(
    name: RecipeName,
    sources: Sources,
    model: Models,
    curate: Curate = Curate(),  # noqa: B008 - frozen
    exam: Exam = Exam(),  # noqa: B008 - frozen
    preview: bool = False,
) -> State:
    """Turn the pool into a training set with receipts. Ends as `Curated` or `Previewed`.

    Args:
        name: Name of the recipe: of its runs and, unless exam.name says otherwise, of its sealed exam.
        sources: Where the pool comes from; of two duplicates the row of the earlier source is kept.
        model: The base model, and the embedder.
        curate: How the pool becomes a training set, stage by stage.
        exam: What must be kept out of the training set.
        preview: Show what would be kept, and leave neither a run nor a sealed exam.
    """
    with (
        open_run(name, config=dump(locals()), leaves=not preview) as run,
        evidence(run, curate.personal, stays=not preview),
    ):
        given = check(sources, model, curate.domain, exam)
        terms = check_contract(name, curate.contract, given.embedder)

        pool = ingest(given.pool)
        check_quotas(pool, curate.budget)
        pool = screen(pool, curate.screen, given.base)
        pool = protect(pool, curate.personal)
        pool = dedupe(pool, curate.dedupe, curate.pairing)
        pool = skim(pool, curate.domain, given.domains)
        pool = dedupe_meaning(pool, curate.meaning, given.embedder)
        pool = keep_domain(pool, curate.domain, given.domains, given.embedder)
        sealed, pool = seal_exam(pool, name, exam, given.suites, given.embedder)
        pool = decontaminate(pool, sealed, curate.decontaminate, given.embedder)
        pool = compare_answers(pool, curate.pairing)
        pool = weigh(pool, curate.weigh, given.base)
        pool = choose(pool, curate.budget, given.embedder, given.base)
        pool = audit_canaries(pool, sealed, curate, given.domains, given.embedder, given.base)
        contract = validate(pool, terms, sealed)
        data = split(pool, curate.split)

        return ending(publish(run, pool, data, contract, sealed, preview=preview))
