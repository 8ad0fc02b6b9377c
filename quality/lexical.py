"""Which words and marks a text uses, as a short vector to set beside its embedding.

An embedding says what a text is about; what kind of text it is (small talk, a definition, an exercise) shows
better in its function words and punctuation. Side by side they separate pools that neither separates alone.
"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Matrix = npt.NDArray[np.float32]

# Words and single punctuation marks, alone and in pairs.
TOKEN = r"(?u)\w+|[^\w\s]"  # noqa: S105
MAX_CHARS = 4000
MAX_TERMS = 30_000
MIN_ROWS_PER_TERM = 3


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
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [*pool.str.slice(0, MAX_CHARS), *seeds.str.slice(0, MAX_CHARS)]
    terms = TfidfVectorizer(
        ngram_range=(1, 2),
        token_pattern=TOKEN,
        min_df=MIN_ROWS_PER_TERM,
        max_features=MAX_TERMS,
        sublinear_tf=True,
        dtype=np.float32,
    )
    try:
        counts: csr_matrix = terms.fit_transform(texts)
    except ValueError:  # no term is in enough texts
        return np.zeros((len(pool), 0), np.float32), np.zeros((len(seeds), 0), np.float32)
    width = min(dim, counts.shape[0] - 1, counts.shape[1] - 1)
    if width < 1:
        return np.zeros((len(pool), 0), np.float32), np.zeros((len(seeds), 0), np.float32)
    rows = _unit(TruncatedSVD(width, random_state=0).fit_transform(counts))
    return rows[: len(pool)], rows[len(pool) :]


def _unit(rows: Matrix) -> Matrix:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Matrix = (rows / np.maximum(norms, 1e-6)).astype(np.float32)
    return unit
