"""Read and pin what the contract refers to, before any work: a file of expectations, and the run to compare with."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from quality.contracts import Contract, ContractError, ensure_known, read_suite
from quality.contracts.checks import Check
from tasks import cards, runs
from tasks.caching import step
from tasks.models import ModelFiles

_DATASET = ("dataset/train.parquet", "dataset/validation.parquet")


class Previous(BaseModel):
    """A finished run to compare with: where it lies, and the digest of its data set."""

    model_config = ConfigDict(frozen=True)

    run: str
    folder: str
    content: str


class Terms(BaseModel):
    """A contract with what it refers to: the content of its file, the run before, and what embeds both runs' rows."""

    model_config = ConfigDict(frozen=True)

    contract: Contract
    suite: str | None = None
    previous: Previous | None = None
    embedder: ModelFiles | None = None

    def own_checks(self) -> Sequence[Check]:
        """Return the checks of the contract's own file."""
        if self.suite is None:
            return ()
        name = Path(self.contract.file or "").name
        return read_suite(self.suite, name, stages=list(self.contract.max_share_dropped_by_stage))


@step(name="check_contract", cached=False)
def check_contract(name: str, contract: Contract, embedder: ModelFiles) -> Terms:
    """Return the contract's terms.

    Raises
    ------
    ValueError
        When its file can't be read, is no suite, or holds an expectation that can't be built; the message names the
        file and the place in it.
    """
    terms = Terms(contract=contract, suite=_read(contract), previous=_previous(name), embedder=embedder)
    try:
        ensure_known(terms.own_checks())
    except ContractError as error:
        raise ValueError(f"curate.contract.file: {error}") from error
    if terms.previous is None:
        cards.say(f"no finished run of {name} to compare with: drift is not looked at")
    return terms


def _read(contract: Contract) -> str | None:
    if contract.file is None:
        return None
    file = Path(contract.file).expanduser()
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ValueError(
            f"curate.contract.file: {file} can't be read ({why}). Name a Great Expectations suite, a JSON file."
        ) from error


def _previous(name: str) -> Previous | None:
    """Find the last finished run with a data set; of runs in a row that have the same one, the first.

    So a night in which nothing changed asks what the night before asked, and is answered from the cache.
    """
    found: Previous | None = None
    for folder in reversed(runs.finished(name)):
        files = runs.manifest(folder)["files"]
        parts = [files[name] for name in _DATASET if name in files]
        if len(parts) < len(_DATASET):
            continue
        content = " ".join(parts)
        if found is not None and found.content != content:
            break
        found = Previous(run=folder.name, folder=str(folder), content=content)
    return found
