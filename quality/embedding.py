"""Texts to unit vectors: any sentence-transformers model, with no padding or little of it.

The library sorts by character count and pads each batch to its longest member: 46% of its default's work on mixed
texts. On a CPU, encoders of BERT's kin are run without padding (`quality.vectors.unpadded`); for any other model, and
in bf16 where a processor emulates it, sorting by *token* count after truncation, in batches of 8, leaves 3%. A static
model, which only looks tokens up, pads nothing: its texts go by the thousand.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from quality.lsh.kept_state import KeptState
from quality.memory import give_back
from quality.vectors.bare import Bare, keep_bare, read_bare, state_of
from quality.vectors.cache import EmbeddingCache
from quality.vectors.model import (
    EmbeddingModelError,
    Precision,
    dtype_of,
    emulates,
    find_model,
    is_static,
    load_model,
    model_digest,
    names_a_folder,
    settled,
    window_of,
)
from quality.vectors.texts import EmbeddingTextError, Progress, Vectors, as_text_series
from quality.vectors.unpadded import Unpadded, unpadded

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["Embedder", "EmbeddingCache", "EmbeddingModelError", "EmbeddingTextError"]

# A text is cut at this many characters per token of the model's window before it is tokenised: only a row of
# megabytes is touched, and what is cut would not have been seen by the model.
MAX_CHARS_PER_TOKEN = 256

# Texts in a batch of a model that looks its tokens up: there is nothing to pad, and each call costs more than a text.
STATIC_BATCH = 1024

# Tokens in a batch without padding: enough for a product to run at full speed, few enough for the caches.
TOKENS_PER_BATCH = 2048

Batch = npt.NDArray[np.intp]


class Embedder:
    """A sentence-transformers model that is loaded when the first text is embedded.

    Parameters
    ----------
    model
        A folder, `package:NAME[/FOLDER]` (found, never imported), or a hub id (`all-MiniLM-L6-v2`,
        `org/name`). Weights are read from safetensors only, and no code of the model's repository is run.
    batch_size
        Texts per batch. Default: as many as make 2,048 tokens; where the model must be padded, 8 on a CPU and 128 on
        a GPU; 1,024 where it only looks tokens up.
    threads
        Batches embedded side by side on a CPU. Default: torch's number of threads.
    precision
        `fp32`, `bf16`, or `auto`: the faster of the two on this machine. bf16 moves a cosine by up to 1e-4.
    kept
        A folder where the model is kept as it is run, see `quality.vectors.bare`: the next process loads it without
        its library, which takes seconds, and with the precision that was chosen first. Default: nothing is kept.

    Raises
    ------
    EmbeddingModelError
        The folder does not exist or holds no safetensors. (Hub ids are looked up at first use.)
    """

    def __init__(
        self,
        model: str | Path,
        *,
        batch_size: int | None = None,
        threads: int | None = None,
        precision: Precision = "auto",
        kept: Path | None = None,
    ) -> None:
        self.model = str(model)
        self.batch_size = batch_size
        self.threads = threads
        self.precision: Precision = precision
        self.kept = kept
        self._tried = False
        if names_a_folder(self.model):
            find_model(self.model)

    @cached_property
    def folder(self) -> Path:
        """The model's folder on this machine."""
        return find_model(self.model)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the model's weights and configuration: two models of one digest embed alike."""
        return model_digest(self.folder)

    @property
    def dim(self) -> int:
        """The number of components of a vector."""
        return self._bare.dim if self._bare else int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Iterable[str] | pl.Series, progress: Progress | None = None) -> Vectors:
        """Embed texts, each distinct one once.

        Parameters
        ----------
        texts
            Strings, of a generator too; no nulls. An empty text is a text.
        progress
            Called with (distinct texts done, distinct texts in all) after each batch.

        Returns
        -------
        np.ndarray
            (n, dim) float32, in the order of `texts`: rows of length 1, or 0 where a static model knows no token.

        Raises
        ------
        EmbeddingTextError
            A text is null or not a string, or its vector is not finite.
        """
        column = as_text_series(texts)
        if column.is_empty():
            return np.zeros((0, self.dim), dtype=np.float32)
        distinct = column.unique(maintain_order=True)
        position = pl.DataFrame({"text": distinct, "at": np.arange(len(distinct), dtype=np.uint32)})
        at = column.to_frame("text").join(position, on="text", how="left", maintain_order="left")["at"]
        vectors: Vectors = self._encode_distinct(distinct.to_list(), progress)[at.to_numpy()]
        return vectors

    def _encode_distinct(self, texts: list[str], progress: Progress | None) -> Vectors:
        import torch

        longest = (self._bare.window if self._bare else window_of(self._model)) * MAX_CHARS_PER_TOKEN
        texts = [text[:longest] for text in texts]
        faster = self._bare or self._unpadded
        embed, batches = self._without_padding(texts, faster) if faster else self._padded(texts)
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)

        def fill(batch: Batch) -> int:
            vectors[batch] = embed(batch)
            return len(batch)

        on_cpu = self._bare or self._model.device.type == "cpu"
        workers = (self.threads or torch.get_num_threads()) if on_cpu else 1
        done = 0
        for count in _in_threads(fill, batches, workers):
            done += count
            if progress is not None:
                progress(done, len(texts))
        self._keep(texts)
        give_back()
        return _unit(vectors, texts)

    def _keep(self, texts: list[str]) -> None:
        """Keep the model for the next process, once."""
        if self._state and not self._tried and not self._bare and self._unpadded:
            keep_bare(self._state, self._model, self._unpadded, texts)
        self._tried = True

    def _without_padding(
        self, texts: list[str], faster: Bare | Unpadded
    ) -> tuple[Callable[[Batch], Vectors], list[Batch]]:
        """How to embed a batch, and the batches: as many texts as make some thousand tokens."""
        tokens = faster.tokenise(texts)
        counts = np.array([len(ids) for ids in tokens], dtype=np.int64)
        batches = _by_tokens(np.argsort(-counts, kind="stable"), counts, self.batch_size or len(texts))
        return lambda batch: faster.embed([tokens[i] for i in batch]), batches

    def _padded(self, texts: list[str]) -> tuple[Callable[[Batch], Vectors], list[Batch]]:
        """How to embed a batch, and the batches: so many texts each, of about one length."""
        model = self._model
        order = np.argsort(-_token_counts(model, texts), kind="stable")
        size = self.batch_size or (STATIC_BATCH if is_static(model) else 8 if model.device.type == "cpu" else 128)

        def embed(batch: Batch) -> Vectors:
            rows = [texts[i] for i in batch]
            encoded = model.encode(rows, batch_size=size, show_progress_bar=False, convert_to_tensor=True)
            found: Vectors = encoded.float().cpu().numpy()
            return found

        return embed, [order[start : start + size] for start in range(0, len(order), size)]

    @cached_property
    def _settled(self) -> Precision:
        return settled(self.precision, self.kept)

    @cached_property
    def _state(self) -> KeptState | None:
        return None if self.kept is None else state_of(self.kept, self.digest, dtype_of(self._settled))

    @cached_property
    def _bare(self) -> Bare | None:
        return read_bare(self._state) if self._state else None

    @cached_property
    def _unpadded(self) -> Unpadded | None:
        plain = self._model.device.type == "cpu" and not emulates(self._model)
        return unpadded(self._model) if plain else None

    @cached_property
    def _model(self) -> "SentenceTransformer":
        return load_model(self.folder, self._settled)


