"""What tests of one subject share: one row screened, and pools whose domain is a heap of vectors."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from quality.screen import Screen, screen

Rows = np.ndarray


@pytest.fixture(scope="session")
def reasons() -> Callable[..., list[str]]:
    """Why one row is dropped, by the settings named; not at all where it is not."""

    def screened(answer: str | None, prompt: str | None = "What does it return?", **fields: object) -> list[str]:
        prompts, answers = (pl.Series([text], dtype=pl.String) for text in (prompt, answer))
        return screen(prompts, answers, Screen.model_validate(fields))["reason"].to_list()

    return screened


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
