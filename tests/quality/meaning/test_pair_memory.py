"""What pairs of rows show by themselves is remembered, and changes nothing but the time."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality.meaning import pair_memory, pool_texts
from quality.meaning.pair_signs import Agreement, Sign, signs_of
from quality.meaning.pool_texts import PoolTexts
from quality.meaning.same_said import said_of_one_subject, same_said
from quality.meaning.semantic import Semantic, semantic_duplicates
from tasks.caching import house_imports

Row = tuple[str | None, str | None]

TEMPLATES = ["What is {}?", "Define the word {}.", "{}: what is meant?", "A letter mentions {}. What is that?"]
SAID = "the bird that nests in a hollow under the eaves of an old barn and feeds its young with what it finds in fields"
EDITS = ["{}", "{}", "briefly put {}", "{} as they say", "{} 7", "{} and never rests"]


def universe(seed: int) -> list[Row]:
    """Copies edited in answer, prompt or template, and siblings, of a few subjects; some rows lack one or both texts."""
    chance = random.Random(seed)
    rows: list[Row] = [(None, SAID), ("", SAID), ("What is a bee?", None), (None, None)]
    for _ in range(60):
        words = SAID.split()
        for _ in range(chance.randrange(3)):
            words[chance.randrange(len(words))] = chance.choice(["barnn", "roof", "beneath", "12", "fleece", "lapwing"])
        subject = chance.choice(["lapwing", "peewit", "green plover", "barn owl"])
        prompt = chance.choice(EDITS).format(chance.choice(TEMPLATES).format(subject))
        rows.append((prompt, chance.choice(EDITS).format(" ".join(words))))
    return rows


def pool_of(rows: list[Row], kept: Path | None = None) -> PoolTexts:
    prompts, answers = (pl.Series([row[at] for row in rows], dtype=pl.String) for at in (0, 1))
    return PoolTexts(prompts, answers, kept)


def all_pairs(count: int) -> pl.DataFrame:
    left, right = np.triu_indices(count, 1)
    return pl.DataFrame({"left": left, "right": right}).cast(pl.UInt32)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    pools=st.lists(st.permutations(range(64)).map(lambda order: order[:40]), min_size=2, max_size=4),
    damage=st.sampled_from(["none", "cut", "lost"]),
)
def test_a_pool_is_judged_as_in_a_new_home_whatever_was_there_before(
    tmp_path: Path, seed: int, pools: list[list[int]], damage: str
) -> None:
    shutil.rmtree(tmp_path / "old", ignore_errors=True)
    rows = universe(seed)
    for order in pools:
        chosen = [rows[at] for at in order]
        again, anew = pool_of(chosen, tmp_path / "old"), pool_of(chosen)
        for agreement in (Agreement(), Agreement(least_words=0)):
            for judge in (same_said, said_of_one_subject):
                pairs = all_pairs(len(chosen))
                assert (judge(pairs, again, agreement) == judge(pairs, anew, agreement)).all()
        vectors = np.eye(len(chosen), dtype=np.float32)
        found = [semantic_duplicates(pool, vectors, 0.9, Semantic()) for pool in (again, anew)]
        assert found[0].equals(found[1])
        for state in (tmp_path / "old").rglob("*.safetensors"):
            if damage == "cut":
                state.write_bytes(state.read_bytes()[:-3])
            elif damage == "lost":
                state.unlink()


def test_the_pools_above_hold_pairs_of_every_sign() -> None:
    found = Sign(0)
    for seed in range(9):
        rows = universe(seed)
        pairs = all_pairs(len(rows))
        for sign in pool_of(rows).signs(pairs["left"].to_numpy(), pairs["right"].to_numpy(), Agreement()).tolist():
            found |= sign
    assert found == Sign.SAME | Sign.EDITED | Sign.REPLACED | Sign.SUBJECT | Sign.SLIPS


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs were judged by their texts, at each time."""
    counts: list[int] = []

    def watched(left, *rest):
        counts.append(len(left))
        return signs_of(left, *rest)

    monkeypatch.setattr(pool_texts, "signs_of", watched)
    return counts


def ask(rows: list[Row], kept: Path) -> None:
    same_said(all_pairs(len(rows)), pool_of(rows, kept), Agreement())


def test_only_pairs_of_new_and_of_changed_rows_are_judged(tmp_path: Path, judged: list[int]) -> None:
    rows = list(dict.fromkeys(universe(1)))
    ask(rows[:30], tmp_path)
    ask(rows[:30], tmp_path)
    ask(rows[:31], tmp_path)
    ask([("What is a lapwing, then?", rows[0][1]), *rows[1:30]], tmp_path)
    assert judged == [30 * 29 // 2, 30, 29]


def test_null_is_another_text_than_an_empty_one(tmp_path: Path, judged: list[int]) -> None:
    for prompt in (None, "", None):
        ask([(prompt, SAID), ("What is it?", SAID)], tmp_path)
    assert judged == [1, 1, 1]  # what the run before did not ask for is forgotten


def test_rows_that_are_gone_take_their_pairs_with_them(tmp_path: Path, judged: list[int]) -> None:
    rows = list(dict.fromkeys(universe(2)))
    ask(rows[:40], tmp_path)
    (state,) = tmp_path.rglob("*.safetensors")
    many = state.stat().st_size
    ask(rows[30:45], tmp_path)
    (state,) = tmp_path.rglob("*.safetensors")
    assert state.stat().st_size < many / 4
    ask(rows[:40], tmp_path)
    assert judged[-1] == 40 * 39 // 2 - 10 * 9 // 2


def test_all_that_one_run_asked_for_is_kept(tmp_path: Path, judged: list[int]) -> None:
    rows = list(dict.fromkeys(universe(3)))
    pairs = all_pairs(len(rows))
    for known in (40, 41):  # the second run brings new pairs to the first of its calls alone
        pool = pool_of(rows, tmp_path)
        same_said(pairs.filter(pl.col("right") < known), pool, Agreement())
        said_of_one_subject(pairs.filter(pl.col("right") >= 50), pool, Agreement())
    judged.clear()
    pool = pool_of(rows, tmp_path)
    said_of_one_subject(pairs.filter(pl.col("right") >= 50), pool, Agreement())
    assert judged == []


def test_other_code_and_other_settings_have_memories_of_their_own(
    tmp_path: Path, judged: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = universe(4)[:9]
    ask(rows, tmp_path)
    same_said(all_pairs(9), pool_of(rows, tmp_path), Agreement(least_words=3))
    ask(rows, tmp_path)
    monkeypatch.setattr(pair_memory, "basis", lambda *_: "of tomorrow")
    ask(rows, tmp_path)
    assert judged == [36, 36, 36]


def test_whatever_decides_a_sign_is_in_the_name_of_its_memory() -> None:
    found = {
        name.removeprefix("quality.")
        for module in ("pair_memory", "pair_signs")
        for name in house_imports(f"quality.meaning.{module}")
    }
    assert found - {"lsh.basis", "whole"} == set(pair_memory._BASIS) - {"lsh.shingles", "meaning.pool_texts"}


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    ask(universe(5)[:9], tmp_path / "file")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
