"""Keeping the domain: a pool that is emptied is told with the key that emptied it, and no order matters."""

import contextlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quality.domain.estimates import DomainScores
from quality.domain.scoring import SeedError
from quality.domain.settings import Domain, Told
from quality.lsh.shingles import stable_hash
from quality.records import FATES
from quality.sources import Source
from tasks import keep_domain, store
from tasks.check import Pinned, PinnedDomain
from tasks.filters_shown import domain
from tasks.models import ModelFiles
from tasks.pool import EmptyPool

HERBS = PinnedDomain(name="domain", seeds=None, negatives=None, description="Herbs.")
EMBEDDER = ModelFiles(reference="x", folder="x", content="x")


@pytest.mark.parametrize(
    ("threshold", "told"),
    [
        (9.5, "curate.domain.threshold asks for a score of 9.5, and the highest is 2.25: lower it, or leave it out"),
        (None, "Give seeds that look like the rows you want, or drop curate.domain."),
    ],
)
def test_what_emptied_the_pool_is_named(
    monkeypatch: pytest.MonkeyPatch, pool_of, noise, threshold: float | None, told: str
) -> None:
    scores = np.array([1.0, 2.25])
    found = DomainScores(scores, threshold or 3.0, 0.5, 1.0, 0.0, None, 0, scores)
    monkeypatch.setattr(keep_domain, "embed", lambda texts, model: np.zeros((len(texts), 1)))
    monkeypatch.setattr(keep_domain, "_score", lambda *given: found)
    pool = pool_of([(noise(5), noise(20)) for _ in range(2)])
    herbs = HERBS.model_copy(update={"threshold": threshold})
    with pytest.raises(EmptyPool) as stopped:
        keep_domain.keep_domain.fn(pool, Domain(), [herbs], EMBEDDER)
    assert "No row is left after the stage “keep_domain” (out_of_domain 2)." in str(stopped.value)
    assert told in str(stopped.value)


def test_each_of_several_domains_has_its_own_line_and_keeps_every_rows_score(
    monkeypatch: pytest.MonkeyPatch, pool_of, noise
) -> None:
    scores = {"domain": np.array([1.0, 2.0, -3.0]), "spices": np.array([0.5, -1.0, 2.5])}
    pool = pool_of([(noise(5), noise(20)) for _ in range(3)])
    order = pool.left()["id"].arg_sort().to_numpy()  # which no order of the rows changes

    def score(rows: object, told: PinnedDomain, *_: object) -> DomainScores:
        found = scores[told.name][order]
        return DomainScores(found, told.threshold or 0.0, 0.5, 1.0, 0.0, None, 0, found)

    monkeypatch.setattr(keep_domain, "embed", lambda texts, model: np.zeros((len(texts), 1)))
    monkeypatch.setattr(keep_domain, "_score", score)
    spices = HERBS.model_copy(update={"name": "spices", "threshold": 2.0})
    herbs = HERBS.model_copy(update={"threshold": 1.5})
    pool = keep_domain.keep_domain.fn(pool, Domain(), [herbs, spices], EMBEDDER)
    each = pool.attribute("domain_scores")
    assert each is not None
    assert {name: own["score"].to_list() for (name,), own in each.group_by("domain")} == {
        name: own.tolist() for name, own in scores.items()
    }
    assert pool.left()["row"].to_list() == [1, 2]
    shown = domain(pool, Domain(seeds="herbs.jsonl", also={"spices": Told(description="Spices.")}))
    assert shown is not None
    assert shown.method == (
        "any of several – domain: precision 1.00, recall 0.00, 50% of the pool; spices: 50% of the pool is nearer to "
        "the sentence than to other subjects; how much of it is the domain no sentence tells"
    )
    assert (shown.several, shown.threshold, (shown.scores >= 0).sum()) == (True, 0.0, 2)
    near = [("rows.jsonl:1", -0.5), ("rows.jsonl:2", 0.5), ("rows.jsonl:3", 0.5)]
    assert [(row.origin, row.beyond) for row in shown.nearest] == near
    assert shown.borderline == 3
    leak = pl.DataFrame({"row": [1], "stage": ["decontaminate"], "fate": ["dropped"], "reason": ["same_question"]})
    fates = pl.concat([leak, pl.DataFrame(schema=FATES)], how="diagonal_relaxed")
    aside = domain(pool.with_fates(fates), Domain(seeds="herbs.jsonl"))
    assert aside is not None
    assert ([row.origin for row in aside.nearest], aside.borderline) == (["rows.jsonl:1", "rows.jsonl:3"], 2)


