"""Log-likelihoods against a naive reference: one sequence at a time, every position, in 32 bits."""

from __future__ import annotations

import logging
import random

import pytest

from evals.likelihood import score_choices, score_completions, score_texts


@pytest.mark.parametrize("opening", ["", "Question: which one of these is the answer?\n"])
@pytest.mark.parametrize("budget", [1, 64, 1024])
def test_options_score_as_if_read_one_at_a_time(model, tokenizer, opening, budget, oracle):
    contexts, options = oracle.task(1, 24, opening)
    oracle.close(
        score_choices(model, tokenizer, contexts, options, tokens_per_batch=budget),
        oracle.expected(model, tokenizer, contexts, options),
    )


def test_a_shared_beginning_is_read_once_and_changes_nothing(model, tokenizer, oracle):
    contexts, options = oracle.task(2, 12, "Answer the question that follows, briefly and truly: ")
    apart = score_choices(model, tokenizer, contexts, options, share_prefix=False)
    read: list[int] = []
    hook = model.get_input_embeddings().register_forward_hook(lambda _, inputs, __: read.append(inputs[0].numel()))
    try:
        shared = score_choices(model, tokenizer, contexts, options)
        fewer = sum(read)
        read.clear()
        score_choices(model, tokenizer, contexts, options, share_prefix=False)
    finally:
        hook.remove()
    oracle.close(shared, apart)
    assert fewer < 0.8 * sum(read)


def test_a_context_is_read_once_for_all_its_options(model, tokenizer, oracle):
    context = "the quick brown fox jumps over the lazy dog " * 4
    options = [[" near the river", " in the forest", " at four", " of course"]]
    read: list[int] = []
    hook = model.get_input_embeddings().register_forward_hook(lambda _, inputs, __: read.append(inputs[0].numel()))
    try:
        score_choices(model, tokenizer, [context], options)
    finally:
        hook.remove()
    head, _ = oracle.lm_eval_pair(tokenizer, context, options[0][0])
    tails = [oracle.lm_eval_pair(tokenizer, context, option)[1] for option in options[0]]
    assert sum(read) == len(head) + sum(len(tail) - 1 for tail in tails)


def test_contexts_of_one_token_and_empty_contexts_work(model, tokenizer, oracle):
    contexts = ["a", "", "b", "a"]
    options = [[" fox", "b"], ["the dog", "漢字"], ["🙂"], ["é", "é é é"]]
    oracle.close(
        score_choices(model, tokenizer, contexts, options),
        oracle.expected(model, tokenizer, contexts, options),
    )


def test_white_space_at_the_end_of_a_context_is_scored_with_the_option(model, tokenizer, oracle):
    contexts, options = oracle.task(3, 6, ending=" \n ")
    oracle.close(
        score_choices(model, tokenizer, contexts, options),
        oracle.expected(model, tokenizer, contexts, options),
    )


def test_options_that_repeat_or_extend_each_other_do_not_see_each_other(model, tokenizer, oracle):
    options = [[" the fox", " the fox jumps", " the fox", " the fox jumps over"]]
    contexts = ["Where does the quick brown"]
    got = score_choices(model, tokenizer, contexts, options)
    oracle.close(got, oracle.expected(model, tokenizer, contexts, options))
    assert got[0][0] == pytest.approx(got[0][2], abs=1e-5)


def test_completions_are_choices_with_one_option(model, tokenizer, oracle):
    contexts, options = oracle.task(4, 16)
    firsts = [choices[0] for choices in options]
    got = score_completions(model, tokenizer, contexts, firsts, tokens_per_batch=100)
    true = oracle.expected(model, tokenizer, contexts, [[first] for first in firsts])
    assert got == pytest.approx([row[0] for row in true], abs=2e-4)


def test_items_with_the_same_context_are_scored_right(model, tokenizer, oracle):
    contexts = ["Where does the quick brown fox live?"] * 3
    options = [[" In the forest."], [" a", " the dog"], [" é"]]
    got = score_choices(model, tokenizer, contexts, options)
    oracle.close(got, oracle.expected(model, tokenizer, contexts, options))


@pytest.mark.parametrize(
    ("contexts", "options", "told"),
    [
        (["ab"], ["xy"], "The options of item 0 are one text, not a list of texts: wrap it in a list"),
        ("ab", [["x"], ["y"]], "The contexts are a list of texts, and one text was given: wrap it in a list"),
        (["a", "b"], "xy", "options are lists of texts, one for each context"),
        (["a"], [["x", 3]], "The options of item 0 are texts, and number 1, counted from 0, is int"),
        ([None], [["x"]], "The contexts are texts, and number 0, counted from 0, is NoneType"),
    ],
)
def test_one_text_is_no_list_of_letters(model, tokenizer, contexts, options, told):
    with pytest.raises(TypeError, match=told):
        score_choices(model, tokenizer, contexts, options)


