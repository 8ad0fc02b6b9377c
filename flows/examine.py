"""Examine: an adapter trained anywhere, on an exam sealed here."""

from prefect import flow
from prefect.client.schemas.objects import State

from evals.verdict import Gate
from flows.checked import told
from flows.ending import ending
from flows.naming import RecipeName, run_name
from flows.recipe import dump
from tasks.bring_adapter import bring_adapter
from tasks.check import check_exam
from tasks.check_champion import check_champion
from tasks.early_warning import early_warning
from tasks.examine import base_beside, examine
from tasks.examine_candidate import examine_candidate
from tasks.examine_champion import examine_champion
from tasks.exams import Exam
from tasks.judge import judge
from tasks.models import Models
from tasks.probe import Probe
from tasks.publish import publish_verdict
from tasks.runs import open_run
from tasks.turn_down import written


@flow(name="examine", flow_run_name=run_name, validate_parameters=True)
@told
def examine_adapter(
    name: RecipeName,
    model: Models,
    adapter: str,
    exam: Exam = Exam(),  # noqa: B008 - frozen
    gate: Gate = Gate(),  # noqa: B008 - frozen
) -> State:
    """Examine the adapter in a folder against its base. Ends as `Accepted`, `Rejected` or `Inconclusive`.

    Args:
        name: Name of the recipe whose exam was sealed, unless exam.name says otherwise.
        model: The base model that the adapter belongs to.
        adapter: Folder of the adapter (PEFT or LoReFT, safetensors).
        exam: What base and candidate are asked.
        gate: From which gain, and up to which loss, the adapter is accepted.
    """
    with open_run(name, config=dump(locals())) as run:
        sealed, base = check_exam(name, model, exam, gate)
        ledger = check_champion(name)
        candidate = bring_adapter(adapter, base)
        base = base_beside(base, written(candidate)["peft_type"])

        before = examine(sealed, base)
        early_warning(sealed, before, base, candidate, Probe().divergence_items)
        earlier = examine_champion(ledger, sealed, base, before, candidate)
        after = examine_candidate(sealed, base, candidate, before, gate, earlier=earlier)
        verdict = judge(before, after, gate, earlier=earlier)

        return ending(publish_verdict(run, sealed, before, after, verdict, candidate, adapter, earlier))
