"""An embedding model kept as it is run, for processes that have few new texts to embed.

Loading sentence-transformers and transformers takes longer than embedding some hundred texts. What they make of a
model's files is kept after the first load: the encoder's weights in the precision they are run in, and the tokenizer
with all that was set on it. It is kept only where it gives the same tokens and, bit for bit, the same vectors.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quality.lsh.basis import basis, named_by
from quality.lsh.kept_state import KeptState
from quality.vectors.encoder import Affine, Encoder, Layer, Norm
from quality.vectors.texts import Vectors
from quality.vectors.unpadded import PROBES, TOKENISED_AT_ONCE, Tokens, Unpadded, end_to_end

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from torch import Tensor

    from quality.lsh.index_files import Arrays

logger = logging.getLogger(__name__)

# Larger models take longer to read than their library takes to load, and a copy of them takes room.
MOST_BYTES = 256 << 20
# Of the texts at hand so many are embedded both ways before a model is kept.
_TRIED = 16
_ODD = (
    "  \n\tBlanks\u00a0around, and CAPITALS with m\u00e1rks\u200b \n",
    "[CLS] [PAD] [MASK] <s> </s>",
    "\x00\x01 \u200b\u202e",
)
_AFFINE, _NORMS = ("qkv", "out", "up", "down"), ("attention_norm", "norm")
_BASIS = ("lsh.index_files", "vectors.bare", "vectors.encoder", "vectors.families", "vectors.unpadded")
_PACKAGES = ("numpy", "sentence-transformers", "tokenizers", "torch", "transformers")


class Bare:
    """A model run by `Encoder` alone: no module of its library is loaded.

    Parameters
    ----------
    encoder
        Its weights.
    tokenizer
        Set to truncate to the window.
    window
        Tokens that the model sees of a text.
    normed
        Whether the model makes its vectors one long.
    """

    def __init__(self, encoder: Encoder, tokenizer: "Tokenizer", window: int, *, normed: bool) -> None:
        self.encoder, self.window, self.dim = encoder, window, int(encoder.words.shape[1])
        self._tokenizer, self._normed = tokenizer, normed

    def tokenise(self, texts: Sequence[str]) -> Tokens:
        """Turn texts into token ids."""
        tokens: Tokens = []
        for start in range(0, len(texts), TOKENISED_AT_ONCE):
            block = self._tokenizer.encode_batch(list(texts[start : start + TOKENISED_AT_ONCE]))
            tokens.extend(np.array(one.ids, dtype=np.int32) for one in block)
        return tokens

    def embed(self, tokens: Tokens) -> Vectors:
        """Embed tokenised texts, as `Unpadded.embed`."""
        return end_to_end(self.encoder, self._pooled, tokens)

    def _pooled(self, hidden: "Tensor") -> "Tensor":
        """Return the mean of all tokens, by the library's own operations."""
        import torch
        from torch.nn.functional import normalize

        mask = torch.ones(hidden.shape[:2], dtype=torch.int64).unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(dim=1) / torch.clamp(mask.sum(dim=1), min=1e-9)
        return normalize(mean, p=2, dim=-1) if self._normed else mean


def state_of(folder: Path, digest: str, dtype: str) -> KeptState:
    """Tell where a model is kept: by its digest and precision, and by the code that runs it.

    Parameters
    ----------
    folder
        Of all models that are kept.
    digest
        The model's, see `quality.vectors.model.model_digest`.
    dtype
        Of its weights, as torch calls it.
    """
    return KeptState(folder / named_by(digest, dtype, basis=basis(_BASIS, _PACKAGES)))


def read_bare(state: KeptState) -> Bare | None:
    """Read a model that was kept; None where there is none, or an accelerator runs models faster than this."""
    import torch

    return None if torch.accelerator.is_available() else state.load(_read)


