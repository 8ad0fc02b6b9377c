"""What the report shows of semantic duplicates is what the step measured, beside what the recipe asked for."""

import numpy as np
import pytest

from quality.meaning.semantic import Semantic
from tasks import dedupe_meaning
from tasks.filters_shown import meaning
from tasks.models import ModelFiles

EMBEDDER = ModelFiles(reference="x", folder="x", content="x")


@pytest.mark.parametrize("copies", [[0.99, 0.97, 0.95, 0.5], []])
def test_threshold_and_distribution_are_those_of_the_step(
    pool_of, noise, monkeypatch: pytest.MonkeyPatch, copies: list[float]
) -> None:
    angles = np.array([0.0, 0.3, 1.4, 1.45])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    monkeypatch.setattr(dedupe_meaning, "_embedded", lambda *_: (vectors, np.array(copies)))
    pool = pool_of([(noise(8), noise(30)) for _ in range(4)])
    asked = Semantic(false_merges=0.5, recall=0.75)
    shown = meaning(dedupe_meaning.dedupe_meaning.fn(pool, asked, EMBEDDER), asked)
    assert shown is not None
    nearest = np.array([np.cos(0.3), np.cos(0.3), np.cos(0.05), np.cos(0.05)])
    assert (shown.others, shown.copies) == (4, len(copies))
    assert shown.false_merges == (nearest >= shown.threshold).mean()
    assert shown.recall == (0.75 if copies else None)
    assert (shown.most_false_merges, shown.least_recall) == (0.5, 0.75)
    assert shown.lowest == 0.8, "what lies below the floor is not looked at more closely"


def test_where_nothing_was_looked_for_nothing_is_shown(pool_of) -> None:
    assert meaning(pool_of([("a", "b")]), Semantic()) is None
