"""Check the kept rows against the contract (Great Expectations); a critical failure stops the run before training."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from quality import contracts
from quality.contracts import Contract
from tasks import cards, runs, store
from tasks.caching import step
from tasks.pool import Pool


class Broken(BaseModel):
    """An expectation that was not met."""

    model_config = ConfigDict(frozen=True)

    expectation: str
    severity: Literal["critical", "warning"]
    sentence: str


class Validation(BaseModel):
    """What the contract found; `evidence` holds Great Expectations' own result as `contract.json`."""

    model_config = ConfigDict(frozen=True)

    failures: tuple[Broken, ...]
    checked: int
    evidence: store.Folder


class ContractBroken(ValueError):
    """The kept rows break the contract at critical severity."""


@step(name="validate")
def validate(pool: Pool, contract: Contract) -> Validation:
    """Return what the contract says of the kept rows.

    Raises
    ------
    ContractBroken
        On a critical failure; Great Expectations' result is left in the run directory.
    """
    result = contracts.validate(pool.left(), pool.removed(), pool.read().select("row", "source"), contract)

    def fill(folder: Path) -> None:
        store.write_json(folder / "contract.json", result.raw)

    found = Validation(
        failures=tuple(
            Broken(expectation=failure.check, severity=failure.severity, sentence=str(failure))
            for failure in result.failures
        ),
        checked=sum(len(part["results"]) for part in result.raw.values()),
        evidence=store.write_folder("contracts", fill),
    )
    if not result.passed:
        raise ContractBroken(_stop(found))
    cards.say(" · ".join(failure.sentence for failure in found.failures) or "the contract holds")
    return found


def _stop(found: Validation) -> str:
    told = " ".join(failure.sentence for failure in found.failures)
    run = runs.current()
    if run is None:
        return f"The kept rows break the contract: {told}"
    evidence = json.loads((store.locate(found.evidence) / "contract.json").read_text(encoding="utf-8"))
    store.write_json(run.folder / "contract.json", evidence)
    return f"The kept rows break the contract: {told} Great Expectations' result is in {run.folder / 'contract.json'}."
