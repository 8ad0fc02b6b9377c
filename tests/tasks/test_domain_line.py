"""Rows near the domain's threshold, what another threshold would change."""

from pathlib import Path

import polars as pl
import pytest

from tasks import domain_line, runs
from tasks.shifts import Sample


def test_the_rows_nearest_to_the_line_come_first(judged: Path) -> None:
    found = domain_line.borderline(judged, most=10, margin=0.5)
    assert [row.origin for row in found] == ["a:2", "a:3", "a:1"]
    assert found[2].margin == pytest.approx(-0.4)
    assert [message["content"] for message in found[0].messages] == ["q2", "a2"]
    assert [row.origin for row in domain_line.borderline(judged, most=1)] == ["a:2"]


def ended(judged: Path, origin: str, stage: str, fate: str, reason: str) -> None:
    """Let a row of the run have come to another end."""
    receipts = pl.read_parquet(judged / "receipts.parquet")
    own = pl.col("origin") == origin
    end = {"stage": stage, "fate": fate, "reason": reason}
    receipts = receipts.with_columns(
        pl.when(own).then(pl.lit(what)).otherwise(key).alias(key) for key, what in end.items()
    )
    receipts.write_parquet(judged / "receipts.parquet")


@pytest.mark.parametrize(("stage", "reason"), [("seal_exam", "sealed_for_exam"), ("decontaminate", "paraphrase")])
def test_nobody_is_asked_about_a_row_of_the_exam_or_a_leak(judged: Path, stage: str, reason: str) -> None:
    ended(judged, "a:3", stage, "dropped", reason)
    assert [row.origin for row in domain_line.borderline(judged, margin=0.5)] == ["a:2", "a:1"]


def test_what_a_later_stage_made_of_a_row_is_told(judged: Path) -> None:
    def told() -> dict[str, str]:
        return {row.origin: row.lost for row in domain_line.borderline(judged, margin=0.5)}

    assert told() == {"a:2": "", "a:3": "dropped by choose", "a:1": ""}
    ended(judged, "a:3", "compare_answers", "quarantined", "conflict")
    ended(judged, "a:2", "seal_exam", "quarantined", "run_stopped")
    stopped = "not kept, as the run stopped at seal_exam"
    assert told() == {"a:2": stopped, "a:3": "quarantined by compare_answers", "a:1": ""}


def test_another_threshold_is_told_by_who_comes_and_who_goes(judged: Path) -> None:
    stricter = domain_line.shift(judged, {"": 0.5})
    assert (stricter.judged, stricter.entering, stricter.leaving, stricter.published) == (5, 0, 2, 1)
    assert [row.origin for row in stricter.leaving_samples] == ["a:3", "a:2"]
    looser = domain_line.shift(judged, {"domain": -1.0})
    assert (looser.entering, looser.leaving) == (1, 0)
    assert looser.entering_samples == [Sample("domain", "a:1", -0.4, "q1\na1")]
    assert [(line.before, line.after, line.key) for line in looser.lines] == [(0.0, -1.0, "curate.domain.threshold")]


def several(folder: Path) -> dict[str, list[float]]:
    """Give the run a second domain, whose line is 1.0."""
    rows = pl.read_parquet(folder / "attributes" / "domain.parquet")
    scores = {"domain": rows["score"].to_list(), "herbs": [1.4, 0.9, 0.0, 1.1, 0.5]}
    keys = rows.select("id", "origin")
    each = [keys.with_columns(domain=pl.lit(name), score=pl.Series(own)) for name, own in scores.items()]
    pl.concat(each).write_parquet(folder / "attributes" / "domain_scores.parquet")
    facts = pl.DataFrame({"domain": ["domain", "herbs"], "threshold": [0.0, 1.0]})
    facts.write_parquet(folder / "attributes" / "domain_facts.parquet")
    return scores


@pytest.mark.parametrize(
    "asked",
    [{"herbs": 0.8}, {"herbs": 2.0}, {"domain": 0.5}, {"domain": 0.5, "herbs": 0.45}, {"domain": -1, "herbs": 3}],
)
def test_of_several_domains_a_row_stays_while_it_reaches_the_line_of_any(judged: Path, asked: dict[str, float]) -> None:
    scores, was = several(judged), {"domain": 0.0, "herbs": 1.0}
    now = was | asked
    passed = [{at for at in range(5) if any(scores[name][at] >= lines[name] for name in lines)} for lines in (was, now)]
    found = domain_line.shift(judged, asked)
    assert {line.name: line.after for line in found.lines} == asked
    assert (found.judged, found.entering, found.leaving) == (5, len(passed[1] - passed[0]), len(passed[0] - passed[1]))
    assert {row.origin for row in found.entering_samples} == {f"a:{at}" for at in passed[1] - passed[0]}
    assert {row.origin for row in found.leaving_samples} == {f"a:{at}" for at in passed[0] - passed[1]}


def test_of_several_domains_the_one_asked_about_is_named(judged: Path) -> None:
    several(judged)
    with pytest.raises(ValueError, match=r"several domains \(domain, herbs\).*--domain herbs=0.4"):
        domain_line.shift(judged, {"": 0.4})
    with pytest.raises(ValueError, match="no domain “spices”. It has domain, herbs"):
        domain_line.shift(judged, {"spices": 0.4})
    (judged / "attributes" / "domain_scores.parquet").unlink()
    with pytest.raises(ValueError, match="run it again to ask"):
        domain_line.shift(judged, {"herbs": 0.4})


@pytest.mark.parametrize("recipe", ["", "curate: [x]"])
def test_a_run_without_a_domain_says_so(home: Path, recipe: str) -> None:
    with runs.open_run("y", recipe) as run:
        run.commit(state="Curated", reason="", facts={})
    with pytest.raises(ValueError, match="has no domain scores: its recipe asks for no domain"):
        domain_line.borderline(run.folder, most=3)


def test_a_sweep_of_a_recipe_with_a_domain_says_that_it_keeps_no_scores(home: Path) -> None:
    with runs.open_run("y", "curate: {domain: {seeds: [a.jsonl]}}") as run:
        run.commit(state="Swept", reason="", facts={})
    with pytest.raises(ValueError, match="has no domain scores: it is a sweep, or ended before its rows were scored"):
        domain_line.borderline(run.folder, most=3)


def test_a_domain_has_one_threshold_by_whichever_name_it_is_given(judged: Path) -> None:
    with pytest.raises(ValueError, match="the one domain of the run .* is given two thresholds, 0.4 and 0.5"):
        domain_line.shift(judged, {"": 0.4, "domain": 0.5})
    assert domain_line.shift(judged, {"": 0.5, "domain": 0.5}) == domain_line.shift(judged, {"": 0.5})
    with pytest.raises(ValueError, match="no domain “spices”. It has domain"):
        domain_line.shift(judged, {"": 0.4, "spices": 0.5})


def test_rows_left_out_by_their_words_are_counted_apart(judged: Path) -> None:
    assert domain_line.skimmed(judged) == 0
    receipts = pl.read_parquet(judged / "receipts.parquet")
    outside = pl.col("stage") == "keep_domain"
    receipts.with_columns(stage=pl.when(outside).then(pl.lit("skim")).otherwise("stage")).write_parquet(
        judged / "receipts.parquet"
    )
    assert domain_line.skimmed(judged) == 2
