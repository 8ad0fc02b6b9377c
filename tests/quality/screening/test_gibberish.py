"""Letters in an order that no word explains are gibberish; rare words, other languages and asked-for letters are not."""

import importlib
import inspect
import random
import re
import string
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from quality.screening.alphabets import LETTERS, words
from quality.screening.gibberish import gibberish
from quality.screening.screen import Screen, screen

LEAST = Screen().most_gibberish


def _sentences() -> list[str]:
    """English of some thousand different words: what the standard library says of itself."""
    modules = map(importlib.import_module, ("argparse", "decimal", "email.message", "inspect", "logging", "os", "statistics", "subprocess", "tarfile", "threading", "turtle", "unittest.mock"))  # fmt: skip
    said = [inspect.getdoc(part) or "" for module in modules for part in [module, *vars(module).values()]]
    return sorted({re.sub(r"\s+", " ", line) for text in said for line in text.split("\n\n") if len(line.split()) > 8})


POOL = _sentences()


def told(seed: int) -> str:
    return random.Random(seed).choice([text for text in POOL if len(text) > 150 and text.count(" ") > 25])


def of(draw: random.Random, letters: str, count: int = 20) -> str:
    return " ".join("".join(draw.choices(letters, k=draw.randint(3, 9))) for _ in range(count))


def shuffled(seed: int) -> str:
    draw = random.Random(seed)
    return re.sub(r"\w{3,}", lambda word: "".join(draw.sample(word[0], len(word[0]))), told(seed))


def measured(answers: list[str], prompt: str = "What is it?", pool: list[str] = POOL) -> list[float]:
    texts = [*pool, *answers]
    return gibberish(pl.Series([prompt] * len(texts)), pl.Series(texts))["gibberish"].to_list()[len(pool) :]


@pytest.mark.parametrize(
    "made",
    [
        lambda seed: of(random.Random(seed), string.ascii_lowercase),
        lambda seed: of(random.Random(seed), "bcdfghjklmnpqrstvwxz"),
        lambda seed: of(random.Random(seed), "asdfghjkl;"),
        lambda seed: "ok " + "".join(random.Random(seed).choices("qwertyuiopasdfghjkl", k=60)),
        shuffled,
    ],
    ids=["drawn", "consonants", "a row of keys", "one word", "shuffled"],
)
def test_letters_struck_drawn_or_shuffled_are_gibberish(made: Callable[[int], str]) -> None:
    found = [measured([made(seed)])[0] for seed in range(20)]
    assert sum(bits > LEAST for bits in found) >= 19, found


def rolled(draw: random.Random) -> str:
    """Strike keys, each near the one before."""
    row = draw.choice(["qwertyuiop", "asdfghjkl"])
    places = [draw.randrange(len(row))]
    for _ in range(draw.randint(5, 8)):
        places.append(min(max(places[-1] + draw.choice([-2, -1, 1, 2]), 0), len(row) - 1))
    return "".join(row[place] for place in places)


@pytest.mark.parametrize(
    "made",
    [
        lambda draw: of(draw, "asdfghjkl", 2),
        lambda draw: of(draw, "asdfghjklqwertyuiop", 3),
        lambda draw: " ".join(rolled(draw) for _ in range(2)),
    ],
    ids=["a row of keys", "two rows", "neighbours"],
)
def test_a_few_words_of_struck_keys_are_gibberish(made: Callable[[random.Random], str]) -> None:
    found = [measured([made(random.Random(seed))])[0] for seed in range(15)]
    assert sum(bits > LEAST for bits in found) >= 12, found


@pytest.mark.parametrize(
    "answer", ["You were.", "whoami", "AwsSqsQueue", "Port au Port", "a red fox", "adagio, allegro"]
)
def test_names_and_words_that_other_answers_hold_are_none_however_short(answer: str) -> None:
    assert measured([answer], pool=[*POOL, "You were there.", "They were you."])[0] == 0


