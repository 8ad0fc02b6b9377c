"""Where a sentence may end is learnt from the pool: stumps and cut answers are told, labels and short answers kept."""

import random

import polars as pl
import pytest

from quality.screen import Screen, screen
from quality.truncation import endings

NOUNS = ["harbour", "engine", "letter", "garden", "window", "river", "table", "bottle", "ladder", "candle"]
VERBS = ["moves", "holds", "covers", "lights", "opens", "crosses", "carries", "shows"]


def sentence(rng: random.Random) -> str:
    one, other, third = rng.sample(NOUNS, 3)
    return f"It is the {one} that {rng.choice(VERBS)} a {other} with the {third}."


def prose(rows: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(sentence(rng) for _ in range(rng.randint(2, 5))) for _ in range(rows)]


def found(answers: list[str], **fields: object) -> list[tuple[int, str]]:
    prompts = pl.Series([f"What of number {row}?" for row in range(len(answers))])
    settings = Screen.model_validate({"least_words": 1, "most_repeated_phrases": 1} | fields)
    return screen(prompts, pl.Series(answers), settings).select("row", "reason").rows()


@pytest.mark.parametrize("stump", ["The", "I th", "It is", "It is a", "the harbour that", "It is the river with"])
def test_a_stump_ends_where_no_sentence_of_the_pool_ends(stump: str) -> None:
    assert found([*prose(300), stump]) == [(300, "truncated_answer")]


def test_many_stumps_are_not_the_custom_of_the_pool() -> None:
    stumps = ["The", "I th", "It is", "It is a"] * 4
    assert [reason for _, reason in found([*prose(600), *stumps])] == ["truncated_answer"] * 16


@pytest.mark.parametrize(
    "answer", ["Paris.", "Paris", "42", "Yes", "[A, B]", "`x`", "New York", "Harbour", "World Wide Web", "B)", "x = 3"]
)
def test_short_answers_that_end_are_kept(answer: str) -> None:
    assert found([*prose(300), answer]) == []


def test_one_stump_given_by_several_rows_counts_as_one_ending() -> None:
    rng = random.Random(5)
    rows = [*(sentence(rng) for _ in range(200)), *["It is"] * 5]  # 5 of 205 uses, above the threshold
    assert found(rows) == [(row, "truncated_answer") for row in range(200, 205)]


def test_a_pool_too_small_to_learn_from_knows_what_no_english_sentence_ends_in() -> None:
    assert found(["The"]) == [(0, "truncated_answer")]
    assert found(["Paris"]) == []


def test_a_label_that_many_rows_give_is_no_stump() -> None:
    labels = ["holds"] * 20 + ["covers"] * 20
    assert found([*prose(300), *labels]) == []


def test_what_short_answers_of_the_pool_do_is_custom() -> None:
    names = [f"{noun} {other}" for noun in NOUNS for other in NOUNS if noun != other]
    assert found([*prose(300), *names]) == []
    assert found([*prose(600), names[0]]) == [(600, "truncated_answer")]


def test_a_long_answer_cut_in_mid_sentence_is_told() -> None:
    whole = prose(400)
    open_ended = [text.removesuffix(".") for text in prose(20, seed=1)]  # the custom of some: no mark at the end
    cut = " ".join(prose(1, seed=2)[0].split()[:13]) + " with the"
    assert found([*whole, *open_ended, cut]) == [(420, "truncated_answer")]


def test_the_clauses_of_a_list_may_end_in_and() -> None:
    rows = [*prose(300), *["The harbour holds a river; and the garden; and"], *["The harbour, the river, and the and"]]
    assert found(rows) == [(301, "truncated_answer")]


def test_thresholds_of_zero_switch_it_off() -> None:
    cut = prose(1, seed=2)[0].removesuffix(".") + " with the"
    rows = [*prose(600), "It is", cut]
    assert len(found(rows)) == 2
    assert found(rows, least_ending=0) == [(601, "truncated_answer")]
    assert found(rows, least_ending=0, least_ending_long=0) == []


def test_the_share_of_endings_is_that_of_a_count_by_hand() -> None:
    answers = [*prose(100), "a harbour that"]
    tokens = [(token, place == len(words) - 1) for text in answers for words in [text.split()]
              for place, token in enumerate(words)]  # fmt: skip
    uses = sum(token.strip(".") == "that" for token, _ in tokens)
    ends = sum(token == "that." or (token == "that" and last) for token, last in tokens)
    assert endings(pl.Series(answers))["ending"][-1] == pytest.approx((ends + 1) / (uses + 1))


def test_other_languages_are_learnt_as_well() -> None:
    rng = random.Random(3)
    german = [f"Der {rng.choice(NOUNS)} liegt in der {rng.choice(NOUNS)} und bei dem {rng.choice(NOUNS)}."
              for _ in range(300)]  # fmt: skip
    assert found([*german, "Der harbour liegt in der"]) == [(300, "truncated_answer")]


def test_a_pool_of_nothing_has_no_endings() -> None:
    assert endings(pl.Series([], dtype=pl.String)).height == 0
    assert endings(pl.Series(["", "..."])).rows() == [(1.0, 0.0), (1.0, 0.0)]


def test_a_last_word_used_here_alone_is_cut_where_words_of_the_pool_begin_so() -> None:
    rows = [*prose(80), *[f"It is number {row} and no other" for row in range(30)]]  # no full stop: a custom here
    assert found([*rows, "It is the harbour that cros"]) == [(110, "truncated_answer")]
    assert found([*rows, "It is the harbour that cros", "A cros is a cross."]) == []  # a word of this pool
    assert found([*rows, "It is the harbour that rests"]) == []  # no word begins so
