"""A tiny random language model and a tokenizer of single bytes, both made on the spot."""

import os

import numpy as np
import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] "
    "+ '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Let whatever draws weights draw the same, whichever tests ran before."""
    import torch

    torch.manual_seed(0)


@pytest.fixture
def tiny():
    """Make the same random llama again and again; grouped-query attention, two layers."""

    def make(**changed):
        import torch
        from transformers import LlamaConfig, LlamaForCausalLM

        sizes = {
            "vocab_size": 300,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 256,
            "initializer_range": 0.2,  # so wide that an adapter of a few steps makes a difference
        }
        with torch.random.fork_rng():
            torch.manual_seed(7)
            return LlamaForCausalLM(LlamaConfig(**sizes | changed)).eval()

    return make


@pytest.fixture
def model(tiny):
    """A model of this tokenizer's; the one that all other tests share would be made for it, too, were it asked for."""
    return tiny()


@pytest.fixture(scope="session")
def tokenizer():
    """One token a byte, and the two that mark turns, so that every token can be read."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={letter: at for at, letter in enumerate(alphabet)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>"
    )
    made.chat_template = TEMPLATE
    return made


@pytest.fixture
def rows():
    """Random examples of 4 to 40 tokens with the second half to learn."""

    def make(n=12, seed=0, shortest=4, longest=40):
        from tasks.training.example import Example

        draw = np.random.default_rng(seed)
        made = []
        for at in range(n):
            length = int(draw.integers(shortest, longest + 1))
            mask = np.arange(length) >= length // 2
            made.append(Example(str(at), draw.integers(0, 300, length), mask))
        return made

    return make


@pytest.fixture
def weights():
    """Copy a wrapped model's trainable weights."""

    def read(model):
        return {name: w.detach().clone() for name, w in model.named_parameters() if "lora_" in name}

    return read
