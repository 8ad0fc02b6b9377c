"""Keeping the domain: a pool that is emptied is told with the key that emptied it."""

import numpy as np
import pytest

from quality.domain.estimates import DomainScores
from quality.domain.settings import Domain, Told
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
    herbs = HERBS.model_copy(update={"threshold": threshold})
    with pytest.raises(EmptyPool) as stopped:
        keep_domain.keep_domain.fn(pool, Domain(), [herbs], EMBEDDER)
    assert "No row is left after the stage “keep_domain” (out_of_domain 2)." in str(stopped.value)
    assert told in str(stopped.value)


def test_each_of_several_domains_has_its_own_line_and_keeps_every_rows_score(
    monkeypatch: pytest.MonkeyPatch, pool_of, noise
) -> None:
    scores = {"domain": np.array([1.0, 2.0, -3.0]), "spices": np.array([0.5, -1.0, 2.5])}

    def score(texts: object, vectors: object, told: PinnedDomain, *_: object) -> DomainScores:
        return DomainScores(scores[told.name], told.threshold or 0.0, 0.5, 1.0, 0.0, None, 0, scores[told.name])

    monkeypatch.setattr(keep_domain, "embed", lambda texts, model: np.zeros((len(texts), 1)))
    monkeypatch.setattr(keep_domain, "_score", score)
    spices = HERBS.model_copy(update={"name": "spices", "threshold": 2.0})
    herbs = HERBS.model_copy(update={"threshold": 1.5})
    pool = keep_domain.keep_domain.fn(
        pool_of([(noise(5), noise(20)) for _ in range(3)]), Domain(), [herbs, spices], EMBEDDER
    )
    each = pool.attribute("domain_scores")
    assert each is not None
    assert {name: own["score"].to_list() for (name,), own in each.group_by("domain")} == {
        name: own.tolist() for name, own in scores.items()
    }
    assert pool.left()["row"].to_list() == [1, 2]


def test_a_line_of_one_domain_is_not_that_of_another() -> None:
    told = Domain(description="Herbs.", threshold=0.5, also={"spices": Told(description="Spices.")})
    assert {name: one.threshold for name, one in told.all_told.items()} == {"domain": 0.5, "spices": None}
