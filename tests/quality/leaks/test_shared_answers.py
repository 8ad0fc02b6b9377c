"""Answers of a whole kind of questions are no leak of one; copies of an item are, however many there are."""

import random

import polars as pl
import pytest

from tests.quality.leaks.test_siblings import found

ASKS = ("What does the option {} of the module {} do?", "In the module {1}, what is {0} for?")
PASSES = "The sign by which the gatekeeper knows his own without asking for a name."
MODULES = [f"{one}{two}" for one in ("mill", "gate", "lock", "barn", "well") for two in ("ward", "keep", "loft", "yard", "rack")]  # fmt: skip
OPTIONS = [f"o{letter}pt" for letter in "abcdefgh"]


def others() -> list[tuple[str, str]]:
    rng = random.Random(1)
    return [
        (ASKS[rng.random() < 0.5].format(option, module), f"It sets {rng.randrange(9**9)} wheels of the {module}.")
        for option in OPTIONS
        for module in MODULES
    ]


def passes(modules: list[str], answer: str = PASSES, option: str = "pass") -> list[tuple[str, str]]:
    return [(ASKS[at % 2].format(option, module), answer) for at, module in enumerate(modules)]


ITEM = pl.DataFrame({"item": ["i"], "question": [ASKS[0].format("pass", "tower")], "answer": [PASSES]})


def gone(rows: list[tuple[str, str]], items: pl.DataFrame = ITEM) -> list[tuple[str, str]]:
    return [rows[row] for row, _ in found(rows, items)]


@pytest.mark.parametrize(("modules", "stay"), [(7, False), (8, True), (25, True)])
def test_what_eight_prompts_of_a_kind_are_answered_is_no_leak_of_another(modules: int, stay: bool) -> None:
    rows = passes(MODULES[:modules])
    assert gone([*others(), *rows]) == rows * (not stay)


def test_the_item_itself_and_edits_of_it_are_leaks_among_the_answers_of_its_kind() -> None:
    leaks = [
        (ITEM["question"][0], PASSES),
        (ITEM["question"][0].replace("does", "lapwing"), PASSES),
        (ITEM["question"][0].replace("option", "heron"), PASSES),  # half of the kind asks in other words
        ("What of the pass?", PASSES),  # of what else does it ask?
        (f"Say: {ITEM['question'][0]}", PASSES.replace("gatekeeper", "heron")),
    ]
    assert gone([*others(), *passes(MODULES), *leaks]) == leaks


def test_copies_of_an_item_are_leaks_below_edits_of_its_question_however_many() -> None:
    rng, copies = random.Random(2), []
    words = ITEM["question"][0].split()
    for copy in range(60):
        at = rng.randrange(len(words))
        copies.append((" ".join([*words[:at], f"heron{copy}", *words[at + 1 :]]), PASSES))
    assert gone([*others(), *copies]) == copies


def test_copies_of_an_answer_are_leaks_below_any_prompts_however_many() -> None:
    copies = [(asked, PASSES) for asked, _ in random.Random(3).sample(others(), 21)]
    rows = [row for row in others() if row[0] not in dict(copies)]
    assert gone([*rows, *copies]) == copies


@pytest.mark.parametrize("copies", [8, 21, 50])
def test_copies_of_an_answer_are_leaks_below_its_question_in_other_words_however_many(copies: int) -> None:
    heads = ("Explain", "Describe", "Say", "Tell me", "State", "Note", "Outline", "Sketch")
    uses = ("what the option pass of the module tower does", "the use of pass in tower", "how the module tower reads pass", "why tower has pass")  # fmt: skip
    asked = [f"{head} {use}{end}" for head in heads for use in uses for end in (".", ", please?")]
    rows = [(prompt, PASSES) for prompt in random.Random(5).sample(asked, copies)]
    assert gone([*others(), *rows]) == rows


def test_one_edit_of_a_question_makes_no_kind_of_the_texts_around_it() -> None:
    edit = ITEM["question"][0].replace("option", "switch")
    around = (
        "Please: {}",
        "Q: {}",
        "{} Answer briefly.",
        "Hi! {}",
        "Now, {}",
        "{} Thanks.",
        "Sir, {}",
        "Next: {}",
        "{}",
    )
    rows = [(text.format(edit), PASSES) for text in around]
    assert gone([*others(), *rows]) == rows


def test_answers_that_were_edited_each_elsewhere_do_not_say_the_same() -> None:
    rng, copies = random.Random(4), []
    for module in MODULES:
        said = PASSES.split()
        said[rng.randrange(len(said))] = f"heron{rng.randrange(99)}"
        copies.append((ASKS[0].format("pass", module), " ".join(said)))
    assert gone([*others(), *copies]) == copies


def test_a_prompt_that_holds_an_answer_gives_it_away_though_many_say_yes_below() -> None:
    rows = [(f"{PASSES} Is that the pass for {module}?", "Aye, sir.") for module in MODULES]
    assert gone([*others(), *rows]) == rows


def test_short_answers_that_many_fillings_of_a_question_have_are_no_leaks() -> None:
    ask = "Can you tell me about the colour of the old {}?"
    item = pl.DataFrame({"item": ["i"], "question": [ask.format("tower")], "answer": ["It is red."]})
    red, blue = ([(ask.format(module), f"It is {hue}.") for module in half] for hue, half in (("red", MODULES[:12]), ("blue", MODULES[12:])))  # fmt: skip
    assert gone([*others(), *red, *blue], item) == []
    # Seven of a colour are too few to be its kind.
    assert gone([*others(), *red[:7], *blue], item) == red[:7]
    # Who answers nothing says nothing that others say, too.
    silent = [(asked, "") for asked, _ in red]
    assert gone([*others(), *silent, *blue], item) == silent
