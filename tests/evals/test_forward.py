"""One pass through models of every build: adapters, sliding windows, soft caps, wrappers by position."""

from __future__ import annotations

from evals.likelihood import score_choices, score_completions


def test_only_wanted_positions_reach_the_vocabulary(model, tokenizer, oracle):
    projected: list[int] = []
    hook = model.lm_head.register_forward_hook(lambda _, __, out: projected.append(out.shape[1]))
    try:
        score_completions(model, tokenizer, ["the fox " * 30], [" lives"])
    finally:
        hook.remove()
    assert sum(projected) == len(oracle.lm_eval_pair(tokenizer, "the fox " * 30, " lives")[1])


def test_a_lora_adapter_takes_part(tokenizer, llama, oracle):
    import torch
    from peft import LoraConfig, get_peft_model

    base = llama()
    contexts, options = oracle.task(9, 6, "Answer briefly, please: ")
    before = score_choices(base, tokenizer, contexts, options)
    wrapped = get_peft_model(base, LoraConfig(r=4, target_modules=["q_proj", "lm_head"], task_type="CAUSAL_LM")).eval()
    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in wrapped.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.3)
    after = score_choices(wrapped, tokenizer, contexts, options)
    oracle.close(after, oracle.expected(wrapped, tokenizer, contexts, options))
    assert abs(after[0][0] - before[0][0]) > 1e-2


def test_a_sliding_window_model_is_scored_row_by_row_and_right(tokenizer, oracle):
    import torch
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(3)
    config = MistralConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, sliding_window=6, initializer_range=0.3,
    )  # fmt: skip
    windowed = MistralForCausalLM(config).eval()
    contexts, options = oracle.task(10, 6, "Answer briefly, please: ")
    oracle.close(
        score_choices(windowed, tokenizer, contexts, options),
        oracle.expected(windowed, tokenizer, contexts, options),
    )


def test_a_model_with_local_layers_by_an_older_name_is_scored_row_by_row_and_right(tokenizer, oracle):
    import torch
    from transformers import GPTNeoConfig, GPTNeoForCausalLM

    torch.manual_seed(3)
    config = GPTNeoConfig(
        vocab_size=len(tokenizer), hidden_size=64, num_layers=2, num_heads=4, window_size=6, intermediate_size=128,
        attention_types=[[["global", "local"], 1]], max_position_embeddings=512, initializer_range=0.3,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    local = GPTNeoForCausalLM(config).eval()
    contexts, options = oracle.task(10, 6, "Answer briefly, please: ")
    oracle.close(
        score_choices(local, tokenizer, contexts, options), oracle.expected(local, tokenizer, contexts, options)
    )


def test_a_wrapper_that_steers_by_position_is_told_the_prompt_lengths(tokenizer, llama):

    wrapper = llama()
    told: list[list[int]] = []
    wrapper.set_prompts = lambda lengths, **_: told.append(lengths.tolist())
    contexts = ["the fox lives", "a dog"]
    score_choices(wrapper, tokenizer, contexts, [[" here", " there"], [" so"]])
    sizes = [len(tokenizer.encode(c)) for c in contexts]
    assert sorted(n for row in told for n in row) == sorted([sizes[0], sizes[0], sizes[1]])


def test_a_row_that_wants_more_positions_than_one_pass_projects_is_right(model, tokenizer, monkeypatch, oracle):
    import evals.likelihood

    monkeypatch.setattr(evals.likelihood, "_LOGITS", 5 * len(tokenizer))
    contexts, options = oracle.task(11, 5, "Answer briefly, please: ")
    oracle.close(
        score_choices(model, tokenizer, contexts, options),
        oracle.expected(model, tokenizer, contexts, options),
    )


def test_a_soft_cap_on_the_logits_is_kept(tokenizer, oracle):
    import torch
    from transformers import Gemma2Config, Gemma2ForCausalLM

    torch.manual_seed(3)
    config = Gemma2Config(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2, head_dim=16,
        num_attention_heads=4, num_key_value_heads=2, final_logit_softcapping=2.0, initializer_range=0.3,
    )  # fmt: skip
    capped = Gemma2ForCausalLM(config).eval()
    contexts, options = oracle.task(12, 4)
    oracle.close(
        score_choices(capped, tokenizer, contexts, options),
        oracle.expected(capped, tokenizer, contexts, options),
    )
