"""Where a question may begin: behind whatever ends a sentence, and behind a colon; before its mark, anywhere."""

import polars as pl
import pytest

from quality.auditing.leaks import LeakRules, prove_leaks
from quality.leaks.decontaminate import DEFAULT, leaks
from quality.receipts import RECEIPTS

RULES = LeakRules(**{name: getattr(DEFAULT, name) for name in LeakRules.__annotations__})
PERU = pl.DataFrame({"item": ["p"], "question": ["What is the capital of Peru?"], "answer": ["It is Lima."]})
ITEMS = pl.DataFrame({"item": ["i"], "question": ["What is Paris?"], "answer": ["A city."]})


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("Answer in one line: What is Paris?", True),
        ("Question: what is Paris?  Answer:", True),
        ("Be brief! What is Paris? Thanks.", True),
        ("Ready? What is Paris", True),
        ("请回答：What is Paris？", True),  # a full-width colon needs no space
        ("He wondered what is Paris.", False),
        ("At 10:30, what is Paris", False),
        ("Map:What is Paris?", False),
    ],
)
def test_a_short_question_is_asked_behind_the_end_of_a_sentence_or_a_colon(prompt: str, asked: bool) -> None:
    found = leaks(pl.Series([prompt]), pl.Series(["x"]), ITEMS).found
    assert found["reason"].to_list() == ["same_question"] * asked


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ('The text cites "What is the capital of Peru? It is Lima."', True),
        ("They were asked what is the capital of Peru? Nobody knew.", True),
        ("(What is the capital of Peru?) and so on", True),
        ("“What is the capital of Peru?” she asked", True),
        ("Then '**What is the capital of Peru?**' she asked", True),
        ("Q - What is the capital of Peru ? A - Lima", True),
        ('He said "what is the capital of Peru" and left.', True),  # quoted whole; the mark is the item's
        ("So you ask what is the capital of Peru", False),
        ("This tells what is the capital of Peru and why.", False),
        ("Tell me what is the capital of Peru today?", False),
        ("And what is the capital of Peruvians?", False),
        ("Is it true that somewhat is the capital of Peru?", False),
    ],
)
def test_a_question_inside_a_sentence_of_an_answer_is_asked_before_its_mark_or_between_quotes(
    answer: str, asked: bool
) -> None:
    found = leaks(pl.Series(["Go on."]), pl.Series([answer]), PERU).found
    assert found["reason"].to_list() == ["same_question"] * asked
    assert failed(["Go on."], [answer], found) == [0, 0]
    assert failed(["Go on."], [answer], found.clear()) == [0, asked]


@pytest.mark.parametrize(("rows", "found"), [(20, 20), (21, 0)])
def test_a_question_with_which_many_answers_end_a_sentence_is_common_unless_they_answer_it(
    rows: int, found: int
) -> None:
    prompts = pl.Series([f"Go on with {n}." for n in range(rows)])
    asking = pl.Series([f"Of {n} I ask what is the capital of Peru?" for n in range(rows)])
    assert leaks(prompts, asking, PERU).found.height == found
    assert leaks(prompts, asking, PERU).common.to_list() == ["p"] * (found == 0)
    for answers, leaking in ((asking, found), (asking + " It is Lima.", rows)):
        told = leaks(prompts, answers, PERU).found
        assert told.height == leaking
        assert failed(prompts.to_list(), answers.to_list(), told) == [0, 0]
        assert failed(prompts.to_list(), answers.to_list(), told.clear()) == [0, leaking]


def failed(prompts: list[str], answers: list[str], found: pl.DataFrame) -> list[int]:
    """Count what the auditor finds wrong with the removals, and with the questions of the rows kept."""
    said = [
        [{"role": "user", "content": ask}, {"role": "assistant", "content": answer}]
        for ask, answer in zip(prompts, answers, strict=True)
    ]
    names = pl.Series([str(row) for row in range(len(said))])
    rows = pl.DataFrame({"id": names, "origin": names, "messages": said})
    lines = [
        (str(row), str(row), "s", "decontaminate", "dropped", reason, item, score, threshold)
        for row, item, reason, score, threshold in found.rows()
    ]
    gone = pl.col("id").is_in([line[0] for line in lines])
    receipts = pl.DataFrame(lines, schema=RECEIPTS, orient="row")
    proofs = prove_leaks(receipts, rows.filter(~gone), rows.filter(gone), PERU, RULES)
    return [proof.failed for proof in proofs[:2]]
