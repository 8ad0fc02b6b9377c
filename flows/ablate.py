"""Ablate: whether curation paid, beside control arms trained by the same engine, with the same seeds and exam."""

from functools import cache

from prefect import flow
from prefect.client.schemas.objects import State

from evals.verdict import Gate
from flows.checked import checked
from flows.ending import ending
from flows.naming import RecipeName, run_name
from flows.recipe import dump
from flows.settings import Curate
from quality.sources import Sources
from tasks import cards
from tasks.ablation.settings import CURATED, Ablate
from tasks.check import check
from tasks.check_arms import check_arms
from tasks.check_contract import check_contract
from tasks.check_method import check_method
from tasks.check_news import Renew
from tasks.check_quotas import check_quotas
from tasks.check_source_weights import check_source_weights, check_weights_left
from tasks.check_template import check_template
from tasks.choose import choose
from tasks.compare_answers import compare_answers
from tasks.cut_slices import cut_slices
from tasks.decontaminate import decontaminate
from tasks.dedupe import dedupe
from tasks.dedupe_meaning import dedupe_meaning
from tasks.examine import base_beside, examine
from tasks.exams import Exam
from tasks.gather_arm import gather_arm
from tasks.gather_share import gather_share
from tasks.general import gather_general, read_apart, rest_for
from tasks.hold_out import hold_out
from tasks.ingest import ingest
from tasks.keep_domain import keep_domain
from tasks.models import Models
from tasks.offer import Promote
from tasks.pool import Pool
from tasks.probe import Probe
from tasks.protect import protect
from tasks.publish_dividend import publish_dividend
from tasks.runs import open_run
from tasks.screen import screen
from tasks.seal_exam import seal_exam
from tasks.skim import skim
from tasks.spare_items import spare_items
from tasks.split import split
from tasks.stop import evidence
from tasks.train_arms import train_arms
from tasks.training.settings import Tune, general_for
from tasks.validate import validate
from tasks.weigh import weigh


@flow(name="ablate", flow_run_name=run_name, validate_parameters=False)
@checked
def ablate_recipe(
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
    ablate: Ablate = Ablate(),  # noqa: B008 - frozen
) -> State:
    """Train the curated set and control arms with several seeds, and tell curation's dividend. Ends as `Ablated`.

    Nothing is offered for promotion: it tells what curation is worth, and a run makes the adapter.

    Args:
        name: Name of the recipe: of its runs and, unless exam.name says otherwise, of its sealed exam.
        sources: Where the pool comes from; of two duplicates the row of the earlier source is kept.
        model: The base model to fine-tune, and the embedder.
        curate: How the pool becomes the curated arm's training set, stage by stage.
        exam: What base and adapters are asked; every one is asked all of it.
        tune: How every arm is trained; token_budget is what each sees.
        gate: Its margins are what curation may forget more than a control, its alpha the level of the intervals.
        probe: Not used: it is for a run's report.
        renew: Not used: every arm is trained.
        promote: Not used: nothing is promoted.
        ablate: Which arms are trained beside the curated one, with which seeds.
    """
    with open_run(name, config=dump(locals())) as run, evidence(run, curate.personal):
        given = check(sources, model, curate.domain, exam, gate, tune.general, taken=tune.taken)
        check_method(tune, given.base)
        ablate = check_arms(ablate, curate.domain, curate.weigh, curate.budget)
        terms = check_contract(name, curate.contract, given.embedder)

        everything = ingest(given.pool)
        check_quotas(everything, curate.budget)
        check_source_weights(everything, tune)
        check_template(everything, given.base)
        pool = screen(everything, curate.screen, given.base, threads=tune.threads)
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
        validate(pool, terms, sealed)
        data = split(pool, curate.split)
        check_weights_left(data, pool, tune)

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

        def clear_of_the_exam(pool: Pool) -> Pool:
            return decontaminate(hold_out(pool, sealed), sealed, curate.decontaminate, given.embedder)

        def without(stage: str) -> Pool:
            """Curate anew, and leave out a stage; the exam stays the same."""
            with cards.part(stage):
                pool = everything
                if stage != "no-quality":
                    pool = screen(pool, curate.screen, given.base, threads=tune.threads)
                pool = protect(pool, curate.personal)
                if stage != "no-dedup":
                    pool = dedupe(pool, curate.dedupe, curate.pairing)
                if stage != "no-domain":
                    pool = skim(pool, curate.domain, given.domains)
                if stage != "no-dedup":
                    pool = dedupe_meaning(pool, curate.meaning, given.embedder)
                if stage != "no-domain":
                    pool = keep_domain(pool, curate.domain, given.domains, given.embedder)
                pool = compare_answers(clear_of_the_exam(pool), curate.pairing)
                if stage != "no-quality":
                    pool = weigh(pool, curate.weigh, given.base, threads=tune.threads)
                if stage != "no-diversity":
                    pool = choose(pool, curate.budget, given.embedder, given.base)
                return pool

        @cache
        def drawn_from(rows: str) -> Pool:
            """Leave every row in, or every row of the domain; an exam's row is known by what it says once protected."""
            with cards.part(rows):
                pool = protect(everything, curate.personal)
                if rows == "domain-only":
                    pool = skim(pool, curate.domain, given.domains)
                    pool = keep_domain(pool, curate.domain, given.domains, given.embedder)
                return clear_of_the_exam(pool)

        pools = {CURATED: pool}
        pools |= {arm: drawn_from("domain-only" if arm == "domain-only" else "everything") for arm in ablate.controls}
        pools |= {arm: pool if arm == "no-replay" else without(arm) for arm in ablate.without}
        arms = {
            arm: gather_arm(arm, left, pool, data, general, given.base, tune, ablate) for arm, left in pools.items()
        }
        shares = [
            gather_share(arms[arm], share, given.base, tune, ablate.seeds)
            for share in ablate.shares
            for arm in (CURATED, "random")
            if arm in arms
        ]
        slices = cut_slices(arms[CURATED], ablate, given.base, given.embedder, tune)

        base = base_beside(given.base, tune.method)
        before = examine(sealed, base, threads=tune.threads)
        trained = train_arms(
            [*arms.values(), *shares, *slices.arms],
            general,
            given.base,
            base,
            sealed,
            before,
            tune,
            ablate,
            spare_items(sealed, gate),
        )
        return ending(publish_dividend(run, slices, sealed, trained, gate, ablate))
