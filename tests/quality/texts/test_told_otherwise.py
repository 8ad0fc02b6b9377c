"""Texts that exchange two things tell another fact, and rows that name other things of code are siblings."""

import re

import pytest

from quality.texts.spellings import one_spelling
from quality.texts.told_otherwise import Text, rows_apart, told_otherwise
from quality.texts.word_order import exchanged_order

BEHIND = " It was first written down by a keeper who lived near the old mill, and has been taught ever since then."


def read(text: str) -> Text:
    spelled = one_spelling(text)
    return Text(re.findall(r"\w+", spelled.casefold()), spelled)


def otherwise(text: str, other: str) -> str:
    found = told_otherwise(read(text), read(other))
    assert told_otherwise(read(other), read(text)) == found
    return found


@pytest.mark.parametrize("behind", ["", BEHIND])
@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("It is -5 degrees.", "It is 5 degrees."),
        ("Take 10 mg of it.", "Take 10 mcg of it."),
        ("It opens at 6 am.", "It opens at 6 p.m."),
        ("It raises the pressure.", "It lowers the pressure."),
        ("It is above the mean.", "It is below the mean."),
        ("She owns 3 cats and 5 dogs.", "She owns 5 cats and 3 dogs."),
        ("The area is a² by law.", "The area is a³ by law."),
        ("It is safe.", "It isn't safe."),
        ("Take ½ cup of it.", "Take ¼ cup of it."),
        ("It is 3.5 long.", "It is 5.3 long."),
        ("Take 5 g of it.", "Take 50 really g of it."),
        ("Take 5 g of it.", "Take 5 really kg of it."),
        ("Take 2 g of salt with 5 ml of oil.", "Take 2 ml of salt with 5 g of oil."),
        ("Take 2 g of salt with 5 ml of oil.", "Take 5 really g of salt with 2 ml of oil."),
        ("It is 5 long.", "It is not really 5 long."),
        ("Take it with food.", "Take it without food."),
        ("Turn it on now.", "Turn it off now."),
    ],
)
def test_a_change_of_one_fact_is_another_fact(text: str, other: str, behind: str) -> None:
    assert otherwise(text + behind, other + behind) == "another"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Take the train from Paris to Rome.", "Take the train from Rome to Paris."),
        ("The cat chased the dog.", "The dog chased the cat."),
        ("It is named re.Match here.", "It is named re.match here."),
    ],
)
def test_what_changed_places_or_capitals_is_perhaps_another_fact(text: str, other: str) -> None:
    assert otherwise(text, other) == "perhaps"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("The cat and the dog.", "The dog and the cat."),
        ("The sum of 3 and 5 is so.", "The sum of 5 and 3 is so."),
        ("It doesn't rain.", "It does not rain."),
        ("The hedge is 10 m long.", "The hedge is 10 meters long."),
        ("It takes several hours.", "It takes several hour."),
        ("Take 200 g flour for it.", "Take 200 really g flour for it."),
        ("Take 5 ml lemon juice for it.", "Take 5 lemon ml juice for it."),
        ("Take 5 ml of juice and 2 g of salt.", "5 take ml of juice and really 2 of g salt."),
        (f"The cat chased the dog.{BEHIND}", f"The dog chased the cat.{BEHIND}"),  # an edit may have done it
        (f"The old mill stood.{BEHIND}", f"The mill old stood.{BEHIND}"),
    ],
)
def test_what_says_the_same_or_was_edited_tells_no_other_fact(text: str, other: str) -> None:
    assert otherwise(text, other) == ""


def test_what_stands_side_by_side_changes_places_freely_in_a_long_text() -> None:
    long = [f"w{n}x" for n in range(30)]
    assert exchanged_order(["3", "5", *long], ["5", "3", *long]) == ""
    assert exchanged_order(["3", "5"], ["5", "3"]) == "words"
    assert exchanged_order(["3", "ell", "5", *long], ["5", "ell", "3", *long]) == "numbers"


SIBLINGS = [
    ("What does {} do?", "os.remove", "os.rmdir", "Remove a file.", "Remove a directory."),
    ("What does {} do?", "os.wait", "os.wait3", "Return pid and status.", "Return pid, status and usage."),
    ("So what is `{}`?", "remove", "rmdir", "Remove a file.", "Remove a directory."),
    ("How is {}() called?", "load", "loads", "With a file.", "With a string."),
]


@pytest.mark.parametrize(("asked", "one", "other", "said", "beside"), SIBLINGS)
def test_prompts_that_name_other_things_of_code_have_siblings_for_answers(
    asked: str, one: str, other: str, said: str, beside: str
) -> None:
    prompts, answers = (read(asked.format(one)), read(asked.format(other))), (read(said), read(beside))
    assert rows_apart(*prompts, *answers)
    assert not rows_apart(*prompts, answers[0], answers[0]), "two names of one thing"
    assert not rows_apart(prompts[0], prompts[0], *answers)


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        ("What does the lapwing do?", "What does the peewit do?"),  # no code
        ("What does os.remove do?", "What does it do?"),
        ("What does os.path do?", "What does ospath do?"),
        ("What does os.get_path do now?", "What does osget_path do now?"),  # it lost a mark
        ("What does os.remove do?", "And what does os.rmdir do?"),
    ],
)
def test_prompts_that_differ_in_more_or_in_less_name_no_other_thing(asked: str, other: str) -> None:
    assert not rows_apart(read(asked), read(other), read("Remove a file."), read("Remove a directory."))


def test_prompts_that_differ_in_a_fact_make_other_rows_whatever_is_answered() -> None:
    said = read("It does.")
    for one, other in (("10 mg", "10 mcg"), ("-5", "5"), ("a²", "a³"), ("6 am", "6 pm")):
        assert rows_apart(read(f"What of {one} here?"), read(f"What of {other} here?"), said, said)
    assert not rows_apart(read("What's 10 m long?"), read("What is 10 metres long?"), said, said)
