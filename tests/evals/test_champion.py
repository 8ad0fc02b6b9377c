"""Beside the champion: what is better, as good, worse, and what many small losses come to."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from evals import judging
from evals.champion import Predecessor, judge, rejudge
from evals.items import SCORES
from evals.verdict import Gate, Verdict

N = 40
CHAMPION = Predecessor(model="champion", run="20260101-000000-garden", taken=True)
ORIGINAL = Predecessor(model="original", run="20250101-000000-garden", taken=True)


def rows(model: str, domain: np.ndarray, wiki: np.ndarray) -> pl.DataFrame:
    lines = [
        (suite, role, f"{suite}/{n}", str(n), model, float(score))
        for suite, role, scores in (("garden", "domain", domain), ("wiki", "retention", wiki))
        for n, score in enumerate(scores)
    ]
    return pl.DataFrame(lines, SCORES, orient="row")


def three(spread, beside: tuple[float, float], wiki: tuple[float, float] = (0.0, 0.005)) -> pl.DataFrame:
    """Base, a champion that gains .2, and a candidate that differs from it by an interval: mean ± half a width."""
    base = np.linspace(-2, -1, N)
    return pl.concat(
        [
            rows("base", base, base),
            rows("champion", base + 0.2, base),
            rows("candidate", base + 0.2 + spread(*beside), base + spread(*wiki)),
        ]
    )


@pytest.mark.parametrize(
    ("beside", "wiki", "better", "not_worse"),
    [
        ((0.030, 0.02), (0, 0.005), "SHIP", "SHIP"),
        ((0.000, 0.01), (0, 0.005), "INCONCLUSIVE", "SHIP"),  # as good
        ((-0.005, 0.01), (0, 0.005), "INCONCLUSIVE", "SHIP"),  # as good, within the margin of .02
        ((-0.008, 0.005), (0, 0.005), "REJECT", "SHIP"),  # as good, and surely not better
        ((-0.015, 0.01), (0, 0.005), "REJECT", "INCONCLUSIVE"),  # surely no better; may lose .025
        ((0.000, 0.05), (0, 0.005), "INCONCLUSIVE", "INCONCLUSIVE"),  # too few items
        ((-0.040, 0.01), (0, 0.005), "REJECT", "REJECT"),
        ((0.030, 0.02), (-0.04, 0.01), "REJECT", "REJECT"),
        ((0.030, 0.02), (-0.015, 0.01), "INCONCLUSIVE", "INCONCLUSIVE"),
    ],
)
def test_the_decision_beside_the_champion(spread, beside, wiki, better, not_worse):
    scores = three(spread, beside, wiki)
    for rule, decision in (("better", better), ("not-worse", not_worse)):
        verdict = judge(scores, Gate(champion=rule), predecessors=[CHAMPION])
        assert verdict.decision == decision, rule
        assert verdict.champion.verdict.decision == decision
        line = 0.0 if rule == "better" else -0.02
        assert verdict.champion.verdict.gain.line == line
        assert verdict.champion.verdict.gain.mean == pytest.approx(beside[0])
        assert verdict.champion.verdict.retention[0].mean == pytest.approx(wiki[0])


def test_one_suite_as_good_as_the_champion_does_not_hide_that_another_is_worse(spread):
    scores = three(spread, (0.0, 0.005))
    shed = scores.filter(suite="garden").with_columns(suite=pl.lit("shed"), item="shed/" + pl.col("cluster"))
    fallen = pl.when(model="candidate").then(pl.col("score") - 0.1).otherwise("score")
    both = pl.concat([scores, shed.with_columns(score=fallen)])
    verdict = judge(both, Gate(champion="not-worse", gain="any"), predecessors=[CHAMPION])
    assert judging.judge(both, Gate(gain="any")).decision == "SHIP"
    assert (verdict.decision, verdict.champion.verdict.decision) == ("REJECT", "REJECT")
    assert "shed" in verdict.reason


def test_one_that_is_as_good_is_told_so_and_called_no_harm(spread):
    as_good = judge(three(spread, (0.0, 0.01)), Gate(), predecessors=[CHAMPION])
    assert as_good.reason.startswith(
        f"it is as good as the champion ({CHAMPION.run}) within the margin, and not surely"
    )
    assert 40 < as_good.champion.verdict.gain.items_needed / 40 < 44  # it lies on the line
    no_better = judge(three(spread, (-0.008, 0.005)), Gate(), predecessors=[CHAMPION])
    assert no_better.reason.startswith(
        f"it is as good as the champion ({CHAMPION.run}) within the margin, and surely not"
    )
    worse = judge(three(spread, (-0.015, 0.01)), Gate(), predecessors=[CHAMPION])
    assert worse.reason.startswith(f"beside the champion ({CHAMPION.run}), garden gains too little: -0.0150")
    open_ = judge(three(spread, (0.001, 0.05)), Gate(), predecessors=[CHAMPION])
    assert open_.reason.startswith(f"beside the champion ({CHAMPION.run}), garden lies between")


def test_what_the_champion_gained_on_a_retention_suite_is_not_lost_again(spread):
    base = np.linspace(-2, -1, N)
    scores = pl.concat(
        [
            rows("base", base, base),
            rows("champion", base + 0.2, base + 0.10),
            rows("candidate", base + 0.3 + spread(0, 0.01), base + spread(0, 0.005)),
        ]
    )
    assert judging.judge(scores, Gate()).decision == "SHIP"
    verdict = judge(scores, Gate(), predecessors=[CHAMPION])
    assert verdict.decision == "REJECT"
    assert verdict.reason.startswith(f"beside the champion ({CHAMPION.run}), wiki loses too much: -0.1000")


def test_without_a_champion_it_is_the_verdict_beside_the_base(spread, domain, suite):
    scores = pl.concat([domain(0.1, 0.05), suite("wiki", spread(-0.015, 0.01))])
    assert judge(scores, Gate()) == judging.judge(scores, Gate())


def chain(spread, losses: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Champions in a row: each gains .05 ± .01 in the domain and loses .01 ± .003 of the wiki."""
    rng = np.random.default_rng(0)
    made = [(np.linspace(-2, -1, N), np.linspace(-2, -1, N))]
    for _ in range(losses):
        order = rng.permutation(N)
        made.append((made[-1][0] + spread(0.05, 0.01)[order], made[-1][1] + spread(-0.01, 0.003)[order]))
    return made


