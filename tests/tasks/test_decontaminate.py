"""Decontamination as a step: leaks of anything the exam reserves leave the pool, with the item as witness."""

import polars as pl
import pytest

from quality.decontaminate import Decontaminate
from tasks import store
from tasks.decontaminate import decontaminate
from tasks.exams import SealedExam
from tasks.pool import EmptyPool


def exam(*items: tuple[str, str, str]) -> SealedExam:
    reserve = pl.DataFrame(list(items), schema=["item", "question", "answer"], orient="row")
    empty = store.write_table(pl.DataFrame())
    return SealedExam(name="x", digest="x", items=empty, drawn=empty, reserve=store.write_table(reserve), request="")


def test_leaking_rows_leave_the_pool_with_the_item_as_witness(pool_of, noise) -> None:
    answer, question = noise(40), noise(6)
    rows = [(noise(5), noise(20)) for _ in range(6)]
    rows[0] = rows[2] = (noise(5), answer)
    rows[3] = (noise(5), " ".join(answer.split()[:24]))  # 17 of 33 n-grams: not enough for .6
    rows[4] = (question, noise(20))
    pool = pool_of(rows, removed=[0])  # from here on, positions are not row numbers
    after = decontaminate.fn(
        pool, exam(("suite/a", "", answer), ("suite/q", question, "")), Decontaminate(threshold=0.6)
    )
    assert after.removed().filter(stage="decontaminate").rows() == [
        (2, "decontaminate", "dropped", "shared_ngrams", "suite/a", 1.0, 0.6),
        (4, "decontaminate", "dropped", "same_question", "suite/q", 1.0, 0.6),
    ]
    assert after.left()["row"].to_list() == [1, 3, 5]


def test_the_words_of_a_question_in_an_answer_are_no_leak(pool_of, noise) -> None:
    question = noise(6)
    pool = pool_of([(noise(5), question)])
    assert decontaminate.fn(pool, exam(("suite/q", question, "")), Decontaminate()) == pool


def test_a_pool_that_is_the_exam_is_told_as_such(pool_of, noise) -> None:
    answer = noise(40)
    with pytest.raises(EmptyPool, match="“decontaminate” .shared_ngrams 1.*The exam and the pool are the same rows"):
        decontaminate.fn(pool_of([("q", answer)]), exam(("suite/a", "", answer)), Decontaminate())
