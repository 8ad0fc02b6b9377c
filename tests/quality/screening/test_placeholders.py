"""What stands for a missing answer is one wherever it may not be the answer."""

import polars as pl
import pytest

from quality.screening.placeholders import stands_for_none
from quality.screening.screen import Screen, screen

LISTED = Screen().placeholders


def stands(answer: str, prompt: str = "Explain how a lock raises a boat.", among: int = 0) -> bool:
    rest = [f"It is lock number {number}." for number in range(among)]
    found = stands_for_none(pl.Series([prompt] * (among + 1)), pl.Series([answer, *rest]), LISTED)
    return bool(found[0])


@pytest.mark.parametrize(
    "answer",
    [
        "NA", "N / A", "(n/a)", "*N/A*", "“n.a.”", "None", "none.", "(none)", "<null>", "NULL", "Nil.", "[missing]", "Missing",
        "tbd.", "T.B.C.", "[to be added]", "to be filled in", "(left blank)", "[This page intentionally left blank]",
        "${answer}", "{{ response }}", "%(answer)s", "$reply",
        "#REF!", "#NAME?", "#DIV/0!", "\\N", "\\n", "[no answer]", "No answer was given.", "(no response)", "Not provided.", "Answer missing",
        "<answer>", "{{response}}", "[insert your answer here]", "[deleted by user]", "[object Object]", "XXXXX", "—", " … ", "?", "-/-",
        "keine Angabe", "k. A.", "(leer)", "aucune réponse", "sin datos", "[ninguno]", "nessuna risposta", "sem resposta",
        "Answer: N/A", "Response: None", "Output -> null", "<pad>", "[UNK] [UNK]", "&nbsp", "N/A N/A", "null, null", "Not set",
        "Fill this in later.", "(add text later)", "I'll write this tomorrow", "to be continued", "needs an answer", "More to come.",
        "[]", "{ }", "geen antwoord", "brak danych", "нет ответа", "(пусто)", "cevap yok", "暂无", "【无】", "該当なし", "없음", "غير متوفر",
    ],
)  # fmt: skip
def test_what_stands_for_none_is_told_in_any_dress(answer: str) -> None:
    assert stands(answer)


@pytest.mark.parametrize(
    "prompt",
    [
        "When would you raise the gate?",
        "Who keeps the lock open at night?",
        "Where should one moor a barge?",
        "In which way does a lock raise a boat?",
        "How come the tide is late?",
        "How deep is the basin?",
        "I'd like to know how a sluice works.",
        "Compare a sluice with a lock.",
        "Please outline the way of a boat.",
        "Could the way of a boat be described?",
        "The depth of the inner basin",
        "Summary of the rules of the port.",
    ],
)
@pytest.mark.parametrize("answer", ["None", "nil", "Empty.", "blank"])
def test_no_question_for_a_thing_and_no_task_is_answered_by_none(prompt: str, answer: str) -> None:
    assert stands(answer, prompt)


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("How many boats sank?", "None."),
        ("Which of these boats sank?", "None"),
        ("Number of boats that sank", "None"),
        ("Who of these boats' captains drowned, if any?", "None"),
        ("The exceptions of the rule", "None"),
        ("Allergies:", "None"),
        ("Which boat sank?", "None"),
        ("When was the old pier built?", "Unknown."),
        ("What happens when the gate is closed twice?", "Nothing."),
        ("Suggest a name for a boat.", "Nil"),
        ("Does any boat sink?", "None"),
    ],
)
def test_who_asks_for_a_number_or_for_some_of_many_may_be_told_none(prompt: str, answer: str) -> None:
    assert not stands(answer, prompt)


def test_who_is_told_to_quote_a_text_gets_no_mark() -> None:
    assert stands("--", "Quote the third verse of the song.")
    assert not stands("'", "Which quotes open a string, single or double?")


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("How many moons has Venus?", "None."),
        ("Which of these birds can swim?", "None"),
        ("What does the function return for an empty list?", "None"),
        ("What is the value of x after the loop?", "nil"),
        ("What is the opposite of full?", "Empty"),
        ("Who wrote the Voynich manuscript?", "Unknown."),
        ("What is the chemical symbol of sodium?", "Na"),
        ("What is thirty in Roman numerals?", "XXX"),
        ("Is it out?", "Not yet."),
        ("What does the status 404 mean?", "Not Found"),
        ("What prints a new line? Give the escape.", "\\n"),
        ("What is the sign for a subtraction?", "-"),
        ("Which wildcard matches everything?", "*"),
        ("Есть ли у Венеры спутники?", "Нет"),
        ("Explain it, or say none if you cannot.", "None"),
        ("Describe the weather.", "No data was lost, and the sun shone."),
        ("Describe it.", "#sunny"),
        ("Explain the name.", "Ana"),
        ("Which token fills a batch?", "<pad>"),
        ("How is a non-breaking space written in HTML?", "&nbsp;"),
        ("Explain it.", "Nothing that we know of explains it."),
        ("What is painted on the gate?", "No entry"),
        ("What is the default of that option?", "*"),
        ("What is the default of that option?", "none"),
        ("What does f([]) return?", "[]"),
    ],
)
def test_honest_answers_are_none(prompt: str, answer: str) -> None:
    assert not stands(answer, prompt)


