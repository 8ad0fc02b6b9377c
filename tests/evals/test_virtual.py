"""Virtual tokens take places before all that a model reads, and stand there once while it writes."""

from types import SimpleNamespace

import pytest

from evals.answering import write
from evals.encoding import context_limit
from evals.likelihood import score_choices, score_texts
from evals.virtual import virtual_tokens

CONTEXT, VIRTUAL = 64, 8
LONG = " ".join(["The quick brown fox jumps over the lazy dog."] * 20)
CONTEXTS = ["The quick", "def add(a, b):\n    ret", "", "Where does the fox live? In the", LONG]


def _gpt2(**size):
    from transformers import GPT2Config

    return GPT2Config(n_embd=32, n_layer=2, n_head=2, n_positions=CONTEXT, initializer_range=0.3, **size)


def _grouped(kind: str, **size):
    from transformers import AutoConfig

    return AutoConfig.for_model(
        kind, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
        max_position_embeddings=CONTEXT, initializer_range=0.3, **size,
    )  # fmt: skip


@pytest.fixture
def prompted(tokenizer):
    """A maker of a model of a family with virtual tokens of a kind before it, far from what real ones are."""

    def make(family: str, kind: str):
        import torch
        from peft import CPTConfig, PrefixTuningConfig, PromptEncoderConfig, PromptTuningConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        size = {"vocab_size": len(tokenizer), "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
        more = {"sliding_window": 12} if family == "mistral" else {}
        torch.manual_seed(3)
        base = AutoModelForCausalLM.from_config(
            _gpt2(**size) if family == "gpt2" else _grouped(family, **more, **size), attn_implementation="sdpa"
        ).eval()
        said = {"task_type": "CAUSAL_LM", "num_virtual_tokens": VIRTUAL}
        words = {"task_type": "CAUSAL_LM", "cpt_token_ids": list(range(20, 20 + VIRTUAL))}
        config = {
            "prompt": lambda: PromptTuningConfig(**said),
            "prefix": lambda: PrefixTuningConfig(**said),
            "p-tuning": lambda: PromptEncoderConfig(**said, encoder_hidden_size=16),
            "cpt": lambda: CPTConfig(**words, cpt_mask=[1] * VIRTUAL, cpt_tokens_type_mask=[1] * VIRTUAL),
        }[kind]()
        return get_peft_model(base, config).eval()

    return make


@pytest.fixture
def plainly(tokenizer):
    """What a model with virtual tokens says and scores where it reads everything anew for each token."""
    import torch

    def ahead(model, ids: list[int]):
        with torch.no_grad():
            read = {"input_ids": torch.tensor([ids]), "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}
            return model(**read, use_cache=False).logits[0, -1].float().log_softmax(-1)

    def encoded(text: str) -> list[int]:
        return tokenizer(text, add_special_tokens=False)["input_ids"] or [tokenizer.bos_token_id]

    def answer(model, context: str, most: int) -> str:
        ids, said = encoded(context)[-(CONTEXT - VIRTUAL - most) :], []
        for _ in range(most):
            token = int(ahead(model, ids + said).argmax())
            if token == tokenizer.eos_token_id:
                break
            said.append(token)
        return tokenizer.decode(said, skip_special_tokens=True).strip()

    def likelihood(model, context: str, option: str) -> float:
        after = encoded(option)
        ids = encoded(context)[-(CONTEXT - VIRTUAL + 1 - len(after)) :]
        return sum(float(ahead(model, ids + after[:at])[token]) for at, token in enumerate(after))

    return SimpleNamespace(answer=answer, likelihood=likelihood)


@pytest.mark.parametrize("kind", ["prompt", "prefix", "p-tuning", "cpt"])
@pytest.mark.parametrize("family", ["gpt2", "llama", "qwen2", "mistral"])
def test_what_is_written_behind_virtual_tokens_is_what_the_model_says_token_by_token(
    prompted, plainly, tokenizer, family, kind
):
    model = prompted(family, kind)
    written = write(model, tokenizer, CONTEXTS, max_new_tokens=10)
    assert written == [plainly.answer(model, one, 10) for one in CONTEXTS]
    assert written[:1] == write(model, tokenizer, CONTEXTS[:1], max_new_tokens=10)
    assert len(set(written)) == len(CONTEXTS)


@pytest.mark.parametrize("kind", ["prompt", "prefix", "p-tuning", "cpt"])
def test_what_is_as_long_as_the_model_reads_makes_room_for_virtual_tokens(prompted, plainly, tokenizer, kind):
    model = prompted("gpt2", kind)
    assert context_limit(model, tokenizer) == CONTEXT - VIRTUAL
    found = score_choices(model, tokenizer, [LONG, "The quick"], [[" fox", " lazy dog"], [" brown"]])
    wanted = [plainly.likelihood(model, LONG, " fox"), plainly.likelihood(model, LONG, " lazy dog")]
    assert found[0] == pytest.approx(wanted, abs=2e-4)
    assert found[1] == pytest.approx([plainly.likelihood(model, "The quick", " brown")], abs=2e-4)
    assert score_texts(model, tokenizer, [LONG])[0] < 0


def test_a_base_whose_virtual_tokens_are_switched_off_reads_and_writes_as_ever(prompted, tokenizer):
    model = prompted("gpt2", "prompt")
    base = model.get_base_model()
    with model.disable_adapter():
        assert virtual_tokens(model) == 0
        assert context_limit(model, tokenizer) == CONTEXT
        said = write(model, tokenizer, CONTEXTS, max_new_tokens=6)
    assert (
        said
        == write(base, tokenizer, CONTEXTS, max_new_tokens=6)
        != write(model, tokenizer, CONTEXTS, max_new_tokens=6)
    )


@pytest.mark.parametrize(("family", "kind"), [("gpt2", "prompt"), ("llama", "prefix"), ("mistral", "prompt")])
def test_a_guest_reads_and_writes_behind_virtual_tokens_too(prompted, plainly, tokenizer, family, kind):
    pytest.importorskip("lm_eval", reason="the extra lm-eval is not installed")
    from lm_eval.api.instance import Instance

    from evals.guest_model import guest_model
    from evals.guest_tasks import quiet

    def asked(what: str, arguments: list[tuple]) -> list[Instance]:
        return [
            Instance(request_type=what, doc={}, arguments=one, idx=0, metadata=("one", at, 1))
            for at, one in enumerate(arguments)
        ]

    model, contexts = prompted(family, kind), [one for one in CONTEXTS if one]
    with quiet():
        lm = guest_model(model, tokenizer)
        said = lm.generate_until(asked("generate_until", [(one, {"max_gen_toks": 9}) for one in contexts]), True)
        beams = lm.generate_until(asked("generate_until", [(contexts[0], {"max_gen_toks": 9, "num_beams": 2})]), True)
        rolled = lm.loglikelihood_rolling(asked("loglikelihood_rolling", [(LONG,)]), True)
    assert [one.strip() for one in said] == [plainly.answer(model, one, 9) for one in contexts]
    assert beams[0]
    assert rolled[0] == pytest.approx(score_texts(model, tokenizer, [LONG])[0], abs=2e-3)
