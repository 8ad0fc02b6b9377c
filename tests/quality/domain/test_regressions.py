"""Regressions fitted side by side are those that are fitted one by one."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from quality.domain.regressions import PENALTY, regress


def labelled(rows: int, dim: int, ways: int, seed: int = 0):
    """Unit vectors with a column of ones, labelled in some ways, each leaving some rows out."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(rows, dim))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = vectors @ random.normal(size=(dim, ways)) + random.normal(0, 0.3, (rows, ways)) > 0.4
    weights = random.random((rows, ways)) * (random.random((rows, ways)) < 0.8)
    weights[0], labels[0] = 1, True
    weights[1], labels[1] = 1, False
    beside = np.concatenate([vectors, np.ones((rows, 1))], axis=1).astype(np.float32)
    return beside, labels, (weights / weights.sum(axis=0)).astype(np.float32)


def nothing(rows, labels):
    return np.zeros((rows.shape[1], labels.shape[1]))


@pytest.mark.parametrize("strength", [PENALTY, 8 * PENALTY])
@pytest.mark.parametrize(("rows", "dim"), [(600, 20), (40, 60)])
def test_each_regression_is_that_of_scikit_learn(rows, dim, strength):
    given = labelled(rows, dim, 4)
    found = regress(*given, nothing(*given[:2]), strength)
    vectors, labels, weights = given
    for at in range(4):
        peer = LogisticRegression(C=1 / strength, tol=1e-9, max_iter=5_000)
        peer.fit(vectors[:, :-1], labels[:, at], sample_weight=weights[:, at].astype(float))
        theirs = vectors[:, :-1] @ peer.coef_[0] + peer.intercept_[0]
        ours = vectors @ found[:, at]
        assert np.abs(theirs - ours).max() <= 0.02 * theirs.std()


def test_where_the_steps_begin_does_not_matter():
    given = labelled(500, 30, 3)
    far = np.random.default_rng(1).normal(0, 20, nothing(*given[:2]).shape)
    found, from_far = (given[0] @ regress(*given, start) for start in (nothing(*given[:2]), far))
    assert np.abs(found - from_far).max() <= 0.02 * found.std()


def test_the_order_of_rows_does_not_matter():
    rows, labels, weights = labelled(500, 30, 3)
    turned = np.random.default_rng(1).permutation(len(rows))
    found = regress(rows, labels, weights, nothing(rows, labels))
    other = regress(rows[turned], labels[turned], weights[turned], nothing(rows, labels))
    assert np.abs(rows @ (found - other)).max() <= 0.02 * (rows @ found).std()


def test_a_regression_does_not_depend_on_its_neighbours():
    rows, labels, weights = labelled(500, 30, 3)
    together = regress(rows, labels, weights, nothing(rows, labels))
    alone = regress(rows, labels[:, 1:2], weights[:, 1:2], nothing(rows, labels)[:, :1])
    assert np.abs(rows @ (together[:, 1] - alone[:, 0])).max() <= 0.02 * (rows @ alone).std()


def test_rows_that_one_column_tells_apart_have_finite_coefficients():
    rows = np.array([[1, 1], [1, 1], [-1, 1], [-1, 1]], np.float32) * np.array([1e3, 1], np.float32)
    labels = np.array([[True], [True], [False], [False]])
    found = regress(rows, labels, np.full((4, 1), 0.25, np.float32), np.zeros((2, 1)))
    assert np.isfinite(found).all()
    assert ((rows @ found > 0) == labels).all()