def _by_tokens(order: Batch, counts: npt.NDArray[np.int64], most: int) -> list[Batch]:
    """Cut an order of texts into batches of `TOKENS_PER_BATCH` tokens and `most` texts at the most."""
    batches, start, tokens = [], 0, 0
    for at, count in enumerate(counts[order].tolist()):
        if at > start and (tokens + count > TOKENS_PER_BATCH or at - start == most):
            batches.append(order[start:at])
            start, tokens = at, 0
        tokens += count
    return [*batches, order[start:]]


def _token_counts(model: "SentenceTransformer", texts: list[str]) -> npt.NDArray[np.int64]:
    """Tokens per text after truncation, or characters where the tokenizer is not a transformers one."""
    from transformers import PreTrainedTokenizerBase

    tokenizer: Any = getattr(model, "tokenizer", None)
    if not isinstance(tokenizer, PreTrainedTokenizerBase):
        return np.array([len(text) for text in texts], dtype=np.int64)
    counts: list[int] = []
    for start in range(0, len(texts), 1024):
        block = tokenizer(texts[start : start + 1024], truncation=True, max_length=model.max_seq_length)
        counts.extend(map(len, block["input_ids"]))
    return np.array(counts, dtype=np.int64)


def _unit(vectors: Vectors, texts: list[str]) -> Vectors:
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        first = texts[int(np.argmin(finite))][:60]
        raise EmbeddingTextError(
            f"The embedding model answered {int((~finite).sum())} of {len(texts)} texts with NaN or "
            f"infinity; the first begins {first!r}. The model's weights are probably damaged."
        )
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors / np.maximum(norms, np.finfo(np.float32).tiny)
    return unit


def _in_threads(work: Callable[[Batch], int], batches: list[Batch], workers: int) -> Iterator[int]:
    """Do whole batches side by side, each on one torch thread, and yield their sizes in order.

    A small batch split over threads spends its time in waiting at barriers. The first batch is done alone: it
    sets the tokenizer's padding, which must not change under another thread.
    """
    import torch

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        yield work(batches[0])
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield from pool.map(work, batches[1:])
    finally:
        torch.set_num_threads(before)
