"""What an exam will see, told from the base's scores."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from evals.foresight import foresee, spreads
from evals.judging import judge
from evals.paired import paired
from evals.power import Spread, required_items
from evals.verdict import Gate


@pytest.fixture
def base(suite):
    """A maker of the base's scores alone; graded ones spread by 0.5 with a standard error of 0.5 / √n."""

    def make(
        name: str, n: int = 60, *, role: str = "retention", right: float | None = None, clusters=None
    ) -> pl.DataFrame:
        graded = -1 + 0.5 * np.tile([1.0, -1.0], n // 2) * math.sqrt((n - 1) / n)
        scores = graded if right is None else (np.arange(n) < right * n).astype(float)
        return suite(name, np.zeros(n), role=role, base=scores, clusters=clusters).filter(model="base")

    return make


def test_a_suite_too_small_for_its_margin_is_blind_and_told_how_many_items_would_do(base):
    wiki = foresee(pl.concat([base("answers", role="domain"), base("wiki")]), Gate(margin=0.02))[1]
    assert (wiki.n, wiki.clusters, wiki.margin, wiki.binary, wiki.measured) == (60, 60, 0.02, False, False)
    # Differences are taken to spread by .15 · .5.
    assert wiki.detectable == pytest.approx((1.671 + 0.848) * 0.075 / math.sqrt(60), abs=1e-4)
    assert wiki.items_needed == required_items(Spread(0.075), 0.02, 0.05, 0.8)
    assert wiki.blind
    large = foresee(
        pl.concat([base("answers", role="domain"), base("wiki", wiki.items_needed + wiki.items_needed % 2)]),
        Gate(margin=0.02),
    )
    assert not large[1].blind


def test_a_margin_of_its_own_counts(base):
    scores = pl.concat([base("answers", role="domain"), base("wiki"), base("code")])
    told = {one.suite: one for one in foresee(scores, Gate(margin=0.02, margins={"code": 0.05}))}
    assert (told["wiki"].blind, told["code"].blind) == (True, False)


def test_five_points_of_sixty_questions_can_not_be_seen(base):
    asked = foresee(pl.concat([base("answers", role="domain"), base("quiz", right=0.6)]), Gate(margin=0.05))[1]
    assert asked.binary
    assert asked.blind
    assert asked.items_needed == required_items(Spread.of_shares(0.05, 0.05), 0.05, 0.05, 0.8)


def test_the_domain_has_no_margin_and_is_judged_on_what_is_graded(base):
    scores = pl.concat([base("answers", role="domain"), base("quiz", role="domain", right=0.5)])
    (domain,) = foresee(scores, Gate())
    assert (domain.suite, domain.margin, domain.blind, domain.items_needed) == ("answers", None, False, None)


def test_questions_that_hang_together_tell_less(base):
    apart = foresee(pl.concat([base("answers", role="domain"), base("quiz", right=0.5)]), Gate())[1]
    clusters = np.repeat(np.arange(15), 4)
    crowd = foresee(pl.concat([base("answers", role="domain"), base("quiz", right=0.5, clusters=clusters)]), Gate())[1]
    assert crowd.detectable > 1.5 * apart.detectable


def test_an_earlier_candidate_tells_the_spread(base, suite):
    rng = np.random.default_rng(1)
    wiki = suite("wiki", 0.3 * rng.standard_normal(60), base=-1 + rng.standard_normal(60))
    found = pl.concat([suite("answers", rng.standard_normal(60), role="domain"), wiki])
    earlier = spreads(found)
    told = foresee(found, Gate(), earlier)[1]
    assert told.measured
    assert earlier["wiki"].sd == pytest.approx(0.3, rel=0.2)
    assert told.items_needed == required_items(earlier["wiki"], 0.02, 0.05, 0.8)


def test_the_items_foreseen_are_enough_when_the_assumption_holds(base):
    needed = foresee(pl.concat([base("answers", role="domain"), base("wiki")]), Gate(margin=0.02))[1].items_needed
    rng = np.random.default_rng(2)
    kept = [
        paired(np.zeros(needed), 0.075 * rng.standard_normal(needed), np.arange(needed)).lower(0.05) > -0.02
        for _ in range(800)
    ]
    assert np.mean(kept) == pytest.approx(0.8, abs=0.04)


def test_suites_without_a_spread_are_left_out(base, suite):
    flat = suite("flat", np.zeros(60), base=np.full(60, -1.0)).filter(model="base")
    assert [one.suite for one in foresee(pl.concat([base("answers", role="domain"), flat]), Gate())] == ["answers"]


@pytest.mark.parametrize("clusters", [[0] * 60, [0] * 56 + [1, 2, 3, 4]])
def test_a_suite_of_one_document_or_nearly_is_blind(base, clusters):
    alone = foresee(pl.concat([base("answers", role="domain"), base("wiki", clusters=np.array(clusters))]), Gate())[1]
    assert (alone.detectable, alone.items_needed, alone.blind) == (None, None, True)


def test_what_is_foreseen_is_what_the_verdict_then_tells(suite):
    rng = np.random.default_rng(3)
    scores = pl.concat(
        [
            suite("answers", rng.standard_normal(60), role="domain"),
            suite("wiki", 0.1 * rng.standard_normal(60), base=rng.standard_normal(60)),
        ]
    )
    told = foresee(scores, Gate(), spreads(scores))[1]
    assert judge(scores).retention[0].mde == pytest.approx(told.detectable, rel=1e-6)
