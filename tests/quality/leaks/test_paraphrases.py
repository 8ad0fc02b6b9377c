"""Paraphrases by meaning: both fields must agree, and the pool sets the level of chance."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from quality.drawing import drawn
from quality.leaks.decontaminate import Decontaminate, leaks
from quality.leaks.paraphrases import Items, Meanings, Said, honest_level, of_other_numbers, paraphrases
from quality.share_bounds import share_bounds


def unit(rows: int, seed: int, dim: int = 64) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=(rows, dim))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def keys(rows: int) -> np.ndarray:
    return np.random.default_rng(0).permutation(rows).astype(np.uint64)


def near(vectors: np.ndarray, cosine: float, seed: int) -> np.ndarray:
    """Vectors of exactly that cosine with the given ones."""
    other = unit(len(vectors), seed)
    other -= (other * vectors).sum(1, keepdims=True) * vectors
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    return (cosine * vectors + np.sqrt(1 - cosine**2) * other).astype(np.float32)


def together(*parts: np.ndarray) -> np.ndarray:
    """What two texts mean as one."""
    whole = sum(parts)
    return whole / np.linalg.norm(whole, axis=1, keepdims=True)


def compared(asked, answered, questions, answers, keys) -> Meanings:
    said = Said(together(asked, answered), asked.__getitem__, answered.__getitem__, np.ones(len(asked), bool), keys)
    return Meanings(said, Items(together(questions, answers), questions, answers))


def meanings(asked: float, answered: float, *, silent: bool = False) -> Meanings:
    """600 honest rows, the first ten of which lie at these cosines from the ten items."""
    rows, replies = unit(600, 1), unit(600, 2)
    questions, answers = unit(10, 3), unit(10, 4)
    rows[:10], replies[:10] = near(questions, asked, 5), near(answers, answered, 6)
    return compared(rows, replies, np.zeros_like(questions) if silent else questions, answers, keys(600))


@pytest.mark.parametrize(
    ("asked", "answered", "is_leak"),
    [(0.9, 0.8, True), (0.95, 0.62, True), (0.8, 0.7, False), (1.0, 0.55, False), (0.55, 1.0, False)],
)
def test_question_and_answer_must_both_mean_the_same(asked: float, answered: float, is_leak: bool) -> None:
    found = paraphrases(meanings(asked, answered), 0.77)
    assert found["row"].to_list() == (list(range(10)) if is_leak else [])
    if is_leak:
        assert found["place"].to_list() == list(range(10))
        assert found["score"].to_list() == pytest.approx([(asked + answered) / 2] * 10, abs=1e-5)
        assert found["threshold"].unique().to_list() == [0.77]


def test_an_item_without_a_question_is_compared_by_its_answer_and_more_strictly() -> None:
    assert paraphrases(meanings(0, 0.87, silent=True), 0.77).is_empty()
    found = paraphrases(meanings(0, 0.9, silent=True), 0.77)
    assert found["row"].to_list() == list(range(10))
    assert found["threshold"].to_list() == pytest.approx([0.885] * 10)


def test_where_rows_of_the_pool_lie_close_to_each_other_the_threshold_rises() -> None:
    centre = unit(1, 7)
    crowd = [near(np.repeat(centre, 400, axis=0), 0.95, seed) for seed in (8, 9)]
    close = compared(crowd[0][50:], crowd[1][50:], crowd[0][:50], crowd[1][:50], keys(350))
    assert honest_level(close.rows, np.arange(350), 50, 0.5) > 0.85
    assert len(paraphrases(close, 0.5)) <= 0.02 * 350  # at .5 alone all of them would be taken
    assert paraphrases(close, 0.5)["threshold"].min() is None or paraphrases(close, 0.5)["threshold"].min() > 0.85


def test_rows_that_leak_otherwise_are_told_by_that_reason_and_do_not_raise_the_threshold() -> None:
    given = meanings(0.9, 0.9)
    found = paraphrases(given, 0.77, known=pl.Series([0, 3]))
    assert found["row"].to_list() == [1, 2, 4, 5, 6, 7, 8, 9]
    items = pl.DataFrame({"item": [f"i{n}" for n in range(10)], "question": ["one two?"] + ["x y"] * 9, "answer": "a"})
    prompts = pl.Series(["one two"] + [f"p{n} q" for n in range(599)])
    told = leaks(prompts, pl.Series(["b"] * 600), items, meanings=given).found
    assert told["reason"].to_list() == ["same_question"] + ["paraphrase"] * 9
    assert told["item"].to_list() == [f"i{n}" for n in range(10)]
    off = leaks(prompts, pl.Series(["b"] * 600), items, Decontaminate(paraphrase=1), given).found
    assert off["reason"].to_list() == ["same_question"]


def test_nothing_leaks_where_there_is_nothing() -> None:
    some, none = unit(4, 1), unit(0, 1)
    for rows, items in ((some, none), (none, some)):
        nothing = Meanings(
            Said(rows, rows.__getitem__, rows.__getitem__, np.ones(len(rows), bool), keys(len(rows))),
            Items(items, items, items),
        )
        assert paraphrases(nothing, 0.7).is_empty()


@pytest.mark.parametrize("least", [0.6, 0.8])
@pytest.mark.parametrize("silent", [False, True])
def test_only_rows_that_can_count_are_heard_and_the_result_is_that_of_all(least: float, *, silent: bool) -> None:
    questions, answers = unit(20, 1), unit(20, 2)
    prompts, replies = unit(1000, 3), unit(1000, 4)
    for at, cosine in ((0, 0.95), (20, 0.7), (40, 0.62), (60, 0.5)):
        prompts[at : at + 20], replies[at : at + 20] = near(questions, cosine, at), near(answers, 0.9, at + 1)
    prompts[80:90], replies[80:90] = near(prompts[:10], 0.65, 5), near(replies[:10], 0.65, 6)
    heard: dict[str, list[int]] = {"asked": [], "answered": []}

    def listening(name: str, vectors: np.ndarray):
        def listen(rows: np.ndarray) -> np.ndarray:
            heard[name].extend(rows.tolist())
            return vectors[rows]

        return listen

    whole, given = together(prompts, replies), np.zeros_like(questions) if silent else questions
    asked, answered = listening("asked", prompts), listening("answered", replies)
    said = Said(whole, asked, answered, np.ones(1000, bool), keys(1000))
    found = paraphrases(Meanings(said, Items(together(given, answers), given, answers)), least)

    fields = [replies, answers] if silent else [prompts, questions, replies, answers]
    least = (1 + least) / 2 if silent else least
    threshold = max(least, plain_level(fields[::2], 20, drawn(keys(1000), 20)))
    best, nearest = plain_scores(fields[::2], fields[1::2])
    expected = np.flatnonzero(best >= threshold)
    assert found["row"].to_list() == expected.tolist()
    assert found["place"].to_list() == nearest[expected].tolist()
    assert found["score"].to_list() == pytest.approx(best[expected].tolist(), abs=1e-6)
    assert found["threshold"].unique().to_list() == pytest.approx([threshold])
    assert 20 <= len(expected) < 100
    assert len(set(heard["asked"])) < 400
    assert len(set(heard["answered"])) < (900 if silent else 150)


def plain_scores(rows: list[np.ndarray], items: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    cosines = np.stack([one @ other.T for one, other in zip(rows, items, strict=True)])
    scores = np.where(cosines.min(axis=0) >= 0.6, cosines.mean(axis=0), -1)
    return scores.max(axis=1), scores.argmax(axis=1)


def plain_level(texts: list[np.ndarray], items: int, stand_ins: np.ndarray) -> float:
    others = np.setdiff1d(np.arange(len(texts[0])), stand_ins)
    best, _ = plain_scores([one[others] for one in texts], [one[stand_ins] for one in texts])
    share = 0.005 * len(stand_ins) / items
    _, most = share_bounds(np.arange(int(share * len(best)) + 1), len(best))
    return float(np.sort(best)[-max(1, (most <= share).sum())]) + 1e-6


def test_a_row_of_a_long_prompt_is_heard_however_far_its_whole_lies() -> None:
    """Of such a row, the whole tells little of the answer, which is all that an item without a question has."""
    given = meanings(0, 0.95, silent=True)
    far = dataclasses.replace(given.rows, whole=-given.rows.whole)
    assert paraphrases(Meanings(far, given.items), 0.77).is_empty()
    long = dataclasses.replace(far, mostly_answer=np.zeros(600, bool))
    assert paraphrases(Meanings(long, given.items), 0.77)["row"].to_list() == list(range(10))


def test_rows_are_drawn_by_their_texts_wherever_they_stand() -> None:
    given = meanings(0.9, 0.9)
    order = np.random.default_rng(1).permutation(600)
    moved = Meanings(
        Said(
            given.rows.whole[order],
            lambda rows: given.rows.asked(order[rows]),
            lambda rows: given.rows.answered(order[rows]),
            given.rows.mostly_answer[order],
            given.rows.keys[order],
        ),
        given.items,
    )
    levels = [paraphrases(one, 0.0)["threshold"].unique().to_list() for one in (given, moved)]
    assert levels[0] == pytest.approx(levels[1], abs=1e-6)
    assert sorted(order[paraphrases(moved, 0.77)["row"].to_numpy()]) == list(range(10))


@pytest.mark.parametrize(
    ("prompt", "question", "other"),
    [
        ("Which tale is no. 12?", "Tell me tale 34.", True),
        ("What is canal 9 of 4?", "What is canal 9?", False),
        ("What did it cost in 1999?", "What did it cost?", False),
        ("3) Name the twelfth tale.", "Name tale 12.", False),
        ("Question 7: name tale 12.", "Which is tale 12?", False),
        ("Who has 12,000 sheep?", "Name him who has 12000 sheep.", False),
        ("A weight of 5kg on 2020-01-05?", "A weight of 5 kg on 5/1/2020?", False),
        ("Which is tale 12?", None, False),
    ],
)
def test_who_names_another_number_asks_for_something_else(prompt: str, question: str | None, *, other: bool) -> None:
    told = of_other_numbers(pl.Series([prompt, "same 8"]), pl.Series([question, "the same: 8"], dtype=pl.String))
    assert told.tolist() == [other, False]


def test_a_row_that_means_what_an_item_means_but_for_its_number_is_no_leak() -> None:
    items = pl.DataFrame({"item": [f"i{n}" for n in range(10)], "question": "tale 7 retold", "answer": "an old man"})
    prompts = pl.Series([f"fable {n % 2 + 7}, its plot" for n in range(600)])
    found = leaks(prompts, pl.Series(["b"] * 600), items, meanings=meanings(0.9, 0.9)).found
    assert found["row"].to_list() == [0, 2, 4, 6, 8]
    assert found["reason"].unique().to_list() == ["paraphrase"]


@pytest.mark.parametrize(("answer", "known"), [("Some 5,400 seconds.", True), ("Some 5,401 seconds.", False)])
def test_who_asks_by_other_numbers_and_is_told_the_same_ones_asks_in_other_words(answer: str, *, known: bool) -> None:
    question = "Of how many seconds are 90 minutes?"
    items = pl.DataFrame({"item": [f"i{n}" for n in range(10)], "question": question, "answer": "They are 5400."})
    prompts = pl.Series([f"The seconds in 1 hour and a half, day {n}?" for n in range(600)])
    found = leaks(prompts, pl.Series([answer] * 600), items, meanings=meanings(0.9, 0.9)).found
    assert found["row"].to_list() == list(range(10)) * known
