"""Rows of a template that leaves much open are told from copies of an item, by curator and auditor alike."""

import random

import polars as pl
import pytest

from quality.auditing.leaks import LeakRules, prove_leaks
from quality.auditing.wide_slots import WideSlot as Audited
from quality.leaks.decontaminate import DEFAULT, leaks
from quality.leaks.wide_slots import Said, WideSlot
from quality.receipts import RECEIPTS

RULES = LeakRules(**{name: getattr(DEFAULT, name) for name in LeakRules.__annotations__})
ASKS = "What does it say in the chapter {} has for the clerks that begins with “{}”?"


def passage(seed: int, words: int) -> str:
    """Some words that nobody else says."""
    chance = random.Random(seed)
    letters = lambda: chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") + chance.choice("lmnrst")  # noqa: E731
    return " ".join(letters() + letters() for _ in range(words))


ITS, SAID = passage(0, 8), passage(1, 30)
ITEM = (ASKS.format("Beltane", ITS), SAID)
OTHERS = [(ASKS.format(passage(100 + at, 1), passage(200 + at, 8)), passage(300 + at, 30)) for at in range(30)]
SIBLINGS = [(ASKS.format("Beltane", passage(400 + at, 8)), passage(500 + at, 30)) for at in range(4)]
PROSE = [(f"Tell {passage(600 + at, 12)}.", passage(700 + at, 30)) for at in range(10)]


def found(rows: list[tuple[str, str]], item: tuple[str, str] = ITEM) -> list[tuple[str, str]]:
    """Find the rows that leak an item, and let the auditor agree with each that goes or stays."""
    prompts, answers = (pl.Series(texts) for texts in zip(*rows, strict=True))
    items = pl.DataFrame({"item": ["i"], "question": [item[0]], "answer": [item[1]]})
    gone = leaks(prompts, answers, items).found
    names = [f"f:{place}" for place in range(len(rows))]
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": reply}] for ask, reply in rows]
    read = pl.DataFrame({"id": names, "origin": names, "messages": said})
    claims = dict(zip(gone["row"], gone.select("reason", "item", "score", "threshold").rows(), strict=True))
    ends = {place: ("decontaminate", "dropped", *claim) for place, claim in claims.items()}
    kept = ("split", "kept", "train", None, None, None)
    lines = [(name, name, "s", *ends.get(place, kept)) for place, name in enumerate(names)]
    receipts = pl.DataFrame(lines, schema=RECEIPTS, orient="row")
    left = pl.Series([place not in claims for place in range(len(rows))])
    proofs = prove_leaks(receipts, read.filter(left), read.filter(~left), items, RULES)
    assert [proof.claim for proof in proofs if proof.failed] == []
    return [rows[place] for place in gone["row"]]


def test_rows_that_fill_in_another_passage_stay() -> None:
    assert found([*OTHERS, *SIBLINGS]) == []


def test_a_template_that_nobody_else_uses_is_the_items_own() -> None:
    assert found([*PROSE, *SIBLINGS]) == SIBLINGS


def test_too_few_ways_to_fill_it_in_show_no_template() -> None:
    assert found([*OTHERS, *SIBLINGS[:2]]) == SIBLINGS[:2]
    assert found([*OTHERS, *SIBLINGS[:2], SIBLINGS[0]]) == [*SIBLINGS[:2], SIBLINGS[0]]


def respelled(text: str) -> str:
    """Put another letter into every word."""
    return " ".join(f"{word[:4]}x{word[5:]}" for word in text.split())


@pytest.mark.parametrize(
    ("filling", "answer"),
    [
        (ITS, passage(800, 30)),
        (respelled(ITS), passage(800, 30)),
        (ITS.replace(" ", ""), passage(800, 30)),
        (" ".join(reversed(ITS.split())), passage(800, 30)),
        (passage(802, 8), f"{passage(803, 9)} {ITS} {passage(804, 9)}"),
        (passage(802, 8), f"{passage(803, 9)} {respelled(ITS)} {passage(804, 9)}"),
        (passage(802, 8), SAID),
        (passage(802, 8), " ".join(SAID.split()[:16])),
        (passage(805, 2), passage(800, 30)),
    ],
)
def test_who_says_the_items_passage_anywhere_or_answers_as_it_does_is_found(filling: str, answer: str) -> None:
    row = (ASKS.format("Beltane", filling), answer)
    assert row in found([*OTHERS, *SIBLINGS, row])


