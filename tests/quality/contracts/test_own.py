"""A file of one's own expectations: what is in it is checked, and what is wrong with it is said in one sentence."""

import json

import polars as pl
import pytest

from quality import contracts
from quality.contracts import ContractError, ensure_known, read_suite
from quality.contracts.checks import COLUMNS
from quality.contracts.frames import frames_of
from quality.records import FATES, RECORDS

NO_FATES = pl.DataFrame(schema=FATES)


def records(answers, source="pool") -> pl.DataFrame:
    said = [[{"role": "user", "content": "Why?"}, {"role": "assistant", "content": answer}] for answer in answers]
    rows = range(len(said))
    data = {"row": rows, "id": [f"{n:032x}" for n in rows], "messages": said, "source": [source] * len(said)}
    return pl.DataFrame(data, schema={key: RECORDS[key] for key in data})


def suite(*expectations) -> str:
    return json.dumps({"name": "mine", "expectations": expectations})


def check(*expectations, kept=None):
    kept = records(["It is so."] * 60) if kept is None else kept
    checks = read_suite(suite(*expectations), "mine.json")
    return contracts.validate(kept, NO_FATES, kept.select("row", "source"), more=checks)


def told(result) -> list[str]:
    return [str(failure) for failure in result.failures]


BETWEEN = "expect_column_values_to_be_between"


def test_a_suite_that_great_expectations_wrote_is_read_and_checked() -> None:
    import great_expectations as gx

    gx.get_context(mode="ephemeral")
    short = gx.expectations.ExpectColumnValuesToBeBetween(
        column="answer_chars", max_value=5, mostly=0.9, severity="warning"
    )
    few = gx.expectations.ExpectTableRowCountToEqual(value=60)
    written = gx.ExpectationSuite(name="mine", expectations=[short, few]).to_json_dict()
    checks = read_suite(json.dumps(written), "mine.json")
    assert [(one.frame, one.severity) for one in checks] == [("rows", "warning"), ("rows", "critical")]
    kept = records(["It is so."] * 60)
    result = contracts.validate(kept, NO_FATES, kept.select("row", "source"), more=checks)
    assert result.passed
    named = kept["id"][0][:12]  # as all of them begin here
    assert told(result) == [
        "warning: own:1:expect_column_values_to_be_between: wanted column values to be between: mostly 0.9, max_value "
        f"5.0; observed 60 of 60 values to be otherwise, such as 9, in the rows {named} "
        "(expect_column_values_to_be_between on answer_chars)."
    ]


def test_how_to_run_and_to_tell_is_up_to_the_contract() -> None:
    kwargs = {"column": "id", "batch_id": "pandas-1", "result_format": "COMPLETE", "catch_exceptions": False}
    (one,) = read_suite(suite({"type": "expect_column_values_to_not_be_null", "kwargs": kwargs}), "mine.json")
    assert one.arguments == {"column": "id"}


def test_a_critical_failure_of_ones_own_stops_and_tells_its_notes() -> None:
    rows = {"type": BETWEEN, "kwargs": {"column": "answer_chars", "min_value": 99}, "notes": "long answers"}
    result = check(rows)
    assert not result.passed
    assert "wanted long answers; observed" in told(result)[0]


def test_texts_are_looked_at_and_stay_out_of_the_evidence_and_the_pages() -> None:
    kept = records(["It is so."] * 59 + ["hunter2 is my password"])
    secret = {"type": "expect_column_values_to_not_match_regex", "kwargs": {"column": "answer", "regex": "password"}}
    known = {"type": "expect_column_distinct_values_to_be_in_set", "kwargs": {"column": "answer", "value_set": ["x"]}}
    unique = {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "prompt"}}
    odd = {"type": "expect_column_max_to_be_between", "kwargs": {"column": "answer", "max_value": 3}}
    result = check(secret, known, unique, odd, kept=kept)
    assert {failure.check.split(":")[1] for failure in result.failures} == {"1", "2", "3", "4"}
    first = next(line for line in told(result) if "own:1:" in line)
    assert f"observed 1 of 60 values to be otherwise, in the rows {kept['id'][59][:12]} (" in first
    for shown in (json.dumps(result.raw), *told(result), *contracts.data_docs(result.raw).values()):
        assert "hunter2" not in shown
        assert "It is so" not in shown


