"""Questions answered together are answered as one at a time, and no more than is wanted of them."""

import copy
import pickle

import pytest

from evals import answering, forward
from evals.answering import answers, write
from evals.finite import BrokenWeights
from evals.lessons import end_of_turn

OPENING = "The quick brown fox jumps over the lazy dog. "
CONTEXTS = [OPENING + more for more in ("Why?", "Where does it sleep at night, and with whom?", "", "def add(a, b):\n")]


@pytest.fixture
def alone(model, tokenizer):
    """Each context's answer as `generate` gives it for that one alone."""
    import torch

    def answer(context: str, most: int) -> str:
        ids = tokenizer(context, add_special_tokens=False, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            out = model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=most
            )
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()

    return answer


@pytest.fixture
def calls(model, monkeypatch):
    """Shapes of what is handed to `generate`, and how many of the tokens stand in its cache already."""
    seen, plain = [], model.generate

    def generate(**given):
        cache = given.get("cache")
        seen.append((*given["input_ids"].shape, 0 if cache is None else cache.get_seq_length()))
        return plain(**given)

    monkeypatch.setattr(model, "generate", generate)
    return seen


@pytest.mark.parametrize("contexts", [CONTEXTS, ["Why?", *CONTEXTS], CONTEXTS[:1], [CONTEXTS[0], CONTEXTS[0]]])
def test_answers_together_are_those_given_one_at_a_time(model, tokenizer, alone, calls, contexts):
    assert write(model, tokenizer, contexts, max_new_tokens=12) == [alone(one, 12) for one in contexts]
    assert calls[0][0] == len(contexts)
    assert (calls[0][2] > 0) == (len(contexts) > 1 and contexts[0] != "Why?")


def test_questions_that_can_not_be_shown_get_no_answer_and_count_as_done(model, tokenizer, alone):
    told = []
    contexts = [None, CONTEXTS[0], None, CONTEXTS[1]]
    written = write(model, tokenizer, contexts, max_new_tokens=5, progress=lambda *at: told.append(at))
    assert written == ["", alone(CONTEXTS[0], 5), "", alone(CONTEXTS[1], 5)]
    assert told[-1] == (4, 4)
    assert write(model, tokenizer, [None], max_new_tokens=5) == [""]
    assert write(model, tokenizer, [], max_new_tokens=5) == []


def test_an_empty_context_is_begun_with_the_opening_token(model, tokenizer):
    assert write(model, tokenizer, [""], max_new_tokens=5) == write(
        model, tokenizer, [tokenizer.decode([answering.opening_token(tokenizer)])], max_new_tokens=5
    )


def test_no_batch_holds_more_rows_or_tokens_than_are_allowed(model, tokenizer, calls, monkeypatch):
    contexts = [f"{'word ' * words}Why?" for words in (1, 40, 2, 30, 3, 20)]
    whole = write(model, tokenizer, contexts, max_new_tokens=6)
    assert len(calls) == 1
    calls.clear()
    monkeypatch.setattr(answering, "TOKENS", 150)
    assert write(model, tokenizer, contexts, max_new_tokens=6) == whole
    assert len(calls) > 1
    assert all(rows * (width + 6) <= 150 or rows == 1 for rows, width, _ in calls)
    calls.clear()
    monkeypatch.setattr(answering, "ROWS", 4)
    monkeypatch.setattr(answering, "TOKENS", 10_000)
    assert write(model, tokenizer, contexts, max_new_tokens=6) == whole
    assert [rows for rows, *_ in calls] == [4, 2]


def test_a_model_that_minds_its_place_in_a_row_is_asked_one_question_at_a_time(model, tokenizer, calls, monkeypatch):
    together = write(model, tokenizer, CONTEXTS, max_new_tokens=6)
    calls.clear()
    monkeypatch.setattr(forward, "can_branch", lambda _: False)
    assert write(model, tokenizer, CONTEXTS, max_new_tokens=6) == together
    assert [(rows, cached) for rows, _, cached in calls] == [(1, 0)] * len(CONTEXTS)


def test_an_answer_that_has_ended_is_not_gone_on_with(model, tokenizer, monkeypatch):
    whole = write(model, tokenizer, CONTEXTS, max_new_tokens=12)
    steps, plain = [], answering._texts
    monkeypatch.setattr(answering, "_texts", lambda *given: steps.append(1) or plain(*given))
    ends = tuple({answer[2:4] for answer in whole})
    cut = write(model, tokenizer, CONTEXTS, max_new_tokens=12, ends=ends)
    places = [min(at for end in ends if (at := answer.find(end)) >= 0) for answer in whole]
    assert cut == [answer[:at].strip() for answer, at in zip(whole, places, strict=True)]
    assert len(steps) < 12


def test_a_base_without_a_template_answers_no_question_of_its_own(model, tokenizer, monkeypatch):
    """It goes on in the names of others where nothing has taught it to end its turn."""
    plain = copy.deepcopy(tokenizer)
    plain.chat_template = None
    said = "In the forest.\n\nUser: And the dog?\n\nAssistant: There, too."
    monkeypatch.setattr(answering, "_texts", lambda *_: [said])
    asked = [[{"role": "user", "content": "Where does the fox live?"}]]
    assert answers(model, plain, asked, max_new_tokens=4) == ["In the forest."]
    assert answers(model, tokenizer, asked, max_new_tokens=4) == [said]