def test_prompts_teach_where_answers_say_few_words() -> None:
    few = POOL[:500]
    answers = pl.Series([*few, of(random.Random(2), "asdfghjkl", 8)])
    assert gibberish(pl.Series(["Why?"] * len(answers)), answers)["gibberish"][-1] == 0
    asked = pl.Series([*POOL[-len(few) :], "Why?"])
    assert gibberish(asked, answers)["gibberish"][-1] > LEAST


def test_letters_of_another_alphabet_are_gibberish_where_the_pool_has_words_in_it() -> None:
    cyrillic = str.maketrans("abcdefghijklmnoprstuvwyz", "абцдефгхийклмнопрстувшыз")
    struck = [of(random.Random(seed), "йцукенгшщзхъфывапролджэ") for seed in range(20)]
    both = [*POOL, *(text.translate(cyrillic) for text in POOL)]
    assert sum(measured([text], pool=both)[0] > LEAST for text in struck) >= 19


@pytest.mark.parametrize(
    "answer",
    [
        "Die Prüfung größerer Beträge erfolgt nach der Satzung durch die zuständige Behörde, nicht durch das Gericht.",
        "Kaikki ihmiset syntyvät vapaina, ja heidän tulisi toimia toisiaan kohtaan veljeyden hengessä.",
        "Tutti i bambini nascono liberi, e la fortuna viene da loro quando meno se lo aspettano.",
        "Все дети рождаются свободными, и счастье приходит к ним тогда, когда они его не ждут.",
        "It is 4-amino-5-chloro-N-(2-diethylaminoethyl)-2-methoxybenzamide, sold as metoclopramide hydrochloride.",
        "def strncmp(lhs, rhs, cnt):\n    for ptr in range(cnt):\n        if lhs[ptr] != rhs[ptr]:\n            return ptr",
        "Eyjafjallajökull and Hvannadalshnúkur are two of the volcanoes that lie under the ice of that island.",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "acgtacgtgg ctagctagct gatcgatcga tttagcgcgc ataggctaga ccgatatata",
        "NATO, UNESCO, WTO, IMF, OPEC, ASEAN, CERN, EFTA, NAFTA and BRICS are such.",
        "光在真空中的速度约为每秒三十万公里，这是一个物理常数。 سرعة الضوء في الفراغ ثابتة ولا تعتمد على حركة الراصد.",
        "Hm, tsk, pst!",
        "",
    ],
)
def test_languages_names_codes_and_short_texts_are_none(answer: str) -> None:
    assert measured([answer])[0] < LEAST


def test_a_cipher_is_gibberish_unless_it_was_asked_for() -> None:
    turned = told(7).translate(str.maketrans(string.ascii_lowercase, string.ascii_lowercase[13:] + "abcdefghijklm"))
    assert measured([turned])[0] > LEAST
    for prompt in ("Encrypt it with ROT13.", "Write a Caesar cipher.", "Give me random letters."):
        assert measured([turned], prompt) == [0]
    assert measured([f"It reads:\n```\n{turned}\n```\nAnd that is all that there is to the harbour."])[0] < LEAST


def test_many_ciphers_do_not_vouch_for_each_other() -> None:
    letters = string.ascii_lowercase
    for key in (letters[13:] + letters[:13], letters[::-1]):
        turned = [told(seed).translate(str.maketrans(letters, key)) for seed in range(12)]
        assert sum(bits > LEAST for bits in measured(turned)) >= 11
        assert max(measured(turned, "Put it in a cipher.")) == 0


def test_one_cry_among_words_is_none() -> None:
    heard = " ".join(sorted({word for text in POOL[:40] for word in re.findall(r"[a-z]{4,}", text)})[:12])
    assert measured([f"{heard} mrglglrglglglgl"])[0] < LEAST