def test_without_a_check_of_texts_there_is_no_frame_of_them() -> None:
    assert "texts" not in check({"type": "expect_table_row_count_to_equal", "kwargs": {"value": 60}}).raw


def test_the_columns_that_a_file_may_name_are_those_of_the_frames() -> None:
    kept = records(["So."]).with_columns(origin=pl.lit("f:1"), group=pl.lit(None, pl.String))
    drift = pl.DataFrame({"length_psi": [0.0], "centroid_shift": [0.0]})
    frames = frames_of(kept, NO_FATES, kept.select("row", "source"), [], drift=drift, texts=True)
    assert {name: tuple(frame.columns) for name, frame in frames.items()} == COLUMNS


def test_a_frame_is_found_by_its_columns_or_named() -> None:
    def frame(column: str, **more) -> str:
        kwargs = {"column": column, "min_value": 0}
        return read_suite(suite({"type": BETWEEN, "kwargs": kwargs, **more}), "x", stages=["screen"])[0].frame

    assert [frame(name) for name in ("answer_chars", "role", "cluster_share", "screen", "length_psi", "answer")] == [
        "rows", "messages", "pool", "stages", "drift", "texts",
    ]  # fmt: skip
    assert frame("share_kept") == "pool"
    assert frame("share_kept", meta={"frame": "sources"}) == "sources"
    pair = {"type": "expect_column_pair_values_to_be_equal", "kwargs": {"column_A": "prompt", "column_B": "answer"}}
    assert read_suite(suite(pair), "x")[0].frame == "texts"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", r"mine\.json is not JSON \(.*\)\. It takes a Great Expectations suite\."),
        ("[]", "mine.json holds no list “expectations”"),
        ('{"expectations": {}}', "mine.json holds no list “expectations”"),
        (suite({"kwargs": {}}), "mine.json, expectation 1: it has no “type”"),
        (suite("x"), "mine.json, expectation 1: it has no “type”"),
        (suite({"type": BETWEEN, "kwargs": []}, {"type": 3}), "mine.json, expectation 2: it has no “type”"),
        (suite({"type": BETWEEN, "kwargs": [1]}), "“kwargs” and “meta” are objects"),
        (suite({"type": BETWEEN, "severity": "fatal"}), "severity is critical, warning or info, not 'fatal'"),
        (suite({"type": BETWEEN, "severity": ["fatal"]}), r"severity is critical, warning or info, not \['fatal'\]"),
        (suite({"type": BETWEEN, "kwargs": {"regex": "("}}), r"regex '\(' is no regular expression"),
        (suite({"type": BETWEEN, "meta": {"frame": "x"}}), "there is no frame 'x'. The frames are rows, messages,"),
        (
            suite({"type": BETWEEN, "kwargs": {"column": "answr"}}),
            r"expectation 1 \(expect_.*\): no frame has 'answr'\. There is rows: id, source, .*; messages: role",
        ),
        (
            suite({"type": BETWEEN, "kwargs": {"column": "role"}, "meta": {"frame": "pool"}}),
            r"no frame has 'role'\. There is pool: share_kept, share_unread, cluster_share\.$",
        ),
    ],
)
def test_what_is_no_suite_is_told_with_file_and_place(text, said) -> None:
    with pytest.raises(ContractError, match=said):
        read_suite(text, "mine.json")


@pytest.mark.parametrize(
    ("kind", "kwargs", "said"),
    [
        ("expect_column_values_to_be_betwixt", {"column": "id"}, r"no expectation .*Did you mean '" + BETWEEN + "'"),
        (BETWEEN, {"column": "answer_chars", "min_value": "x"}, r"does not take column='answer_chars', min_value='x' "
         r"\(min_value: value is not a valid float\)\.$"),
        (BETWEEN, {"column": "answer_chars", "least": 1}, r"\(least: extra fields not permitted\)\.$"),
        (BETWEEN, {"column": "answer_chars", "min_value": 50, "max_value": 5}, r"min_value of 50 above its max_value of 5"),
        (BETWEEN, {}, r"does not take no arguments \(column: field required\)\.$"),
    ],
)  # fmt: skip
def test_what_great_expectations_does_not_know_or_take_is_told_in_one_line(kind, kwargs, said) -> None:
    with pytest.raises(ContractError, match=said) as caught:
        ensure_known(read_suite(suite({"type": kind, "kwargs": kwargs}), "mine.json"))
    assert "\n" not in str(caught.value)
    assert f"own:1:{kind}" in str(caught.value)
