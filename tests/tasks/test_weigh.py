"""Weighing as a step: scores stay as an attribute, and only thresholds that were set cost a row its place."""

from __future__ import annotations

import polars as pl
import pytest
from pydantic import ValidationError

from evals.difficulty import difficulty
from quality.screening.weighing import Weigh
from tasks.models import ModelFiles
from tasks.pool import EmptyPool
from tasks.weigh import weigh

ROWS = [
    ("Where does the fox live?", "In the forest, near the river."),
    ("What is two plus two?", "four, of course."),
    ("What is a buffer overflow?", "A buffer overflow happens when a program writes past the end of a buffer."),
    ("Says the quick brown dog?", "zx qv 漢 zx qv 漢 zx"),
    ("Too long?", "the lazy dog jumps over the quick brown fox " * 40),
]


@pytest.fixture(scope="module")
def base(llama, tokenizer, tmp_path_factory) -> ModelFiles:
    folder = tmp_path_factory.mktemp("base")
    llama().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return ModelFiles(reference=str(folder), folder=str(folder), content="tiny")


def scores_of(pool) -> pl.DataFrame:
    found = pool.attribute("difficulty")
    assert found is not None
    return found


def test_by_default_nothing_is_read_and_nothing_dropped(pool_of) -> None:
    pool = pool_of(ROWS)
    nowhere = ModelFiles(reference="x", folder="/nowhere", content="x")
    assert weigh.fn(pool, Weigh(), nowhere) == pool


def test_measuring_alone_drops_nothing_and_keys_scores_by_row(pool_of, base, model, tokenizer) -> None:
    pool = pool_of(ROWS, removed=[0])
    after = weigh.fn(pool, Weigh(measure=True), base, threads=1)
    assert after.left()["row"].to_list() == [1, 2, 3, 4]
    found = scores_of(after)
    assert found.columns == ["row", "perplexity", "ifd", "answer_tokens", "unscored"]
    assert found["row"].to_list() == [1, 2, 3, 4]
    direct = difficulty(model, tokenizer, pool.left()["messages"].to_list())
    assert found["perplexity"].to_list()[:3] == pytest.approx(direct["perplexity"].to_list()[:3], rel=0.05)
    assert found["unscored"].to_list() == [None, None, None, "longer_than_context"]


@pytest.mark.parametrize(
    ("field", "score", "reason", "largest"),
    [
        ("most_perplexity", "perplexity", "high_perplexity", True),
        ("most_ifd", "ifd", "high_difficulty", True),
        ("least_ifd", "ifd", "low_difficulty", False),
    ],
)
def test_each_threshold_drops_what_lies_beyond_it(pool_of, base, field, score, reason, largest) -> None:
    pool = pool_of(ROWS)
    found = scores_of(weigh.fn(pool, Weigh(measure=True), base, threads=1)).drop_nulls(score).sort(score)
    between = (found[score][-1] + found[score][-2]) / 2 if largest else (found[score][0] + found[score][1]) / 2
    out = found.row(-1 if largest else 0, named=True)
    after = weigh.fn(pool, Weigh.model_validate({field: between}), base, threads=1)
    assert after.removed().rows() == [(out["row"], "weigh", "dropped", reason, None, out[score], between)]
    assert 4 in after.left()["row"]  # what has no score stays


def test_a_row_beyond_two_thresholds_has_one_fate(pool_of, base) -> None:
    after = weigh.fn(pool_of(ROWS), Weigh(most_perplexity=1, least_ifd=0, most_ifd=0), base, threads=1)
    assert after.removed()["reason"].to_list() == ["high_perplexity"] * 4


def test_a_pool_emptied_by_weighing_is_told_as_such(pool_of, base) -> None:
    with pytest.raises(EmptyPool, match="“weigh” .high_perplexity 4.*Loosen the thresholds of curate.weigh"):
        weigh.fn(pool_of(ROWS[:4]), Weigh(most_perplexity=1), base, threads=1)


@pytest.mark.parametrize("wrong", [{"least_ifd": 2, "most_ifd": 1}, {"most_perplexity": 0.5}, {"ifd": 1}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Weigh.model_validate(wrong)
