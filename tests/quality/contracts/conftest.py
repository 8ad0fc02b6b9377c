"""Results to validate: kept records, fates and ingested rows of any number, and the healthy ones among them."""

from collections.abc import Callable
from functools import partial

import polars as pl
import pytest

from quality import contracts
from quality.records import FATES, RECORDS

Maker = Callable[..., pl.DataFrame]
Turn = dict[str, str]


@pytest.fixture(scope="session")
def exchange() -> tuple[Turn, Turn]:
    """What a user says, and what the assistant says to that."""
    return {"role": "user", "content": "What is an ox?"}, {"role": "assistant", "content": "A draught animal."}


@pytest.fixture(scope="session")
def records(exchange: tuple[Turn, Turn]) -> Maker:
    """A maker of so many kept records of a source."""

    def make(rows: int, source: str = "pool") -> pl.DataFrame:
        data = [
            {
                "row": i,
                "id": f"{i:032x}",
                "messages": list(exchange),
                "source": source,
                "origin": f"f:{i + 1}",
                "group": None,
            }
            for i in range(rows)
        ]
        return pl.DataFrame(data, schema=RECORDS)

    return make


@pytest.fixture(scope="session")
def fates() -> Maker:
    """A maker of rows removed per stage, in the order given; row numbers do not matter to the contract."""

    def make(**removed: int) -> pl.DataFrame:
        data = [
            {"row": 0, "stage": stage, "fate": "dropped", "reason": "reason"}
            for stage, count in removed.items()
            for _ in range(count)
        ]
        return pl.DataFrame(data, schema=FATES)

    return make


@pytest.fixture(scope="session")
def ingested() -> Maker:
    """A maker of so many ingested rows per source."""

    def make(**sources: int) -> pl.DataFrame:
        labels = [source for source, rows in sources.items() for _ in range(rows)]
        return pl.DataFrame({"row": pl.arange(len(labels), dtype=pl.UInt32, eager=True), "source": labels})

    return make


@pytest.fixture(scope="session")
def drift() -> Maker:
    """A maker of the two measures of drift since the last run."""
    return lambda length_psi, centroid_shift: pl.DataFrame(
        {"length_psi": [length_psi], "centroid_shift": [centroid_shift]}
    )


@pytest.fixture(scope="session")
def with_messages() -> Maker:
    """A changer of records: the first of them gets other messages."""

    def change(frame: pl.DataFrame, messages: object) -> pl.DataFrame:
        column = [messages, *frame["messages"].to_list()[1:]]
        return frame.with_columns(pl.Series("messages", column, dtype=RECORDS["messages"]))

    return change


@pytest.fixture(scope="session")
def failed() -> Callable[[contracts.ContractResult], dict[str, str]]:
    """A reader of results: the checks that failed, each with its severity."""
    return lambda result: {failure.check: failure.severity for failure in result.failures}


@pytest.fixture(scope="session")
def healthy(fates: Maker, ingested: Maker) -> Callable[..., contracts.ContractResult]:
    """The validation of 60 kept records of which none was lost."""
    return partial(contracts.validate, fates=fates(), ingested=ingested(pool=60))
