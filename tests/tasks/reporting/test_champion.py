"""The report beside the champion: what the banner says, and the numbers of both comparisons."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import polars as pl
import pytest

from evals.champion import Predecessor, judge
from evals.verdict import Gate
from tasks.reporting import champion, wording
from tasks.reporting.evidence import Evidence
from tasks.reporting.markdown import verdict_markdown
from tasks.reporting.page import render

RUN = "20260228-021501-weaknesses"


@pytest.fixture
def beside(build: Callable[..., Evidence]) -> Callable[..., Evidence]:
    """A maker of evidence whose candidate differs from a champion by so many bits in the domain, and in the code."""

    def make(
        domain: float,
        code: float = 0.0,
        model: str = "champion",
        rule: str = "better",
        unsure: int = 0,
        **told: str,
    ) -> Evidence:
        scores = build().scores
        wave = ((pl.int_range(pl.len()).over("suite") % 5) - 2) * 0.01  # differences must spread to be told
        moved = pl.when(pl.col("suite") == "domain_answers").then(domain).when(pl.col("suite") == "code").then(code)
        graded = ~pl.col("suite").is_in(["domain_choice", "general_questions"])
        rows = scores.filter(model="candidate").with_columns(
            model=pl.lit(model),
            score=pl.when(graded).then(pl.col("score") - moved.otherwise(0) + wave).otherwise("score"),
        )
        base = scores.filter(model="base").with_columns(
            score=pl.when(graded).then(pl.col("score") + wave).otherwise("score")
        )
        whole = pl.concat([base, scores.filter(model="candidate"), rows])
        gate = Gate(champion=rule, margins={"general_questions": 0.2})
        known = [Predecessor(model=model, run=RUN, taken=True, **told)]
        doubted = base.filter(suite="domain_answers")["item"][:unsure]
        verdict = judge(whole, gate, predecessors=known, unsure=list(doubted))
        slim = {"funnel": build().funnel.clear(), "curve": build().curve.clear(), "domain": None}
        return build(scores=whole, verdict=verdict.model_dump(mode="json"), **slim)

    return make


def section(page: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">.*?</section>', page, re.DOTALL)
    return "" if found is None else " ".join(unescape(re.sub(r"<[^>]+>", " ", found.group())).split())


@pytest.mark.parametrize(
    ("changes", "word", "sentence"),
    [
        ({"domain": 0.05}, "Ship it", "better than base and champion, nothing forgotten beyond the margin"),
        ({"domain": -0.001}, "Not decided", "it is as good as the champion, and not surely better"),
        ({"domain": -0.006}, "Do not ship it", "it is as good as the champion, and surely not better"),
        (
            {"domain": -0.001, "rule": "not-worse"},
            "Ship it",
            "better than the base and no worse than the champion, nothing forgotten beyond the margin",
        ),
        ({"domain": -0.1}, "Do not ship it", "it does not do better than the champion"),
        ({"domain": 0.05, "code": -0.1}, "Do not ship it", "it forgot too much beside the champion"),
        ({"domain": 0.05, "code": -0.1, "model": "original"}, "Do not ship it", "it forgot too much beside the original base"),
        ({"domain": 0.05, "missing": "it is gone"}, "Not decided", "it could not be compared with the champion"),
    ],
)  # fmt: skip
def test_the_banner_says_what_the_champion_decided(beside, changes, word: str, sentence: str) -> None:
    head = wording.headline(beside(**changes))
    assert (head.word, head.sentence) == (word, sentence)


def test_without_doubtful_items_the_verdict_is_that_beside_all_models(beside) -> None:
    """Beside the base the candidate ships without them, too; beside the champion it fails with them and without."""
    evidence = beside(-0.1, unsure=1)
    assert evidence.verdict is not None
    assert (evidence.verdict["decision"], evidence.verdict["sure"]["decision"]) == ("REJECT", "SHIP")
    (sentence,) = wording.unsure(evidence)
    assert f"Without, the verdict is REJECT: beside the champion ({RUN}), domain_answers gains too little" in sentence
    (lost,) = wording.unsure(beside(0.05, unsure=1, missing="it is gone"))
    assert "Without, the verdict is the same." in lost
    (fine,) = wording.unsure(beside(0.05, unsure=1))
    assert "Without, the verdict is SHIP: the domain gains +" in fine


def test_the_page_and_the_artifact_show_the_comparison(beside) -> None:
    evidence = beside(0.05, note="it may know the exam")
    (one,) = champion.beside(evidence)
    means = one.means["domain_answers"]
    assert means["champion"] - means["candidate"] == pytest.approx(0.05)  # bits per byte: lower is better
    told = section(render(evidence), "champion")
    assert (
        f"Beside the champion Candidate and the champion ( {RUN} ) answered the same items: the candidate passes"
        in told
    )
    assert "domain answers gain, bits/byte pass" in told
    assert "+0.050 [+0.048, +0.052] +0.001" in told
    assert "Of the champion: it may know the exam." in wording.doubts(evidence)
    table = verdict_markdown(evidence).partition("**Beside the champion**")[2]
    assert "passes" in table.splitlines()[0]
    assert r"| ✅ pass | domain answers, the gain | \+0.050 |" in table
    assert not champion.beside(replace(evidence, verdict=None))


def test_a_champion_that_could_not_be_examined_is_told_with_its_reason(beside) -> None:
    evidence = beside(0.05, missing="its <b>adapter</b> is gone")
    page = render(evidence)
    assert section(page, "champion") == "Beside the champion Not compared, because its <b>adapter</b> is gone."
    assert "<b>adapter</b>" not in page
    assert "not compared, because its" in verdict_markdown(evidence)


def test_without_a_champion_nothing_is_said_of_one(build) -> None:
    assert (champion.beside(build()), champion.headline(build()), champion.sentences(build())) == ([], "", [])