def test_of_several_domains_those_whose_sentence_tells_nothing_apart_keep_no_row_and_are_told(
    monkeypatch: pytest.MonkeyPatch, pool_of, noise
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(keep_domain.cards, "say", lines.append)
    monkeypatch.setattr(keep_domain, "embed", lambda texts, model: np.zeros((len(texts), 1)))
    monkeypatch.setattr(keep_domain, "_score", _finding({"spices": np.array([1.0, -1.0, 2.0])}))
    spices, rocks = (HERBS.model_copy(update={"name": name}) for name in ("spices", "rocks"))
    told = Domain(description="Herbs.", also={name: Told(description=name) for name in ("spices", "rocks")})
    whole = pool_of([(noise(5), noise(20)) for _ in range(3)])
    pool = keep_domain.keep_domain.fn(whole, told, [HERBS, spices, rocks], EMBEDDER)
    assert pool.left().height == 2
    assert any(line.startswith("no row was kept for domain, rocks, as their sentences tell no rows") for line in lines)
    assert any(line.startswith("spices: ") for line in lines)
    each = pool.attribute("domain_scores")
    assert each is not None
    assert set(each["domain"]) == {"spices"}
    shown = domain(pool, told)
    assert shown is not None
    assert "spices: 50% of the pool is nearer to the sentence" in shown.method
    assert "no row was kept for domain, rocks" in shown.method
    with pytest.raises(SeedError) as stopped:
        keep_domain.keep_domain.fn(whole, told, [HERBS, rocks], EMBEDDER)
    assert str(stopped.value).startswith("curate.domain.description: No line. ")
    assert str(stopped.value).endswith("Nor does this pool show what the other sentences describe: rocks.")


def test_of_several_domains_one_that_its_seeds_do_not_tell_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, pool_of, noise
) -> None:
    monkeypatch.setattr(keep_domain, "embed", lambda texts, model: np.zeros((len(texts), 1)))
    monkeypatch.setattr(keep_domain, "_score", _finding({"domain": np.array([1.0, -1.0])}))
    pinned = Pinned(sources=(Source(path="seeds.jsonl"),), base=".", content="x")
    spices = HERBS.model_copy(update={"name": "spices", "seeds": pinned, "description": None})
    with pytest.raises(SeedError, match="curate.domain.also.spices.seeds: No line."):
        keep_domain.keep_domain.fn(
            pool_of([(noise(5), noise(20)) for _ in range(2)]), Domain(), [HERBS, spices], EMBEDDER
        )


def _finding(known: dict[str, np.ndarray]) -> Callable[..., DomainScores]:
    """Score rows of the domains that are known, and refuse to draw a line for others."""

    def score(rows: object, told: PinnedDomain, *_: object) -> DomainScores:
        if told.name not in known:
            raise SeedError("No line.")
        return DomainScores(known[told.name], 0.0, 0.5, 1.0, 0.0, None, 0, known[told.name])

    return score


def test_a_domain_told_by_a_sentence_shows_no_precision_and_recall(
    monkeypatch: pytest.MonkeyPatch, pool_of, noise
) -> None:
    scores = np.array([1.0, 2.25, -1.0])
    found = DomainScores(scores, 0.0, 0.25, 0.98, 0.97, None, 0, scores)
    monkeypatch.setattr(keep_domain, "embed", lambda texts, model: np.zeros((len(texts), 1)))
    monkeypatch.setattr(keep_domain, "_score", lambda *given: found)
    pool = keep_domain.keep_domain.fn(pool_of([(noise(5), noise(20)) for _ in range(3)]), Domain(), [HERBS], EMBEDDER)
    shown = domain(pool, Domain(description="Herbs."))
    assert shown is not None
    assert (shown.precision, shown.recall, shown.threshold) == (None, None, 0.0)
    assert "how much of it is the domain no sentence tells" in shown.method
    by_seeds = domain(pool, Domain(seeds="herbs.jsonl"))
    assert by_seeds is not None
    assert (by_seeds.precision, by_seeds.recall) == (0.98, 0.97)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, []),
        ({"kind_found": 8}, ["8 of the 64 seeds are of a kind of their own: its rows stay, too"]),
        (
            {"kind_lost": 5},
            ["5 of the 64 seeds are of a kind of their own that so few do not tell from what lies"],
        ),
        ({"stand_ins": True}, ["the seeds are not written like the pool, so rows nearest to them stood in"]),
        (
            {"stand_ins": True, "seeds_used": 23},
            ["the seeds are not written like the pool (23 are few: it may only seem so), so rows nearest to them"],
        ),
        ({"stand_ins": True, "seeds_used": 24}, ["the seeds are not written like the pool, so rows nearest to them"]),
        ({"manner_left_out": True}, ["the seeds are not written like the pool, so what sets them apart from the rows"]),
    ],
)
def test_how_the_seeds_were_taken_is_spoken_of(monkeypatch: pytest.MonkeyPatch, told: dict, said: list[str]) -> None:
    lines: list[str] = []
    for manner in ("say", "warn"):
        monkeypatch.setattr(keep_domain.cards, manner, lines.append)
    found = replace(DomainScores(np.ones(9), 0.0, 0.5, 0.9, 0.9, 0.99, 64, np.ones(64)), **told)
    keep_domain._tell_quality(found, "", by_sentence=False)
    assert len(lines) == 1 + len(said)
    assert all(line.startswith(start) for line, start in zip(lines[1:], said, strict=True))


