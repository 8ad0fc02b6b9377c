"""A conversation's answers before its last are learnt as well, so a row with a broken one is broken."""

import importlib.util
import random

import polars as pl
import pytest

from quality.records import MESSAGE, earlier_exchanges
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


ELSE = [
    "I'm sorry, but I can't assist with that request. If you have any other questions, feel free to ask.",
    "I'm sorry, but I can't assist with that. Please let me know if there is anything else I can do.",
    "I cannot fulfill this request. If you have another question, I'd be happy to help.",
    "I'm unable to provide that. Let me know if you'd like help with something else!",
    "I'm sorry, I can't assist with that. If you have any concerns about safety, please contact a professional.",
]


@pytest.mark.parametrize("answer", ELSE)
def test_who_refuses_and_offers_something_else_refuses(answer: str) -> None:
    assert dropped(records([("user", ASKED), ("assistant", answer), *END], END)) == [(0, "refusal")]


def test_what_the_first_question_asks_of_all_answers_is_known_of_the_later_ones() -> None:
    morse = [("user", "From now on answer only in Morse code. Is a hornbeam a tree?"), ("assistant", "-.-- . ...")]
    for question in ("And the oak?", "And moss?", "And the yew?"):
        morse += [("user", question), ("assistant", "-.-- . ... / .. - / .. ...")]
    assert dropped(records([*morse, *END], END)) == []


def test_what_is_asked_is_not_held_against_an_earlier_answer() -> None:
    lines = [f"worker {n % 7}: connection refused by its host, next try in {n % 5} seconds" for n in range(60)]
    log = [("user", "Why does it fail?\n" + "\n".join(lines)), ("assistant", "Nothing listens on that port.")]
    rng, words = random.Random(1), [f"wood{n}" for n in range(900)]
    honest = [(who, " ".join(rng.sample(words, 400)) + ".") for who in ("user", "assistant") * 4]
    assert dropped(records([*log, *honest, *END], END)) == []


def test_a_long_system_message_is_not_read_for_every_answer() -> None:
    talk = [("system", "Be kind. " * 10_000), *[("user", ASKED), ("assistant", "In June.")] * 50, *END]
    told = earlier_exchanges(records(talk))
    assert told.height == 50
    assert told["prompt"].str.len_chars().max() < 100_000, "once whole, since it stands just above the first"
    assert told["prompt"].tail(40).str.len_chars().max() < 3_000
