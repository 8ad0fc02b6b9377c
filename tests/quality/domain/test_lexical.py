"""Words and marks as features: near for texts alike, and none where there are too few texts to learn from."""

import numpy as np
import polars as pl

from quality.domain.lexical import lexical_features
from quality.domain.scoring import score_domain
from quality.domain.settings import Domain


def test_lexical_features_of_too_few_texts_are_empty_and_do_no_harm(mixture):
    pool, seeds = lexical_features(pl.Series(["one", "two"]), pl.Series(["three"]))
    assert pool.shape == (2, 0)
    assert seeds.shape == (1, 0)
    vectors, examples = mixture(50, 50)
    nothing, none = np.zeros((100, 0), np.float32), np.zeros((40, 0), np.float32)
    found = score_domain(vectors, examples, Domain(lexical_weight=1), pool_lexical=nothing, seed_lexical=none)
    np.testing.assert_array_equal(found.scores, score_domain(vectors, examples).scores)


def test_lexical_features_are_near_for_texts_that_share_words_and_marks():
    texts = [
        "the cat sat on the mat.",
        "the cat sat on a mat.",
        "x = f(y); return x",
        "y = f(x); return y",
    ] * 5
    rows, _ = lexical_features(pl.Series(texts), pl.Series([], dtype=pl.String))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)
    assert rows[0] @ rows[1] > 0.5 > rows[0] @ rows[2]
    assert rows[2] @ rows[3] > 0.5
