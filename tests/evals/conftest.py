"""A tokenizer trained here, a random two-layer llama, and the slow, plain way to score with them."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

CORPUS = [
    "The quick brown fox jumps over the lazy dog. Where does the fox live? In the forest, near the river.",
    "A buffer overflow happens when a program writes past the end of a buffer; check the length first.",
    "def add(a, b):\n    return a + b\n\nQuestion: what is two plus two?\nAnswer: four, of course.",
    "L'été, à la plage: déjà vu. Größe, Straße, naïve. 漢字と仮名 🙂 привет мир",
] * 20

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

CHATML = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nBe kind.<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE, ChatML template with a default system prompt, no special tokens added to plain text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=["<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(CORPUS, trainer)
    made = PreTrainedTokenizerFast(
        tokenizer_object=raw, bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>"
    )
    made.chat_template = CHATML
    return made


@pytest.fixture(scope="session")
def llama(tokenizer: PreTrainedTokenizerFast) -> Callable[..., LlamaForCausalLM]:
    """A maker of fresh models, all with the same weights; `context` tokens long."""

    def make(context: int = 256) -> LlamaForCausalLM:
        import torch
        from transformers import LlamaConfig, LlamaForCausalLM

        torch.manual_seed(7)
        config = LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=context,
            # Wide weights: a default random model is so flat that wrong positions or masks hardly show.
            initializer_range=0.3,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
        return LlamaForCausalLM(config).eval()

    return make


@pytest.fixture(scope="session")
def model(llama: Callable[..., LlamaForCausalLM]) -> LlamaForCausalLM:
    return llama()


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


@pytest.fixture(scope="session")
def oracle() -> SimpleNamespace:
    """What scores should be, computed the slow way, and random tasks to compare on."""
    return SimpleNamespace(
        reference=reference, lm_eval_pair=lm_eval_pair, expected=expected, words=words, task=task, close=close
    )
