"""How far a candidate sits the exam: cheapest first, in looks where a suite is large, no further than decides."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from evals.calibration import decide
from evals.champion import Predecessor
from evals.champion import judge as decide_beside
from evals.comparing import ScoresError, pair_up
from evals.items import ITEMS, SCORES
from evals.judging import judge, rejudge
from evals.paired import paired
from evals.sequential import levels
from evals.sitting import Sitting, looks_at, seen, sit_until_decided
from evals.verdict import Gate, Verdict

KINDS = {"domain": "completion", "news": "text", "quiz": "choice", "essay": "generate"}
PLENTY = {"domain": 40, "news": 40, "quiz": 60, "essay": 40}


def exam(sizes: Mapping[str, int] = PLENTY, *, kinds: Mapping[str, str] = KINDS) -> pl.DataFrame:
    """Items of suites of which only the domain's is no retention suite; each is a document of its own."""
    rows = [
        (suite, "domain" if suite.startswith("domain") else "retention", kinds[suite], f"{suite}/{n}", f"{suite}-{n}",
         [{"role": "user", "content": "What?"}], "It.", ["It.", "No."] if kinds[suite] == "choice" else [], 0)
        for suite, size in sizes.items()
        for n in range(size)
    ]  # fmt: skip
    return pl.DataFrame(rows, ITEMS, orient="row")


class Asked:
    """A candidate whose scores differ from the base's by what is told of each suite, and what it was asked."""

    def __init__(self, items: pl.DataFrame, moved: Mapping[str, float], seed: int = 0, spread: float = 0.01) -> None:
        rng = np.random.default_rng(seed)
        keys = items.select("suite", "role", "item", "cluster")
        mean = np.array([moved.get(suite, 0.0) for suite in keys["suite"]])
        after = -1 + mean + spread * rng.standard_normal(items.height)
        sides = [keys.with_columns(model=pl.lit("base"), score=pl.lit(-1.0))]
        sides.append(keys.with_columns(pl.Series("score", after), model=pl.lit("candidate")))
        self.scores = pl.concat(side.select(SCORES.keys()) for side in sides)
        self.items, self.asked, self.parts = items, list[str](), list[list[str]]()

    def ask(self, part: pl.DataFrame) -> None:
        self.parts.append(part["item"].to_list())
        self.asked += self.parts[-1]

    def judged(self, sitting: Sitting, gate: Gate = Gate()) -> Verdict:  # noqa: B008 - frozen
        known = self.scores.filter((pl.col("model") == "base") | pl.col("item").is_in(self.asked))
        return judge(known, gate, sitting=sitting)

    def sit(self, gate: Gate = Gate()) -> Sitting:  # noqa: B008 - frozen
        return sit_until_decided(self.items, gate, self.ask, lambda sitting: self.judged(sitting, gate))

    def suites(self) -> list[str]:
        return list(dict.fromkeys(item.partition("/")[0] for item in self.asked))


def test_what_the_gain_is_judged_on_comes_first_then_the_cheapest() -> None:
    # Named and ordered against the cost, of which the kind decides, and then the number of bytes.
    sizes = {"essay": 5, "quiz": 30, "quiz2": 20, "news": 50, "domain-quiz": 40, "domain": 60}
    kinds = {**KINDS, "quiz2": "choice", "domain-quiz": "choice"}
    one = Asked(exam(sizes, kinds=kinds), {"domain": 0.1})
    assert one.sit() == Sitting()
    assert one.suites() == ["domain", "news", "quiz2", "quiz", "domain-quiz", "essay"]
    assert sorted(one.asked) == sorted(one.items["item"])


