"""A sentence-transformers model run without padding, where its encoder is of a known family.

Only the encoder is ours. The library tokenises, once, and its own pooling and whatever follows see texts of one
length at a time, so that nothing needs a mask and every setting of the model holds.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from quality.vectors.encoder import Encoder, Run, cut
from quality.vectors.families import read_encoder
from quality.vectors.texts import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

logger = logging.getLogger(__name__)

# What may follow the encoder: modules that look at tokens and mask alone, or at the vector alone.
KNOWN_MODULES = {"Pooling", "Normalize", "Dense", "LayerNorm", "Dropout"}

# Before the first text, both ways must agree on these. bf16 has two decimal digits, and each way rounds elsewhere.
PROBES = ("", "One sentence of a few words, 漢字 among them.", "A longer text, which is repeated. " * 20)
MOST_APART = {"torch.float32": 1e-5, "torch.bfloat16": 2e-3}

TOKENISED_AT_ONCE = 1024

Tokens = list[npt.NDArray[np.int32]]


class Unpadded:
    """A model whose encoder is run by `Encoder`, and all else by the library.

    Parameters
    ----------
    model
        Its first module's weights are `encoder`'s.
    """

    def __init__(self, model: "SentenceTransformer", encoder: Encoder) -> None:
        self._model = model
        self.encoder = encoder
        self._prompt = model.prompts.get(model.default_prompt_name or "") or None
        self._extra: dict[str, Any] = {}

    def tokenise(self, texts: Sequence[str]) -> Tokens:
        """Turn texts into token ids as the library does: with its prompt, its special tokens and its truncation."""
        plain = {
            "text": {"padding": False, "return_attention_mask": False, "return_token_type_ids": False},
            "common": {"return_tensors": None},
        }
        tokens: Tokens = []
        for start in range(0, len(texts), TOKENISED_AT_ONCE):
            block = list(texts[start : start + TOKENISED_AT_ONCE])
            features = self._model.preprocess(block, prompt=self._prompt, processing_kwargs=plain)
            tokens.extend(np.array(ids, dtype=np.int32) for ids in features["input_ids"])
            self._extra = {key: features[key] for key in ("prompt_length",) if key in features}
        return tokens

    def embed(self, tokens: Tokens) -> Vectors:
        """Embed tokenised texts, those of one length side by side: see `end_to_end`."""
        return end_to_end(self.encoder, self._pooled, tokens)

    def _pooled(self, hidden: Any) -> Any:  # noqa: ANN401
        """Run the library's modules after the encoder on (texts, tokens, dim), each in its own precision."""
        import torch

        mask = torch.ones(hidden.shape[:2], dtype=torch.int64)
        features = {"token_embeddings": hidden, "attention_mask": mask, **self._extra}
        for module in list(self._model)[1:]:
            weight = next(module.parameters(), None)
            if weight is not None:
                features["sentence_embedding"] = features["sentence_embedding"].to(weight.dtype)
            features = module(features)
        return features["sentence_embedding"]


def end_to_end(encoder: Encoder, pooled: "Callable[[Tensor], Tensor]", tokens: Tokens) -> Vectors:
    """Run an encoder over texts laid end to end, and what follows it over those of one length together.

    Parameters
    ----------
    encoder
        The encoder.
    pooled
        Given its output (texts, tokens, dim), returns one vector for each text.
    tokens
        Token ids of each text, sorted by their number.

    Returns
    -------
    np.ndarray
        (n, dim) float32, in the order given.
    """
    import torch

    runs = _runs([len(ids) for ids in tokens])
    with torch.inference_mode():
        hidden = encoder.hidden(torch.from_numpy(np.concatenate(tokens)), runs)
        vectors = [pooled(part.view(*run, -1)) for run, part in cut(hidden, runs)]
        found: Vectors = torch.cat(vectors).float().numpy()
    return found


def unpadded(model: "SentenceTransformer") -> Unpadded | None:
    """Return the model's faster form.

    Parameters
    ----------
    model
        On a CPU, in the precision it is to be used in.

    Returns
    -------
    Unpadded | None
        None where a part of the model is not known here, or where both forms disagree on the probes.
    """
    encoder = _known_encoder(model)
    if encoder is None:
        logger.info("Embedder: %s is run by sentence-transformers itself, padded.", type(model[0]).__name__)
        return None
    faster = Unpadded(model.eval(), encoder)
    try:
        apart = _apart(model, faster)
    except (RuntimeError, TypeError, ValueError, KeyError, IndexError) as error:
        logger.warning("Embedder: the model can't be run without padding (%s); it is run padded.", error)
        return None
    if not apart <= MOST_APART[str(model.dtype)]:  # NaN is no agreement either
        logger.warning("Embedder: without padding a cosine moves by %.1e; the model is run padded.", apart)
        return None
    return faster


def _known_encoder(model: "SentenceTransformer") -> Encoder | None:
    first, *rest = list(model)
    plain = type(first).__name__ == "Transformer" and getattr(first, "module_output_name", "") == "token_embeddings"
    known = all(
        type(module).__name__ in KNOWN_MODULES and type(module).__module__.startswith("sentence_transformers.")
        for module in rest
    )
    if not plain or not known or model.truncate_dim is not None or str(model.dtype) not in MOST_APART:
        return None
    return read_encoder(first.auto_model)


def _apart(model: "SentenceTransformer", faster: Unpadded) -> float:
    """Largest 1 - cosine between both forms of the model, over the probes."""
    ours = faster.embed(sorted(faster.tokenise(PROBES), key=len))
    theirs = model.encode(list(PROBES), show_progress_bar=False, convert_to_tensor=True).float().numpy()
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return float((1 - (ours * theirs).sum(axis=1) / lengths).max())


def _runs(lengths: Sequence[int]) -> list[Run]:
    starts = np.flatnonzero(np.diff(lengths, prepend=-1))
    counts = np.diff(starts, append=len(lengths))
    return [Run(count, lengths[start]) for start, count in zip(starts.tolist(), counts.tolist(), strict=True)]
