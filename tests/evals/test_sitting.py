"""How far a candidate sits the exam: cheapest first, in looks where a suite is large, no further than decides."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from evals.calibration import decide
from evals.comparing import ScoresError, pair_up
from evals.items import ITEMS, SCORES
from evals.judging import judge, rejudge
from evals.paired import paired
from evals.sequential import levels
from evals.sitting import LOOK_CLUSTERS, Sitting, sit_until_decided
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
        self.items, self.asked = items, list[str]()

    def ask(self, part: pl.DataFrame) -> None:
        self.asked += part["item"].to_list()

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


def test_a_whole_exam_is_asked_where_the_gate_says_so() -> None:
    one = Asked(exam({"domain": 40, "news": 400}), {"domain": -0.1, "news": 0.1})
    assert one.sit(Gate(examine="whole")) == Sitting()
    assert one.asked == one.items["item"].to_list()


@pytest.mark.parametrize(("moved", "status"), [(0.0, "pass"), (-0.2, "fail")])
def test_a_large_suite_is_asked_until_its_line_is_decided(moved, status) -> None:
    one = Asked(exam({"domain": 40, "news": 400}), {"domain": 0.1, "news": moved}, spread=0.05)
    sitting = one.sit()
    assert sitting.looks == {"news": (0.25,)}
    (line,) = one.judged(sitting).retention
    assert (line.status, line.n, line.level) == (status, len(one.asked) - 40, levels([0.25], 0.05)[0])
    assert 75 < line.n < 125
    assert line.note.startswith("look 1, at about 25% of its documents, by level 8.9e-05")


def test_looks_go_on_while_a_line_is_open() -> None:
    one = Asked(exam({"domain": 40, "news": 401}), {"domain": 0.1, "news": -0.0195})
    sitting = one.sit()
    assert sitting.looks == {"news": (0.25, 0.5, 0.75, 1.0)}
    assert sorted(one.asked) == sorted(one.items["item"])
    assert one.judged(sitting).retention[0].level == pytest.approx(0.043, abs=1e-3)


@pytest.mark.parametrize(
    ("documents", "looks", "seen"), [(99, 4, 0), (100, 4, 2), (150, 2, 2), (199, 4, 3), (1000, 4, 4), (1000, 1, 0)]
)
def test_a_look_sees_at_least_fifty_documents(documents, looks, seen) -> None:
    one = Asked(exam({"domain": 40, "news": documents}), {"domain": 0.1, "news": -0.02})
    sitting = one.sit(Gate(looks=looks))
    assert len(sitting.looks.get("news", ())) == seen


def test_documents_are_asked_whole_and_in_an_order_of_their_own() -> None:
    items = exam({"domain": 40, "news": 400}).with_columns(
        cluster=pl.when(pl.col("suite") == "news").then(pl.format("d{}", pl.int_range(pl.len()) // 2)).otherwise("item")
    )
    one = Asked(items, {"domain": 0.1})
    one.sit()
    news = items.filter(suite="news")
    seen = news.filter(pl.col("item").is_in(one.asked))
    assert seen.height == 2 * seen["cluster"].n_unique()
    assert 70 < seen.height < 130
    assert seen["item"].to_list() != news["item"].head(seen.height).to_list()
    other = Asked(items.reverse(), {"domain": 0.1})
    other.sit()
    assert set(one.asked) == set(other.asked)


def test_what_a_look_saw_is_the_same_where_other_items_could_not_be_asked() -> None:
    """A chat template may refuse items, of all models alike: scores then hold fewer documents than the exam."""
    one = Asked(exam({"domain": 40, "news": 400}), {"domain": 0.1})
    sitting = one.sit()
    kept = one.scores.filter(~pl.col("item").is_in([f"news/{n}" for n in range(0, 400, 7)]))
    left = sitting.asked(kept.filter(model="candidate"))
    assert set(left["item"]) == set(one.asked) & set(kept["item"])
    assert sitting.asked(one.scores.filter(model="candidate"))["item"].to_list() != []
    assert set(sitting.asked(one.items)["item"]) == set(one.asked)


def test_the_domain_is_never_asked_in_looks() -> None:
    one = Asked(exam({"domain": 1000}), {"domain": 0.1})
    assert one.sit() == Sitting()
    assert len(one.asked) == 1000


def test_lines_of_items_that_may_be_given_away_must_be_decided_too() -> None:
    items = exam({"domain": 40, "news": 400})
    one = Asked(items, {"domain": 0.1}, spread=0.03)
    unsure = items.filter(suite="news")["item"].to_list()[:-60]
    assert Asked(items, {"domain": 0.1}, spread=0.03).sit().looks == {"news": (0.25,)}
    found = sit_until_decided(items, Gate(), one.ask, lambda s: judge(one.scores, Gate(), unsure=unsure, sitting=s))
    assert len(found.looks["news"]) > 1, "of 60 sure items a quarter decides nothing at the first level"


def test_what_was_not_asked_keeps_a_laxer_gate_from_shipping() -> None:
    one = Asked(exam(), {"domain": 0.1, "news": -0.1})
    verdict = one.judged(one.sit())
    assert verdict.decision == "REJECT"
    assert rejudge(verdict, Gate()) == verdict
    lax = rejudge(verdict, Gate(margin=0.5, margins={"quiz": 0.1}))
    assert lax.decision == "INCONCLUSIVE"
    assert lax.reason == (
        "the candidate was not asked quiz and essay, since by the run's own gate the verdict was decided before; to "
        "have all asked, set gate.examine: whole in the recipe"
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


@pytest.mark.parametrize("documents", [100, 200, 1000])
@pytest.mark.parametrize("drawn", ["graded", "right or wrong"])
def test_looks_pass_a_suite_on_its_line_as_rarely_as_one_look(drawn, documents) -> None:
    """A suite that loses its whole margin passes wrongly with chance alpha, however often it was looked at."""
    margin, looks = 0.05, min(4, documents // LOOK_CLUSTERS)
    ends = [documents * (look + 1) // looks for look in range(looks)]
    level = dict(zip(ends, levels([end / documents for end in ends], 0.05), strict=True))
    rng = np.random.default_rng(documents)
    passed, seen, times = 0, 0, 3000
    for _ in range(times):
        base, candidate = _graded(rng, documents, -margin) if drawn == "graded" else _right_or_wrong(rng, documents)
        for end in ends:
            found = paired(base[:end], candidate[:end], np.arange(end))
            lower, upper = found.lower(level[end]), found.upper(level[end])
            if lower > -margin or upper < -margin:
                break
        passed, seen = passed + (lower > -margin), seen + end
    # A handful of changed answers can't have every level: of 100 documents they pass less often than they may.
    assert (0.04 if drawn == "graded" else 0.03) <= passed / times <= 0.06
    assert seen < times * documents


def _graded(rng: np.random.Generator, size: int, mean: float) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(size), mean + 0.4 * rng.standard_normal(size)


def _right_or_wrong(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers of which the candidate alone gets 5% right, and the base alone 10%."""
    drawn = rng.choice(4, size=size, p=[0.05, 0.10, 0.45, 0.40])
    return np.isin(drawn, (1, 2)).astype(float), np.isin(drawn, (0, 2)).astype(float)
