"""Texts to shingles: hashes of word n-grams, in one flat array for the whole pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import polars_hash as plh

from quality.lsh import kernel_numpy
from quality.side_by_side import side_by_side
from quality.texts.normalise import normalised
from quality.texts.ragged import ranges, runs
from quality.texts.unspaced import joined
from quality.texts.words import word_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from quality.lsh.kernels import Kernel

# Texts are tokenised in batches of about this many bytes, so that memory follows the batch, not the pool.
_BATCH_BYTES = 8 << 20
# An odd 64-bit number (the golden ratio): its powers weigh the words of an n-gram by their place in it.
_PLACE = 0x9E3779B97F4A7C15
# Windows hashed at a time: they stay in a core's cache.
_BLOCK_WINDOWS = 1 << 15
_NO_DIGESTS = pl.DataFrame(schema={"row": pl.UInt32(), "digest": pl.UInt64()})


@dataclass(frozen=True, slots=True)
class Shingles:
    """The word n-grams of many texts, as 64-bit hashes.

    Attributes
    ----------
    values : (n_shingles,) uint64
        Shingles in reading order, repeats included; of these texts, and perhaps of others.
    starts, lengths : (n_texts,) int64
        The shingles of text `i` are `values[starts[i]:starts[i] + lengths[i]]`; there is at least one.
    rows : (n_texts,) int64
        Position of each text in the series it came from, ascending.
    """

    values: NDArray[np.uint64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.rows)

    def take(self, texts: NDArray[np.int64]) -> Shingles:
        """Choose some texts, given by their places in this object (not by row). Their shingles aren't copied."""
        return Shingles(self.values, self.starts[texts], self.lengths[texts], self.rows[texts])

    @classmethod
    def none(cls) -> Shingles:
        """Begin with no text."""
        nothing = np.empty(0, np.int64)
        return cls(nothing.astype(np.uint64), nothing, nothing, nothing)

    def named(self, rows: NDArray[np.int64]) -> Shingles:
        """Give each text another row."""
        return Shingles(self.values, self.starts, self.lengths, rows)

    def gathered(self) -> NDArray[np.uint64]:
        """Copy the shingles of these texts, text after text: (sum(lengths),) uint64."""
        return self.values[ranges(self.starts, self.lengths)]


def shingle(
    texts: pl.Series,
    words: int,
    kernel: Kernel = kernel_numpy,
    threads: int = 1,
    only: NDArray[np.int64] | None = None,
) -> tuple[Shingles, pl.DataFrame]:
    r"""Cut texts into n-grams of case-folded words (`\w+`; of more characters in scripts without spaces).

    Parameters
    ----------
    texts : pl.Series of String
        Null texts are left out.
    words : int
        Words per shingle (n).
    kernel : Kernel
        Who hashes the words; it makes no difference to the result.
    threads : int
        Batches (see `batches`) at a time.
    only : (n,) int64, optional
        The texts to cut, by their places in `texts`; all that is returned counts these alone.

    Returns
    -------
    shingles : Shingles
        Texts of at least `words` words. Shorter ones have no n-gram and are not in it.
    digests : pl.DataFrame
        `row: UInt32, digest: UInt64` of every text that is not null. Equal digests mean equal shingles:
        the same n-grams equally often, or, below `words` words, the same normalised text. (64 bits: two
        different texts among a million share one with probability 3e-8.)
    """
    work = batches(texts, only)
    done = side_by_side(lambda batch: _shingle_batch(batch[1], batch[0], words, kernel), work, threads)
    parts, digests = zip(*done, strict=True) if done else ((), ())
    return _concatenate(parts), pl.concat([_NO_DIGESTS, *digests])


def batches(
    texts: pl.Series, only: NDArray[np.int64] | None = None, size: int = _BATCH_BYTES
) -> Iterator[tuple[int, pl.Series]]:
    """Cut a series, or the texts at some places of it, into runs of so many bytes, each with its first one's number."""
    lengths = texts.str.len_bytes()
    lengths = lengths if only is None else lengths.gather(only)
    # Sixteen bytes besides, as Polars spends on a string: a batch of empty texts has an end, too.
    for start, end in runs(lengths.fill_null(0).to_numpy().astype(np.int64) + 16, size):
        # Texts are gathered batch by batch, since gathering copies them.
        yield start, texts[start:end] if only is None else texts.gather(only[start:end])


def word_hashes(texts: pl.Series, kernel: Kernel = kernel_numpy) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    r"""Hash the words (`\w+`) of texts after NFC and case folding, the same on every platform and version.

    Returns
    -------
    hashes : (n_words,) uint64
        Text after text.
    counts : (n_texts,) int64
        Words per text; 0 for null.
    """
    return kernel.hash_words(*word_codes(texts))


def hashed_tokens(texts: pl.Series, pattern: str) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash the matches of a pattern with XXH3: hashes and their number per text, as `word_hashes` has them."""
    lists = texts.str.extract_all(pattern)
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
    lengths = np.maximum(counts - words + 1, 0)
    ends = np.cumsum(counts)
    inside = np.ones(len(hashes), np.bool_)
    for place in range(1, words):
        inside[ends[ends >= place] - place] = False  # here a window would run on into the next text
    weights = [np.uint64(pow(_PLACE, place, 1 << 64)) for place in range(words)]
    windows = max(len(hashes) - words + 1, 0)
    values = [np.empty(0, np.uint64)]
    for start in range(0, windows, _BLOCK_WINDOWS):
        end = min(start + _BLOCK_WINDOWS, windows)
        sums = hashes[start:end].copy()
        for place in range(1, words):
            sums += hashes[start + place : end + place] * weights[place]
        values.append(mix(sums[inside[start:end]]))
    return np.concatenate(values), lengths


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every bit over all 64 (the finaliser of MurmurHash3); one-to-one, in place."""
    shift = np.uint64(33)
    values ^= values >> shift
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> shift
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> shift
    return values


def _shingle_batch(texts: pl.Series, start: int, words: int, kernel: Kernel) -> tuple[Shingles, pl.DataFrame]:
    hashes, counts = word_hashes(texts, kernel)
    values, lengths = ngrams(joined(texts, hashes, counts, words), counts, words)
    long = lengths > 0
    part = Shingles(values, *laid_out(lengths[long]), np.flatnonzero(long) + start)
    digests = np.empty(len(texts), np.uint64)
    digests[long] = np.add.reduceat(values, part.starts) if len(part) else values
    there = texts.is_not_null().to_numpy()
    short = np.flatnonzero(there & ~long)
    if len(short):  # to fold none costs more than to look for some
        digests[short] = stable_hash(normalised(texts.gather(short)))
    rows = (np.flatnonzero(there) + start).astype(np.uint32)
    return part, pl.DataFrame({"row": rows, "digest": digests[there]})


def _concatenate(parts: Sequence[Shingles]) -> Shingles:
    if not parts:
        return Shingles.none()
    values = np.concatenate([part.values for part in parts])
    rows = np.concatenate([part.rows for part in parts])
    return Shingles(values, *laid_out(np.concatenate([part.lengths for part in parts])), rows)


def laid_out(lengths: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the starts, and the lengths again, of texts that lie one after another."""
    return np.cumsum(lengths) - lengths, lengths
