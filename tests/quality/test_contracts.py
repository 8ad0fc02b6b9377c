"""Every expectation of the contract can fail, an erroring one is critical, and a healthy pool passes."""

import json
import os
from functools import partial

import polars as pl
import pytest

from quality import contracts
from quality.contracts import Contract, ContractError
from quality.contracts.checks import Check
from quality.contracts.settings import WARNINGS, CheckName
from quality.records import FATES, RECORDS

GOOD = [{"role": "user", "content": "What is an ox?"}, {"role": "assistant", "content": "A draught animal."}]


def records(rows: int, source: str = "pool") -> pl.DataFrame:
    data = [
        {
            "row": i,
            "id": f"{i:032x}",
            "messages": GOOD,
            "source": source,
            "origin": f"f:{i + 1}",
            "group": None,
        }
        for i in range(rows)
    ]
    return pl.DataFrame(data, schema=RECORDS)


def fates(**removed: int) -> pl.DataFrame:
    """Rows removed per stage, in the order given; row numbers do not matter to the contract."""
    data = [
        {"row": 0, "stage": stage, "fate": "dropped", "reason": "reason"}
        for stage, count in removed.items()
        for _ in range(count)
    ]
    return pl.DataFrame(data, schema=FATES)


def ingested(**sources: int) -> pl.DataFrame:
    labels = [source for source, rows in sources.items() for _ in range(rows)]
    return pl.DataFrame({"row": pl.arange(len(labels), dtype=pl.UInt32, eager=True), "source": labels})


def drift(length_psi: float, centroid_shift: float) -> pl.DataFrame:
    return pl.DataFrame({"length_psi": [length_psi], "centroid_shift": [centroid_shift]})


def with_messages(frame: pl.DataFrame, messages: object) -> pl.DataFrame:
    """The same records, the first of them with other messages."""
    column = [messages, *frame["messages"].to_list()[1:]]
    return frame.with_columns(pl.Series("messages", column, dtype=RECORDS["messages"]))


def failed(result: contracts.ContractResult) -> dict[str, str]:
    return {failure.check: failure.severity for failure in result.failures}


HEALTHY = partial(contracts.validate, fates=fates(), ingested=ingested(pool=60))


def test_a_domain_filter_that_keeps_a_sixth_of_a_large_dirty_pool_passes():
    removed = fates(screen=2_000, dedupe=4_000, keep_domain=9_000, decontaminate=20)
    result = contracts.validate(records(2_980), removed, ingested(pool=18_000))
    assert result.passed
    assert result.severity is None
    assert result.failures == ()
    assert set(result.raw) == {"rows", "messages", "pool", "sources", "stages"}
    assert all(part["success"] for part in result.raw.values())
    json.dumps(result.raw)


def test_an_empty_result_is_critical_and_told_in_sentences():
    result = contracts.validate(records(0), fates(screen=10), ingested(pool=10))
    assert not result.passed
    assert result.severity == "critical"
    assert {"rows_enough", "share_kept", "share_dropped_by_stage"} <= set(failed(result))
    first = next(failure for failure in result.failures if failure.check == "rows_enough")
    assert str(first) == (
        "critical: rows_enough: wanted at least 50 rows; observed 0 (ExpectTableRowCountToBeBetween)."
    )


def test_a_nearly_empty_result_is_critical():
    result = contracts.validate(records(49), fates(), ingested(pool=49))
    assert failed(result) == {"rows_enough": "critical"}
    assert contracts.validate(records(50), fates(), ingested(pool=50)).passed


USER, ASSISTANT = GOOD


@pytest.mark.parametrize(
    ("check", "messages"),
    [
        ("answer_last", [ASSISTANT, USER]),
        ("roles_known", [{"role": "robot", "content": "Beep."}, USER, ASSISTANT]),
        ("roles_present", [{"role": None, "content": "Who says so?"}, ASSISTANT]),
        ("contents_present", [{"role": "user", "content": None}, ASSISTANT]),
        ("messages_present", [ASSISTANT]),
        ("messages_present", []),
        ("messages_present", None),
        ("answer_last", []),
        ("answer_last", None),
        ("answer_not_empty", [USER, {"role": "assistant", "content": ""}]),
        ("answer_not_huge", [USER, {"role": "assistant", "content": "x" * 100_001}]),
    ],
)
def test_one_row_that_breaks_an_expectation_is_found(check, messages):
    result = HEALTHY(with_messages(records(60), messages))
    assert failed(result)[check] == ("warning" if check == "answer_not_huge" else "critical")


@pytest.mark.parametrize(
    ("characters", "broken"), [(4, "answer_not_empty"), (5, None), (10, None), (11, "answer_not_huge")]
)
def test_the_length_of_an_answer_is_counted_in_characters_and_may_be_just_what_is_asked(characters, broken):
    answer = [USER, {"role": "assistant", "content": "é" * characters}]
    kept = records(60).with_columns(messages=pl.Series([answer] * 60, dtype=RECORDS["messages"]))
    found = failed(HEALTHY(kept, contract=Contract(min_answer_chars=5, max_answer_chars=10)))
    assert set(found) == ({broken} if broken else set())


