"""Texts to shingles: hashes of word n-grams, in one flat array for the whole pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import polars_hash as plh

from quality.normalise import fold, normalise
from quality.ragged import offsets_of, ranges, runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

WORD = r"\w+"

# Texts are tokenised in batches of about this many bytes, so that memory follows the batch, not the pool.
_BATCH_BYTES = 8 << 20
# An odd 64-bit number (the golden ratio): its powers weigh the words of an n-gram by their place in it.
_PLACE = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Shingles:
    """The word n-grams of many texts, as 64-bit hashes.

    Attributes
    ----------
    values : (n_shingles,) uint64
        All shingles, text after text, in reading order, repeats included.
    offsets : (n_texts + 1,) int64
        The shingles of text `i` are `values[offsets[i]:offsets[i + 1]]`; there is at least one.
    rows : (n_texts,) int64
        Position of each text in the series it came from, ascending.
    """

    values: NDArray[np.uint64]
    offsets: NDArray[np.int64]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.rows)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Shingles per text, repeats included: (n_texts,) int64."""
        return np.diff(self.offsets)

    def take(self, texts: NDArray[np.int64]) -> Shingles:
        """Copy some texts, given by their places in this object (not by row)."""
        lengths = self.lengths[texts]
        values = self.values[ranges(self.offsets[texts], lengths)]
        return Shingles(values, offsets_of(lengths), self.rows[texts])


def shingle(texts: pl.Series, words: int) -> tuple[Shingles, pl.DataFrame]:
    r"""Cut texts into n-grams of case-folded words (`\w+`).

    Parameters
    ----------
    texts : pl.Series of String
        Null texts are left out.
    words : int
        Words per shingle (n).

    Returns
    -------
    shingles : Shingles
        Texts of at least `words` words. Shorter ones have no n-gram and are not in it.
    digests : pl.DataFrame
        `row: UInt32, digest: UInt64` of every text that is not null. Equal digests mean equal shingles:
        the same n-grams equally often, or, below `words` words, the same normalised text. (64 bits: two
        different texts among a million share one with probability 3e-8.)
    """
    parts: list[Shingles] = []
    digests: list[pl.DataFrame] = [_digests(np.empty(0, np.int64), np.empty(0, np.uint64))]
    for start, batch in batches(texts):
        part, short = _shingle_batch(batch, start, words)
        parts.append(part)
        sums = np.add.reduceat(part.values, part.offsets[:-1]) if len(part) else part.values
        digests += [_digests(part.rows, sums), short]
    return _concatenate(parts), pl.concat(digests).sort("row")


def batches(texts: pl.Series) -> Iterator[tuple[int, pl.Series]]:
    """Cut a series into runs of about 8 MB, each with the position of its first text."""
    # Sixteen bytes besides, as Polars spends on a string: a batch of empty texts has an end, too.
    sizes = texts.str.len_bytes().fill_null(0).to_numpy().astype(np.int64) + 16
    for start, end in runs(sizes, _BATCH_BYTES):
        yield start, texts[start:end]


def word_hashes(folded: pl.Series) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    r"""Hash the words (`\w+`) of texts with XXH3, which is the same on every platform and version.

    Returns
    -------
    hashes : (n_words,) uint64
        Text after text.
    counts : (n_texts,) int64
        Words per text; 0 for null.
    """
    lists = folded.str.extract_all(WORD)
    counts = lists.list.len().fill_null(0).to_numpy().astype(np.int64)
    flat = lists.explode(empty_as_null=False, keep_nulls=False)
    return stable_hash(flat), counts


def stable_hash(texts: pl.Series) -> NDArray[np.uint64]:
    """Hash strings with XXH3, 64 bits: (n,) uint64."""
    hashed = texts.to_frame("text").select(plh.col("text").nchash.xxh3_64())
    return hashed.to_series().to_numpy()


def ngrams(
    hashes: NDArray[np.uint64], counts: NDArray[np.int64], words: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash each run of `words` words that stays inside one text.

    Returns
    -------
    values : (n_ngrams,) uint64
        Text after text, in reading order.
    lengths : (n_texts,) int64
        N-grams per text; 0 for a text shorter than `words`.
    """
    starts = np.cumsum(counts) - counts
    lengths = np.maximum(counts - words + 1, 0)
    windows = max(len(hashes) - words + 1, 0)
    sums = np.zeros(windows, np.uint64)
    weight = 1
    for place in range(words):
        sums += hashes[place : place + windows] * np.uint64(weight)
        weight = weight * _PLACE & _MASK
    return mix(sums)[ranges(starts, lengths)], lengths


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every bit over all 64 (the finaliser of MurmurHash3); one-to-one, in place."""
    shift = np.uint64(33)
    values ^= values >> shift
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> shift
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> shift
    return values


def _shingle_batch(texts: pl.Series, start: int, words: int) -> tuple[Shingles, pl.DataFrame]:
    frame = texts.to_frame("text").with_row_index("row", offset=start)
    hashes, counts = word_hashes(frame.select(fold(pl.col("text"))).to_series())
    values, lengths = ngrams(hashes, counts, words)
    long = lengths > 0
    rows = np.flatnonzero(long) + start
    short = frame.filter(pl.Series(~long) & pl.col("text").is_not_null())
    whole = stable_hash(short.select(normalise(pl.col("text"))).to_series())
    return Shingles(values, offsets_of(lengths[long]), rows), _digests(short["row"].to_numpy(), whole)


def _digests(rows: NDArray[np.int64], digests: NDArray[np.uint64]) -> pl.DataFrame:
    return pl.DataFrame({"row": rows.astype(np.uint32), "digest": digests})


def _concatenate(parts: list[Shingles]) -> Shingles:
    if not parts:
        return Shingles(np.empty(0, np.uint64), np.zeros(1, np.int64), np.empty(0, np.int64))
    values = np.concatenate([part.values for part in parts])
    rows = np.concatenate([part.rows for part in parts])
    return Shingles(values, offsets_of(np.concatenate([part.lengths for part in parts])), rows)
