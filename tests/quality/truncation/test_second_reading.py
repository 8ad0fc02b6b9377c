"""A second reading corrects what is in doubt by as much as the reader is worth, and nothing else."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from quality.lsh.shingles import stable_hash
from quality.truncation import second_reading
from quality.truncation.prompt_kinds import prompt_frames
from quality.truncation.second_reading import Reader, ToldAgain, are_labels, read_again
from quality.truncation.truncation import cut_off

ROWS, DOUBTFUL, CUT = 400, 120, 30


def _opened(rng: np.random.Generator) -> tuple[pl.DataFrame, pl.DataFrame, np.ndarray]:
    """Answers in question, whole answers to be cut, and probabilities: the first are in doubt, a quarter of them cut."""
    words = np.array([f"{a}{b}" for a in "bdfgklmnprst" for b in ("a", "en", "or", "ist")])
    said = [" ".join(rng.choice(words, 12)) for _ in range(ROWS)]
    # What is cut ends in a word that ends no whole answer.
    said = [f"{one} {'the' if place < CUT else 'end'}" for place, one in enumerate(said)]
    opened = pl.DataFrame({"prompt": [f"What is {place}?" for place in range(ROWS)], "answer": said})
    whole = opened[DOUBTFUL:].with_columns(pl.lit("").alias("kind"))
    whole = whole.with_columns(text=pl.Series(stable_hash(whole["answer"]), dtype=pl.UInt64))
    probability = np.full(ROWS, 0.001)
    probability[:DOUBTFUL] = rng.uniform(0.1, 0.6, DOUBTFUL)
    return opened, whole, probability


def _knowing(prompts: pl.Series, answers: pl.Series) -> np.ndarray:
    rng = np.random.default_rng(len(answers))
    return np.where(answers.str.ends_with(" end"), 1.0, 6.0) + rng.uniform(0, 0.5, len(answers))


def _read(opened: pl.DataFrame, whole: pl.DataFrame, before: np.ndarray, reader: Reader) -> np.ndarray:
    """Read again where what is said of one answer tells of no other."""

    def again(heard: np.ndarray) -> np.ndarray:
        odds = np.exp(heard) * before / (1 - before)
        return np.where(heard == 0, before, odds / (1 + odds))

    return read_again(opened, whole, before, reader, again)


def test_what_a_reader_knows_settles_doubts() -> None:
    opened, whole, before = _opened(np.random.default_rng(0))
    after = _read(opened, whole, before, _knowing)
    assert after[:CUT].min() > 0.5
    assert after[CUT:DOUBTFUL].max() < 0.1
    assert np.array_equal(after[DOUBTFUL:], before[DOUBTFUL:])  # never in doubt


def test_where_most_doubtful_answers_were_cut_those_that_ended_tell() -> None:
    opened, whole, before = _opened(np.random.default_rng(11))
    opened = opened.with_columns(
        answer=pl.when(pl.int_range(pl.len()) < DOUBTFUL - 20)
        .then(pl.col("answer").str.replace(r"\w+$", "the"))
        .otherwise("answer")
    )
    before[:DOUBTFUL] = 0.05
    ended = whole.with_columns(pl.col("answer") + ".")
    after = _read(opened, ended, before, _knowing)
    alone = _read(opened, whole, before, _knowing)
    assert alone[: DOUBTFUL - 20].max() < 0.075 < after[: DOUBTFUL - 20].min()
    assert after[DOUBTFUL - 20 : DOUBTFUL].max() < 0.01


def test_a_reader_that_knows_nothing_changes_next_to_nothing() -> None:
    opened, whole, before = _opened(np.random.default_rng(1))
    noise = np.random.default_rng(2)
    after = _read(opened, whole, before, lambda _, answers: noise.uniform(0, 9, len(answers)))
    assert np.abs(after - before).max() < 0.2
    assert np.array_equal(
        _read(opened, whole, before, lambda _, answers: np.full(len(answers), 3.0)) > 0.5, before > 0.5
    )


def test_the_order_of_rows_makes_no_difference() -> None:
    opened, whole, before = _opened(np.random.default_rng(3))
    order = np.random.default_rng(4).permutation(ROWS)

    def by_text(_: pl.Series, answers: pl.Series) -> np.ndarray:
        return (stable_hash(answers) % np.uint64(1000)).astype(float) / 100

    after = _read(opened, whole, before, by_text)
    shuffled = whole[np.random.default_rng(5).permutation(len(whole))]
    assert _read(opened[order], shuffled, before[order], by_text) == pytest.approx(after[order], abs=1e-9)


def test_of_too_many_equal_doubts_the_same_are_read_in_any_order(monkeypatch) -> None:
    monkeypatch.setattr(second_reading, "_MOST", 50)
    opened, whole, before = _opened(np.random.default_rng(8))
    before[:DOUBTFUL] = 0.3
    order = np.random.default_rng(9).permutation(ROWS)
    after = _read(opened, whole, before, _knowing)
    assert _read(opened[order], whole, before[order], _knowing) == pytest.approx(after[order], abs=1e-9)


def test_of_a_few_doubts_nothing_is_learnt_and_nothing_read() -> None:
    opened, whole, before = _opened(np.random.default_rng(6))
    before[20:] = 0.001
    assert _read(opened, whole, before, lambda *_: pytest.fail("read")) is before


def test_what_was_said_once_is_told_again_and_of_other_texts_nothing() -> None:
    opened, whole, before = _opened(np.random.default_rng(7))
    said: list[np.ndarray] = []

    def noted(prompts: pl.Series, answers: pl.Series) -> np.ndarray:
        said.append(_knowing(prompts, answers))
        return said[-1]

    after = _read(opened, whole, before, noted)
    assert np.array_equal(_read(opened, whole, before, ToldAgain(said[0])), after)
    assert np.allclose(_read(opened, whole, before, ToldAgain(said[0][1:])), before)


def _labels(rows: list[tuple[str, str]]) -> list[str]:
    said = pl.DataFrame(rows, schema=["prompt", "answer"], orient="row")
    said = said.with_columns(pl.lit("").alias("source"), pl.lit(value=True).alias("open"))
    said = said.hstack(prompt_frames(said["prompt"]))
    return said["answer"].filter(pl.Series(are_labels(said), dtype=pl.Boolean)).to_list()


def test_a_word_or_three_are_a_label_where_such_prompts_are_answered_in_a_few_words() -> None:
    towns = [(f"Which town has the code T{place}?", f"Town {place}") for place in range(40)]
    notes = [(f"Explain the field number {place} of it.", " ".join(["word"] * 12)) for place in range(40)]
    brief = ("Explain the field number 7a of it.", "The name of")
    assert _labels([*towns, *notes, brief]) == [answer for _, answer in towns]
    phrase = ("Which town has the code TA?", "The town by the river and the hill")
    assert phrase[1] not in _labels([*towns, phrase])


def test_a_reader_settles_nothing_of_labels_and_moves_no_line_over_them() -> None:
    rng = np.random.default_rng(10)
    words = np.array([f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("a", "en", "or", "ist") for c in ("", "al", "o")])
    sentences = [" ".join(rng.choice(words, 12)) for _ in range(1200)]
    cut = [one[: rng.integers(10, 40)].strip() if place % 5 == 0 else one for place, one in enumerate(sentences)]
    closed = [f"{' '.join(rng.choice(words, 12))}." for _ in range(600)]
    labels = [" ".join(rng.choice(words, 2)) for _ in range(400)]
    prompts = [
        *(f"Explain the field {place} of it." for place in range(1800)),
        *(f"Which town has the code T{place}?" for place in range(400)),
    ]
    asked, said = pl.Series(prompts), pl.Series([*cut, *closed, *labels])
    read: list[tuple[str, str]] = []

    def knowing(prompts: pl.Series, answers: pl.Series) -> np.ndarray:
        read.extend(zip(prompts, answers, strict=True))
        return np.where(prompts.str.contains("town") | answers.is_in(sentences), 0.5, 9.0)

    alone, again = cut_off(asked, said), cut_off(asked, said, reader=knowing)
    assert read
    assert not {*read} & {*zip(prompts[1800:], labels, strict=True)}
    assert again[1800:].to_list() == alone[1800:].to_list()
    assert (again[:1200] != alone[:1200]).any()