def test_a_system_message_is_welcome():
    system = {"role": "system", "content": "Be brief."}
    assert HEALTHY(with_messages(records(60), [system, USER, ASSISTANT])).severity is None


def test_two_rows_of_one_id_are_critical():
    twice = records(60).with_columns(id=pl.when(pl.col("row") == 1).then(pl.lit("0" * 32)).otherwise("id"))
    assert failed(HEALTHY(twice)) == {"ids_unique": "critical"}


def test_a_row_without_an_id_is_critical():
    nameless = records(60).with_columns(id=pl.when(pl.col("row") != 1).then("id"))
    assert failed(HEALTHY(nameless)) == {"ids_present": "critical"}


def test_a_source_that_loses_every_row_is_a_warning_and_does_not_stop():
    result = contracts.validate(records(60, "a"), fates(keep_domain=40), ingested(a=60, b=40))
    assert failed(result) == {"share_kept_by_source": "warning"}
    assert result.passed
    assert result.severity == "warning"
    assert not result.raw["sources"]["success"]


def test_one_kept_row_saves_a_source():
    kept = pl.concat([records(60, "a"), records(1, "b").with_columns(id=pl.lit("f" * 32))])
    assert contracts.validate(kept, fates(keep_domain=39), ingested(a=60, b=40)).severity is None


def test_a_small_source_is_measured_by_its_own_rows():
    kept = pl.concat([records(60, "a"), records(1, "b").with_columns(id=pl.lit("f" * 32))])
    assert contracts.validate(kept, fates(), ingested(a=10_000, b=5)).severity is None


@pytest.mark.parametrize(
    ("field", "check", "met", "broken"),
    [
        ("min_share_kept", "share_kept", 0.6, 0.61),
        ("min_share_kept_by_source", "share_kept_by_source", 0.6, 0.61),
        ("max_cluster_share", "largest_cluster", 0.01, 0.009),  # a row without copies is a cluster of one
    ],
)
def test_the_shares_are_those_of_the_contract(field, check, met, broken):
    kept, pool = records(60), ingested(pool=100)
    assert contracts.validate(kept, fates(), pool, Contract(**{field: met})).severity is None
    assert set(failed(contracts.validate(kept, fates(), pool, Contract(**{field: broken})))) == {check}


def test_keeping_next_to_nothing_of_a_large_pool_is_critical():
    result = contracts.validate(records(60), fates(), ingested(pool=12_001))
    assert failed(result) == {"share_kept": "critical"}
    assert HEALTHY(records(60), ingested=ingested(pool=12_000)).passed


def test_what_a_token_budget_left_out_trips_no_breaker():
    rows = pl.Series(range(60, 20_000), dtype=pl.UInt32)
    pool = ingested(a=60, b=19_940)
    budget = fates(choose=19_940).with_columns(row=rows)
    assert contracts.validate(records(60, "a"), budget, pool).severity is None
    screened = fates(screen=19_940).with_columns(row=rows)
    assert {"share_kept", "share_kept_by_source"} <= set(failed(contracts.validate(records(60, "a"), screened, pool)))


def test_a_stage_is_measured_by_what_reaches_it():
    # Decontamination removes 3% of the pool, but 30% of the 100 rows that screening left.
    at_limit = contracts.validate(records(70), fates(screen=200, decontaminate=30), ingested(pool=300))
    assert at_limit.severity is None
    beyond = contracts.validate(records(69), fates(screen=200, decontaminate=31), ingested(pool=300))
    assert failed(beyond) == {"share_dropped_by_stage": "critical"}
    [failure] = beyond.failures
    assert failure.column == "decontaminate"
    assert failure.observed == "0.31"


@pytest.mark.parametrize(
    ("stage", "rows", "most"),
    [("screen", 1_000, 800), ("dedupe", 1_000, 900), ("keep_domain", 20_000, 19_900), ("decontaminate", 1_000, 300)],
)
def test_a_stage_may_remove_its_share_and_not_a_row_more(stage, rows, most):
    kept = records(rows - most)
    assert contracts.validate(kept, fates(**{stage: most}), ingested(pool=rows)).severity is None
    beyond = contracts.validate(kept[1:], fates(**{stage: most + 1}), ingested(pool=rows))
    assert "share_dropped_by_stage" in failed(beyond)


def test_every_stage_that_empties_its_input_trips_its_breaker():
    for stage in Contract().max_share_dropped_by_stage:
        result = contracts.validate(records(0), fates(**{stage: 500}), ingested(pool=500))
        assert stage in {failure.column for failure in result.failures}


