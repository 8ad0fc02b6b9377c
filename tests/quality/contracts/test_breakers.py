"""Circuit breakers: a result that lost too much, or drifted, stops the run; a healthy one passes."""

import json

import polars as pl
import pytest
from pydantic import ValidationError

from quality import contracts
from quality.contracts import Contract
from quality.records import FATES


def test_a_domain_filter_that_keeps_a_sixth_of_a_large_dirty_pool_passes(records, fates, ingested):
    removed = fates(screen=2_000, dedupe=4_000, keep_domain=9_000, decontaminate=20)
    result = contracts.validate(records(2_980), removed, ingested(pool=18_000))
    assert result.passed
    assert result.severity is None
    assert result.failures == ()
    assert set(result.raw) == {"rows", "messages", "pool", "sources", "stages"}
    assert all(part["success"] for part in result.raw.values())
    json.dumps(result.raw)


def test_an_empty_result_is_critical_and_told_in_sentences(records, fates, ingested, failed):
    result = contracts.validate(records(0), fates(screen=10), ingested(pool=10))
    assert not result.passed
    assert result.severity == "critical"
    assert {"rows_enough", "share_kept", "share_dropped_by_stage"} <= set(failed(result))
    first = next(failure for failure in result.failures if failure.check == "rows_enough")
    assert str(first) == (
        "critical: rows_enough: wanted at least 50 rows; observed 0 (ExpectTableRowCountToBeBetween). "
        "Give more rows, or loosen the stage that removed too many; if so few are meant, lower curate.contract.min_rows."
    )


def test_a_nearly_empty_result_is_critical(records, fates, ingested, failed):
    result = contracts.validate(records(49), fates(), ingested(pool=49))
    assert failed(result) == {"rows_enough": "critical"}
    assert contracts.validate(records(50), fates(), ingested(pool=50)).passed


def test_a_source_that_loses_every_row_is_a_warning_and_does_not_stop(records, fates, ingested, failed):
    result = contracts.validate(records(60, "a"), fates(keep_domain=40), ingested(a=60, b=40))
    assert failed(result) == {"share_kept_by_source": "warning"}
    assert "observed 1 of 2 values to be otherwise, such as 0, of the sources b (" in str(result.failures[0])
    assert result.passed
    assert result.severity == "warning"
    assert not result.raw["sources"]["success"]


def test_one_kept_row_saves_a_source(records, fates, ingested):
    kept = pl.concat([records(60, "a"), records(1, "b").with_columns(id=pl.lit("f" * 32))])
    assert contracts.validate(kept, fates(keep_domain=39), ingested(a=60, b=40)).severity is None


def test_a_small_source_is_measured_by_its_own_rows(records, fates, ingested):
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
def test_the_shares_are_those_of_the_contract(records, fates, ingested, failed, field, check, met, broken):
    kept, pool = records(60), ingested(pool=100)
    assert contracts.validate(kept, fates(), pool, Contract(**{field: met})).severity is None
    assert set(failed(contracts.validate(kept, fates(), pool, Contract(**{field: broken})))) == {check}


def test_keeping_next_to_nothing_of_a_large_pool_is_critical(records, fates, ingested, failed, healthy):
    result = contracts.validate(records(60), fates(), ingested(pool=12_001))
    assert failed(result) == {"share_kept": "critical"}
    assert healthy(records(60), ingested=ingested(pool=12_000)).passed


def test_what_a_token_budget_left_out_trips_no_breaker(records, fates, ingested, failed):
    rows = pl.Series(range(60, 20_000), dtype=pl.UInt32)
    pool = ingested(a=60, b=19_940)
    budget = fates(choose=19_940).with_columns(row=rows)
    assert contracts.validate(records(60, "a"), budget, pool).severity is None
    screened = fates(screen=19_940).with_columns(row=rows)
    assert {"share_kept", "share_kept_by_source"} <= set(failed(contracts.validate(records(60, "a"), screened, pool)))


def test_a_stage_is_measured_by_what_reaches_it(records, fates, ingested, failed):
    # Decontamination removes a quarter of the pool, but half of the 200 rows that screening left.
    at_limit = contracts.validate(records(100), fates(screen=200, decontaminate=100), ingested(pool=400))
    assert at_limit.severity is None
    beyond = contracts.validate(records(98), fates(screen=200, decontaminate=102), ingested(pool=400))
    assert failed(beyond) == {"share_dropped_by_stage": "critical"}
    [failure] = beyond.failures
    assert failure.column == "decontaminate"
    assert failure.observed == "0.51"


