"""Scores of arms, sorted and compared: by item, by seed, by suite, and nothing that does not pair up."""

import polars as pl
import pytest

from evals.comparing import ScoresError
from evals.dividend import ARM_SCORES, Sittings, sittings

UNITS = {"garden": "bits per byte", "garden-choice": "share right", "prose": "bits per byte"}


def table(**arms: list[float]) -> pl.DataFrame:
    """Scores of six items in three suites; an arm's are shifted by what is named for each seed, the base has none."""
    asked = [("garden", "domain", n) for n in range(3)] + [("garden-choice", "domain", 0)]
    asked += [("prose", "retention", n) for n in range(2)]
    lines = [
        {
            "arm": arm, "seed": seed, "suite": suite, "role": role, "item": f"{suite}{n}", "cluster": f"{suite}{n}",
            "model": "candidate", "score": 1.0 if suite == "garden-choice" else shift - n,
        }
        for arm, shifts in arms.items()
        for seed, shift in enumerate(shifts)
        for suite, role, n in asked
    ]  # fmt: skip
    return pl.DataFrame(lines, schema=ARM_SCORES)


@pytest.fixture
def sat() -> Sittings:
    return sittings(table(base=[-2.0], curated=[-1.0, -0.9, -1.1], everything=[-1.5, -1.5, -1.2]), UNITS)


def test_arms_stand_in_their_order_and_suites_of_the_first_unit_are_judged(sat) -> None:
    assert sat.arms == ("base", "curated", "everything")
    assert sat.judged("domain") == ("garden",)
    assert sat.judged("retention") == ("prose",)


def test_a_difference_is_arm_minus_control_over_all_seeds(sat) -> None:
    found = sat.compare("curated", "everything", ["garden"])
    assert found.found.mean == pytest.approx(0.4)
    assert (found.arm, found.control, found.role, found.unit) == ("curated", "everything", "domain", "bits per byte")
    assert (found.trainings, found.control_trainings) == (3, 3)
    assert sat.compare("curated", "base", ["prose"]).found.mean == pytest.approx(1.0)


def test_the_order_of_lines_is_of_no_matter(sat) -> None:
    scores = table(base=[-2.0], curated=[-1.0, -0.9, -1.1], everything=[-1.5, -1.5, -1.2])
    scores = scores.with_columns(score=pl.col("score") * pl.col("item").str.len_bytes())
    one, other = (sittings(part, UNITS) for part in (scores, scores.sort("seed", "score")))
    for suite in UNITS:
        kept = [sat.compare("curated", "everything", [suite]).found for sat in (one, other)]
        assert kept[0].mean == pytest.approx(kept[1].mean)
        assert kept[0].rest == pytest.approx(kept[1].rest)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda all: all.filter(pl.col("arm") != "base"), "no scores of the base"),
        (lambda all: all.filter(~((pl.col("arm") == "curated") & (pl.col("item") == "garden1"))), "did not sit"),
        (lambda all: all.with_columns(score=pl.lit(float("nan"))), "not a finite number"),
    ],
    ids=["no base", "an item less", "no number"],
)
def test_what_does_not_pair_up_is_refused(spoil, told) -> None:
    with pytest.raises(ScoresError, match=told):
        sittings(spoil(table(base=[-2.0], curated=[-1.0, -0.9, -1.1])), UNITS)
