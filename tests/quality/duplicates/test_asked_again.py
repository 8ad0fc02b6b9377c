"""One prompt, several answers: copies collapse, contradictions are told, instructions and greetings are left alone."""

import random

import polars as pl
import pytest

from quality.duplicates.asked_again import Pairing, alike_answers, conflicts

Q = "Where do bees sleep in winter?"
LONG = [f"{one}{other}" for one in "bcdfgh" for other in "aeiouklmnr"]


def edited(words: list[str], rate: float, seed: int) -> str:
    rng = random.Random(seed)
    words = list(words)
    for at in rng.sample(range(len(words)), round(rate * len(words))):
        words[at] = rng.choice(["", "other", f"{words[at]} more"])
    return " ".join(words)


def alike(rows: list[tuple[str, str]], proving: list[int] = [], **settings) -> list[tuple]:  # noqa: B006
    frame = pl.DataFrame(rows, schema=["p", "a"], orient="row")
    marks = pl.Series([n in proving for n in range(len(rows))], dtype=pl.Boolean)
    return alike_answers(frame["p"], frame["a"], marks, Pairing(**settings)).select("row", "witness").rows()


def fight(rows: list[tuple[str, str]], sources: list[str] | None = None, **settings) -> list[tuple]:
    frame = pl.DataFrame(rows, schema={"p": pl.String, "a": pl.String}, orient="row")
    from_ = pl.Series(sources or ["s"] * len(rows), dtype=pl.String)
    return conflicts(frame["p"], frame["a"], from_, Pairing(**settings)).select("row", "witness").rows()


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.1])
def test_an_edited_answer_to_the_same_prompt_is_a_copy_and_no_conflict(rate: float) -> None:
    rows = [(Q, " ".join(LONG)), (Q.upper() + "  ", edited(LONG, rate, 1))]
    assert alike(rows) == [(1, 0)]
    assert fight(rows) == []


@pytest.mark.parametrize(
    ("said", "denied"),
    [("It is safe to mix them", "It is unsafe to mix them"), ("You may wake them", "You may not wake them")],
)
def test_answers_that_say_the_opposite_are_no_copies_and_in_conflict(said: str, denied: str) -> None:
    rows = [(Q, f"{said}, as far as any keeper knows."), (Q, f"{denied}, as far as any keeper knows.")]
    assert alike(rows) == []
    assert fight(rows) == [(0, 1), (1, 0)]


def test_another_prompt_or_another_answer_is_no_copy() -> None:
    assert alike([(Q, " ".join(LONG)), ("Where do wasps sleep?", edited(LONG, 0.02, 1)), (Q, "In the hive.")]) == []


def test_empty_and_missing_prompts_are_not_asked_again() -> None:
    rows = [("", "one"), ("", "two"), (None, "three"), (None, "three"), ("  \n", "four")]
    assert alike(rows) == fight(rows) == []


def test_an_answer_with_another_number_is_no_copy_but_a_conflict() -> None:
    said = "There are {} bees in the hive of the old keeper behind the house on the hill."
    rows = [(Q, said.format(42)), (Q, said.format(43))]
    assert alike(rows) == []
    assert fight(rows) == [(0, 1), (1, 0)]


def test_answers_of_marks_alone_are_alike_only_when_equal() -> None:
    assert alike([(Q, "+"), (Q, "-"), (Q, " +")]) == [(2, 0)]


def test_a_row_that_proves_another_stays_and_its_copy_before_it_goes() -> None:
    rows = [(Q, " ".join(LONG)), (Q, edited(LONG, 0.02, 1)), (Q, edited(LONG, 0.02, 2))]
    assert alike(rows, proving=[2]) == [(0, 2), (1, 2)]
    assert alike(rows, proving=[1, 2]) in ([(0, 1)], [(0, 2)])
    assert alike(rows, proving=[0, 1, 2]) == []


def test_chains_of_alike_answers_never_collapse() -> None:
    chain = [" ".join(LONG[start : start + 40]) for start in (0, 5, 10)]  # neighbours share 35 of 45, ends 30 of 50
    assert alike([(Q, text) for text in chain]) == [(1, 0)]


def test_each_row_of_a_conflict_is_the_witness_of_another() -> None:
    assert fight([(Q, "In the hive."), ("What is it?", "x"), (Q, "Under leaves."), (Q, "They never sleep.")]) == [
        (0, 2),
        (2, 0),
        (3, 0),
    ]


def test_copies_of_an_answer_do_not_make_more_answers() -> None:
    answers = [" ".join(LONG)] + [edited(LONG, 0.02, seed) for seed in range(5)] + ["In the hive."]
    assert [row for row, _ in fight([(Q, text) for text in answers])] == list(range(7))
    assert fight([(Q, text) for text in answers[:-1]]) == []


@pytest.mark.parametrize(("answers", "found"), [(2, 2), (4, 4), (5, 0), (60, 0)])
def test_a_prompt_with_many_answers_is_an_instruction(answers: int, found: int) -> None:
    assert len(fight([("Tell me something witty.", f"joke{n} about{n}") for n in range(answers)])) == found


def test_a_greeting_may_be_answered_in_any_way() -> None:
    assert fight([("Hi there", "Hello."), ("Hi there", "Good day to you.")]) == []
    assert len(fight([("Hi there", "Hello."), ("Hi there", "Good day to you.")], least_prompt_words=2)) == 2


def test_a_source_that_asks_many_questions_twice_is_written_so_and_others_are_not_excused() -> None:
    rows, sources = [], []
    for source, asked_twice in (("chat", 40), ("facts", 3)):
        for n in range(100):
            for turn in range(2 if n < asked_twice else 1):
                rows.append((f"What is {source} number {n}?", f"answer{n} version{turn}"))
                sources.append(source)
    told = {sources[row] for row, _ in fight(rows, sources)}
    assert told == {"facts"}
    assert len(fight(rows, sources)) == 6
    assert len(fight(rows, sources, most_conflicts=1.0)) == 86
    assert fight(rows, sources, most_conflicts=0.0, few_conflicts=5) == []


def test_marks_at_the_end_of_a_question_make_no_other_question() -> None:
    asked = "What is the freezing point of M4"
    both = [(f"{asked}?", "It is 12 degrees."), (asked, "It is 55 degrees."), (f"{asked.upper()} ?!", "At 7 degrees.")]
    assert fight(both) == [(0, 1), (1, 0), (2, 0)]
    assert fight([("???", "Yes."), ("!!!", "No.")], least_prompt_words=0) == []