@pytest.mark.parametrize(
    ("stage", "rows", "most"),
    [("screen", 1_000, 800), ("dedupe", 1_000, 900), ("keep_domain", 20_000, 19_900), ("decontaminate", 1_000, 500)],
)
def test_a_stage_may_remove_its_share_and_not_a_row_more(records, fates, ingested, failed, stage, rows, most):
    kept = records(rows - most)
    assert contracts.validate(kept, fates(**{stage: most}), ingested(pool=rows)).severity is None
    beyond = contracts.validate(kept[1:], fates(**{stage: most + 1}), ingested(pool=rows))
    assert "share_dropped_by_stage" in failed(beyond)


def test_every_stage_that_empties_its_input_trips_its_breaker(records, fates, ingested):
    for stage in Contract().max_share_dropped_by_stage:
        result = contracts.validate(records(0), fates(**{stage: 500}), ingested(pool=500))
        assert stage in {failure.column for failure in result.failures}


def test_who_raises_the_line_of_one_stage_keeps_those_of_the_others_and_a_stage_that_is_none_is_told() -> None:
    lines = Contract(max_share_dropped_by_stage={"protect": 0.9, "weigh": 0.4}).max_share_dropped_by_stage
    assert lines == Contract().max_share_dropped_by_stage | {"protect": 0.9, "weigh": 0.4}
    with pytest.raises(ValidationError, match="no stage “screening” that removes rows. There are screen, protect"):
        Contract(max_share_dropped_by_stage={"screening": 0.9})


@pytest.mark.parametrize(("most", "unread", "read"), [(0.2, 15, 60), (0.3, 30, 70), (0.15, 15, 85), (0.05, 5, 95)])
def test_a_pool_that_is_mostly_unread_is_warned_of_beyond_the_line_alone(
    records, fates, ingested, failed, most, unread, read
):
    kept, pool, asked = records(60), ingested(pool=read), Contract(max_share_unread=most)
    assert contracts.validate(kept, fates(), pool, asked, unread=unread).severity is None, "on the line"
    result = contracts.validate(kept, fates(), pool, asked, unread=unread + 1)
    assert failed(result) == {"share_unread": "warning"}
    assert f"wanted at most {most:.1%} that can't be read; observed" in str(result.failures[0])


def test_a_pool_that_is_mostly_unread_may_stop_the_run(records, fates, ingested):
    strict = Contract(severity={"share_unread": "critical"})
    stopped = contracts.validate(records(60), fates(), ingested(pool=60), strict, unread=60)
    assert not stopped.passed
    assert str(stopped.failures[0]).endswith("if so many are meant, raise curate.contract.max_share_unread.")


def test_the_largest_cluster_counts_the_copies_of_one_kept_row_and_that_row(records, fates, ingested, failed, healthy):
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
    leaking = healthy(records(60), fates=pl.concat([copies(24), leaks]), ingested=ingested(pool=100))
    assert "largest_cluster" not in failed(leaking)
    result = contracts.validate(records(60), copies(25), ingested(pool=100))
    assert failed(result) == {"largest_cluster": "warning"}
    assert str(result.failures[0]) == (
        "warning: largest_cluster: wanted at most 25.0%; observed 0.26 (ExpectColumnValuesToBeBetween on cluster_share)."
    )


@pytest.mark.parametrize(("copies", "trips"), [((10, 12, 13), False), ((1, 25), True)])
def test_of_several_clusters_the_largest_counts(records, fates, ingested, failed, copies, trips):
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
def test_drift_beyond_the_lines_is_a_warning(records, drift, failed, healthy, psi, shift, broken):
    result = healthy(records(60), drift=drift(psi, shift))
    assert failed(result) == dict.fromkeys(broken, "warning")
    assert result.passed
    assert len(result.raw["drift"]["results"]) == 2


def test_drift_can_be_made_to_stop_a_run(records, drift, healthy):
    strict = Contract(max_length_psi=0.1, severity={"drift_lengths": "critical"})
    result = healthy(records(60), contract=strict, drift=drift(0.11, 0.0))
    assert not result.passed
    assert "wanted a PSI of at most 0.1 since the last run" in str(result.failures[0])
