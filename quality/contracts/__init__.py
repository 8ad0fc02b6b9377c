"""The contract of a dataset: what must hold of the kept rows, checked by Great Expectations."""

from quality.contracts.own import read_suite
from quality.contracts.pages import data_docs
from quality.contracts.result import ContractResult, Failure
from quality.contracts.run import ContractError, ensure_known, validate
from quality.contracts.settings import Contract

__all__ = [
    "Contract",
    "ContractError",
    "ContractResult",
    "Failure",
    "data_docs",
    "ensure_known",
    "read_suite",
    "validate",
]
