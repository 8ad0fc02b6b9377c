"""Which step's adapter a training kept is proven from its curve, as far as the curve can tell."""

from typing import Any

import pytest

from tasks.auditing.training import prove_curve
from tasks.training.result import Step, curve
from tasks.training.settings import Tune

LOSSES = (2.0, 2.2, 2.1, 2.3)
VERA = {"method": "peft", "peft": {"peft_type": "VERA"}}
CURVE = curve(
    [
        Step(at, 3, 100 * at, 300, LOSSES[at] if at else None, 1e-4, 1.0, LOSSES[at], float(at))
        for at in range(len(LOSSES))
    ]
)


def said(kept: int) -> dict[str, Any]:
    return {"tokens": 300, "chosen_step": kept, "validation_loss_before": 2.0, "validation_loss_after": LOSSES[kept]}


@pytest.mark.parametrize(
    ("asked", "kept", "holds"),
    [
        ({}, 0, True),
        ({}, 2, False),
        ({"method": "prompt"}, 2, True),
        ({"method": "prompt"}, 0, False),
        (VERA, 0, True),
        (VERA, 2, True),
        (VERA, 1, False),
    ],
)
def test_the_base_is_kept_only_by_what_may_begin_as_the_base(asked: dict[str, Any], kept: int, holds: bool) -> None:
    tune = Tune(**asked)
    proof = prove_curve(said(kept) | {"method": tune.method}, CURVE, tune, rows=1)[0]
    assert (proof.failed == 0) == holds, proof.examples
