"""The contract of a dataset: what must hold of the kept rows, checked by Great Expectations."""

from quality.contracts.result import ContractResult, Failure
from quality.contracts.run import ContractError, validate
from quality.contracts.settings import Contract

__all__ = ["Contract", "ContractError", "ContractResult", "Failure", "validate"]