def test_an_adapter_takes_part_in_what_is_answered_together(llama, tokenizer):
    import torch
    from peft import LoraConfig, get_peft_model

    plain = llama()
    base = write(plain, tokenizer, CONTEXTS, max_new_tokens=8)
    wrapped = get_peft_model(plain, LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")).eval()
    torch.manual_seed(1)
    for name, weight in wrapped.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.5)
    together = write(wrapped, tokenizer, CONTEXTS, max_new_tokens=8)
    assert together == [write(wrapped, tokenizer, [one], max_new_tokens=8)[0] for one in CONTEXTS]
    assert together != base
    with wrapped.disable_adapter():
        assert write(wrapped, tokenizer, CONTEXTS, max_new_tokens=8) == base


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_likeliest_token_is_written_whatever_a_model_is_set_to(llama, tokenizer, wrapped):
    from peft import LoraConfig, get_peft_model

    model = llama()
    made = get_peft_model(model, LoraConfig(r=4, task_type="CAUSAL_LM")).eval() if wrapped else model
    free = write(made, tokenizer, CONTEXTS, max_new_tokens=12)
    own = model.generation_config
    own.repetition_penalty, own.no_repeat_ngram_size, own.min_new_tokens = 1.8, 1, 10
    own.do_sample, own.temperature, own.suppress_tokens = True, 0.7, list(range(100, 200))
    assert write(made, tokenizer, CONTEXTS, max_new_tokens=12) == free
    assert model.generation_config is own
    assert (own.repetition_penalty, own.do_sample) == (1.8, True)


def test_a_turn_ends_an_answer_where_it_does_not_end_a_text(model, tokenizer):
    """As of bases whose template ends turns by another token than that which ends their texts."""
    import torch

    other = copy.deepcopy(tokenizer)
    other.eos_token = "<|im_start|>"
    assert (end_of_turn(other), other.eos_token_id) == (tokenizer.eos_token_id, 0)
    ids = tokenizer("Why?", add_special_tokens=False)["input_ids"]
    ended = torch.tensor(tokenizer.eos_token_id)
    said = []

    def end_third(_, __, logits):
        said.append(len(said))
        return logits.index_fill(-1, ended, 1e4) if len(said) == 3 else logits.index_fill(-1, ended, -1e4)

    rule = model.get_output_embeddings().register_forward_hook(end_third)
    own, model.generation_config.eos_token_id = model.generation_config.eos_token_id, 0
    try:
        (written,) = write(model, other, ["Why?"], max_new_tokens=9)
    finally:
        rule.remove()
        model.generation_config.eos_token_id = own
    assert len(said) == 3
    with torch.inference_mode():
        first = int(model(input_ids=torch.tensor([ids])).logits[0, -1].index_fill(0, ended, -1e4).argmax())
    assert written.startswith(tokenizer.decode([first]).strip())


@pytest.mark.parametrize("family", ["gpt2", "gpt_neo", "mistral", "bloom"])
def test_models_of_other_families_answer_together_as_alone(tokenizer, family):
    """Learned positions; windows of their own and ALiBi, which are asked one question at a time."""
    import torch
    from transformers import AutoModelForCausalLM, BloomConfig, GPT2Config, GPTNeoConfig, MistralConfig

    size = {"vocab_size": len(tokenizer), "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    config = {
        "gpt2": lambda: GPT2Config(n_embd=32, n_layer=2, n_head=2, n_positions=256, initializer_range=0.3, **size),
        "gpt_neo": lambda: GPTNeoConfig(
            hidden_size=32, num_layers=2, num_heads=2, attention_types=[[["global", "local"], 1]], window_size=4,
            max_position_embeddings=256, initializer_range=0.3, **size,
        ),
        "mistral": lambda: MistralConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
            sliding_window=4, max_position_embeddings=256, initializer_range=0.3, **size,
        ),
        "bloom": lambda: BloomConfig(hidden_size=32, n_layer=2, n_head=2, initializer_range=0.3, **size),
    }[family]()  # fmt: skip
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_config(config).eval()
    together = write(model, tokenizer, CONTEXTS, max_new_tokens=8)
    assert together == [write(model, tokenizer, [one], max_new_tokens=8)[0] for one in CONTEXTS]
    assert forward.can_branch(model) == (family == "gpt2")


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_broken_weights_are_refused_and_no_answer_is_made_up(llama, tokenizer, broken):
    import torch

    model = llama()
    with torch.no_grad():
        model.model.layers[1].mlp.down_proj.weight[0] = broken
    with pytest.raises(
        BrokenWeights, match=r"while it answers are not finite numbers: the model's weights are broken"
    ) as told:
        write(model, tokenizer, CONTEXTS, max_new_tokens=4)
    assert str(pickle.loads(pickle.dumps(told.value))) == str(told.value), "as another process tells it"


def test_words_that_a_model_rules_out_are_no_broken_weights(model, tokenizer):
    import torch

    free = write(model, tokenizer, CONTEXTS, max_new_tokens=4)
    head = model.get_output_embeddings()
    rule = head.register_forward_hook(
        lambda _, __, out: out.index_fill(-1, torch.tensor([-1 + len(tokenizer)]), -torch.inf)
    )
    try:
        assert write(model, tokenizer, CONTEXTS, max_new_tokens=4) == free
    finally:
        rule.remove()
