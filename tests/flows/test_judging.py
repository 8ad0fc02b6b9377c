"""Judging a finished run by another gate, from the terminal."""

import math
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import t

from evals.champion import Predecessor
from evals.champion import judge as decide_beside
from evals.items import SCORES
from evals.judging import judge as decide
from evals.shortening import Cut
from evals.unrepaired import ELSEWHERE, Unrepaired
from evals.verdict import Gate, Skipped, Verdict
from flows.judging import judge
from tasks import runs, store
from tasks.rejudge import foresight


@pytest.fixture
def scores() -> pl.DataFrame:
    """A domain that gains .10 to .14, and a retention suite that loses .02 to .06 bits per byte."""
    rows = [
        (suite, role, f"{suite}/{n}", str(n), model, -1.0 + (model == "candidate") * (moved + 0.04 * (n % 2)))
        for suite, role, moved in (("garden", "domain", 0.1), ("wiki", "retention", -0.06))
        for n in range(40)
        for model in ("base", "candidate")
    ]
    return pl.DataFrame(rows, SCORES, orient="row")


@pytest.fixture
def run(home: Path, scores: pl.DataFrame) -> str:
    """A run that found these scores; the file of them is not there."""
    with runs.open_run("garden", config="name: garden\n") as opened:
        verdict = decide(scores, Gate())
        store.write_json(opened.folder / "verdict.json", verdict.model_dump(mode="json"))
        store.write_parquet(opened.folder / "receipts.parquet", pl.DataFrame({"id": ["a"]}))
        opened.commit(state="Rejected", reason=verdict.reason, facts={})
        return opened.folder.name


