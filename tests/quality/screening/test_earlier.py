"""A conversation's answers before its last are learnt as well, so a row with a broken one is broken."""

import importlib.util

import polars as pl
import pytest

from quality.records import MESSAGE
from quality.screening.earlier import WORST, worst
from quality.screening.measuring import SCORES, measure_records
from quality.screening.screen import Screen, find_defects

END = [
    ("user", "Thanks. And which tree gives the hardest wood of these?"),
    ("assistant", "Of those three the hornbeam does: its wood was used for cogs, since it wears slowly."),
]
ASKED = "How do I prune a hornbeam?"
DEFECTS = [
    ("I'm sorry, but I can't help with that.", "refusal"),
    ("I cannot fulfill this request. Is there anything else I can help you with?", "refusal"),
    ("As an AI language model, I have no garden. Hornbeams grow slowly.", "assistant_boilerplate"),
    ('<div class="post"><p>Cut it in <b>June</b>.</p><script>var a=1;</script></div>', "leftover_markup"),
    ("Cut it in June, when the sap doesnâ€™t rise, and in Augustâ€”but no laterâ€¦", "broken_characters"),
    ("Cut it. " * 15, "repeated_phrases"),
    ("Cut the long shoots in June.\n" * 4, "repeated_lines"),
    ("#@$%^ &*~| \\§¶ @@## $$%% ^^&& ~~|| #@$%^ &*~| \\§¶", "symbol_noise"),
    ("[deleted]", "placeholder_answer"),
]
TALK = [
    ("Hi", "Hello! How can I help you today?"),
    ("Thanks!", "You're welcome!"),
    ("Bye", "Bye"),
    ("My program crashes.", "I'm sorry to hear that. Could you post the error message, please?"),
    ("Can you look at my screenshot?", "I can't see any attachment here. Could you paste the text of it?"),
    ("Why is it slow?", "I can't tell without seeing the query. Please post it, with its plan."),
    ("Read https://example.org/notes.", "I can't open links, but if you paste the text here I'll gladly sum it up."),
    ("Guess a number between 1 and 10.", "7"),
    ("Which operator?", "<="),
    ("👍", "🙂"),
    ("go on", "…and then the fox said to the crow:"),
    ("What's the capital?", "Of which country?"),
    ("Who wins next year?", "I don't know. Nobody can know that yet."),
    ("Write the css", "body { margin: 0; color: #222; }"),
    ("Wie heißt das auf Deutsch?", "Das heißt Hainbuche."),
]


def records(*talks: list[tuple[str, str]]) -> pl.DataFrame:
    told = [[{"role": role, "content": content} for role, content in talk] for talk in talks]
    return pl.DataFrame({"messages": pl.Series(told, dtype=pl.List(MESSAGE)), "source": ["pool"] * len(talks)})


def dropped(rows: pl.DataFrame, settings: Screen = Screen()) -> list[tuple[int, str]]:  # noqa: B008 (frozen)
    return find_defects(measure_records(rows, settings), settings).select("row", "reason").rows()


@pytest.mark.parametrize(("answer", "reason"), DEFECTS)
def test_a_broken_answer_before_the_last_costs_the_row_its_place(answer: str, reason: str) -> None:
    rows = records(END, [("user", ASKED), ("assistant", answer), *END], END)
    assert dropped(rows) == [(1, reason)]
    assert dropped(rows, Screen(earlier_answers=False)) == []


def test_any_answer_before_the_last_is_looked_at() -> None:
    refused = [("user", ASKED), ("assistant", "I'm sorry, but I can't help with that.")]
    assert dropped(records([*END, *refused, *END], [*refused, *END, *END])) == [(0, "refusal"), (1, "refusal")]


def test_what_is_said_in_a_talk_stays() -> None:
    rows = records(*([("user", asked), ("assistant", said), *END] for asked, said in TALK))
    assert dropped(rows) == []


def test_what_nothing_asks_for_and_what_is_blank_is_not_learnt_and_not_looked_at() -> None:
    greeting = [("assistant", "I'm sorry, but I can't help with that."), *END]
    blank = [("user", ASKED), ("assistant", " \n"), *END]
    assert dropped(records(greeting, blank)) == []


def test_each_row_has_the_worst_score_of_its_answers() -> None:
    last = pl.DataFrame({**{key: [0.5, 0.5, 0.5] for key in SCORES}, "languages": [0.5, None, None]})
    lines = {**{key: [0.2, 0.9, 0.1] for key in WORST}, "languages": [0.7, 0.1, None]}
    told = worst(last, pl.DataFrame(lines), pl.Series([0, 0, 2], dtype=pl.UInt32))
    for name in SCORES:
        wanted = {True: [0.9, 0.5, 0.5], False: [0.5, 0.5, 0.5]}[name in WORST]
        assert told[name].to_list() == ([0.1, None, None] if name == "languages" else wanted)


def test_all_other_scores_are_those_of_the_last_answer() -> None:
    rows = records([("user", ASKED), ("assistant", "42"), *END], END)
    with_earlier, without = measure_records(rows), measure_records(rows, Screen(earlier_answers=False))
    others = [name for name in SCORES if name not in WORST]
    assert with_earlier.select(others).equals(without.select(others))


@pytest.mark.skipif(importlib.util.find_spec("py3langid") is None, reason="py3langid is not installed")
def test_a_language_not_asked_for_is_told_of_earlier_answers() -> None:
    german = "Der Fluss fließt an der Altstadt vorbei und trägt Schiffe, die nahe am Hafen halten."
    rows = records([("user", ASKED), ("assistant", german), *END], END)
    assert dropped(rows, Screen(languages=("en",))) == [(0, "other_language")]
    assert dropped(rows, Screen(languages=("en", "de"))) == []
