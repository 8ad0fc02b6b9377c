"""Style or knowledge: all four answers, the line between them, and that another gate needs the verdict alone."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from evals.judging import judge, rejudge
from evals.verdict import Gate, Verdict


@pytest.fixture
def choice(suite):
    """A maker of multiple choice: of n items so many are gained and lost, and the base gets a share right."""

    def make(n: int, gained: int, lost: int, right: float = 0.5, name: str = "which") -> pl.DataFrame:
        base = np.zeros(n)
        base[: round(right * n)] = 1
        change = np.zeros(n)
        change[:lost] = -1
        change[n - gained :] = 1
        return suite(name, change, role="domain", base=base)

    return make


def learnt(*frames: pl.DataFrame, **gate: float):
    return judge(pl.concat(frames), Gate(**gate)).learnt


@pytest.mark.parametrize(
    ("n", "gained", "lost", "answer"),
    [
        (400, 60, 10, "knowledge"),  # +12.5 points
        (400, 20, 20, "format"),  # 0 ± 2.6 points, below the line of 5
        (400, 10, 60, "format"),  # a loss is no gain
        (60, 3, 3, "untold"),  # 0 ± 7 points: as many as the demo asks
        (400, 45, 31, "untold"),  # +3.5 ± 3.6
    ],
)
def test_the_answer_goes_by_multiple_choice(domain, choice, n, gained, lost, answer):
    found = learnt(domain(0.1, 0.05), choice(n, gained, lost))
    assert found.answer == answer
    assert (found.items_needed is not None) == (answer == "untold")


def test_the_words_tell_the_answer(domain, choice):
    said = {
        answer: learnt(domain(0.1, 0.05), choice(*counts)).reason
        for answer, counts in {"knowledge": (400, 60, 10), "format": (400, 20, 20), "untold": (60, 3, 3)}.items()
    }
    assert said["knowledge"].startswith("knowledge too: bits per byte gain +0.1000, and which changes by +12.5 points")
    assert said["format"].startswith("format, not knowledge: bits per byte gain +0.1000, but which changes by +0.0")
    assert said["untold"].startswith("multiple choice is too small to tell")
    assert "items needed, and there are 60 (exam.choice_items)" in said["untold"]


def test_few_documents_tell_nothing_however_clear_they_are(domain, suite):
    """Four documents, of which every item is gained: they decide no line of the gate either."""
    of = {n: [place % n for place in range(60)] for n in (4, 5)}

    def told(change: float, documents: int):
        base = np.full(60, float(change < 0))
        base[:10] = 0  # a base that gets all right leaves no room to tell
        moved = np.where(base == (change < 0), change, 0.0)
        which = suite("which", moved, role="domain", base=base, clusters=of[documents])
        return learnt(domain(0.1, 0.05), which, alpha=0.1)

    few = told(1.0, 4)
    assert (few.answer, few.items_needed) == ("untold", None)
    assert few.reason.startswith("multiple choice is too small to tell format from knowledge; which changes by +100.0")
    assert told(-1.0, 4).answer == "untold"
    assert (told(1.0, 5).answer, told(-1.0, 5).answer) == ("knowledge", "format")


def test_so_many_items_tell_with_the_power_asked_for(domain, choice):
    needed = learnt(domain(0.1, 0.05), choice(60, 3, 3)).items_needed
    rng = np.random.default_rng(0)
    told = 0
    for _ in range(200):  # a candidate that knows no more; one item in ten changes, as in the sixty
        gained, lost, _ = rng.multinomial(needed, [0.05, 0.05, 0.9])
        told += learnt(domain(0.1, 0.05), choice(needed, gained, lost)).answer == "format"
    assert 0.74 < told / 200 < 0.88  # .8, and three standard errors


def test_what_does_not_gain_in_bits_per_byte_has_nothing_to_explain(domain, choice):
    assert learnt(domain(0.02, 0.05), choice(400, 60, 10)).answer == "no gain"
    assert learnt(domain(-0.1, 0.05), choice(400, 60, 10)).answer == "no gain"


def test_a_base_that_gets_nearly_all_right_leaves_no_room_to_tell(domain, choice):
    found = learnt(domain(0.1, 0.05), choice(400, 2, 2, right=0.97))
    assert found.answer == "untold"
    assert found.items_needed is None
    assert "the base gets 97% of which right" in found.reason


def test_without_multiple_choice_nothing_is_said(domain, suite, spread):
    assert learnt(domain(0.1, 0.05)) is None
    assert learnt(suite("which", [1, 0, 1, 0, 0, 1], role="domain", base=np.zeros(6))) is None  # judged by it alone
    assert learnt(domain(0.1, 0.05), suite("code", spread(0.1, 0.05), role="domain")) is None


def test_exact_matches_of_what_was_written_are_no_multiple_choice(domain, suite):
    written = suite("written", [1.0] * 25 + [0.0] * 35, role="domain", base=np.zeros(60))
    verdict = judge(pl.concat([domain(0.1, 0.05), written]), units={"written": "exact match"})
    assert verdict.learnt is None


def test_multiple_choice_of_what_must_not_be_forgotten_is_no_part_of_it(domain, suite):
    kept = suite("general", np.ones(40), base=np.zeros(40))
    assert learnt(domain(0.1, 0.05), kept) is None


def test_one_of_several_suites_that_gains_is_enough_at_its_part_of_alpha(domain, choice):
    flat = choice(400, 20, 20, name="flat")
    assert learnt(domain(0.1, 0.05), flat, choice(400, 60, 10)).answer == "knowledge"
    barely = choice(400, 45, 30)  # +3.75: above 0 at .05, not at .025
    assert learnt(domain(0.1, 0.05), barely).answer == "knowledge"
    assert learnt(domain(0.1, 0.05), barely, flat).answer == "untold"
    assert learnt(domain(0.1, 0.05), flat, choice(400, 20, 20)).answer == "format"


def test_another_gate_needs_nothing_but_the_verdict(domain, choice):
    scores = pl.concat([domain(0.1, 0.05), choice(60, 3, 3)])
    kept = Verdict.model_validate_json(judge(scores).model_dump_json())
    assert rejudge(kept, Gate()) == kept
    for gate in (Gate(knowledge=0.2), Gate(alpha=0.2), Gate(min_gain=0.2), Gate(knowledge=0.6)):
        assert rejudge(kept, gate) == judge(scores, gate)
    assert rejudge(kept, Gate(min_gain=0.2)).learnt.answer == "no gain"
    assert rejudge(rejudge(kept, Gate(min_gain=0.2)), Gate()) == kept


def test_a_verdict_from_before_is_read_and_judged_anew(domain, choice):
    old = judge(pl.concat([domain(0.1, 0.05), choice(60, 3, 3)])).model_dump(mode="json")
    del old["learnt"], old["gate"]["knowledge"]
    assert rejudge(Verdict.model_validate(old), Gate()).learnt is None