def test_a_wider_margin_turns_a_rejection_round(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(run, []) == 2
    assert judge(run, ["0.1"]) == 0
    told = capsys.readouterr().out
    assert "by its own gate: REJECT" in told
    assert "SHIP: the domain gains +0.1200" in told
    assert "set in the recipe: gate.margin: 0.1" in told


def test_the_line_of_a_gain_is_what_it_must_clear_rounding_included(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A gain of +.0005 that is left open would else seem to lie above its line, which the report gives as .001."""

    def line(**changes: float) -> str:
        judge(run, [], **changes)
        (found,) = [row.split() for row in capsys.readouterr().out.splitlines() if row.startswith("gain ")]
        return found[4]

    assert line() == "+0.001"
    assert line(min_gain=0.0004) == "+0.001"
    assert line(min_gain=0.004) == "+0.004"
    assert line(min_gain=0.5) == "+0.500"


def test_a_margin_with_which_a_suite_may_lose_all_is_refused(run: str) -> None:
    file = runs.find(run) / "verdict.json"
    verdict = Verdict.model_validate_json(file.read_bytes())
    (wiki,) = verdict.retention
    right = wiki.model_copy(update={"unit": "share right"})
    store.write_json(file, verdict.model_copy(update={"retention": (right,)}).model_dump(mode="json"))
    with pytest.raises(ValueError, match="the margin of wiki is 5, and its scores"):
        judge(run, ["wiki=5"])
    assert judge(run, []) == 2
    assert judge(run, ["0.1"]) == 0


def test_why_a_rejected_candidate_is_not_repaired_is_told_by_any_gate(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the run itself tried holds by its own gate alone; by another, a run must tell."""
    file = runs.find(run) / "verdict.json"
    verdict = Verdict.model_validate_json(file.read_bytes())

    def told(unrepaired: Unrepaired | None, margins: list[str], **changes: float) -> str:
        store.write_json(file, verdict.model_copy(update={"unrepaired": unrepaired}).model_dump(mode="json"))
        judge(run, margins, **changes)
        return " ".join(capsys.readouterr().out.split())

    failed = Unrepaired(why="no_scale_passes", sentence="no repair: of the scales tried none passes")
    assert "no repair: of the scales tried none passes." in told(failed, [])
    again = "no repair was tried, because that takes the model; with this gate in the recipe, `winnow run` tries"
    assert again in told(failed, ["0.03"])
    assert "no repair was tried, because the adapter was trained elsewhere" in told(ELSEWHERE, ["0.03"])
    assert "garden gains too little beside the base, and a smaller" in told(failed, [], min_gain=0.5)
    assert "no repair" not in told(failed, ["0.1"])


def test_what_a_harmless_candidate_could_pass_is_told_by_the_new_margin(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # T₃₉(.005 · √40 / .02025 − 1.685) = T₃₉(−.123) = .451
    judge(run, ["0.005"])
    narrow = capsys.readouterr().out
    judge(run, ["0.1"])
    assert "A candidate that truly loses nothing passes wiki in 45 of 100 exams." in narrow
    assert "A candidate that truly loses nothing passes wiki in 100 of 100 exams." in capsys.readouterr().out


def test_a_margin_that_no_suite_goes_by_is_told_with_how_to_name_one(
    run: str, scores: pl.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    """The recipes of all industries give each suite a margin of its own."""
    verdict = decide(scores, Gate(margins={"wiki": 0.03}))
    store.write_json(runs.find(run) / "verdict.json", verdict.model_dump(mode="json"))
    assert judge(run, ["0.1"]) == 2
    told = capsys.readouterr().out
    assert (
        "--margin 0.1 changes nothing here, as wiki has a margin of its own. Name the suite: --margin wiki=0.1" in told
    )
    assert "set in the recipe" not in told
    assert judge(run, ["wiki=0.1"]) == 0
    assert "changes nothing" not in capsys.readouterr().out


def test_one_suite_may_have_a_margin_of_its_own(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(run, ["wiki=0.04"], alpha=0.01) == 3
    assert "set in the recipe: gate.alpha: 0.01, gate.margins.wiki: 0.04" in capsys.readouterr().out


def test_a_wider_margin_does_not_ship_what_was_not_asked(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = runs.find(run) / "verdict.json"
    verdict = Verdict.model_validate_json(file.read_bytes())
    left = Skipped(suite="poems", role="retention", n=40)
    store.write_json(file, verdict.model_copy(update={"skipped": (left,)}).model_dump(mode="json"))
    assert judge(run, ["0.1"]) == 3
    told = capsys.readouterr().out
    assert "INCONCLUSIVE: the candidate was not asked all of poems, since by the run's own gate the verdict was" in told
    assert "not asked, since the verdict was decided before: poems (40 items)." in told


def test_an_end_that_lies_beyond_its_line_by_a_hair_does_not_seem_to_lie_on_it(
    run: str, scores: pl.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = (pl.col("model") == "candidate") & (pl.col("role") == "retention")
    hair = pl.when(kept).then(pl.col("score") + 0.0195).otherwise("score")  # −.0405 to −.0005, about −.0205
    verdict = decide(scores.with_columns(score=hair), Gate(alpha=0.45))
    store.write_json(runs.find(run) / "verdict.json", verdict.model_dump(mode="json"))
    assert judge(run, []) == 2
    line = next(line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("retention"))
    _, _, upper = line[3].partition("…")
    assert (upper, line[4], line[-1]) == ("-0.0201", "-0.020", "fail")
    assert verdict.retention[0].upper == pytest.approx(-0.0201, abs=5e-5)


@pytest.mark.parametrize(("margin", "line"), [("0.0001", "-0.0001"), ("0.02", "-0.020"), ("0.00125", "-0.00125")])
def test_a_line_is_told_in_as_many_decimals_as_the_margin_has(
    run: str, capsys: pytest.CaptureFixture[str], margin: str, line: str
) -> None:
    judge(run, [margin])
    (told,) = (line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("retention"))
    lower, _, upper = told[3].partition("…")
    assert told[4] == line
    assert {len(number.partition(".")[2]) for number in (told[2], lower, upper)} == {len(line.partition(".")[2])}


@pytest.fixture
def stopped(run: str, scores: pl.DataFrame) -> Path:
    """That run, whose candidate was not asked poems as well; the base was, and its scores are there."""
    folder = runs.find(run)
    verdict = Verdict.model_validate_json((folder / "verdict.json").read_bytes())
    left = Skipped(suite="poems", role="retention", n=60)
    store.write_json(folder / "verdict.json", verdict.model_copy(update={"skipped": (left,)}).model_dump(mode="json"))
    drawn = np.random.default_rng(0).normal(-1, 0.5, 60)
    poems = [("poems", "retention", f"poems/{n}", str(n), "base", float(score)) for n, score in enumerate(drawn)]
    store.write_parquet(folder / "scores.parquet", pl.concat([scores, pl.DataFrame(poems, SCORES, orient="row")]))
    return folder


def test_of_a_suite_that_was_not_asked_it_is_told_what_was_foreseen(
    stopped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By each gate, and as the run told it before training: by a usual spread, .15 of the base's."""
    sd = 0.15 * float(pl.read_parquet(stopped / "scores.parquet").filter(suite="poems")["score"].std())  # type: ignore[arg-type]
    for margin in (0.02, 0.03):
        judge(stopped.name, [str(margin)])
        told = " ".join(capsys.readouterr().out.split())
        chance = {
            "wiki": t.cdf(margin * math.sqrt(40) / (0.02 * math.sqrt(40 / 39)) - t.ppf(0.95, 39), 39),
            "poems": t.cdf(margin * math.sqrt(60) / sd - t.ppf(0.95, 59), 59),
        }
        assert f"all 2 retention suites in {100 * chance['wiki'] * chance['poems']:.0f} of 100 exams" in told
        assert f"and poems alone in {100 * chance['poems']:.0f}." in told


def test_it_is_foreseen_by_the_candidate_before_and_by_none_since(stopped: Path) -> None:
    """That is what the run knew before it trained: its own differences, and those of later runs, came after."""
    scores = pl.read_parquet(stopped / "scores.parquet")
    asked = pl.concat([scores, scores.filter(suite="poems").with_columns(model=pl.lit("candidate"))])
    moved = pl.col("score") + pl.when(pl.col("model") == "candidate").then(0.1 * (pl.int_range(pl.len()) % 2))
    asked = asked.with_columns(score=pl.coalesce(moved, "score"))
    for when, measured in (("20990101-000000-garden", False), ("20200101-000000-garden", True)):
        other = stopped.parent / when
        shutil.copytree(stopped, other)
        (other / "verdict.json").unlink()
        asked.write_parquet(other / "scores.parquet")
        assert {one.suite: one.measured for one in foresight(stopped, Gate())}["poems"] is measured


def test_without_readable_scores_a_verdict_is_judged_all_the_same(
    stopped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stopped / "scores.parquet").write_bytes(b"")
    assert judge(stopped.name, ["0.1"]) == 3
    assert "of poems no spread is known." in " ".join(capsys.readouterr().out.split())


def test_what_was_cut_is_told_by_any_gate(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = runs.find(run) / "verdict.json"
    verdict = Verdict.model_validate_json(file.read_bytes())
    cut = Cut(suite="wiki", n=3, of=40, limit=2048, unit="tokens")
    store.write_json(file, verdict.model_copy(update={"cut": (cut,)}).model_dump(mode="json"))
    assert judge(run, ["0.1"]) == 0
    told = "wiki: 3 of 40 items were longer than the model’s 2,048 tokens; their end counts."
    assert told in capsys.readouterr().out


def test_the_newest_run_is_judged_where_none_is_named(run: str) -> None:
    assert judge(None, ["0.1"], min_gain=0.5) == 2


@pytest.mark.parametrize("named", ["garden", None])
def test_a_pool_that_was_curated_since_hides_no_verdict(run: str, named: str | None) -> None:
    with runs.open_run("garden", config="name: garden\n") as opened:
        store.write_parquet(opened.folder / "receipts.parquet", pl.DataFrame({"id": ["a"]}))
        opened.commit(state="Curated", reason="", facts={})
    assert judge(named, ["0.1"]) == 0


def test_whether_the_gain_is_knowledge_is_told_and_its_line_may_be_moved(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        (suite, "domain", f"{suite}/{n}", str(n), model, base + (model == "candidate") * gain)
        for n in range(60)
        for suite, base, gain in (("garden", -1.0, 0.1 + 0.04 * (n % 2)), ("which", float(n < 30), (n > 56) - (n < 3)))
        for model in ("base", "candidate")
    ]
    with runs.open_run("garden", config="name: garden\n") as opened:
        verdict = decide(pl.DataFrame(rows, SCORES, orient="row"), Gate())
        store.write_json(opened.folder / "verdict.json", verdict.model_dump(mode="json"))
        opened.commit(state="Accepted", reason=verdict.reason, facts={})
    assert judge(opened.folder.name, []) == 0
    assert "multiple choice is too small to tell format from knowledge: about" in capsys.readouterr().out
    assert judge(opened.folder.name, [], knowledge=0.2) == 0
    told = capsys.readouterr().out
    assert "format, not knowledge: bits per byte gain +0.1200, but which changes by +0.0 points" in told
    assert "set in the recipe: gate.knowledge: 0.2" in told


@pytest.mark.parametrize(
    ("margins", "changes", "sentence"),
    [
        (["wide"], {}, "--margin wide: a margin is a number, such as 0.05, or NAME=0.05 of one suite"),
        (["=0.1"], {}, "--margin =0.1: a margin is a number, such as 0.05, or NAME=0.05 of one suite"),
        (["nan"], {}, "--margin nan: a margin is a number"),
        (["wikis=0.1"], {}, "no retention suite wikis; it has wiki"),
        (["-0.1"], {}, "gate.margin: Input should be greater than 0"),
        (["wiki=0"], {}, "gate.margins.wiki: Input should be greater than 0"),
        ([], {"alpha": 0.7}, "gate.alpha: Input should be less than 0.5"),
    ],
)
def test_a_gate_that_makes_no_sense_is_told(
    run: str, margins: list[str], changes: dict[str, float], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        judge(run, margins, **changes)


def test_the_comparison_with_the_champion_is_judged_anew_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The champion kept .03 more of the wiki than base and candidate do: by a wider margin that is no loss."""
    moved = {"base": (0.0, 0.0), "candidate": (0.1, 0.0), "champion": (0.05, 0.03)}
    rows = [
        (suite, role, f"{suite}/{n}", str(n), model, -1.0 + by[place] + 0.001 * ((n + len(model)) % 4 - 1.5))
        for place, (suite, role) in enumerate((("garden", "domain"), ("wiki", "retention")))
        for n in range(40)
        for model, by in moved.items()
    ]
    scores = pl.DataFrame(rows, SCORES, orient="row")
    champion = Predecessor(model="champion", run="20260101-000000-garden", taken=True)
    with runs.open_run("garden", config="name: garden\n") as opened:
        verdict = decide_beside(scores, Gate(), predecessors=[champion])
        store.write_json(opened.folder / "verdict.json", verdict.model_dump(mode="json"))
        opened.commit(state="Rejected", reason=verdict.reason, facts={})
    assert judge(opened.folder.name, []) == 2
    told = capsys.readouterr().out
    assert "REJECT: beside the champion (20260101-000000-garden), wiki loses too much: -0.0300" in told
    line = next(
        line
        for line in told.partition("beside the champion (20260101-000000-garden):")[2].splitlines()
        if "wiki" in line
    )
    assert line.split()[:3] == ["retention", "wiki", "-0.030"]
    assert judge(opened.folder.name, ["0.05"]) == 0
    assert "SHIP: the domain gains +0.1000" in capsys.readouterr().out


def test_a_run_without_a_verdict_has_nothing_to_judge(home: Path) -> None:
    with runs.open_run("garden", config="name: garden\n") as opened:
        store.write_parquet(opened.folder / "receipts.parquet", pl.DataFrame({"id": ["a"]}))
        opened.commit(state="Curated", reason="", facts={})
    with pytest.raises(ValueError, match="was not judged: it curated and trained nothing"):
        judge(opened.folder.name, [])


def test_of_a_run_that_was_stopped_it_is_told_why_it_was_not_judged(home: Path) -> None:
    def stop(opened: runs.Run) -> None:
        store.write_parquet(opened.folder / "receipts.parquet", pl.DataFrame({"id": ["a"]}))
        opened.stopped = ("The contract stops the run.", {})
        raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"), runs.open_run("garden", config="name: garden\n") as opened:
        stop(opened)
    told = r"^The run garden.* was not judged: it ended Stopped \(The contract stops the run\)\.$"
    with pytest.raises(ValueError, match=told.replace("garden.*", opened.folder.name)):
        judge(opened.folder.name, [])
