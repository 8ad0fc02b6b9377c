"""Perplexity and IFD against plain transformers, one row at a time, and by hand."""

from __future__ import annotations

import logging
import math
import random

import polars as pl
import pytest

from evals.difficulty import CERTAIN, DIFFICULTY, _weigh, difficulty


def ask(question: str, answer: str, system: str | None = None) -> list[dict[str, str]]:
    opening = [] if system is None else [{"role": "system", "content": system}]
    return [*opening, {"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def losses(model, tokenizer, messages) -> tuple[float, float, int]:
    """Mean loss of the answer's tokens behind the prompt and behind nothing, by transformers' own loss."""
    import torch

    *before, last = messages
    prompt = tokenizer.apply_chat_template(before, tokenize=False, add_generation_prompt=True)
    head = tokenizer(prompt, add_special_tokens=False).input_ids
    tail = tokenizer(prompt + last["content"], add_special_tokens=False).input_ids[len(head) :]

    def loss(context: list[int]) -> float:
        ids = torch.tensor([context + tail])
        labels = torch.tensor([[-100] * len(context) + tail])
        with torch.no_grad():
            return float(model(input_ids=ids, labels=labels).loss)

    return loss(head), loss([tokenizer.bos_token_id]), len(tail)


@pytest.fixture
def conversations(oracle) -> list[list[dict[str, str]]]:
    rng = random.Random(4)
    made = [ask(oracle.words(rng, 1, 20).strip() or "a", "the " + oracle.words(rng, 1, 30).strip()) for _ in range(20)]
    multi = [*ask("the fox", "a dog"), {"role": "user", "content": "why"}, {"role": "assistant", "content": "four of"}]
    return [*made, ask("the dog", "a river", system="Answer briefly."), multi]


def test_scores_are_those_of_plain_transformers(model, tokenizer, conversations) -> None:
    found = difficulty(model, tokenizer, conversations)
    assert found.schema == DIFFICULTY
    for row, messages in zip(found.iter_rows(named=True), conversations, strict=True):
        given, free, tokens = losses(model, tokenizer, messages)
        assert row["answer_tokens"] == tokens
        assert row["perplexity"] == pytest.approx(math.exp(given), rel=1e-3)
        assert row["ifd"] == pytest.approx(given / free, rel=1e-3)
        assert row["unscored"] is None


def test_of_a_model_that_knows_nothing_perplexity_is_the_vocabulary_and_ifd_one(llama, tokenizer) -> None:
    import torch

    flat = llama()
    with torch.no_grad():
        flat.lm_head.weight.zero_()
    row = difficulty(flat, tokenizer, [ask("where", "In the forest.")]).row(0, named=True)
    assert row["perplexity"] == pytest.approx(len(tokenizer), rel=1e-4)
    assert row["ifd"] == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize(("given", "free", "tokens"), [(0.2, 0.4, 2), (0.001, 0.002, 1), (30.0, 60.0, 10)])
def test_a_small_loss_is_a_loss(given: float, free: float, tokens: int) -> None:
    assert _weigh(given, free, tokens) == (math.exp(given / tokens), pytest.approx(0.5), tokens, None)


def test_whether_an_answer_is_certain_goes_by_its_tokens_and_not_by_its_length() -> None:
    """A model is as sure of a long answer as of a short one that loses as little a token."""
    assert [_weigh(0.0, 5e-7 * tokens, tokens)[1::2] for tokens in (1, 1000)] == [(None, CERTAIN)] * 2


def test_only_the_last_answer_counts_and_what_follows_it_is_left_out(model, tokenizer) -> None:
    whole = ask("the fox", "a dog")
    more = [*whole, {"role": "user", "content": "thanks"}]
    found = difficulty(model, tokenizer, [whole, more])
    assert found.row(0)[:3] == pytest.approx(found.row(1)[:3], rel=1e-4)  # another place in the batch rounds otherwise
    assert found.row(0)[3] is found.row(1)[3] is None


def test_rows_that_cannot_be_scored_say_why_and_cost_no_other_row(llama, tokenizer, caplog) -> None:
    small = llama(context=40)
    fine = ask("a", "the fox")
    rows = [
        fine,
        ask("a", " "),
        [{"role": "user", "content": "a"}],
        [],
        [{"role": "assistant", "content": "nobody asked"}],
        ask("a", "the quick brown fox jumps over the lazy dog " * 9),
        ask("the quick brown fox jumps over the lazy dog " * 9, "a"),
        fine,
    ]
    with caplog.at_level(logging.WARNING):
        found = difficulty(small, tokenizer, rows)
    assert found["unscored"].to_list() == [
        None, "no_answer", "no_answer", "no_answer", "template_refused", "longer_than_context", "longer_than_context",
        None,
    ]  # fmt: skip
    scored = pl.col("unscored").is_null()
    for column in ("perplexity", "ifd", "answer_tokens"):
        assert found.filter(~scored)[column].null_count() == 6
    assert found.row(0)[:3] == pytest.approx(found.row(7)[:3], rel=1e-4)
    assert "3 of 8 rows have no full score: no_answer" in caplog.text


def test_a_row_that_just_fits_is_scored(llama, tokenizer) -> None:
    messages = ask("where", "In the forest, near the river.")
    prompt = tokenizer.apply_chat_template(messages[:1], tokenize=False, add_generation_prompt=True)
    length = len(tokenizer(prompt + messages[1]["content"], add_special_tokens=False).input_ids)
    fits, short = llama(context=length - 1), llama(context=length - 2)  # the last token is predicted, not read
    assert difficulty(fits, tokenizer, [messages])["unscored"].to_list() == [None]
    assert difficulty(short, tokenizer, [messages])["unscored"].to_list() == ["longer_than_context"]


def test_an_answer_the_model_is_sure_of_has_no_ifd(model, tokenizer, monkeypatch) -> None:
    from evals import difficulty as under_test

    assert under_test._weigh(2.0, 4.0, 2) == (math.exp(1), 0.5, 2, None)
    assert under_test._weigh(2.0, 1e-9, 2) == (math.exp(1), None, 2, "answer_certain")
    assert math.isfinite(under_test._weigh(1e6, 1.0, 2)[0])


def test_broken_weights_are_an_error_and_no_number(llama, tokenizer) -> None:
    import torch

    broken = llama()
    with torch.no_grad():
        broken.model.norm.weight.fill_(float("nan"))
    with pytest.raises(ValueError, match="not a finite number"):
        difficulty(broken, tokenizer, [ask("a", "b")])


def test_what_all_prompts_begin_with_is_read_once(model, tokenizer) -> None:
    rows = [ask(f"{word} dog", "the fox") for word in ("a", "the", "where", "four", "quick", "brown")]
    read: list[int] = []
    hook = model.get_input_embeddings().register_forward_hook(lambda _, inputs, __: read.append(inputs[0].numel()))
    try:
        difficulty(model, tokenizer, rows)
    finally:
        hook.remove()
    prompts = [tokenizer.apply_chat_template(row[:1], add_generation_prompt=True)["input_ids"] for row in rows]
    assert sum(read) < 0.7 * sum(map(len, prompts))


def test_progress_counts_both_passes(model, tokenizer, conversations) -> None:
    seen: list[tuple[int, int]] = []
    difficulty(model, tokenizer, conversations, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2 * len(conversations), 2 * len(conversations))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_no_rows_give_no_scores(model, tokenizer) -> None:
    assert difficulty(model, tokenizer, []).rows() == []
