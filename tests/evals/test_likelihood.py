"""Log-likelihoods against a naive reference: one sequence at a time, every position, in 32 bits."""

from __future__ import annotations

import logging
import random

import pytest

from evals.encoding import encode_questions, encode_windows, fit
from evals.likelihood import score_choices, score_completions, score_texts
from evals.packing import batches, shared_prefix

WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "dog",
    "été",
    "Größe",
    "漢字",
    "🙂",
    "def",
    "add(a,",
    "b):",
    "\n",
]


def reference(model, context_ids: list[int], option_ids: list[int]) -> float:
    import torch

    with torch.no_grad():
        logits = model(torch.tensor([context_ids + option_ids])).logits[0].float()
    table = torch.log_softmax(logits, dim=-1)
    return sum(float(table[len(context_ids) - 1 + k, token]) for k, token in enumerate(option_ids))


def lm_eval_pair(tokenizer, context: str, option: str) -> tuple[list[int], list[int]]:
    """The encoding rule of lm-evaluation-harness, `TemplateLM._encode_pair`, written out."""

    def encode(text: str) -> list[int]:
        return tokenizer.encode(text, add_special_tokens=False)

    if context == "":
        return [tokenizer.bos_token_id], encode(option)
    spaces = len(context) - len(context.rstrip())
    if spaces > 0:
        option = context[-spaces:] + option
        context = context[:-spaces]
    whole, head = encode(context + option), encode(context)
    return head, whole[len(head) :]


def expected(model, tokenizer, contexts, options) -> list[list[float]]:
    return [
        [reference(model, *lm_eval_pair(tokenizer, context, option)) for option in choices]
        for context, choices in zip(contexts, options, strict=True)
    ]


def words(rng: random.Random, low: int, high: int) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(low, high)))


def task(seed: int, items: int, opening: str = "", ending: str = "") -> tuple[list[str], list[list[str]]]:
    rng = random.Random(seed)
    contexts = [opening + words(rng, 1, 25) + ending for _ in range(items)]
    options = [[" " + words(rng, 1, 9) for _ in range(rng.randint(1, 5))] for _ in range(items)]
    return contexts, options


def close(left: list[list[float]], right: list[list[float]]) -> None:
    assert [len(row) for row in left] == [len(row) for row in right]
    for mine, true in zip(left, right, strict=True):
        assert mine == pytest.approx(true, abs=2e-4)
        assert max(range(len(mine)), key=mine.__getitem__) == max(range(len(true)), key=true.__getitem__)


@pytest.mark.parametrize("opening", ["", "Question: which one of these is the answer?\n"])
@pytest.mark.parametrize("budget", [1, 64, 1024])
def test_options_score_as_if_read_one_at_a_time(model, tokenizer, opening, budget):
    contexts, options = task(1, 24, opening)
    close(
        score_choices(model, tokenizer, contexts, options, tokens_per_batch=budget),
        expected(model, tokenizer, contexts, options),
    )


def test_a_shared_beginning_is_read_once_and_changes_nothing(model, tokenizer):
    contexts, options = task(2, 12, "Answer the question that follows, briefly and truly: ")
    apart = score_choices(model, tokenizer, contexts, options, share_prefix=False)
    read: list[int] = []
    hook = model.get_input_embeddings().register_forward_hook(
        lambda _, inputs, __: read.append(inputs[0].numel())
    )
    try:
        shared = score_choices(model, tokenizer, contexts, options)
        fewer = sum(read)
        read.clear()
        score_choices(model, tokenizer, contexts, options, share_prefix=False)
    finally:
        hook.remove()
    close(shared, apart)
    assert fewer < 0.8 * sum(read)


def test_a_context_is_read_once_for_all_its_options(model, tokenizer):
    context = "the quick brown fox jumps over the lazy dog " * 4
    options = [[" near the river", " in the forest", " at four", " of course"]]
    read: list[int] = []
    hook = model.get_input_embeddings().register_forward_hook(
        lambda _, inputs, __: read.append(inputs[0].numel())
    )
    try:
        score_choices(model, tokenizer, [context], options)
    finally:
        hook.remove()
    head, _ = lm_eval_pair(tokenizer, context, options[0][0])
    tails = [lm_eval_pair(tokenizer, context, option)[1] for option in options[0]]
    assert sum(read) == len(head) + sum(len(tail) - 1 for tail in tails)


