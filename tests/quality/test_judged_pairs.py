"""What is kept of pairs changes nothing but which of them are judged."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality import judged_pairs
from quality.duplicates import answers_compared, copies, in_short, slipped
from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import duplicates, incompatible_answers, sources_of_many_voices
from quality.judged_pairs import JudgedPairs
from quality.neardup import NearDup, near_duplicates
from quality.records import MESSAGE

Row = tuple[str, str]

ASKED = ["What is an osprey?", "Please: what is an osprey?", "Why do ospreys dive?", "Where does it nest?"]
SAID = "The osprey is a large bird that catches fish near the coast and it nests on high poles above the water"


def universe(seed: int) -> list[Row]:
    """Rows that share prompt or answer, whole or but for an edit: copies, stumps, slips, and answers in short."""
    rng = random.Random(seed)
    rows: list[Row] = [
        ("", SAID),
        ("What is a bee?", ""),
        ("What is its name?", "Bo."),
        ("What is its name?", "It is Bo."),
    ]
    rows += [(f"Where along the northern coast do {them} gather?", "Near Hull.") for them in ("the ospreys", "ospreys")]
    for _ in range(50):
        words = SAID.split()
        for _ in range(rng.randrange(4)):
            words[rng.randrange(len(words))] = rng.choice(["falcon", "never", "12", "osprye", "lake", "often"])
        answer = rng.choice([" ".join(words[: rng.choice([6, 12, len(words)])]), " ".join(words) + "."])
        rows.append((rng.choice([*ASKED, "Where does it nest, then?", "Where it does nest?"]), answer))
    return rows


def pool_of(rows: list[Row]) -> pl.DataFrame:
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": answer}] for ask, answer in rows]
    return pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))}).with_columns(source=pl.lit("a"))


def removed(rows: list[Row], judged: JudgedPairs | None) -> list[pl.DataFrame]:
    pool, pairing = pool_of(rows), Pairing(few_conflicts=1)
    found = duplicates(pool, near_duplicates, NearDup(threshold=0.5), pairing, judged)
    voices = sources_of_many_voices(pool, pairing, judged)
    none = pl.Series([], dtype=pl.String)
    told = [found, voices.to_frame(), incompatible_answers(pool, none, pairing, judged)]
    if judged is not None:
        judged.keep()
    return told


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    pools=st.lists(st.permutations(range(56)).map(lambda order: order[:30]), min_size=2, max_size=4),
    damage=st.sampled_from(["none", "cut", "lost"]),
)
def test_a_pool_is_judged_as_in_a_new_home_whatever_was_there_before(
    tmp_path: Path, seed: int, pools: list[list[int]], damage: str
) -> None:
    shutil.rmtree(tmp_path / "old", ignore_errors=True)
    rows = universe(seed)
    for order in pools:
        chosen = [rows[at] for at in order]
        again, anew = removed(chosen, JudgedPairs(tmp_path / "old", "x")), removed(chosen, None)
        assert all(one.equals(other) for one, other in zip(again, anew, strict=True))
        for state in (tmp_path / "old").rglob("*.safetensors"):
            if damage == "cut":
                state.write_bytes(state.read_bytes()[:-3])
            elif damage == "lost":
                state.unlink()


def test_the_pools_above_hold_what_is_told_by_pairs(tmp_path: Path) -> None:
    reasons: set[str] = set()
    for seed in range(9):
        found, _, conflicts = removed(universe(seed), JudgedPairs(tmp_path, "x"))
        reasons |= {*found["reason"], *conflicts["reason"]}
    wanted = {"near_duplicate", "same_prompt_alike_answer", "same_answer_in_short", "copy_with_a_slip", "conflict"}
    assert wanted <= reasons
    assert {folder.name for folder in tmp_path.iterdir()} == {"near", "answers", "slips", "in_short"}


def test_a_pool_that_was_seen_is_not_judged_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = universe(3)
    first = removed(rows, JudgedPairs(tmp_path, "x"))

    def judged(*_: object) -> None:
        raise AssertionError("judged again")

    monkeypatch.setattr(answers_compared, "_of_pairs", judged)
    monkeypatch.setattr(in_short, "_fuller", judged)
    monkeypatch.setattr(copies, "answered_otherwise", judged)
    between = slipped._between
    monkeypatch.setattr(slipped, "_between", lambda left, *rest: between(left, *rest) if len(left) < 99 else judged())
    again = removed(rows[::-1][::-1], JudgedPairs(tmp_path, "x"))
    assert all(one.equals(other) for one, other in zip(first, again, strict=True))


@pytest.fixture
def asked() -> tuple[list[int], Callable[..., list[float]]]:
    """How many pairs were judged, at each time, and who asks for all pairs of some texts."""
    counts: list[int] = []

    def ask(judged: JudgedPairs, texts: list[str | None], setting: object = None, *, keep: bool = True) -> list[float]:
        left, right = np.triu_indices(len(texts), 1)
        series = pl.Series(texts, dtype=pl.String)
        sizes = series.str.len_chars().fill_null(99).cast(pl.Float64)

        def judge(some: np.ndarray) -> pl.DataFrame:
            counts.append(len(some))
            ratio = sizes.gather(left[some]) / (1 + sizes.gather(right[some]))
            return pl.DataFrame({"ratio": ratio, "longer": ratio > 1, "size": sizes.gather(left[some]).cast(pl.UInt32)})

        told = judged.of("sizes", judge, left, right, series, settings=setting)
        assert told.schema == {"ratio": pl.Float64, "longer": pl.Boolean, "size": pl.UInt32}
        assert told.equals(judge(np.arange(len(left))))
        counts.pop()
        if keep:
            judged.keep()
        return told["ratio"].to_list()

    return counts, ask


def test_only_pairs_of_new_and_of_changed_texts_are_judged(tmp_path: Path, asked) -> None:
    counts, ask = asked
    texts = [f"{'word ' * number}." for number in range(8)]
    for chosen in (texts[:7], texts[:7], texts, ["another", *texts[1:]], texts[1:]):
        ask(JudgedPairs(tmp_path, "x"), chosen)
    assert counts == [21, 7, 7]
    ask(JudgedPairs(tmp_path, "x"), texts[::-1])  # other sides, another pair
    assert counts == [21, 7, 7, 28]


def test_what_one_run_asks_at_several_times_is_kept_together(tmp_path: Path, asked) -> None:
    counts, ask = asked
    for _ in range(2):
        judged = JudgedPairs(tmp_path, "x")
        ask(judged, ["a", "bb"], keep=False)
        ask(judged, ["a", "ccc"], keep=False)
        ask(judged, ["a", "bb"])
    assert counts == [1, 1]


def test_null_is_another_text_than_an_empty_one(tmp_path: Path, asked) -> None:
    counts, ask = asked
    for text in (None, "", None):
        ask(JudgedPairs(tmp_path, "x"), [text, "a"])
    assert counts == [1, 1, 1]  # what the run before did not ask for is forgotten


def test_other_settings_other_code_and_a_damaged_state_are_judged_anew(tmp_path: Path, asked) -> None:
    counts, ask = asked
    for made_by, setting in (("x", 1), ("x", 2), ("y", 1), ("x", 1)):
        ask(JudgedPairs(tmp_path, made_by), ["a", "bb"], setting)
    assert counts == [1, 1, 1]
    for state in tmp_path.rglob("*.safetensors"):
        state.write_bytes(b"\0" * 64)
    ask(JudgedPairs(tmp_path, "x"), ["a", "bb"], 1)
    assert counts == [1, 1, 1, 1]


def test_more_pairs_than_are_worth_it_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked) -> None:
    monkeypatch.setattr(judged_pairs, "MOST_PAIRS", 2)
    counts, ask = asked
    for _ in range(2):
        ask(JudgedPairs(tmp_path, "x"), ["a", "bb", "ccc"])
    assert counts == [3, 1]


def test_a_folder_that_cannot_be_written_to_changes_nothing(tmp_path: Path, asked) -> None:
    _, ask = asked
    (tmp_path / "sizes").write_text("no folder")
    assert ask(JudgedPairs(tmp_path, "x"), ["a", "bb"]) == ask(JudgedPairs(), ["a", "bb"])
