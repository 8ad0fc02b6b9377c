"""The chance to pass every suite at once, against simulated exams and bounds by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from evals.foresight import foresee, spreads
from evals.judging import judge
from evals.power import Spread, chance
from evals.sitting import Sitting
from evals.unharmed import Unharmed, foreseen, unharmed
from evals.verdict import Gate, Skipped, Standing

GATE = Gate(margin=0.05)
SUITES = {"wiki": 0.12, "code": 0.2, "quiz": 0.3}
"""How far differences spread."""


@pytest.fixture
def exam(suite, domain):
    """A maker of an exam that a candidate loses nothing on: of 60 items a suite, drawn anew, alike or apart."""

    def make(rng, *, alike: bool = False) -> pl.DataFrame:
        same = rng.standard_normal(60)
        draws = {name: sd * (same if alike else rng.standard_normal(60)) for name, sd in SUITES.items()}
        return pl.concat([domain(0.2, 0.05), *(suite(name, drawn) for name, drawn in draws.items())])

    return make


def test_all_suites_together_pass_as_often_as_simulated_exams_do(exam):
    rng = np.random.default_rng(1)
    told = Unharmed(suites={name: chance(Spread(sd), 60, 60, 0.05, 0.05) for name, sd in SUITES.items()})
    shipped = np.mean([judge(exam(rng), GATE).decision == "SHIP" for _ in range(500)])
    # .94 · .61 · .36 = .21, with a standard error of .018.
    assert shipped == pytest.approx(told.apart, abs=0.045)
    assert told.apart < min(told.suites.values()) - 0.1


def test_suites_whose_errors_go_together_pass_no_more_rarely_than_the_bound_says(exam):
    rng = np.random.default_rng(2)
    told = Unharmed(suites={name: chance(Spread(sd), 60, 60, 0.05, 0.05) for name, sd in SUITES.items()})
    shipped = np.mean([judge(exam(rng, alike=True), GATE).decision == "SHIP" for _ in range(300)])
    assert told.least <= told.apart < shipped
    assert shipped == pytest.approx(min(told.suites.values()), abs=0.07)  # all hang on the widest


def test_the_bounds_are_those_by_hand():
    told = Unharmed(suites={"wiki": 0.9, "code": 0.8})
    assert (told.apart, told.least) == (pytest.approx(0.72), pytest.approx(0.7))
    assert Unharmed(suites={"wiki": 0.5, "code": 0.4}).least == 0.0
    assert told.sentence == (
        "A candidate that truly loses nothing passes all 2 retention suites in 72 of 100 exams (in 70 at the least, "
        "were no two to fail at once), and code alone in 80"
    )
    sure = Unharmed(suites={"wiki": 1.0, "code": 0.86})
    assert sure.sentence == (
        "A candidate that truly loses nothing passes all 2 retention suites in 86 of 100 exams, and code alone in 86"
    )
    assert (
        Unharmed(suites={"wiki": 0.9}).sentence == "A candidate that truly loses nothing passes wiki in 90 of 100 exams"
    )


def test_a_verdict_tells_it_by_the_spread_of_its_own_differences(exam):
    scores = exam(np.random.default_rng(3))
    verdict = judge(scores, GATE)
    told = unharmed(verdict)
    assert told is not None
    assert told.suites == {
        line.suite: pytest.approx(chance(line.found.spread(0.0), 60, 60, 0.05, 0.05)) for line in verdict.retention
    }
    wider = unharmed(judge(scores, Gate(margin=0.5)))
    assert wider is not None
    assert wider.apart > 0.999 > told.apart


def test_before_training_it_is_told_from_what_is_foreseen(exam):
    scores = exam(np.random.default_rng(4))
    told = foreseen(foresee(scores, GATE, spreads(scores)))
    assert told is not None
    assert told.suites == pytest.approx(unharmed(judge(scores, GATE)).suites)


def test_of_what_was_not_asked_whole_it_is_told_from_what_was_foreseen(exam):
    scores = exam(np.random.default_rng(5))
    known = foresee(scores, GATE)
    sitting = Sitting(looks={"wiki": (0.5,)}, skipped=(Skipped(suite="quiz", role="retention", n=60),))
    verdict = judge(scores, GATE, sitting=sitting)
    by_name = {one.suite: one.unharmed for one in known}
    told = unharmed(verdict, known)
    assert told is not None
    assert (told.suites["wiki"], told.suites["quiz"]) == (by_name["wiki"], by_name["quiz"])
    alone = unharmed(verdict)
    assert alone is not None
    assert (set(alone.suites), alone.untold) == ({"code"}, ("wiki", "quiz"))
    assert alone.sentence.endswith("of wiki and quiz no spread is known")


def test_looks_at_a_suite_take_no_pass_away_so_that_the_chance_is_that_of_the_whole_level(suite, domain):
    """A candidate that loses nothing, of whom four exams in ten fail to show it: with looks they are the same four."""
    rng = np.random.default_rng(7)
    looks, passed = (0.25, 0.5, 0.75, 1.0), []
    for _ in range(150):
        scores = pl.concat([domain(0.2, 0.05), suite("wiki", 0.35 * rng.standard_normal(200))])
        at_once = judge(scores, GATE)
        early = [
            judge(scores, GATE, sitting=Sitting(looks={"wiki": looks[: nth + 1]})).decision == "REJECT"
            for nth in range(3)
        ]
        last = judge(scores, GATE, sitting=Sitting(looks={"wiki": looks}))
        assert (last.decision == "SHIP" and not any(early)) == (at_once.decision == "SHIP")
        assert unharmed(last).suites == unharmed(at_once).suites
        passed.append(last.decision == "SHIP")
    told = chance(Spread(0.35), 200, 200, 0.05, 0.05)
    assert np.mean(passed) == pytest.approx(told, abs=0.12)  # three standard errors


def test_what_must_pass_beside_a_champion_as_well_is_told(exam):
    verdict = judge(exam(np.random.default_rng(3)), GATE)
    both = verdict.model_copy(update={"champion": Standing(run="best"), "original": Standing(run="first")})
    told = unharmed(both).sentence
    assert told == (
        f"{unharmed(verdict).sentence}; that is beside the base, and it must pass beside the champion and the original "
        "base as well"
    )


def test_a_suite_of_too_few_documents_never_passes(suite, domain):
    rng = np.random.default_rng(6)
    few = suite("wiki", 0.01 * rng.standard_normal(40), clusters=np.arange(40) % 4)
    scores = pl.concat([domain(0.2, 0.05), few, suite("code", 0.01 * rng.standard_normal(40))])
    told = unharmed(judge(scores, GATE))
    assert told is not None
    assert told.suites["wiki"] == 0.0
    assert foreseen(foresee(scores, GATE)).suites["wiki"] == 0.0
    assert (told.apart, told.least) == (0.0, 0.0)


def test_without_a_retention_suite_nothing_is_told(domain):
    scores = domain(0.2, 0.05)
    assert unharmed(judge(scores)) is None
    assert foreseen(foresee(scores, GATE)) is None
