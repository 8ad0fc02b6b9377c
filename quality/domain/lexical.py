"""Which words and marks a text uses, as a short vector to set beside its embedding.

An embedding says what a text is about; what kind of text it is (small talk, a definition, an exercise) shows
better in its function words and punctuation. Side by side they separate pools that neither separates alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from quality.drawing import drawn
from quality.lsh.shingles import batches, hashed_tokens, mix, ngrams, stable_hash
from quality.one_thread import one_blas_thread
from quality.texts.ragged import offsets_of
from quality.texts.sorted_numbers import places_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Matrix = npt.NDArray[np.float32]

# Words and single punctuation marks, alone and in pairs.
TOKEN = r"\w+|[^\w\s]"  # noqa: S105
MAX_CHARS = 4000
MAX_TERMS = 30_000
MIN_ROWS_PER_TERM = 3
# Terms and projection are learned from so many rows of the pool at most, in so many passes over them and back.
# Measured on three pools of 12,000 rows: F1 of the domain is that of 20,000 rows and five passes within .001.
LEARNED_ROWS = 8_000
_PASSES = 2
_TERM_BITS = np.uint64(40)  # a batch of 8 MB has fewer rows than the other 24 bits can number
_ROW_BITS = np.uint64(64) - _TERM_BITS
_TERM_MASK = (np.uint64(1) << _TERM_BITS) - np.uint64(1)


class _Terms(NamedTuple):
    """Terms worth counting, ascending by hash, and how telling each is (inverse document frequency)."""

    hashes: npt.NDArray[np.uint64]
    weights: Matrix


class _Counted(NamedTuple):
    """The distinct terms of a run of texts, text after text: in which it is, its hash, how often it stands there."""

    texts: int
    rows: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.int64]


@one_blas_thread()
def lexical_features(pool: pl.Series, seeds: pl.Series, *, dim: int = 128) -> tuple[Matrix, Matrix]:
    """Project tf-idf of words and word pairs to a few dimensions.

    Terms and projection are learned from pool and seeds together. Learned from the pool alone, they would fit
    its rows better than the seeds, and that difference would pass for a difference of domain.

    Parameters
    ----------
    pool, seeds
        Texts without nulls. Only the first 4,000 characters are looked at.
    dim
        Components at most; fewer if there are few texts.

    Returns
    -------
    tuple of np.ndarray
        (n, d) and (k, d) float32, rows of length 1, or 0 where no term of a text is in three texts. d is 0
        if no term is.
    """
    from sklearn.decomposition import TruncatedSVD

    texts = pl.concat([seeds.cast(pl.String), pool.cast(pl.String)]).str.slice(0, MAX_CHARS).str.to_lowercase()
    learned = np.arange(len(texts))
    if len(pool) > LEARNED_ROWS:
        chosen = drawn(stable_hash(texts[len(seeds) :]), LEARNED_ROWS) + len(seeds)
        learned = np.concatenate([np.arange(len(seeds)), chosen])
    sample = [_counted(batch) for _, batch in batches(texts, learned)]
    terms = _learn(sample)
    width = min(dim, len(learned) - 1, len(terms.hashes) - 1)
    if width < 1:
        return np.zeros((len(pool), 0), np.float32), np.zeros((len(seeds), 0), np.float32)
    weighed = _weighed(sample, terms)
    projection = TruncatedSVD(width, n_iter=_PASSES, random_state=0).fit(weighed)
    unit = np.empty((len(texts), width), np.float32)
    unit[learned] = _unit(projection.transform(weighed))
    rest = np.setdiff1d(np.arange(len(texts)), learned)
    for first, batch in batches(texts, rest):
        unit[rest[first : first + len(batch)]] = _unit(projection.transform(_weighed([_counted(batch)], terms)))
    return unit[len(seeds) :], unit[: len(seeds)]


def _learn(sample: list[_Counted]) -> _Terms:
    """Find the terms of most texts, of those in three at least."""
    found, texts = [part.hashes for part in sample], sum(part.texts for part in sample)
    hashes, counts = np.unique(np.concatenate(found), return_counts=True) if found else _NOTHING
    enough = np.flatnonzero(counts >= MIN_ROWS_PER_TERM)
    if len(enough) > MAX_TERMS:
        enough = np.sort(enough[np.argsort(-counts[enough], kind="stable")[:MAX_TERMS]])
    return _Terms(hashes[enough], (np.log((1 + texts) / (1 + counts[enough])) + 1).astype(np.float32))


_NOTHING = (np.empty(0, np.uint64), np.empty(0, np.int64))


def _weighed(counted: list[_Counted], terms: _Terms) -> csr_matrix:
    """Weigh the terms of texts: (1 + log count) · idf, each text of length 1."""
    from scipy.sparse import csr_matrix

    parts, table = [], terms.hashes << _ROW_BITS
    for texts, rows, hashes, counts in counted:
        at = places_of(hashes << _ROW_BITS, table)
        known = at >= 0
        rows, at, counts = rows[known], at[known], counts[known]
        # The logarithm of each count is taken once: nearly all terms stand in a text once or twice.
        logs = (1 + np.log(np.arange(1, counts.max(initial=1) + 1))).astype(np.float32)
        values = logs[counts - 1] * terms.weights[at]
        lengths = np.sqrt(np.bincount(rows, values.astype(np.float64) ** 2, minlength=texts))
        offsets = offsets_of(np.bincount(rows, minlength=texts))
        parts.append((values / lengths[rows].astype(np.float32), at, offsets))
    values, columns = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
    offsets = offsets_of(np.concatenate([np.diff(part[2]) for part in parts]))
    return csr_matrix((values, columns, offsets), shape=(len(offsets) - 1, len(terms.hashes)))


def _counted(texts: pl.Series) -> _Counted:
    hashes, counts = hashed_tokens(texts, TOKEN)
    pairs, lengths = ngrams(hashes, counts, 2)
    owners = np.arange(len(texts), dtype=np.uint64) << _TERM_BITS
    # One integer per term, its row above 40 bits of its hash: a plain sort brings repeats together.
    keyed = np.concatenate([np.repeat(owners, counts), np.repeat(owners, lengths)])
    keyed |= np.concatenate([mix(hashes.copy()), pairs]) >> _ROW_BITS
    keyed.sort()
    first = np.flatnonzero(np.diff(keyed, prepend=~keyed[:1]))
    found = keyed[first]
    rows, times = (found >> _TERM_BITS).astype(np.int64), np.diff(first, append=len(keyed))
    return _Counted(len(texts), rows, found & _TERM_MASK, times)


def _unit(rows: npt.NDArray[np.floating]) -> Matrix:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Matrix = (rows / np.maximum(norms, 1e-6)).astype(np.float32)
    return unit