def test_five_losses_of_one_percent_fail_though_each_passes_beside_the_champion(spread):
    models = chain(spread, 5)
    decisions = []
    for at in range(2, 6):
        named = (("base", models[0]), ("champion", models[at - 1]), ("candidate", models[at]))
        verdict = judge(pl.concat([rows(name, *one) for name, one in named]), Gate(), predecessors=[CHAMPION])
        assert verdict.champion.verdict.decision == "SHIP"
        decisions.append(verdict.decision)
    # -.02 lies on the line, so that no number of items decides it; -.03, -.04, -.05 are beyond.
    assert decisions == ["INCONCLUSIVE", "REJECT", "REJECT", "REJECT"]


def test_nor_do_they_pass_where_each_champion_is_merged_into_the_base_of_the_next(spread):
    models = chain(spread, 5)
    decisions = []
    for at in range(2, 6):
        named = (
            ("base", models[at - 1]),
            ("champion", models[at - 1]),
            ("candidate", models[at]),
            ("original", models[0]),
        )
        scores = pl.concat([rows(name, *one) for name, one in named])
        assert judge(scores, Gate(), predecessors=[CHAMPION]).decision == "SHIP"
        verdict = judge(scores, Gate(), predecessors=[CHAMPION, ORIGINAL])
        decisions.append(verdict.decision)
        assert verdict.original.verdict.retention[0].mean == pytest.approx(-0.01 * at)
    assert decisions == ["INCONCLUSIVE", "REJECT", "REJECT", "REJECT"]
    assert verdict.reason.startswith("beside the original base, wiki loses too much: -0.0500")


def test_what_could_not_be_compared_is_not_proven(spread):
    gone = CHAMPION.model_copy(update={"missing": "its adapter is gone"})
    verdict = judge(three(spread, (0.03, 0.02)), Gate(), predecessors=[gone])
    assert verdict.decision == "INCONCLUSIVE"
    assert verdict.reason == (
        f"the candidate could not be compared with the champion ({CHAMPION.run}), because its adapter is gone"
    )
    worse = judge(three(spread, (-0.5, 0.02)), Gate(), predecessors=[gone])
    assert worse.decision == "REJECT"


def test_items_that_may_be_given_away_are_left_out_beside_the_champion_too(spread):
    d = np.concatenate([np.full(10, 0.5), spread(0.0, 0.01, 30)])
    base = np.linspace(-2, -1, N)
    scores = pl.concat(
        [rows("base", base, base), rows("champion", base + 0.2, base), rows("candidate", base + 0.2 + d, base + spread(0, 0.005))]
    )  # fmt: skip
    given = [f"garden/{n}" for n in range(10)]
    assert judge(scores, Gate(), predecessors=[CHAMPION]).decision == "SHIP"
    verdict = judge(scores, Gate(), unsure=given, predecessors=[CHAMPION])
    assert verdict.decision == "INCONCLUSIVE"
    assert verdict.sure.decision == "SHIP"  # beside the base
    assert verdict.champion.verdict.sure.decision == "INCONCLUSIVE"
    assert verdict.champion.verdict.unsure == 10


@pytest.mark.parametrize(
    "gate",
    [
        Gate(),
        Gate(champion="not-worse"),
        Gate(margin=0.05, alpha=0.01),
        Gate(min_gain=0.3),
        Gate(margins={"wiki": 0.1}),
    ],
)
def test_another_gate_judges_the_kept_verdict_as_it_would_have_judged_the_scores(spread, gate):
    scores = pl.concat([three(spread, (-0.005, 0.01), (-0.015, 0.01)), rows("original", *[np.linspace(-2, -1, N)] * 2)])
    given = ["garden/3", "wiki/5"]
    kept = judge(scores, Gate(), unsure=given, predecessors=[CHAMPION, ORIGINAL])
    kept = Verdict.model_validate_json(kept.model_dump_json())
    asked = judge(scores, gate, unsure=given, predecessors=[CHAMPION, ORIGINAL])
    assert rejudge(kept, gate) == asked
    assert Verdict.model_validate_json(asked.model_dump_json()) == asked


def test_no_better_a_candidate_ships_wrongly_as_rarely_as_alpha_says():
    """A simulation: in truth as good as the champion, better than the base, nothing forgotten."""
    rng = np.random.default_rng(1)
    base, shipped, trials = np.linspace(-2, -1, N), 0, 100
    for _ in range(trials):
        noise = [rng.normal(0, 0.03, N) for _ in range(4)]
        scores = pl.concat(
            [
                rows("base", base, base),
                rows("champion", base + 0.2 + noise[0], base + 0.005 * noise[1]),
                rows("candidate", base + 0.2 + noise[2], base + 0.005 * noise[3]),
            ]
        )
        shipped += judge(scores, Gate(), predecessors=[CHAMPION]).decision == "SHIP"
    assert 0 < shipped / trials <= 0.12  # .05 and 3 standard errors
