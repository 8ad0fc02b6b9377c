"""What a failure says: severities, errors as critical failures, and evidence without a row's text."""

import json
import os
import re

import polars as pl
import pytest

from quality import contracts
from quality.contracts import Contract, ContractError
from quality.contracts.checks import Check
from quality.contracts.settings import WARNINGS, CheckName
from quality.records import RECORDS


def test_severities_can_be_set_and_critical_failures_come_first(records, with_messages, healthy, exchange):
    user, assistant = exchange
    contract = Contract(min_rows=100, severity={"rows_enough": "warning", "answer_not_huge": "critical"})
    broken = with_messages(records(60), [user, {"role": "assistant", "content": "x" * 100_001}])
    result = healthy(broken, contract=contract)
    assert [(failure.check, failure.severity) for failure in result.failures] == [
        ("answer_not_huge", "critical"),
        ("rows_enough", "warning"),
    ]
    assert not result.passed


def test_great_expectations_own_result_carries_the_severities(records, fates, ingested, drift):
    raw = contracts.validate(records(0), fates(screen=10), ingested(pool=10), drift=drift(0.0, 0.0)).raw
    severities = {
        outcome["expectation_config"]["meta"]["check"]: outcome["expectation_config"]["severity"]
        for part in raw.values()
        for outcome in part["results"]
    }
    assert severities["rows_enough"] == "critical"
    assert {check for check, severity in severities.items() if severity == "warning"} == WARNINGS


@pytest.mark.parametrize(
    ("expectation", "arguments", "told"),
    [
        ("ExpectColumnValuesToNotBeNull", {"column": "no_such"}, 'The column "no_such" in BatchData does not exist'),
        ("ExpectColumnMaxToBeBetween", {"column": "last_role", "min_value": 1}, "'>=' not supported between"),
    ],
)
def test_an_expectation_that_errors_is_critical_though_it_asks_for_a_warning(
    records, failed, healthy, expectation, arguments, told
):
    # Great Expectations tells the first by metric, and the second in a record of its own.
    result = healthy(records(60), more=[Check("mine", "rows", expectation, arguments, "warning", "anything")])
    assert failed(result) == {"mine": "critical"}
    assert not result.passed
    assert told in str(result.failures[0])


@pytest.mark.parametrize(
    ("expectation", "arguments", "told"),
    [
        ("ExpectMiracles", {}, "has no expectation 'ExpectMiracles'"),
        ("ExpectColumnToExist", {"x": 1}, "take"),
    ],
)
def test_a_check_that_can_not_be_built_is_named(records, healthy, expectation, arguments, told):
    with pytest.raises(ContractError, match=told):
        healthy(records(60), more=[Check("mine", "rows", expectation, arguments, "warning", "")])


def test_every_check_by_name_is_in_the_contract():
    from typing import get_args

    from quality.contracts.checks import checks_of

    assert {check.name for check in checks_of(Contract())} == set(get_args(CheckName))
    assert set(get_args(CheckName)) >= WARNINGS


def test_row_texts_stay_out_of_the_evidence(records, with_messages, healthy):
    secret = with_messages(records(60), [{"role": "user", "content": "hunter2"}])
    assert "hunter2" not in json.dumps(healthy(secret).raw)


def test_the_evidence_holds_examples_however_many_rows_fail(records, fates, ingested, exchange):
    user, assistant = exchange
    question_last = records(500).with_columns(messages=pl.Series([[assistant, user]] * 500, dtype=RECORDS["messages"]))
    raw = contracts.validate(question_last, fates(), ingested(pool=500)).raw
    (told,) = [one for one in raw["rows"]["results"] if one["expectation_config"]["meta"]["check"] == "answer_last"]
    assert told["result"]["unexpected_count"] == 500
    assert max(len(value) for value in told["result"].values() if isinstance(value, list)) <= 20


def test_a_long_example_is_cut(records, with_messages, healthy, exchange):
    user, assistant = exchange
    robot = {"role": "x" * 500, "content": "Beep."}
    (failure,) = healthy(with_messages(records(60), [robot, user, assistant])).failures
    assert failure.observed == f"1 of 121 values to be otherwise, such as '{'x' * 59}"


def test_great_expectations_is_told_to_send_nothing(records, healthy, monkeypatch):
    monkeypatch.delenv("GX_ANALYTICS_ENABLED", raising=False)
    healthy(records(60))
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_what_to_do_names_a_key_of_the_recipe():
    contract = Contract()
    for check in contracts.checks.checks_of(contract):
        (key,) = re.findall(r"curate\.contract\.([a-z_.]+[a-z])\b", check.advice)
        setting, _, part = key.partition(".")
        assert setting in Contract.model_fields
        assert part == {"severity": check.name, "max_share_dropped_by_stage": check.arguments.get("column")}.get(
            setting, ""
        )


def test_the_key_named_is_the_one_that_mends_it(records, healthy):
    first = healthy(records(60), contract=Contract(min_rows=61)).failures[0]
    assert str(first).endswith("(ExpectTableRowCountToBeBetween). " + first.advice)
    assert first.advice.endswith("if so few are meant, lower curate.contract.min_rows.")
    assert not healthy(records(60), contract=Contract(min_rows=60)).failures