def test_only_wanted_positions_reach_the_vocabulary(model, tokenizer):
    projected: list[int] = []
    hook = model.lm_head.register_forward_hook(lambda _, __, out: projected.append(out.shape[1]))
    try:
        score_completions(model, tokenizer, ["the fox " * 30], [" lives"])
    finally:
        hook.remove()
    assert sum(projected) == len(lm_eval_pair(tokenizer, "the fox " * 30, " lives")[1])


def test_contexts_of_one_token_and_empty_contexts_work(model, tokenizer):
    contexts = ["a", "", "b", "a"]
    options = [[" fox", "b"], ["the dog", "漢字"], ["🙂"], ["é", "é é é"]]
    close(score_choices(model, tokenizer, contexts, options), expected(model, tokenizer, contexts, options))


def test_white_space_at_the_end_of_a_context_is_scored_with_the_option(model, tokenizer):
    contexts, options = task(3, 6, ending=" \n ")
    close(score_choices(model, tokenizer, contexts, options), expected(model, tokenizer, contexts, options))


def test_options_that_repeat_or_extend_each_other_do_not_see_each_other(model, tokenizer):
    options = [[" the fox", " the fox jumps", " the fox", " the fox jumps over"]]
    contexts = ["Where does the quick brown"]
    got = score_choices(model, tokenizer, contexts, options)
    close(got, expected(model, tokenizer, contexts, options))
    assert got[0][0] == pytest.approx(got[0][2], abs=1e-5)


def test_completions_are_choices_with_one_option(model, tokenizer):
    contexts, options = task(4, 16)
    firsts = [choices[0] for choices in options]
    got = score_completions(model, tokenizer, contexts, firsts, tokens_per_batch=100)
    true = expected(model, tokenizer, contexts, [[first] for first in firsts])
    assert got == pytest.approx([row[0] for row in true], abs=2e-4)


def test_the_order_of_items_is_kept(model, tokenizer):
    contexts, options = task(5, 20)
    forward = score_choices(model, tokenizer, contexts, options)
    backward = score_choices(model, tokenizer, contexts[::-1], options[::-1])
    close(forward, backward[::-1])


def rolling(model, tokenizer, text: str, limit: int) -> float:
    """Every token once; as much context as fits in front of each full window, at least one token."""
    ids = [tokenizer.bos_token_id, *tokenizer.encode(text, add_special_tokens=False)]
    total, done = 0.0, 1
    while done < len(ids):
        end = min(len(ids), done + limit)
        start = 0 if done == 1 else end - limit - 1
        total += reference(model, ids[start:done], ids[done:end])
        done = end
    return total


def test_a_text_is_scored_whole_from_its_first_token(model, tokenizer):
    rng = random.Random(6)
    texts = [words(rng, 1, 40) for _ in range(9)]
    got = score_texts(model, tokenizer, texts, tokens_per_batch=150)
    assert got == pytest.approx([rolling(model, tokenizer, text, 256) for text in texts], abs=2e-4)


@pytest.mark.parametrize("limit", [7, 16])
def test_a_text_longer_than_the_model_is_read_in_windows(tokenizer, limit, llama):

    small = llama(context=limit)
    rng = random.Random(7)
    texts = [words(rng, n, n) for n in (1, 5, 12, 30)]
    got = score_texts(small, tokenizer, texts)
    assert got == pytest.approx([rolling(small, tokenizer, text, limit) for text in texts], abs=2e-4)


@pytest.mark.parametrize("length", [1, 15, 16, 17, 18, 33, 48])
def test_windows_cover_every_token_once_within_the_limit(tokenizer, length):
    text = "!" * length
    ids = tokenizer.encode(text, add_special_tokens=False)
    windows, owners = encode_windows(tokenizer, [text], 16)
    assert [token for window in windows for token in window.options[0]] == ids
    assert all(len(w.context) + len(w.options[0]) <= 17 for w in windows)
    assert owners == [0] * len(windows)


def test_long_items_lose_context_on_the_left_and_are_counted(tokenizer, caplog, llama):

    small = llama(context=24)
    contexts = ["the fox", "the quick brown fox jumps over the lazy dog " * 3]
    options = [[" a", " dog"], [" a", " near the river", " fox"]]
    with caplog.at_level(logging.WARNING):
        got = score_choices(small, tokenizer, contexts, options)
    true = []
    for context, choices in zip(contexts, options, strict=True):
        row = []
        for choice in choices:
            head, tail = lm_eval_pair(tokenizer, context, choice)
            kept = (head + tail)[-25:]  # lm-evaluation-harness: the last max_length + 1 tokens
            row.append(reference(small, kept[: -len(tail)], tail))
        true.append(row)
    close(got, true)
    assert "1 of 2 items" in caplog.text