def test_a_pool_does_not_learn_an_answer_from_itself() -> None:
    one = of(random.Random(3), string.ascii_lowercase, 60)
    assert measured([one])[0] > LEAST
    turned = " ".join(reversed(one.split()))
    assert measured([one, turned])[0] < measured([one])[0]  # what another says as well is no longer unheard of


def test_copies_of_gibberish_do_not_vouch_for_each_other() -> None:
    struck = of(random.Random(7), string.ascii_lowercase)
    assert min(measured([struck] * 3)) > LEAST


def test_the_order_of_rows_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.screening.gibberish._ENOUGH", 40_000)
    texts = pl.Series([*POOL, *(of(random.Random(seed), string.ascii_lowercase) for seed in range(20))])
    order = np.random.default_rng(3).permutation(len(texts))
    asked = pl.Series(["What is it?"] * len(texts))
    assert gibberish(asked, texts)[order].equals(gibberish(asked, texts.gather(order)))


def test_a_template_that_repeats_itself_teaches_a_pool_no_more_than_once() -> None:
    answer = "Kaikki ihmiset syntyvät vapaina, ja heidän tulisi toimia toisiaan kohtaan veljeyden hengessä."
    once = measured([answer])
    assert once[0] > 0.3
    assert measured([answer], pool=POOL + ["The code above it is that of the section."] * 3_000) == pytest.approx(
        once, abs=0.02
    )


def test_a_pool_of_hardly_any_words_tells_nothing() -> None:
    assert measured([of(random.Random(1), string.ascii_lowercase)], pool=POOL[:60]) == [0]


def test_gibberish_is_named_and_is_not_called_cut_off() -> None:
    answers = pl.Series([*POOL, of(random.Random(5), "qwertasdfgzxcvb")])
    found = screen(pl.Series(["What is it?"] * len(answers)), answers)
    assert found.filter(pl.col("row") == len(POOL))["reason"].to_list() == ["gibberish"]


def test_trigrams_are_those_of_a_count_by_hand() -> None:
    letters = string.ascii_lowercase
    texts = ["To see a bee2 SEEN", "Ça été", "", "été"]
    found = words(pl.Series(texts))
    expected = []
    for owner, word in [(0, "see"), (1, "ete"), (3, "ete")]:
        places = [0, 0, *(letters.index(letter) + 1 for letter in word), 0]
        expected += [
            (owner, (places[at] * LETTERS + places[at + 1]) * LETTERS + places[at + 2]) for at in range(len(word) + 1)
        ]
    assert found.lengths.tolist() == [4, 4, 4]
    assert len(set(found.hashes().tolist())) == 2
    assert list(zip(found.texts().tolist(), found.keys.tolist(), strict=True)) == expected


def jumbled(answer: str) -> float:
    texts = [*POOL, answer]
    return float(gibberish(pl.Series(["What is it?"] * len(texts)), pl.Series(texts))["jumbled_words"][-1])


@pytest.mark.parametrize("seed", range(5))
def test_words_that_are_reversed_are_jumbled_and_words_as_they_are_not(seed: int) -> None:
    text = told(seed)
    assert jumbled(" ".join(word[::-1] for word in text.split())) > Screen().most_jumbled
    assert jumbled(text) == 0


def test_keys_struck_in_capitals_are_gibberish_and_a_list_of_known_names_is_not() -> None:
    names = "NATO, UNESCO, WTO, IMF, OPEC, ASEAN, CERN, EFTA, NAFTA, BRICS, UNCTAD, ICRM, WFTU"
    struck = of(random.Random(7), string.ascii_uppercase)
    scores = measured([struck, names, f"It belongs to {names}."])
    assert scores[0] > LEAST
    assert scores[1] == 0


def test_copies_of_keys_struck_in_capitals_do_not_vouch_for_each_other() -> None:
    struck = of(random.Random(7), string.ascii_uppercase)
    assert min(measured([struck, struck])) > LEAST
