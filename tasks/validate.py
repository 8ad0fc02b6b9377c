"""Check the kept rows against the contract (Great Expectations); a critical failure stops the run before training."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from quality import contracts
from quality.contracts import Contract
from tasks import cards, runs, store
from tasks.caching import step
from tasks.check_contract import Terms
from tasks.drift import Drift, drift_since
from tasks.exams import SealedExam
from tasks.pool import Pool, told_losses
from tasks.stop import evidence_stays, where_told, write_stop


class Broken(BaseModel):
    """An expectation that was not met."""

    model_config = ConfigDict(frozen=True)

    expectation: str
    severity: Literal["critical", "warning"]
    sentence: str


class Validation(BaseModel):
    """What the contract found.

    `evidence` holds Great Expectations' own result as `contract.json`, what was measured since the run before as
    `drift.json` and, if asked for, Data Docs as `data_docs/index.html`.
    """

    model_config = ConfigDict(frozen=True)

    failures: tuple[Broken, ...]
    checked: int
    evidence: store.Folder
    drift: Drift | None = None
    data_docs: bool = False


class ContractBroken(ValueError):
    """The kept rows break the contract at critical severity."""


@step(name="validate")
def validate(pool: Pool, terms: Terms | Contract, exam: SealedExam | None = None) -> Validation:
    """Return what the contract says of the kept rows.

    A contract alone, without its terms, has no file and no run to be compared with.

    Raises
    ------
    ContractBroken
        On a critical failure. Great Expectations' result is left in the run directory and, where the exam is given,
        what the stages had decided of every row (`tasks.stop`).
    """
    if isinstance(terms, Contract):
        if terms.file is not None:
            raise ValueError("curate.contract.file was not read: hand validate what check_contract returned.")
        terms = Terms(contract=terms)
    kept = pool.left()
    drift = drift_since(terms.previous, kept, terms.embedder) if terms.previous and terms.embedder else None
    result = contracts.validate(
        kept,
        pool.removed(),
        pool.read().select("row", "source"),
        terms.contract,
        unread=pool.quarantined.rows,
        more=terms.own_checks(),
        drift=None if drift is None else drift.frame(),
    )

    def fill(folder: Path) -> None:
        store.write_json(folder / "contract.json", result.raw)
        if drift is not None:
            store.write_json(folder / "drift.json", drift.model_dump(mode="json"))
        if terms.contract.data_docs:
            (folder / "data_docs").mkdir()
            for name, page in contracts.data_docs(result.raw).items():
                store.write_text(folder / "data_docs" / name, page)

    found = Validation(
        failures=tuple(
            Broken(expectation=failure.check, severity=failure.severity, sentence=str(failure))
            for failure in result.failures
        ),
        checked=sum(len(part["results"]) for part in result.raw.values()),
        evidence=store.write_folder("contracts", fill),
        drift=drift,
        data_docs=terms.contract.data_docs,
    )
    if not result.passed:
        raise ContractBroken(_stop(found, pool, exam))
    cards.say("nothing critical is broken" if found.failures else "the contract holds")
    for failure in found.failures:
        cards.warn(failure.sentence.removeprefix(cards.WARNING))
    return found


def _stop(found: Validation, pool: Pool, exam: SealedExam | None) -> str:
    told = " ".join(["The kept rows break the contract:", *(broken.sentence for broken in found.failures)])
    told = f"{told} {told_losses(pool)}"
    run = runs.current()
    if run is None or not evidence_stays():
        return told
    if exam is None:
        store.copy_folder(store.locate(found.evidence), run.folder)
    else:
        by = [broken.expectation for broken in found.failures if broken.severity == "critical"]
        write_stop(run, pool, exam, found.evidence, told, by)
        told += f" Nothing is published; {where_told(run)}"
    return f"{told} Great Expectations' result is in {run.folder / 'contract.json'}."