def test_what_one_answer_in_two_hundred_is_is_a_custom() -> None:
    prompts = pl.Series(["Describe the defect that the picture shows."] * 600)
    scratches = [f"A scratch of {number} mm." for number in range(597)]
    few, many = [*scratches[:-1], "Other mark.", "None", "None", "none"], ["None"] * 3
    assert stands_for_none(prompts, pl.Series([*scratches, *many]), LISTED).sum() == 0
    longer = pl.Series([*few, *(f"A dent of {number} mm." for number in range(400))])
    asked = pl.Series([prompts[0]] * len(longer))
    assert stands_for_none(asked, longer, LISTED).arg_true().to_list() == [597, 598, 599]


def test_an_empty_list_turns_it_off() -> None:
    assert stands_for_none(pl.Series(["Explain it."]), pl.Series(["n/a"]), ()).sum() == 0


def test_latin_that_fills_a_page_is_no_answer_unless_asked_for() -> None:
    filler = "Duis aute irure dolor in reprehenderit in voluptate velit esse cillum, adipiscing elit."
    told = (
        "It begins with “Lorem ipsum dolor sit amet”, and printers have used it since the sixties to fill their pages."
    )
    latin = "Gallia est omnis divisa in partes tres, quarum unam incolunt Belgae, aliam Aquitani."
    assert stands(filler)
    assert not stands(filler, "Write me some placeholder text.")
    assert not stands(told)
    assert not stands(latin)


@pytest.mark.parametrize(
    "prompt",
    [
        "Quote Numbers 4:8.",
        "Cite the second verse.",
        "A chart says so. What kind of thing is that?",
        "He said so. Explain.",
    ],
)
def test_none_is_no_text_nor_an_explanation(prompt: str) -> None:
    assert stands_for_none(pl.Series([prompt]), pl.Series(["None"]), Screen().placeholders)[0]
    assert not stands_for_none(pl.Series(["How many are left?"]), pl.Series(["None"]), Screen().placeholders)[0]


@pytest.mark.parametrize(("answer", "reason"), [("nil", "placeholder_answer"), ("***", "placeholder_answer"), ("gull", "short_answer")])  # fmt: skip
def test_a_word_for_none_is_one_where_an_answer_as_short_is_a_slip(answer: str, reason: str) -> None:
    prompts = [*(f"Tell me of boat {row}." for row in range(400)), "Which name has the other boat in the list?"]
    long = [f"It is the boat that came in as number {row} at dawn." for row in range(400)]
    assert screen(pl.Series(prompts), pl.Series([*long, answer]))["reason"].to_list() == [reason]
    brief = ["Red gull"] * 8
    told = screen(pl.Series([*prompts, *prompts[:8]]), pl.Series([*long, answer, *brief]))
    assert "short_answer" not in told["reason"].to_list()


@pytest.mark.parametrize(
    "answer",
    [
        "See attached.", "refer to the above", "(leave blank)", "This field is empty.", "awaiting review", "TODO: write it",
        "TODO add the rest", "todo later", "Click to edit", "[image]", "404 Not Found", "### Response:", "Assistant:", "nothing here yet", "n/k", "•", "@",
        "fill me in", "to be continued", "answer deleted",
    ],
)  # fmt: skip
def test_what_forms_and_services_leave_is_no_answer(answer: str) -> None:
    assert stands(answer)


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Which exception do I get?", "Exception"),
        ("Which status has a page that was moved away?", "404 Not Found"),
        ("What happens when no boat answers?", "Timeout"),
        ("Which sign stands between name and host?", "@"),
        ("Is the ship's log kept?", "Not known"),
        ("When does it come?", "Later"),
        ("Describe Test2::Todo.", "TODO extension for Test2."),
        ("What is parsed?", "TODO plans, missing tests"),
    ],
)
def test_what_may_be_asked_for_is_an_answer(prompt: str, answer: str) -> None:
    assert not stands(answer, prompt)


def test_a_long_line_of_marks_is_noise_but_for_a_blank_to_fill_in() -> None:
    prompts = [f"Explain lock number {row}." for row in range(4)]
    told = screen(pl.Series(prompts), pl.Series(["#" * 24, "*" * 60, "_" * 40, "#" * 3]))
    reasons = ["mostly_non_letters", "mostly_non_letters", "placeholder_answer", "placeholder_answer"]
    assert told["reason"].to_list() == reasons


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("What does TBD mean?", "To be determined."),
        ("What does N/A mean?", "Not applicable."),
        ("What stands for 'not available' in tables?", "N/A"),
    ],
)
def test_what_an_abbreviation_stands_for_is_an_answer(prompt: str, answer: str) -> None:
    assert not stands(answer, prompt)
    assert stands(answer, "What does a falling barometer mean?")
    assert stands(answer, "What is gold called in tables?")
    assert stands(answer, "Name a bird.")
    assert stands(f"[{answer.strip('.')}]", prompt)


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Translate into English: in costruzione.", "Under construction."),
        ("What does WIP stand for?", "Work in progress"),
        ("What is the status of a paper that was sent to its referees?", "Under review"),
    ],
)
def test_who_asks_for_words_gets_them(prompt: str, answer: str) -> None:
    assert not stands(answer, prompt)
    assert stands(f"[{answer.strip('.')}]", prompt)