def keep_bare(state: KeptState, model: "SentenceTransformer", faster: Unpadded, texts: Sequence[str]) -> bool:
    """Keep a model, if it gives the same vectors without its library; tell whether it was kept.

    Parameters
    ----------
    state
        Where.
    model, faster
        The model, and its form without padding.
    texts
        Some to try.
    """
    kept = _settings(model, faster.encoder)
    if kept is None:
        return False
    arrays = {name: _plain(tensor) for name, tensor in _tensors(faster.encoder).items()}
    if sum(array.nbytes for array in arrays.values()) > MOST_BYTES:
        return False
    if not _alike(_read(arrays, kept), faster, [*PROBES, *_ODD, *texts[:_TRIED]]):
        logger.info("Embedder: the model gives other vectors without its library, which is loaded each time.")
        return False
    state.keep(arrays, kept)
    return True


def _alike(bare: Bare, faster: Unpadded, texts: list[str]) -> bool:
    ours, theirs = sorted(bare.tokenise(texts), key=len), sorted(faster.tokenise(texts), key=len)
    same = all(np.array_equal(one, other) for one, other in zip(ours, theirs, strict=True))
    return same and bare.embed(ours).tobytes() == faster.embed(theirs).tobytes()


def _settings(model: "SentenceTransformer", encoder: Encoder) -> dict[str, Any] | None:
    """Gather what is not a weight; None where a part of the model is not known here."""
    first, *rest = list(model)
    tokenizer = getattr(getattr(first, "tokenizer", None), "backend_tokenizer", None)
    pools = [getattr(module, "pooling_mode", None) for module in rest[:1]] in (["mean"], [("mean",)], [["mean"]])
    normed = [type(module).__name__ for module in rest[1:]]
    plain = encoder.bias is None and encoder.activation is None
    known = plain and pools and normed in ([], ["Normalize"])
    if not known or tokenizer is None or model.default_prompt_name or not model.max_seq_length:
        return None
    copy = type(tokenizer).from_str(tokenizer.to_str())
    copy.no_padding()
    copy.enable_truncation(model.max_seq_length)
    return {
        "tokenizer": copy.to_str(),
        "window": model.max_seq_length,
        "normed": bool(normed),
        "heads": encoder.heads,
        "padding": encoder.padding,
        "eps": [encoder.norm.eps, *(getattr(layer, name).eps for layer in encoder.layers for name in _NORMS)],
    }


def _tensors(encoder: Encoder) -> "dict[str, Tensor]":
    tensors = {"words": encoder.words, "positions": encoder.positions}
    parts = {"norm": encoder.norm} | {
        f"{at}.{name}": getattr(layer, name) for at, layer in enumerate(encoder.layers) for name in (*_AFFINE, *_NORMS)
    }
    for name, part in parts.items():
        tensors |= {f"{name}.weight": part.weight, f"{name}.bias": part.bias}
    return tensors


def _plain(tensor: "Tensor") -> Any:  # noqa: ANN401
    """Return a tensor as numbers that numpy knows: bf16 as its bytes."""
    import torch

    whole = tensor.detach().contiguous()
    return (whole.view(torch.uint8) if whole.dtype == torch.bfloat16 else whole).numpy()


def _read(arrays: "Arrays", kept: dict[str, Any]) -> Bare:
    import torch
    from tokenizers import Tokenizer

    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    tensors = {name: one.view(torch.bfloat16) if one.dtype == torch.uint8 else one for name, one in tensors.items()}
    eps = iter(kept["eps"])

    def affine(name: str) -> Affine:
        return Affine(tensors[f"{name}.weight"], tensors[f"{name}.bias"])

    def norm(name: str) -> Norm:
        return Norm(tensors[f"{name}.weight"], tensors[f"{name}.bias"], next(eps))

    first = norm("norm")
    layers = tuple(
        Layer(
            attention_norm=norm(f"{at}.attention_norm"),
            norm=norm(f"{at}.norm"),
            qkv=affine(f"{at}.qkv"),
            out=affine(f"{at}.out"),
            up=affine(f"{at}.up"),
            down=affine(f"{at}.down"),
        )
        for at in range((len(kept["eps"]) - 1) // len(_NORMS))
    )
    encoder = Encoder(tensors["words"], tensors["positions"], first, layers, kept["heads"], kept["padding"])
    return Bare(encoder, Tokenizer.from_str(kept["tokenizer"]), kept["window"], normed=kept["normed"])
