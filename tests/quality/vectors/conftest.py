"""Tiny embedding models of any family, made from their configurations: random, and drawn wide."""

from pathlib import Path

import pytest

TEXTS = [
    "the cat sat on the mat",
    "",
    "a dog",
    "who <pad> is not what",  # a padding token that a user wrote
    "a cat and a dog ran under the red tree",
    "very " * 90,  # longer than the window
    "the dog sat on a blue mat and was not very red",
    "a cat and a dog ran under the blue tree",
    "unheard of",
]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
WORDS = sorted({word for text in TEXTS for word in text.split()} - {*SPECIAL, "unheard"})

COMMON = {"vocab_size": len(WORDS) + 4, "pad_token_id": 1, "initializer_range": 0.3, "max_position_embeddings": 40}


def _tokenizer(folder: Path) -> None:
    """A tokenizer of whole words, saved where a model will lie."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: i for i, word in enumerate(SPECIAL + WORDS)}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=words,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=36,
    )
    fast.save_pretrained(str(folder))


def _tiny(folder: Path, family: tuple[str, dict], after: list, **settings: object) -> Path:
    """Save a random model of a family, followed by modules, as sentence-transformers would."""
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Transformer

    torch.manual_seed(0)
    config = getattr(transformers, family[0])(**COMMON | family[1])
    encoder = transformers.AutoModel.from_config(config)
    for name, weight in encoder.named_parameters():
        if "norm" in name.lower() or "bias" in name.rsplit(".", 1)[-1]:  # as made they are ones and zeros
            weight.data += torch.randn_like(weight) * 0.2
    encoder.save_pretrained(str(folder / "encoder"))
    _tokenizer(folder / "encoder")
    model = SentenceTransformer(modules=[Transformer(str(folder / "encoder")), *after], device="cpu", **settings)
    model.save(str(folder / "model"), create_model_card=False)
    return folder / "model"


def _pooling(mode: object = "mean", dim: int = 32, **settings: object) -> object:
    from sentence_transformers.sentence_transformer.modules import Pooling

    return Pooling(dim, mode, **settings)


@pytest.fixture(name="texts")
def _texts() -> list[str]:
    return list(TEXTS)


@pytest.fixture
def tiny():
    """Save a tiny model: given a folder, a family and the modules that follow the encoder."""
    return _tiny


@pytest.fixture
def pooling():
    """Make a module that pools."""
    return _pooling
