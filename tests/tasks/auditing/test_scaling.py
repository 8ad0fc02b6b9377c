"""The scale of an adapter follows from what was measured at each, and who changes either is found out."""

from typing import Any

import pytest

from evals.retained import Retained
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


OWN = Tune(forgetting={"budget": 0.01})
MARGINS = {"letters": 0.02}


def items(scale: float, bound: float = 0.0, line: float = -0.02, **changed: object) -> dict[str, Any]:
    """A look with a suite's spare items."""
    part = Retained("letters", bound, bound, line)._asdict() | changed
    one = next(one for one in [*TRIED, Tried(0.875, 1.02, 0.09)] if one.scale == scale)
    told = one._asdict()
    return told | {"retention": [part]}


KEPT = [items(1.0, -0.05), items(0.875, -0.03), items(0.75, -0.01), items(0.5)]


def told(looks: list[dict[str, Any]], chosen: float = 0.75, margins: dict[str, float] | None = MARGINS) -> list[str]:
    said = {"scales_tried": looks, "chosen_scale": chosen}
    return list(prove_scale(said, OWN, 1.0, 0.12, margins).examples)


def test_a_choice_by_spare_items_is_proven() -> None:
    assert told(KEPT[:3]) == []
    assert as_chosen({"scales_tried": KEPT, "chosen_scale": 0.75}, 1.0, 0.12) == (1.05, 0.06)


@pytest.mark.parametrize(
    ("looks", "chosen", "margins", "found"),
    [
        ([items(1.0, -0.05), items(0.75, -0.01), items(0.5)], 0.75, MARGINS, "scale 0.875, of those between, was not"),
        (KEPT[:3], 0.875, MARGINS, "not 0.75"),
        ([items(1.0), *KEPT[1:3]], 0.75, MARGINS, "not 1.0"),
        ([*KEPT[:2], items(0.75, -0.01, -0.03)], 0.75, MARGINS, "scale 0.75: spare items of other suites, or other"),
        ([*KEPT[:2], items(0.75, -0.01, suite="ships")], 0.75, MARGINS, "scale 0.75: spare items of other suites"),
        ([*KEPT[:2], TRIED[1]._asdict()], 0.75, MARGINS, "scale 0.75: spare items"),
        (KEPT[:3], 0.75, {"letters": 0.04}, "spare items"),
        (KEPT[:3], 0.75, None, "spare items"),
        (KEPT[:3], 0.75, {"letters": 0.02, "ships": 0.02}, "scale 1: spare items of other suites"),
        ([{**one, "retention": one["retention"] * 2} for one in KEPT[:3]], 0.75, MARGINS, "scale 1: spare items of"),
        ([*KEPT[:2], items(0.75, -0.01, mean=-9.0)], 0.75, MARGINS, "scale 0.75: a bound above its mean"),
        ([*KEPT[:3], items(1.0, 0.0, lower=None)], 0.75, MARGINS, "scale 1 was tried twice"),
        ([*KEPT[:2], items(0.75, -0.01, lower="-0.01")], 0.75, MARGINS, "scale 0.75 was not tried"),
        ([*KEPT[:2], items(0.75, -0.01, lower=True)], 0.75, MARGINS, "scale 0.75 was not tried"),
        ([*KEPT[:2], items(0.75, -0.01) | {"more": 1}], 0.75, MARGINS, "scale 0.75 was not tried"),
    ],
)
def test_another_choice_by_spare_items_is_found_out(
    looks: list[dict[str, Any]], chosen: float, margins: dict[str, float] | None, found: str
) -> None:
    assert any(found in one for one in told(looks, chosen, margins))


def test_without_a_budget_no_spare_items_are_asked() -> None:
    said = {"scales_tried": KEPT[:3], "chosen_scale": 1.0}
    assert any("no budget asks" in one for one in prove_scale(said, BEST, 1.0, 0.12, MARGINS).examples)


@pytest.mark.parametrize("scale", ["1", None, -1, 2, True])
def test_a_scale_that_is_none_is_not_gone_by(scale: object) -> None:
    assert chosen_scale({"chosen_scale": scale}) == 1.0