def test_copies_cut_short_vouch_for_nothing() -> None:
    words = ITEM[0].split()
    cut = [(" ".join(words[:end]), passage(900 + end, 30)) for end in range(len(words) - 4, len(words))]
    assert found([*OTHERS, *cut]) == cut


def test_a_story_that_goes_on_otherwise_is_given_away() -> None:
    story = "Natalia sold clips to 48 of her friends in April at two silver coins each and gave them"
    item = (f"{story} {passage(1, 9)}", "She has 96 coins.")
    told = [(f"{story} {passage(1000 + at, 9)}", f"They got {at + 100}.") for at in range(6)]
    usual = [(f"{' '.join(story.split()[at % 5 : at % 5 + 6])} {passage(1100 + at, 9)}", "No.") for at in range(30)]
    assert found([*usual, *told], item) == told


USUAL = frozenset(["what", "does", "it", "say", "in", "the", "chapter", "that", "begins", "with", "7"])


def both(question: str, prompts: list[str], answer: str = "") -> list[bool]:
    """Tell which prompts fill a question in otherwise, as curator and auditor say."""
    rows = [Said(prompt.split(), answer.split()) for prompt in prompts]
    mine = WideSlot(question.split(), rows, USUAL)
    theirs = Audited(question.split(), [(list(row.prompt), list(row.answer)) for row in rows], USUAL)
    told = [mine.filled_otherwise(row) for row in rows]
    assert told == [theirs.filled_otherwise(list(row.prompt), list(row.answer)) for row in rows]
    return told


FILLINGS = [passage(at, 5) for at in range(1, 4)]  # of thirty letters each


@pytest.mark.parametrize(
    ("question", "asked", "told"),
    [
        ("what does it say {}", "abcdefghij klmnopqrst", True),
        ("what does it say {}", "abcdefghij klmnopqrs", False),  # nineteen letters
        ("what does gfdl 1 1 say {}", passage(0, 5), True),
        ("what does cc by sa 4 say {}", passage(0, 5), True),
        ("what does cc by sa 4 0 say {}", passage(0, 5), False),  # longer than a name
        ("what does numpy say in torch {}", passage(0, 5), False),  # two names
        ("what does numpy say in 7 {}", passage(0, 5), False),  # a name and a number, however usual
        ("what does numpy say {} torch", passage(0, 5), False),
        ("what does numpy {} torch", passage(0, 5), False),  # two names, with nothing but the slot between them
        ("{} what does it say", passage(0, 5), True),
        ("what does it {} say in the chapter", passage(0, 5), True),
        (f"what does it say {'in the chapter that begins with ' * 3}{{}}", passage(0, 5), False),  # said by the way
        (f"what does it say {'in the chapter that begins with ' * 2}{{}}", passage(0, 5), True),
    ],
)
def test_a_slot_is_wide_and_in_a_template_of_the_pool(question: str, asked: str, told: bool) -> None:
    assert both(question.format(asked), [question.format(one) for one in FILLINGS]) == [told] * 3


def test_fillings_may_begin_alike_by_chance() -> None:
    question = f"what does it say {passage(0, 5)}"
    near, far = (["what does it say " + begun + one for one in FILLINGS] for begun in ("", "the chapter that "))
    begun = f"what does it say the chapter that {passage(0, 5)}"
    assert both(question, near) == [True] * 3
    assert both(begun, far) == [True] * 3
    assert both(begun, [*far[:1], *near[1:]]) == [False, True, True]  # what the first shares is more than chance
    two = f"what does it say the chapter {passage(0, 5)}"
    assert both(two, [f"what does it say the chapter {FILLINGS[0]}", *near[1:]]) == [True] * 3


def test_equal_or_like_fillings_are_one_way() -> None:
    question = "what does it say {}"
    asked = [question.format(one) for one in (FILLINGS[0], FILLINGS[0], respelled(FILLINGS[0]), FILLINGS[1])]
    assert both(question.format(passage(0, 5)), asked) == [False] * 4


def test_of_what_is_too_long_nothing_is_told() -> None:
    question = "what does it say {}"
    asked = [question.format(one) for one in FILLINGS]
    assert both(question.format(passage(0, 5)), asked, "u" * 100_000) == [True] * 3
    assert both(question.format(passage(0, 5)), asked, "u" * 100_001) == [False] * 3
