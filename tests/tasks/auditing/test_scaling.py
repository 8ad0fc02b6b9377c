"""The scale of an adapter follows from what was measured at each, and who changes either is found out."""

from typing import Any

import pytest

from tasks.auditing.scaling import as_chosen, chosen_scale, prove_scale
from tasks.training.scales import Tried
from tasks.training.settings import Tune

STRICT = Tune(forgetting={"budget": 0.05})
TRIED = [
    Tried(1.0, 1.0, 0.12),
    Tried(0.75, 1.05, 0.06),
    Tried(0.625, 1.07, 0.055),
    Tried(0.5, 1.1, 0.03),
    Tried(0.25, 1.4, 0.01),
]
BEST = Tune(scale="best", forgetting={"budget": None})
SAID: dict[str, Any] = {"scales_tried": [one._asdict() for one in TRIED], "chosen_scale": 0.5}


def without(scale: float, *more: Tried) -> dict[str, Any]:
    return SAID | {"scales_tried": [one._asdict() for one in [*TRIED, *more] if one.scale != scale]}


def wrong(said: dict[str, Any], tune: Tune | None = None, loss: float = 1.0, forgotten: float = 0.12) -> list[str]:
    return list(prove_scale(said, tune or STRICT, loss, forgotten).examples)


def test_a_choice_that_follows_from_what_was_tried_is_proven() -> None:
    assert wrong(SAID) == []
    assert chosen_scale(SAID) == 0.5
    assert as_chosen(SAID, 1.0, 0.12) == (1.1, 0.03)


@pytest.mark.parametrize("loss", [1.02, 1.06])  # one between that gains less than both beside it, too
def test_scales_that_larger_ones_settle_need_not_be_tried(loss: float) -> None:
    tried = [*TRIED[:2], Tried(0.875, loss, 0.07)]
    said = {"scales_tried": [one._asdict() for one in tried], "chosen_scale": 0.75}
    assert wrong(said, Tune(forgetting={"budget": 0.06})) == []


def test_of_an_adapter_whose_gain_was_not_measured_no_scale_is_missed() -> None:
    assert list(prove_scale({}, STRICT, None, 0.12).examples) == []


def test_without_a_choice_the_curve_tells() -> None:
    assert chosen_scale({}) == 1.0
    assert as_chosen({}, 1.0, 0.02) == (1.0, 0.02)
    assert wrong({}, forgotten=0.02) == []


@pytest.mark.parametrize(
    ("said", "tune", "told"),
    [
        (SAID | {"chosen_scale": 0.75}, STRICT, "not 0.5"),
        (SAID | {"chosen_scale": 1.0}, STRICT, "not 0.5"),
        (SAID, Tune(forgetting={"budget": 0.2}), "not 1.0"),
        (SAID, Tune(scale="as-trained"), "as-trained"),
        ({"scales_tried": SAID["scales_tried"][1:], "chosen_scale": 0.5}, STRICT, "as its curve tells it"),
        (SAID | {"scales_tried": SAID["scales_tried"][:2], "chosen_scale": 1.0}, STRICT, "scale 0.5 was not tried"),
        (without(0.625), STRICT, "scale 0.625, of those between, was not tried"),
        (without(0.5, Tried(0.6, 1.08, 0.04)) | {"chosen_scale": 0.6}, STRICT, "scale 0.5 was not tried"),
        (
            without(0.1, Tried(0.55, 0.9, 0.0)) | {"chosen_scale": 0.55},
            STRICT,
            "scale 0.55 was tried, and nothing asks",
        ),
        ({"scales_tried": [Tried(2.0, 0.9, 9.0)._asdict(), SAID["scales_tried"][0]]}, BEST, "scale 0.75 was not tried"),
        ({}, BEST, "no smaller scale was tried"),
        ({"chosen_scale": 0.5}, STRICT, "none was tried"),
        ({}, STRICT, "no smaller scale was tried"),
    ],
)
def test_another_choice_is_found_out(said: dict[str, Any], tune: Tune, told: str) -> None:
    assert any(told in one for one in wrong(said, tune))


@pytest.mark.parametrize("scale", ["1", None, -1, 2, True])
def test_a_scale_that_is_none_is_not_gone_by(scale: object) -> None:
    assert chosen_scale({"chosen_scale": scale}) == 1.0
