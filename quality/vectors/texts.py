"""What may be embedded, and the types embedding speaks in."""

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]


class Encoder(Protocol):
    """Who embeds texts: `quality.embedding.Embedder`, or another that is known by a digest."""

    @property
    def digest(self) -> str:
        """What its vectors are kept by: two of one digest embed alike."""

    @property
    def dim(self) -> int:
        """The number of components of a vector."""

    def encode(self, texts: pl.Series, progress: Progress | None = None) -> Vectors:
        """Embed texts: (n, dim) float32, rows of length 1, or 0 where a static model knows no token."""


class EmbeddingTextError(ValueError):
    """The texts to embed hold something that is not a text, or one the model answers with NaN."""


def as_text_series(texts: Iterable[str] | pl.Series) -> pl.Series:
    """Texts as a polars series without nulls, a generator's read once; the error says which position is not a text."""
    if isinstance(texts, str):
        raise EmbeddingTextError("encode() takes a list of texts, and was given one text: wrap it in a list.")
    if not isinstance(texts, Iterable):
        raise EmbeddingTextError(f"encode() takes texts, such as a list of strings, and was given {texts!r:.60}.")
    if not isinstance(texts, pl.Series):
        texts = list(texts)
        wrong = next((i for i, text in enumerate(texts) if not isinstance(text, str | None)), None)
        if wrong is not None:
            raise EmbeddingTextError(f"Text {wrong} to embed is {type(texts[wrong]).__name__}, not a string.")
        texts = pl.Series("text", texts, dtype=pl.String)
    if texts.dtype not in (pl.String, pl.Null):
        raise EmbeddingTextError(f"The texts to embed are a column of {texts.dtype}, not of strings.")
    if texts.null_count():
        first = texts.is_null().arg_max()
        raise EmbeddingTextError(f"Text {first} to embed is null; {texts.null_count()} of {len(texts)} are.")
    return texts.cast(pl.String).alias("text")