def test_a_line_of_one_domain_is_not_that_of_another() -> None:
    told = Domain(description="Herbs.", threshold=0.5, also={"spices": Told(description="Spices.")})
    assert {name: one.threshold for name, one in told.all_told.items()} == {"domain": 0.5, "spices": None}


def test_no_order_of_the_rows_changes_a_score(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pool_of) -> None:
    rng = random.Random(1)
    words = {"herb": [f"leaf{n}" for n in range(60)], "rock": [f"ore{n}" for n in range(60)]}

    def row(subject: str) -> tuple[str, str]:
        question, answer = (" ".join(rng.choices(words[subject], k=count)) for count in (6, 25))
        return f"{subject} {question}?", f"{answer}."

    rows = [row("herb") for _ in range(60)] + [row("rock") for _ in range(90)]
    seeds = [dict(zip(("question", "answer"), row("herb"), strict=True)) for _ in range(16)]
    (tmp_path / "seeds.jsonl").write_text("\n".join(map(json.dumps, seeds)))
    pinned = Pinned(sources=(Source(path="seeds.jsonl"),), base=str(tmp_path), content="x")
    herbs = HERBS.model_copy(update={"seeds": pinned, "description": None})
    monkeypatch.setattr(keep_domain, "embed", _embedded)
    found = []
    for order in (rows, rng.sample(rows, len(rows))):
        pool = keep_domain.keep_domain.fn(pool_of(order), Domain(), [herbs], EMBEDDER)
        scores = pool.attribute("domain")
        assert scores["row"].is_sorted()
        told = zip(
            scores["score"], scores["threshold"], (row in set(pool.left()["row"]) for row in scores["row"]), strict=True
        )
        found.append(dict(zip(order, told, strict=True)))
    assert found[0] == found[1]
    assert {kept for _, _, kept in found[0].values()} == {True, False}


def _embedded(texts: pl.Series, model: ModelFiles) -> np.ndarray:
    """Vectors of subjects with much else in them, which a text alone tells."""
    vectors = np.stack([np.random.default_rng(int(seed)).normal(size=16) for seed in stable_hash(texts)])
    vectors[:, 0] += np.where(texts.str.starts_with("herb").to_numpy(), 6, -6)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_neither_rows_nor_seeds_are_judged_by_what_many_rows_are_told_before(
    pool_of, noise, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(30)])
    preamble = {"role": "system", "content": "Help people with gardens."}
    records = pool.read()
    led = [[preamble, *turns] for turns in records["messages"]]
    messages = pl.Series("messages", led, dtype=records.schema["messages"])
    pool = pool.model_copy(update={"records": store.write_table(records.with_columns(messages))})
    (tmp_path / "seeds.jsonl").write_text("\n".join(json.dumps({"messages": turns}) for turns in led[:9]))
    pinned = Pinned(sources=(Source(path="seeds.jsonl"),), base=str(tmp_path), content="x")
    told = HERBS.model_copy(update={"seeds": pinned, "description": None})
    read: list[str] = []

    def embedded(texts: pl.Series, model: object) -> np.ndarray:
        read.extend(texts)
        return np.random.default_rng(len(texts)).normal(size=(len(texts), 8)).astype(np.float32)

    monkeypatch.setattr(keep_domain, "embed", embedded)
    with contextlib.suppress(SeedError):
        keep_domain.keep_domain.fn(pool, Domain(), [told], EMBEDDER)
    assert len(read) == 39
    assert not any(text.startswith("Help people") for text in read)
