"""What several tests of one subject share: pools whose domain is a heap of vectors, an embedder, one row screened."""

from collections.abc import Callable

import numpy as np
import pytest

Rows = np.ndarray


@pytest.fixture(scope="session")
def on_sphere() -> Callable[..., Rows]:
    """A maker of unit vectors scattered around an axis."""

    def make(random: np.random.Generator, rows: int, centre: int, dim: int = 32, spread: float = 0.12) -> Rows:
        points = random.normal(0, spread, (rows, dim))
        points[:, centre] += 1
        return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def mixture(on_sphere: Callable[..., Rows]) -> Callable[..., tuple[Rows, Rows]]:
    """A maker of pools, whose first rows are of the domain, and of seeds of that domain."""

    def make(domain: int, other: int, seeds: int = 40, seed: int = 0) -> tuple[Rows, Rows]:
        random = np.random.default_rng(seed)
        pool = np.concatenate([on_sphere(random, domain, 0), on_sphere(random, other, 1)])
        return pool, on_sphere(random, seeds, 0)

    return make