@pytest.mark.parametrize(
    ("moved", "asked"),
    [
        ({"domain": -0.1}, ["domain"]),  # no gain: nothing else is asked
        ({"domain": 0.1, "news": -0.1}, ["domain", "news"]),
        ({"domain": 0.1, "quiz": -0.1}, ["domain", "news", "quiz"]),
        ({"domain": 0.1, "essay": -0.1}, ["domain", "news", "quiz", "essay"]),
        ({"domain": 0.1, "news": -0.019, "essay": -0.1}, ["domain", "news", "quiz", "essay"]),  # open is no end
        ({"domain": 0.0}, ["domain", "news", "quiz", "essay"]),
    ],
)
def test_a_candidate_is_asked_until_it_is_rejected(moved, asked) -> None:
    one = Asked(exam(), moved)
    sitting = one.sit()
    assert one.suites() == asked
    assert [skipped.suite for skipped in sitting.skipped] == [name for name in KINDS if name not in asked]
    verdict, whole = one.judged(sitting), judge(one.scores)
    assert verdict.decision == whole.decision
    assert [line.suite for line in verdict.retention] == [name for name in asked if name != "domain"]
    assert all(line in whole.retention for line in verdict.retention)


def test_a_look_of_which_every_item_is_refused_decides_nothing() -> None:
    one = Asked(exam({"domain": 40, "news": 400}), {"domain": 0.1, "news": -0.1})
    first = next(iter(seen("news", one.items.filter(suite="news")["cluster"], 4)))[0]
    refused = one.items.filter(suite="news").filter(pl.Series(first))["item"]
    one.scores = one.scores.filter(~pl.col("item").is_in(refused.implode()))
    gate = Gate(margins={"news": 0.05})
    sitting = one.sit(gate)
    assert sitting.looks == {"news": (0.25, 0.5)}
    assert one.judged(sitting, gate).decision == "REJECT"


def test_a_whole_exam_is_asked_in_the_same_parts_where_the_gate_says_so() -> None:
    """So that what a candidate was asked already need not be asked again."""
    one = Asked(exam({"domain": 40, "news": 400, "quiz": 40}), {"domain": -0.1, "news": 0.1})
    assert one.sit(Gate(examine="whole")) == Sitting()
    assert sorted(one.asked) == sorted(one.items["item"])
    other = Asked(one.items, {"domain": 0.1})
    other.sit()
    assert one.parts == other.parts
    assert len(one.parts) == 6


@pytest.mark.parametrize("moved", [0.0, -0.0195])
def test_nothing_passes_before_all_of_it_was_asked(moved) -> None:
    one = Asked(exam({"domain": 40, "news": 401}), {"domain": 0.1, "news": moved})
    sitting = one.sit()
    assert sitting.looks == {"news": (0.25, 0.5, 0.75, 1.0)}
    assert sorted(one.asked) == sorted(one.items["item"])
    verdict, whole = one.judged(sitting), judge(one.scores)
    line, at_once = verdict.retention[0], whole.retention[0]
    assert (verdict.decision, line.status, line.lower) == (whole.decision, at_once.status, at_once.lower)
    assert line.level == pytest.approx(0.043, abs=1e-3)
    assert line.upper > at_once.upper
    assert line.note.startswith("look 4, at all of its documents, by level 0.043")


def test_a_large_suite_is_asked_until_it_surely_loses_too_much() -> None:
    one = Asked(exam({"domain": 40, "news": 400, "quiz": 40}), {"domain": 0.1, "news": -0.2}, spread=0.05)
    sitting = one.sit()
    assert sitting.looks == {"news": (0.25,)}
    assert [skipped.suite for skipped in sitting.skipped] == ["quiz"]
    assert sitting.unasked == ("news", "quiz")
    (line,) = one.judged(sitting).retention
    assert (line.status, line.n, line.level) == ("fail", len(one.asked) - 40, levels([0.25], 0.05)[0])
    assert 75 < line.n < 125
    assert line.note.startswith("look 1, at about 25% of its documents, by level 8.9e-05")
    assert sitting.left(one.items) == {"news": 400 - line.n, "quiz": 40}


def test_a_suite_that_was_asked_in_part_ships_by_no_gate() -> None:
    one = Asked(exam({"domain": 40, "news": 400}), {"domain": 0.1, "news": -0.2}, spread=0.05)
    verdict = one.judged(one.sit())
    lax = rejudge(verdict, Gate(margin=0.9))
    assert (lax.decision, lax.retention[0].status) == ("INCONCLUSIVE", "undecided")
    assert lax.reason.startswith("the candidate was not asked all of news, since by the run's own gate")