def test_one_completion_or_text_is_no_list_of_letters_either(model, tokenizer):
    with pytest.raises(TypeError, match="The completions are a list of texts"):
        score_completions(model, tokenizer, ["a", "b"], "xy")
    with pytest.raises(TypeError, match="The texts are a list of texts"):
        score_texts(model, tokenizer, "xy")


def test_the_order_of_items_is_kept(model, tokenizer, oracle):
    contexts, options = oracle.task(5, 20)
    forward = score_choices(model, tokenizer, contexts, options)
    backward = score_choices(model, tokenizer, contexts[::-1], options[::-1])
    oracle.close(forward, backward[::-1])


def rolling(model, tokenizer, text: str, limit: int, oracle) -> float:
    """Every token once; as much context as fits in front of each full window, at least one token."""
    ids = [tokenizer.bos_token_id, *tokenizer.encode(text, add_special_tokens=False)]
    total, done = 0.0, 1
    while done < len(ids):
        end = min(len(ids), done + limit)
        start = 0 if done == 1 else end - limit - 1
        total += oracle.reference(model, ids[start:done], ids[done:end])
        done = end
    return total


def test_a_text_is_scored_whole_from_its_first_token(model, tokenizer, oracle):
    rng = random.Random(6)
    texts = [oracle.words(rng, 1, 40) for _ in range(9)]
    got = score_texts(model, tokenizer, texts, tokens_per_batch=150)
    assert got == pytest.approx([rolling(model, tokenizer, text, 256, oracle) for text in texts], abs=2e-4)


@pytest.mark.parametrize("limit", [7, 16])
def test_a_text_longer_than_the_model_is_read_in_windows(tokenizer, limit, llama, oracle):

    small = llama(context=limit)
    rng = random.Random(7)
    texts = [oracle.words(rng, n, n) for n in (1, 5, 12, 30)]
    got = score_texts(small, tokenizer, texts)
    assert got == pytest.approx([rolling(small, tokenizer, text, limit, oracle) for text in texts], abs=2e-4)


def test_long_items_lose_context_on_the_left_and_are_counted(tokenizer, caplog, llama, oracle):

    small = llama(context=24)
    contexts = ["the fox", "the quick brown fox jumps over the lazy dog " * 3]
    options = [[" a", " dog"], [" a", " near the river", " fox"]]
    with caplog.at_level(logging.WARNING):
        got = score_choices(small, tokenizer, contexts, options)
    true = []
    for context, choices in zip(contexts, options, strict=True):
        row = []
        for choice in choices:
            head, tail = oracle.lm_eval_pair(tokenizer, context, choice)
            kept = (head + tail)[-25:]  # lm-evaluation-harness: the last max_length + 1 tokens
            row.append(oracle.reference(small, kept[: -len(tail)], tail))
        true.append(row)
    oracle.close(got, true)
    assert "1 of 2 items" in caplog.text


def test_an_empty_option_is_named(model, tokenizer):
    with pytest.raises(ValueError, match="Option 1 of item 2 is empty"):
        score_choices(model, tokenizer, ["a", "b", "c"], [["x"], ["y"], ["z", ""]])


def test_an_item_without_options_is_named(model, tokenizer):
    with pytest.raises(ValueError, match="Item 1 has no option"):
        score_choices(model, tokenizer, ["a", "b"], [["x"], []])


def test_an_empty_text_is_named(model, tokenizer):
    with pytest.raises(ValueError, match="Text 1 is empty"):
        score_texts(model, tokenizer, ["a", ""])


def test_lists_of_different_lengths_are_refused(model, tokenizer):
    with pytest.raises(ValueError, match="2 contexts but 1"):
        score_completions(model, tokenizer, ["a", "b"], ["x"])


def test_nothing_in_gives_nothing_out(model, tokenizer):
    assert score_choices(model, tokenizer, [], []) == []
    assert score_texts(model, tokenizer, []) == []


def test_broken_weights_are_an_error(tokenizer, llama):
    import torch

    broken = llama()
    with torch.no_grad():
        broken.model.norm.weight.fill_(float("nan"))
    with pytest.raises(ValueError, match="item 0 is not a finite number"):
        score_completions(broken, tokenizer, ["a"], [" b"])


def test_progress_reaches_the_number_of_items(model, tokenizer, oracle):
    contexts, options = oracle.task(8, 10)
    seen: list[tuple[int, int]] = []
    score_choices(model, tokenizer, contexts, options, tokens_per_batch=64, progress=lambda d, n: seen.append((d, n)))
    assert seen[-1] == (10, 10)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert {total for _, total in seen} == {10}
    assert len(seen) > 1
