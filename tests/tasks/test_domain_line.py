"""Rows near the domain's threshold, what another threshold would change, and labels written back as seeds."""

import json
from pathlib import Path

import polars as pl
import pytest
import yaml

from quality.receipts import RECEIPTS
from quality.records import MESSAGE, record_ids
from tasks import domain_line, runs

SCORES = [-3.0, -0.4, 0.1, 0.3, 2.0]  # the threshold is 0


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Path:
    """A run whose rows a0 … a4 were judged; a2 to a4 passed, and a3 was dropped by a later stage."""
    seeds = tmp_path / "seeds.jsonl"
    seeds.write_text('{"question": "q", "answer": "a"}')  # no line end
    messages = [
        [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": f"a{n}"}] for n in range(len(SCORES))
    ]
    rows = pl.DataFrame({"messages": pl.Series(messages, dtype=pl.List(MESSAGE))})
    rows = rows.with_columns(
        id=record_ids(rows["messages"]), source=pl.lit("s"), origin=pl.Series([f"a:{n}" for n in range(len(SCORES))])
    )
    ends = [("keep_domain", "dropped")] * 2 + [("split", "kept"), ("choose", "dropped"), ("split", "kept")]
    receipts = rows.select("id", "origin", "source").with_columns(
        stage=pl.Series([stage for stage, _ in ends]), fate=pl.Series([fate for _, fate in ends]), reason=pl.lit("r"),
        witness=pl.lit(None), score=pl.Series(SCORES), threshold=pl.lit(0.0),
    )  # fmt: skip
    config = {"name": "x", "curate": {"domain": {"seeds": str(seeds)}}}
    with runs.open_run("x", yaml.safe_dump(config)) as run:
        for folder in ("dataset", "attributes"):
            (run.folder / folder).mkdir()
        kept = receipts["fate"] == "kept"
        rows.filter(kept).write_parquet(run.folder / "dataset" / "train.parquet")
        rows.head(0).write_parquet(run.folder / "dataset" / "validation.parquet")
        rows.filter(~kept).write_parquet(run.folder / "removed.parquet")
        receipts.select(RECEIPTS.keys()).cast(pl.Schema(RECEIPTS)).write_parquet(run.folder / "receipts.parquet")
        scores = rows.select("id", "origin").with_columns(
            score=pl.Series(SCORES), threshold=pl.lit(0.0), domain=pl.lit("domain")
        )
        scores.write_parquet(run.folder / "attributes" / "domain.parquet")
        run.commit(state="Curated", reason="", facts={})
    return run.folder


def test_the_rows_nearest_to_the_line_come_first(run: Path) -> None:
    found = domain_line.borderline(run, most=10, margin=0.5)
    assert [row.origin for row in found] == ["a:2", "a:3", "a:1"]
    assert found[2].margin == pytest.approx(-0.4)
    assert found[0].text == "q2\na2"
    assert [row.origin for row in domain_line.borderline(run, most=1)] == ["a:2"]


def test_another_threshold_is_told_by_who_comes_and_who_goes(run: Path) -> None:
    stricter = domain_line.shift(run, 0.5)
    assert (stricter.judged, stricter.entering, stricter.leaving, stricter.published) == (5, 0, 2, 1)
    assert [origin for origin, *_ in stricter.leaving_samples] == ["a:2", "a:3"]
    looser = domain_line.shift(run, -1.0)
    assert (looser.entering, looser.leaving) == (1, 0)
    assert looser.entering_samples == [("a:1", -0.4, "q1\na1")]


def test_labels_become_seeds_and_negatives_once(run: Path) -> None:
    yes, no, other = domain_line.borderline(run, most=10, margin=0.5)
    added = domain_line.write_back(run, [(yes, "yes"), (no, "no"), (other, "no")])
    seeds = yaml.safe_load((run / "config.yaml").read_text())["curate"]["domain"]["seeds"]
    negatives = Path(seeds).with_name("seeds-negatives.jsonl")
    assert added == {Path(seeds): 1, negatives: 2}
    lines = Path(seeds).read_text().splitlines()
    assert json.loads(lines[0]) == {"question": "q", "answer": "a"}
    assert json.loads(lines[1])["messages"] == yes.messages
    assert [json.loads(line)["messages"] for line in negatives.read_text().splitlines()] == [
        no.messages,
        other.messages,
    ]
    assert domain_line.write_back(run, [(yes, "yes"), (no, "no")]) == {Path(seeds): 0, negatives: 0}


def test_a_domain_without_a_file_of_seeds_takes_no_labels(run: Path) -> None:
    (row,) = domain_line.borderline(run, most=1)
    (run / "config.yaml").write_text(yaml.safe_dump({"curate": {"domain": {"description": "Herbs."}}}))
    with pytest.raises(domain_line.NotLabelled, match="told by a description"):
        domain_line.write_back(run, [(row, "yes")])


def test_a_run_without_a_domain_says_so(home: Path) -> None:
    with runs.open_run("y", "") as run:
        run.commit(state="Curated", reason="", facts={})
    with pytest.raises(ValueError, match="has no domain scores"):
        domain_line.borderline(run.folder, most=3)