@pytest.mark.parametrize("alpha", [1e-6, 0.05, 0.49])
def test_levels_too_small_to_decide_anything_leave_a_suite_open(alpha) -> None:
    gate = Gate(alpha=alpha, looks=20)
    one = Asked(exam({"domain": 40, "news": 1200}), {"domain": 0.1, "news": -0.0195})
    sitting = one.sit(gate)
    assert len(sitting.looks["news"]) == 20
    assert one.judged(sitting, gate).retention[0].n == 1200


@pytest.mark.parametrize(
    ("documents", "looks", "made"), [(99, 4, 0), (100, 4, 2), (150, 2, 2), (199, 4, 3), (1000, 4, 4), (1000, 1, 0)]
)
def test_looks_are_as_many_as_see_about_fifty_documents_each(documents, looks, made) -> None:
    one = Asked(exam({"domain": 40, "news": documents}), {"domain": 0.1, "news": -0.02})
    sitting = one.sit(Gate(looks=looks))
    assert len(sitting.looks.get("news", ())) == made


def test_documents_are_asked_whole_and_in_an_order_of_their_own() -> None:
    items = exam({"domain": 40, "news": 400}).with_columns(
        cluster=pl.when(pl.col("suite") == "news").then(pl.format("d{}", pl.int_range(pl.len()) // 2)).otherwise("item")
    )
    one = Asked(items, {"domain": 0.1, "news": -0.2})
    one.sit()
    news = items.filter(suite="news")
    found = news.filter(pl.col("item").is_in(one.asked))
    assert found.height == 2 * found["cluster"].n_unique()
    assert 70 < found.height < 130
    assert found["item"].to_list() != news["item"].head(found.height).to_list()
    other = Asked(items.reverse(), {"domain": 0.1, "news": -0.2})
    other.sit()
    assert set(one.asked) == set(other.asked)


def test_what_a_look_saw_is_the_same_where_other_items_could_not_be_asked() -> None:
    """A chat template may refuse items, of all models alike: scores then hold fewer documents than the exam."""
    one = Asked(exam({"domain": 40, "news": 400}), {"domain": 0.1, "news": -0.2})
    sitting = one.sit()
    assert sitting.looks == {"news": (0.25,)}
    kept = one.scores.filter(~pl.col("item").is_in([f"news/{n}" for n in range(0, 400, 7)]))
    left = sitting.asked(kept.filter(model="candidate"))
    assert set(left["item"]) == set(one.asked) & set(kept["item"])
    assert sitting.asked(one.scores.filter(model="candidate"))["item"].to_list() != []
    assert set(sitting.asked(one.items)["item"]) == set(one.asked)


def test_the_domain_is_never_asked_in_looks() -> None:
    one = Asked(exam({"domain": 1000}), {"domain": 0.1})
    assert one.sit() == Sitting()
    assert len(one.asked) == 1000


@pytest.mark.parametrize("suites", [["essay"], ["news", "essay"], ["domain"]])
def test_suites_without_a_sure_item_decide_as_in_an_exam_asked_whole(suites) -> None:
    """Where of some suite no item is sure, there is no second verdict, be that suite asked or not."""
    items = exam()
    one = Asked(items, {"domain": 0.1}, spread=0.01)
    unsure = items.filter(pl.col("suite").is_in(suites))["item"].to_list() + [f"domain/{n}" for n in range(20)]
    lost = pl.col("item").is_in([f"domain/{n}" for n in range(20, 40)]) & (pl.col("model") == "candidate")
    one.scores = one.scores.with_columns(score=pl.when(lost).then(-1.05).otherwise("score"))
    found = sit_until_decided(items, Gate(), one.ask, lambda s: judge(one.scores, unsure=unsure, sitting=s))
    verdict, whole = judge(one.scores, unsure=unsure, sitting=found), judge(one.scores, unsure=unsure)
    assert (verdict.decision, verdict.doubted) == (whole.decision, whole.doubted)


def test_a_look_of_which_no_item_is_sure_settles_nothing() -> None:
    items = exam({"domain": 40, "news": 400})
    one, first = Asked(items, {"domain": 0.1}), Asked(items, {"domain": 0.1, "news": -0.2})
    first.sit()
    unsure = [item for item in first.asked if item.startswith("news/")]
    sitting = sit_until_decided(items, Gate(), one.ask, lambda s: judge(one.scores, unsure=unsure, sitting=s))
    found = judge(one.scores, unsure=unsure, sitting=sitting)
    assert found.decision == judge(one.scores, unsure=unsure).decision == "SHIP"


def test_a_candidate_is_as_good_as_the_champion_only_in_what_it_was_asked() -> None:
    one = Asked(exam(), {"domain": 0.1, "news": -0.5})
    better = pl.col("score") + 0.01 * (1 + pl.int_range(pl.len()) % 2 / 9)
    champion = one.scores.filter(model="candidate").with_columns(
        model=pl.lit("champion"), score=pl.when(pl.col("role") == "domain").then(better).otherwise(-1.0)
    )
    scores = pl.concat([one.scores, champion.select(SCORES.keys())])
    known = [Predecessor(model="champion", run="r1")]

    def judged(sitting: Sitting) -> Verdict:
        return decide_beside(scores, Gate(), predecessors=known, sitting=sitting)

    verdict = judged(sit_until_decided(one.items, Gate(), one.ask, judged))
    assert verdict.decision == "REJECT"
    assert "as good as" not in verdict.reason


def test_what_was_not_asked_keeps_a_laxer_gate_from_shipping() -> None:
    one = Asked(exam(), {"domain": 0.1, "news": -0.1})
    verdict = one.judged(one.sit())
    assert verdict.decision == "REJECT"
    assert rejudge(verdict, Gate()) == verdict
    lax = rejudge(verdict, Gate(margin=0.5, margins={"quiz": 0.1}))
    assert lax.decision == "INCONCLUSIVE"
    assert lax.reason == (
        "the candidate was not asked all of quiz and essay, since by the run's own gate the verdict was decided before; "
        "with this gate in the recipe, `winnow run` asks the rest"
    )
    with pytest.raises(ScoresError, match="no retention suite poems; it has news, quiz, essay"):
        rejudge(verdict, Gate(margins={"poems": 0.1}))


def test_another_level_is_spent_on_the_same_looks() -> None:
    one = Asked(exam({"domain": 40, "news": 400}), {"domain": 0.1, "news": -0.0195})
    verdict = one.judged(one.sit())
    (line,) = rejudge(verdict, Gate(alpha=0.01)).retention
    assert line.level == levels(line.looks, 0.01)[-1]
    assert rejudge(verdict, Gate()) == verdict
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


def test_scores_that_a_sitting_takes_must_be_there() -> None:
    one = Asked(exam(), {"domain": 0.1})
    one.ask(one.items.filter(suite="domain"))
    with pytest.raises(ScoresError, match="news/0 of suite news was scored by base only"):
        one.judged(Sitting())


def test_the_quick_decision_of_a_calibration_is_that_of_looks() -> None:
    found = set()
    for seed in range(30):
        rng = np.random.default_rng(seed)
        moved = {"domain": 0.1, "news": rng.choice([-0.06, -0.05, -0.04]), "quiz": rng.choice([-0.05, 0.0])}
        one = Asked(exam({"domain": 40, "news": 300, "quiz": 40}), moved, seed=seed, spread=0.1)
        gate = Gate(margin=0.05, looks=3)
        decision = one.judged(one.sit(gate), gate).decision
        assert decision == decide(pair_up(one.scores, "base", "candidate"), gate)
        found.add(decision)
    assert found == {"SHIP", "REJECT", "INCONCLUSIVE"}


SHAPES = {
    "normal": lambda rng, size: 0.4 * rng.standard_normal(size),
    "heavy tails": lambda rng, size: 0.2 * rng.standard_t(3, size),
    "rare losses": lambda rng, size: -2.0 * ((rng.random(size) < 0.05) - 0.05) + 0.01 * rng.standard_normal(size),
    "rare gains": lambda rng, size: 2.0 * ((rng.random(size) < 0.05) - 0.05) + 0.01 * rng.standard_normal(size),
    "a gain in fifty": lambda rng, size: 0.5 * ((rng.random(size) < 0.02) - 0.02) + 0.01 * rng.standard_normal(size),
    "a gain in a hundred": lambda rng, size: (
        1.0 * ((rng.random(size) < 0.01) - 0.01) + 0.01 * rng.standard_normal(size)
    ),
}
BITS = 3.0  # that the base takes for a byte, so that no gain above is more than there is


@pytest.mark.parametrize("documents", [100, 200, 400])
@pytest.mark.parametrize("shape", SHAPES)
def test_looks_let_no_more_pass_and_reject_about_as_rarely_as_one_look(shape, documents) -> None:
    """A suite that loses just its margin: looks may reject it at alpha in all, and pass it no more often than one."""
    rng = np.random.default_rng(documents)
    margin, times = 0.05, 1000
    masks = [*seen("news", [f"news-{n}" for n in range(documents)], looks_at(documents, Gate()))]
    level = levels([share for _, share in masks], 0.05)
    rejected = rejected_once = passed = passed_once = 0
    for _ in range(times):
        candidate = np.minimum(SHAPES[shape](rng, documents) - margin - BITS, 0.0)
        looks = [paired(np.full(mask.sum(), -BITS), candidate[mask], np.arange(mask.sum())) for mask, _ in masks]
        upper = [one.upper(at, early=share < 1) for one, at, (_, share) in zip(looks, level, masks, strict=True)]
        reject = any(one < -margin for one in upper)
        rejected, passed = rejected + reject, passed + (not reject and looks[-1].lower(0.05) > -margin)
        rejected_once += looks[-1].upper(0.05) < -margin
        passed_once += looks[-1].lower(0.05) > -margin
    assert passed <= passed_once
    chance = 2 * math.sqrt(0.05 * 0.95 / times)  # two standard errors of the count
    assert rejected / times <= max(0.05, rejected_once / times) + chance
    if shape in ("normal", "heavy tails"):
        assert rejected / times >= level[-1] - chance
    elif shape == "rare losses":
        assert rejected / times <= 0.05


def test_a_suite_whose_scores_may_rise_without_end_is_not_stopped_early() -> None:
    """What few documents gain may make up for all, and nothing tells how much that can be."""
    one = Asked(exam({"domain": 40, "news": 400}), {"domain": 0.1, "news": -0.2}, spread=0.05)
    one.scores = one.scores.with_columns(
        pl.when(pl.col("suite") == "news").then(pl.col("score") + 9).otherwise("score")
    )
    assert one.sit().looks == {"news": (0.25, 0.5, 0.75, 1.0)}
    first = next(mask for mask, _ in seen("news", [f"news-{n}" for n in range(400)], 4))
    late = [f"news/{n}" for n in np.flatnonzero(~first)]
    gained = pl.when(pl.col("item").is_in(late) & (pl.col("model") == "candidate")).then(pl.col("score") + 0.4)
    one.scores = one.scores.with_columns(score=gained.otherwise("score"))
    assert decide(pair_up(one.scores, "base", "candidate"), Gate()) == judge(one.scores).decision == "SHIP"


@pytest.mark.parametrize("documents", [100, 200, 1000])
def test_right_or_wrong_answers_are_rejected_wrongly_at_alpha_at_most(documents) -> None:
    margin, looks = 0.05, looks_at(documents, Gate())
    ends = [documents * (look + 1) // looks for look in range(looks)]
    level = levels([end / documents for end in ends], 0.05)
    rng = np.random.default_rng(documents)
    rejected, times = 0, 1500
    for _ in range(times):
        base, candidate = _right_or_wrong(rng, documents)
        found = [paired(base[:end], candidate[:end], np.arange(end)) for end in ends]
        rejected += any(one.upper(at) < -margin for one, at in zip(found, level, strict=True))
    assert 0.02 <= rejected / times <= 0.065


def _right_or_wrong(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers of which the candidate alone gets 5% right, and the base alone 10%."""
    drawn = rng.choice(4, size=size, p=[0.05, 0.10, 0.45, 0.40])
    return np.isin(drawn, (1, 2)).astype(float), np.isin(drawn, (0, 2)).astype(float)