def test_an_option_that_the_model_cannot_hold_is_named(tokenizer):
    questions = encode_questions(tokenizer, ["a", "a"], [[" b"], [" fox" * 50]])
    with pytest.raises(ValueError, match=r"Item 1 has an option .* reads 16 at most"):
        fit(questions, 16)


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


def test_progress_reaches_the_number_of_items(model, tokenizer):
    contexts, options = task(8, 10)
    seen: list[tuple[int, int]] = []
    score_choices(
        model, tokenizer, contexts, options, tokens_per_batch=64, progress=lambda d, n: seen.append((d, n))
    )
    assert seen[-1] == (10, 10)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert len(seen) > 1


def test_a_lora_adapter_takes_part(tokenizer, llama):
    import torch
    from peft import LoraConfig, get_peft_model

    base = llama()
    contexts, options = task(9, 6, "Answer briefly, please: ")
    before = score_choices(base, tokenizer, contexts, options)
    wrapped = get_peft_model(
        base, LoraConfig(r=4, target_modules=["q_proj", "lm_head"], task_type="CAUSAL_LM")
    ).eval()
    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in wrapped.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.3)
    after = score_choices(wrapped, tokenizer, contexts, options)
    close(after, expected(wrapped, tokenizer, contexts, options))
    assert abs(after[0][0] - before[0][0]) > 1e-2


def test_a_sliding_window_model_is_scored_row_by_row_and_right(tokenizer):
    import torch
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(3)
    config = MistralConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, sliding_window=6, initializer_range=0.3,
    )  # fmt: skip
    windowed = MistralForCausalLM(config).eval()
    contexts, options = task(10, 6, "Answer briefly, please: ")
    close(
        score_choices(windowed, tokenizer, contexts, options),
        expected(windowed, tokenizer, contexts, options),
    )


def test_a_wrapper_that_steers_by_position_is_told_the_prompt_lengths(tokenizer, llama):

    wrapper = llama()
    told: list[list[int]] = []
    wrapper.set_prompt_lengths = lambda lengths: told.append(lengths.tolist())
    contexts = ["the fox lives", "a dog"]
    score_choices(wrapper, tokenizer, contexts, [[" here", " there"], [" so"]])
    sizes = [len(tokenizer.encode(c)) for c in contexts]
    assert sorted(n for row in told for n in row) == sorted([sizes[0], sizes[0], sizes[1]])


def test_a_row_that_wants_more_positions_than_one_pass_projects_is_right(model, tokenizer, monkeypatch):
    import evals.likelihood

    monkeypatch.setattr(evals.likelihood, "_LOGITS", 5 * len(tokenizer))
    contexts, options = task(11, 5, "Answer briefly, please: ")
    close(score_choices(model, tokenizer, contexts, options), expected(model, tokenizer, contexts, options))


def test_a_soft_cap_on_the_logits_is_kept(tokenizer):
    import torch
    from transformers import Gemma2Config, Gemma2ForCausalLM

    torch.manual_seed(3)
    config = Gemma2Config(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2, head_dim=16,
        num_attention_heads=4, num_key_value_heads=2, final_logit_softcapping=2.0, initializer_range=0.3,
    )  # fmt: skip
    capped = Gemma2ForCausalLM(config).eval()
    contexts, options = task(12, 4)
    close(score_choices(capped, tokenizer, contexts, options), expected(capped, tokenizer, contexts, options))


def test_batches_hold_every_question_once_within_the_budget(tokenizer):
    contexts, options = task(13, 40, "Answer briefly, please: ")
    questions = encode_questions(tokenizer, contexts, options)
    prefix = shared_prefix(questions)
    assert prefix >= 4
    made = list(batches(questions, prefix=prefix, tokens=300, picks=80, pad=1))
    assert sorted(item for batch in made for item in batch.items) == list(range(40))
    for batch in made:
        assert batch.ids.numel() <= 300 or len(batch.items) == 1
        assert len(batch.picks) <= 80 or len(batch.items) == 1
    assert max(len(batch.items) for batch in made) > 1
