"""What a model has read it does not read again; damage, a kill and another model cost no wrong score."""

from __future__ import annotations

import polars as pl
import pytest

from evals.difficulty import DIFFICULTY, difficulty
from quality.records import MESSAGE
from tasks import difficulty_cache, model_scores, models, store
from tasks.difficulty_cache import difficulty_of
from tasks.models import ModelFiles

ASKED = [f"Where does the fox number {number} live?" for number in range(7)]
ANSWERS = ["In the forest, near the river.", "four, of course.", "zx qv zx", "", "A buffer.", "In a den.", "the dog"]


def messages(places: list[int]) -> pl.Series:
    rows = [[{"role": "user", "content": ASKED[at]}, {"role": "assistant", "content": ANSWERS[at]}] for at in places]
    return pl.Series("messages", rows, dtype=pl.List(MESSAGE))


@pytest.fixture
def base(tiny_base, monkeypatch) -> ModelFiles:
    monkeypatch.setattr(model_scores, "BLOCK_ROWS", 2)
    return tiny_base


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """The prompts that a model reads from here on."""
    prompts: list[str] = []

    def noted(model, tokenizer, conversations, progress=None):
        prompts.extend(turns[0]["content"] for turns in conversations)
        return difficulty(model, tokenizer, conversations, progress=progress)

    monkeypatch.setattr(difficulty_cache, "difficulty", noted)
    return prompts


def shards() -> list:
    return sorted((store.home() / "store" / "difficulty").rglob("*.parquet"))


def test_scores_are_those_of_the_model_in_the_order_of_the_rows(base, model, tokenizer, read) -> None:
    places = [4, 0, 3, 2, 0]
    found = difficulty_of(messages(places), base, threads=1)
    direct = difficulty(model, tokenizer, messages(places).to_list())
    assert found.schema == DIFFICULTY
    assert found["unscored"].to_list() == direct["unscored"].to_list() == [None, None, "no_answer", None, None]
    for score in ("perplexity", "ifd"):
        known = direct[score].drop_nulls()
        assert found[score].drop_nulls().to_list() == pytest.approx(known.to_list(), rel=0.05)
    assert sorted(read) == sorted(ASKED[at] for at in {4, 0, 3, 2})


def test_only_new_rows_are_read(base, read) -> None:
    before = difficulty_of(messages([0, 1, 2]), base, threads=1)
    read.clear()
    after = difficulty_of(messages([2, 5, 0, 1]), base, threads=1)
    assert read == [ASKED[5]]
    assert after[[2, 3, 0]].equals(before)


def test_a_model_whose_rows_are_all_known_is_not_loaded(base, monkeypatch) -> None:
    before = difficulty_of(messages([0, 1, 2]), base, threads=1)
    monkeypatch.setattr(model_scores, "load", lambda *_, **__: pytest.fail("loaded"))
    assert difficulty_of(messages([1, 2]), base).equals(before[1:])


def test_a_row_that_differs_in_its_prompt_or_roles_alone_is_new(base, read) -> None:
    difficulty_of(messages([0]), base, threads=1)
    other = pl.Series(
        "messages",
        [
            [{"role": "user", "content": ASKED[1]}, {"role": "assistant", "content": ANSWERS[0]}],
            [{"role": "system", "content": ASKED[0]}, {"role": "assistant", "content": ANSWERS[0]}],
        ],
        dtype=pl.List(MESSAGE),
    )
    read.clear()
    difficulty_of(other, base, threads=1)
    assert read == [ASKED[1], ASKED[0]]


def test_another_model_reads_all_anew(base, read) -> None:
    difficulty_of(messages([0, 1]), base, threads=1)
    read.clear()
    difficulty_of(messages([0, 1]), base.model_copy(update={"content": "another"}), threads=1)
    assert read == ASKED[:2]


@pytest.mark.parametrize("changed", ["evals.models", "evals.difficulty", "torch", "transformers", "tokenizers"])
def test_another_way_to_load_a_model_or_another_library_reads_all_anew(base, read, monkeypatch, changed) -> None:
    for module, name in ((model_scores, "code_digest"), (models, "version")):
        monkeypatch.setattr(module, name, lambda part: part)
    difficulty_of(messages([0]), base, threads=1)
    read.clear()
    for module, name in ((model_scores, "code_digest"), (models, "version")):
        monkeypatch.setattr(module, name, lambda part: "changed" if part == changed else part)
    difficulty_of(messages([0]), base, threads=1)
    assert read == ASKED[:1]


def test_a_kill_costs_the_block_it_met(base, read, monkeypatch) -> None:
    calls = []

    def killed(*arguments, **keywords):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return difficulty(*arguments, **keywords)

    with monkeypatch.context() as patch:
        patch.setattr(difficulty_cache, "difficulty", killed)
        with pytest.raises(KeyboardInterrupt):
            difficulty_of(messages([0, 1, 2, 4]), base, threads=1)
    difficulty_of(messages([0, 1, 2, 4]), base, threads=1)
    assert read == [ASKED[2], ASKED[4]]


def test_a_damaged_shard_is_computed_again(base, read, caplog) -> None:
    before = difficulty_of(messages([0, 1]), base, threads=1)
    (shard,) = shards()
    shard.write_bytes(shard.read_bytes()[:-9] + b"x" * 9)
    read.clear()
    assert difficulty_of(messages([0, 1]), base, threads=1).equals(before)
    assert read == ASKED[:2]
    assert "passed over" in caplog.text


def test_many_small_runs_leave_few_files(base) -> None:
    for at in range(7):
        difficulty_of(messages([at]), base, threads=1)
    assert len(shards()) <= 3


def test_no_rows_have_no_scores(base) -> None:
    assert difficulty_of(messages([]), base).schema == DIFFICULTY
