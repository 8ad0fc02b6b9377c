"""When two runs decided the same."""

import polars as pl

from evals.champion import Predecessor, judge
from evals.items import SCORES
from evals.verdict import Gate
from tasks.outcome import key_of

DIGESTS = {"train": "a", "exam": "b", "adapter": "c", "scores": "d", "pool": "e", "code": "f"}


def test_a_champion_makes_another_decision_and_one_that_nobody_has_does_not() -> None:
    rows = [
        ("g", "domain", f"g/{n}", str(n), model, -1.0 + by * (1 + n % 3))
        for model, by in (("base", 0.0), ("candidate", 0.2), ("champion", 0.1))
        for n in range(9)
    ]
    scores = pl.DataFrame(rows, SCORES, orient="row")
    alone = judge(scores, Gate())
    beside = judge(scores, Gate(), predecessors=[Predecessor(model="champion", run="x")])
    assert alone.decision == beside.decision == "SHIP"
    key = key_of(DIGESTS, alone)
    assert key_of(DIGESTS | {"pool": "other rows", "code": "newer"}, alone) == key
    assert key_of(DIGESTS, alone.model_copy(update={"champion": None})) == key
    others = [
        (DIGESTS | {"scores": "z"}, alone),
        (DIGESTS, beside),
        (DIGESTS, judge(scores, Gate(champion="not-worse"))),
    ]
    assert key not in [key_of(*other) for other in others]
