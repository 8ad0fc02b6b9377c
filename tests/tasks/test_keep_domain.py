"""Keeping the domain: a pool that is emptied is told with the key that emptied it."""

import numpy as np
import pytest

from quality.domain_scores import DomainScores
from quality.domain_settings import Domain
from tasks import keep_domain
from tasks.check import PinnedDomain
from tasks.models import ModelFiles
from tasks.pool import EmptyPool

HERBS = PinnedDomain(name="domain", seeds=None, negatives=None, description="Herbs.")
EMBEDDER = ModelFiles(reference="x", folder="x", content="x")


@pytest.mark.parametrize(
    ("threshold", "told"),
    [
        (9.5, "curate.domain.threshold asks for a score of 9.5, and the highest is 2.25: lower it, or leave it out"),
        (None, "Give seeds that look like the rows you want, or drop curate.domain."),
    ],
)
def test_what_emptied_the_pool_is_named(
    monkeypatch: pytest.MonkeyPatch, pool_of, noise, threshold: float | None, told: str
) -> None:
    scores = np.array([1.0, 2.25])
    found = DomainScores(scores, threshold or 3.0, 0.5, 1.0, 0.0, None, 0, scores)
    monkeypatch.setattr(keep_domain, "embed", lambda texts, model: np.zeros((len(texts), 1)))
    monkeypatch.setattr(keep_domain, "_score", lambda *given: found)
    pool = pool_of([(noise(5), noise(20)) for _ in range(2)])
    with pytest.raises(EmptyPool) as stopped:
        keep_domain.keep_domain.fn(pool, Domain(threshold=threshold), [HERBS], EMBEDDER)
    assert "No row is left after the stage “keep_domain” (out_of_domain 2)." in str(stopped.value)
    assert told in str(stopped.value)