def test_the_largest_cluster_counts_the_copies_of_one_kept_row_and_that_row():
    def copies(count: int) -> pl.DataFrame:
        data = [
            {
                "row": i,
                "stage": "dedupe",
                "fate": "dropped",
                "reason": f"{kind}_duplicate",
                "witness": "0" * 32,
            }
            for i, kind in zip(range(count), ["exact", "near"] * count, strict=False)
        ]
        return pl.DataFrame(data, schema=FATES)

    # Leaks have a witness as well (an exam item), and are no duplicates of each other.
    leaks = fates(decontaminate=29).with_columns(witness=pl.lit("item"), reason=pl.lit("leak"))
    leaking = HEALTHY(records(60), fates=pl.concat([copies(24), leaks]), ingested=ingested(pool=100))
    assert "largest_cluster" not in failed(leaking)
    result = contracts.validate(records(60), copies(25), ingested(pool=100))
    assert failed(result) == {"largest_cluster": "warning"}
    assert str(result.failures[0]) == (
        "warning: largest_cluster: wanted at most 25.0%; observed 0.26 (ExpectColumnValuesToBeBetween on cluster_share)."
    )


@pytest.mark.parametrize(("copies", "trips"), [((10, 12, 13), False), ((1, 25), True)])
def test_of_several_clusters_the_largest_counts(copies, trips):
    witnesses = [str(place) for place, count in enumerate(copies) for _ in range(count)]
    duplicates = fates(dedupe=len(witnesses)).with_columns(
        witness=pl.Series(witnesses), reason=pl.lit("near_duplicate")
    )
    result = contracts.validate(records(60), duplicates, ingested(pool=100))
    assert ("largest_cluster" in failed(result)) == trips


@pytest.mark.parametrize(
    ("psi", "shift", "broken"),
    [(0.25, 0.05, set()), (0.26, 0.05, {"drift_lengths"}), (0.25, 0.06, {"drift_centroid"})],
)
def test_drift_beyond_the_lines_is_a_warning(psi, shift, broken):
    result = HEALTHY(records(60), drift=drift(psi, shift))
    assert failed(result) == dict.fromkeys(broken, "warning")
    assert result.passed
    assert len(result.raw["drift"]["results"]) == 2


def test_drift_can_be_made_to_stop_a_run():
    strict = Contract(max_length_psi=0.1, severity={"drift_lengths": "critical"})
    result = HEALTHY(records(60), contract=strict, drift=drift(0.11, 0.0))
    assert not result.passed
    assert "wanted a PSI of at most 0.1 since the last run" in str(result.failures[0])


def test_severities_can_be_set_and_critical_failures_come_first():
    contract = Contract(min_rows=100, severity={"rows_enough": "warning", "answer_not_huge": "critical"})
    broken = with_messages(records(60), [USER, {"role": "assistant", "content": "x" * 100_001}])
    result = HEALTHY(broken, contract=contract)
    assert [(failure.check, failure.severity) for failure in result.failures] == [
        ("answer_not_huge", "critical"),
        ("rows_enough", "warning"),
    ]
    assert not result.passed


def test_great_expectations_own_result_carries_the_severities():
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
def test_an_expectation_that_errors_is_critical_though_it_asks_for_a_warning(expectation, arguments, told):
    # Great Expectations tells the first by metric, and the second in a record of its own.
    result = HEALTHY(records(60), more=[Check("mine", "rows", expectation, arguments, "warning", "anything")])
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
def test_a_check_that_can_not_be_built_is_named(expectation, arguments, told):
    with pytest.raises(ContractError, match=told):
        HEALTHY(records(60), more=[Check("mine", "rows", expectation, arguments, "warning", "")])


def test_every_check_by_name_is_in_the_contract():
    from typing import get_args

    from quality.contracts.checks import checks_of

    assert {check.name for check in checks_of(Contract())} == set(get_args(CheckName))
    assert set(get_args(CheckName)) >= WARNINGS


def test_row_texts_stay_out_of_the_evidence():
    secret = with_messages(records(60), [{"role": "user", "content": "hunter2"}])
    assert "hunter2" not in json.dumps(HEALTHY(secret).raw)


def test_the_evidence_holds_examples_however_many_rows_fail():
    question_last = records(500).with_columns(messages=pl.Series([[ASSISTANT, USER]] * 500, dtype=RECORDS["messages"]))
    raw = contracts.validate(question_last, fates(), ingested(pool=500)).raw
    (told,) = [one for one in raw["rows"]["results"] if one["expectation_config"]["meta"]["check"] == "answer_last"]
    assert told["result"]["unexpected_count"] == 500
    assert max(len(value) for value in told["result"].values() if isinstance(value, list)) <= 20


def test_a_long_example_is_cut():
    robot = {"role": "x" * 500, "content": "Beep."}
    (failure,) = HEALTHY(with_messages(records(60), [robot, USER, ASSISTANT])).failures
    assert failure.observed == f"1 of 121 values to be otherwise, such as '{'x' * 59}"


def test_every_failure_is_logged_as_a_sentence(caplog):
    result = contracts.validate(records(49), fates(), ingested(pool=49))
    assert [str(failure) for failure in result.failures] == [
        record.message for record in caplog.records if record.name == "quality.contracts.run"
    ]


def test_great_expectations_is_told_to_send_nothing(monkeypatch):
    monkeypatch.delenv("GX_ANALYTICS_ENABLED", raising=False)
    HEALTHY(records(60))
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
