"""What a task writes around its questions is taken off, and nothing that its documents say."""

import pytest

from evals.guest_questions import wrapper

PLACES = ["the forest", "a river", "Rome"]
DOCS = [{"ask": f"Who lives in {place}?", "topic": "homes", "key": "ABC"[n]} for n, place in enumerate(PLACES)]


def bare(questions: list[str], docs: list[dict[str, object]]) -> list[str]:
    around = wrapper(questions, docs)
    return [around.off(question) for question in questions]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("Question: ", "\nAnswer:"),
        ("Topic: homes\nQuestion: ", "\nA. yes\nB. no\nAnswer:"),
        ("Answer what is asked. ", " Answer:"),
        ("", "\n"),
    ],
)
def test_what_a_field_says_is_kept_though_all_questions_begin_and_end_alike(before: str, after: str) -> None:
    own = [str(doc["ask"]) for doc in DOCS]
    assert bare([before + question + after for question in own], DOCS) == own


def test_where_no_field_says_it_a_label_is_taken_off_and_no_word() -> None:
    made = [f"Question: Who lives in {place}?\nAnswer:" for place in PLACES]
    for docs in ([{}] * 3, [{"query": one} for one in made]):
        assert bare(made, docs) == [f"Who lives in {place}?" for place in PLACES]
    assert bare([f"Who lives in {place}?" for place in PLACES], [{}] * 3) == [f"Who lives in {p}?" for p in PLACES]


def test_a_question_is_never_emptied_and_two_questions_have_no_wrapper() -> None:
    assert bare(["Q: a\nA:", "Q: b\nA:", "Q:\nA:"], [{}] * 3) == ["a", "b", "Q:\nA:"]
    assert bare(["Q: a", "Q: a", "Q: a"], [{"x": "a"}] * 3) == ["Q: a"] * 3
    assert bare(["Q: a", "Q: b"], [{"x": "a"}, {"x": "b"}]) == ["Q: a", "Q: b"]


def test_nested_fields_are_what_a_document_says_too() -> None:
    docs = [{"say": {"text": ["none", f"in {place}, of course"]}} for place in PLACES]
    made = [f"Say where: {doc['say']['text'][1]}" for doc in docs]
    assert bare(made, docs) == [f"in {place}, of course" for place in PLACES]
