"""Skimming a pool: what is far from the domain by its words goes unembedded, and all else goes on."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quality.domain import skimming
from quality.domain.settings import Domain, Told
from quality.lsh.shingles import stable_hash
from quality.sources import Source
from tasks import cards, keep_domain, skim
from tasks.check import Pinned, PinnedDomain
from tasks.filters_shown import domain
from tasks.models import ModelFiles
from tasks.pool import Pool

EMBEDDER = ModelFiles(reference="x", folder="x", content="x")
WORDS = {subject: [f"{subject}{n}" for n in range(60)] for subject in ("herb", "ore", "tide")}


def row(rng: random.Random, subject: str) -> tuple[str, str]:
    question, answer = (" ".join(rng.choices(WORDS[subject], k=count)) for count in (6, 25))
    return f"Why {question}?", f"{answer}."


@pytest.fixture
def told_by(tmp_path: Path) -> Callable[..., PinnedDomain]:
    def make(subject: str, name: str = "domain", seeds: int = 24) -> PinnedDomain:
        rng = random.Random(9)
        drawn = [dict(zip(("question", "answer"), row(rng, subject), strict=True)) for _ in range(seeds)]
        (tmp_path / f"{subject}.jsonl").write_text("\n".join(map(json.dumps, drawn)))
        pinned = Pinned(sources=(Source(path=f"{subject}.jsonl"),), base=str(tmp_path), content="x")
        return PinnedDomain(name=name, seeds=pinned, negatives=None, description=None)

    return make


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skim, "LEAST_ROWS", 200)
    monkeypatch.setattr(skimming, "LEAST_ROWS", 100)


@pytest.fixture
def pool(pool_of: Callable[..., Pool]) -> Pool:
    rng = random.Random(1)
    rows = [row(rng, "herb") for _ in range(40)] + [row(rng, "ore") for _ in range(300)]
    return pool_of([*rows, ("Qua?", "Quid quo."), *(row(rng, "tide") for _ in range(60))])


def test_rows_far_from_the_domain_go_before_they_are_embedded(pool, told_by, monkeypatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(skim.cards, "say", lines.append)
    left = skim.skim.fn(pool, Domain(skim=3), [told_by("herb")])
    gone = left.removed()
    assert set(gone["stage"]) == {"skim"}
    assert set(gone["reason"]) == {"out_of_domain"}
    assert set(range(40)) <= set(left.left()["row"]), "the domain's"
    assert 340 in set(left.left()["row"]), "a row of which no word is known is not told by its words"
    assert 100 <= left.left().height < 180
    scores = left.attribute("skim")
    assert scores["row"].to_list() == pool.left()["row"].to_list()
    assert set(gone["row"]) == set(scores.filter(pl.col("score") < pl.col("threshold"))["row"])
    measured = gone.join(scores, on="row").select(pl.col("score") == pl.col("score_right"))
    assert measured.to_series().all()
    assert lines[-1] == "by their words alone; of 24 seeds, each hidden in turn, 24 would stay"


def test_the_domain_filter_keeps_what_it_kept_and_tells_shares_of_the_whole_pool(pool, told_by, monkeypatch) -> None:
    herbs = [told_by("herb")]
    monkeypatch.setattr(keep_domain, "embed", _embedded)
    skimmed = keep_domain.keep_domain.fn(skim.skim.fn(pool, Domain(skim=3), herbs), Domain(), herbs, EMBEDDER)
    whole = keep_domain.keep_domain.fn(pool, Domain(), herbs, EMBEDDER)
    for kept in (skimmed, whole):
        assert set(kept.left()["row"]) <= {*range(40), 340}
        assert kept.left().height > 35
    shares = [kept.attribute("domain_facts")["prevalence"].item() for kept in (skimmed, whole)]
    assert shares == [pytest.approx(0.1, abs=0.03)] * 2
    shown, unskimmed = (domain(kept, Domain(seeds="x")) for kept in (skimmed, whole))
    assert shown is not None
    assert unskimmed is not None
    assert (shown.skimmed, unskimmed.skimmed) == ((skimmed.removed()["stage"] == "skim").sum(), 0)
    passed = skimmed.attribute("skim_facts")["recall"].item()
    assert shown.recall == skimmed.attribute("domain_facts")["recall"].item() * passed
    assert skimmed.of_any_domain().height == pool.left().height, "skimming is the domain's doing"


def test_of_several_domains_each_recall_counts_what_words_lost(pool, told_by, monkeypatch) -> None:
    monkeypatch.setattr(keep_domain, "embed", _embedded)
    both = [told_by("herb"), told_by("tide", "tides")]
    kept = keep_domain.keep_domain.fn(skim.skim.fn(pool, Domain(skim=2), both), Domain(), both, EMBEDDER)
    half = pl.DataFrame({"domain": ["tides", "domain"], "recall": [0.5, 0.25]})
    shown = domain(
        kept.with_fates(kept.removed().clear(), skim_facts=half), Domain(seeds="x", also={"tides": Told(seeds="y")})
    )
    assert shown is not None
    found = dict(kept.attribute("domain_facts").select("domain", "recall").iter_rows())
    for name, passed in (("domain", 0.25), ("tides", 0.5)):
        assert f"{name}: precision" in shown.method
        assert f"recall {found[name] * passed:.2f}" in shown.method.split(f"{name}: ")[1]


def test_no_order_of_the_rows_changes_what_is_left(pool, pool_of, told_by) -> None:
    left = skim.skim.fn(pool, Domain(skim=3), [told_by("herb")]).left()
    said = [tuple(turn["content"] for turn in messages) for messages in pool.left()["messages"]]
    other = pool_of(random.Random(3).sample(said, len(said)))
    assert set(skim.skim.fn(other, Domain(skim=3), [told_by("herb")]).left()["id"]) == set(left["id"])


def test_a_threshold_of_the_recipe_judges_the_rows_that_are_left_and_changes_none_of_them(pool, told_by) -> None:
    herbs = told_by("herb")
    lined = herbs.model_copy(update={"threshold": -50.0})
    found, moved = (skim.skim.fn(pool, Domain(skim=3), [one]) for one in (herbs, lined))
    assert moved.removed().equals(found.removed()), "so that `winnow threshold` tells what such a line would change"


def test_a_row_near_any_of_several_domains_stays(pool, told_by) -> None:
    both = [told_by("herb"), told_by("tide", "tides")]
    left = set(skim.skim.fn(pool, Domain(skim=2), both).left()["row"])
    assert set(range(40)) <= left
    assert set(range(341, 401)) <= left
    assert len(left) < 320


def test_where_most_rows_are_near_one_domain_or_another_every_row_goes_on(pool, told_by, monkeypatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(skim.cards, "say", lines.append)
    monkeypatch.setattr(skimming, "LEAST_ROWS", 10)
    herbs, tides = told_by("herb"), told_by("tide", "tides")
    herbs = herbs.model_copy(update={"negatives": tides.seeds})
    tides = tides.model_copy(update={"negatives": herbs.seeds})
    one, other, both = (
        skim.skim.fn(pool, Domain(skim=2), told).left().height / pool.left().height
        for told in ([herbs], [tides], [herbs, tides])
    )
    most = (max(one, other) + both) / 2
    assert max(one, other) < most
    monkeypatch.setattr(skimming, "MOST_PASSED", most)
    assert skim.skim.fn(pool, Domain(skim=2), [tides]) != pool
    assert skim.skim.fn(pool, Domain(skim=2), [herbs, tides]) == pool
    assert lines[-1] == f"by words alone {both:.0%} of the rows may be of the domain: every row is embedded"


def test_seeds_that_can_not_be_read_are_told_once_by_the_step_that_judges(pool, told_by, tmp_path, monkeypatch) -> None:
    lines: list[str] = []
    herbs = [told_by("herb")]
    with (tmp_path / "herb.jsonl").open("a") as file:
        file.write("\nno row")
    monkeypatch.setattr(keep_domain, "embed", _embedded)
    with cards.listen(lambda event: lines.append(event.text)):
        keep_domain.keep_domain.fn(skim.skim.fn(pool, Domain(skim=3), herbs), Domain(), herbs, EMBEDDER)
    assert len([line for line in lines if "could not be read" in line]) == 1


def test_rows_that_negatives_are_like_are_not_the_first_to_stay(pool, told_by) -> None:
    herbs = told_by("herb").model_copy(update={"negatives": told_by("tide").seeds})
    left = set(skim.skim.fn(pool, Domain(skim=3), [herbs]).left()["row"])
    assert set(range(40)) <= left
    assert len(left & set(range(341, 401))) < 30 < len(left & set(range(40, 340)))


@pytest.mark.parametrize(
    ("asked", "subject", "rows", "why"),
    [
        ({}, None, 200, "no domain asked for: every row is embedded"),
        ({}, "herb", 402, "401 rows are few: every row is embedded"),
        ({"skim": None}, "herb", 200, "not asked for: every row is embedded"),
        (
            {"lexical_weight": 0},
            "herb",
            200,
            "words are not looked at (curate.domain.lexical_weight): every row is embedded",
        ),
        ({}, "a sentence", 200, "a domain is told by a sentence: every row is embedded"),
        (
            {},
            "ore",
            200,
            "by words alone all rows may be of the domain: every row is embedded",
        ),
        (
            {},
            "few",
            200,
            "words alone do not tell what the domain is: every row is embedded",
        ),
    ],
)
def test_every_row_goes_on_where_words_are_not_asked_or_tell_too_little(
    pool, told_by, monkeypatch, asked: dict, subject: str | None, rows: int, why: str
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(skim.cards, "say", lines.append)
    monkeypatch.setattr(skim, "LEAST_ROWS", rows)
    sentence = PinnedDomain(name="domain", seeds=None, negatives=None, description="Herbs.")
    told = {None: [], "a sentence": [sentence], "few": [told_by("herb", seeds=5)]}
    domains = told[subject] if subject in told else [told_by(str(subject))]
    assert skim.skim.fn(pool, Domain(**asked), domains) == pool
    assert lines == [why]


def _embedded(texts: pl.Series, _: ModelFiles) -> np.ndarray:
    """Embed by which of three subjects a text's words are of."""
    counts = np.array([[text.lower().count(subject) for subject in WORDS] for text in texts], np.float32)
    rows = np.hstack([counts + 0.1, (stable_hash(texts)[:, None] >> np.arange(0, 64, 8, dtype=np.uint64)) % 7])
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
