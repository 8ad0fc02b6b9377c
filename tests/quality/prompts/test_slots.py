"""Places of a template that many prompts fill otherwise, as the curator and as the auditor count them."""

import numpy as np
import polars as pl
import pytest

from quality.auditing.slots import Slots
from quality.auditing.texts import Said, normal
from quality.meaning.pair_signs import Agreement
from quality.meaning.pool_texts import PoolTexts
from quality.meaning.same_said import same_said
from quality.prompts import slots
from quality.prompts.edited import one_named, words_in_order

LANDS = ["Orland", "Vest", "Upper Marn", "Talia", "Gorm", "Iss", "the Ostrels"]
TREATIES = "signed: air pollution, wetlands, desert, whaling, climate, ozone layer, ship pollution, hazardous waste, tropical timber"  # fmt: skip
POOL = [f"Which treaties has {land} signed?" for land in LANDS] + ["What is a bee?", "How do I lower my rent quickly?"]


def both(left: tuple[str, str], right: tuple[str, str], pool: list[str] = POOL) -> bool:
    """Ask the curator and the auditor, who must agree."""
    prompts, answers = (pl.Series([one, other]) for one, other in zip(left, right, strict=True))
    pool = [*pool, left[0], right[0]]
    spelled = slots.PromptSlots(words_in_order(pl.Series(pool)))
    found = spelled.differ_in_one(*words_in_order(prompts).to_list())
    found &= not one_named(prompts, answers, np.array([0]), np.array([1]))[0]
    rows = [Said(normal(prompt), normal(answer)) for prompt, answer in (left, right)]
    assert Slots(map(normal, pool)).filled_otherwise(*rows) == found
    return found


@pytest.mark.parametrize("land", ["Gorm", "the Ostrels", "Upper Marn"])
def test_a_place_that_many_prompts_fill_in_asks_for_something_else(land: str) -> None:
    left, right = (f"Which treaties has {one} signed?" for one in ("Orland", land))
    assert both((left, TREATIES), (right, TREATIES))
    assert both((right, TREATIES), (left, TREATIES))


def test_what_the_answers_of_both_name_was_edited_in_the_prompt() -> None:
    left, right = (f"Which treaties has {one} signed?" for one in ("Orland", "banana"))
    assert both((left, TREATIES), (right, TREATIES))
    assert not both((left, f"Orland {TREATIES}"), (right, f"Orland {TREATIES}"))


def test_a_place_that_few_prompts_fill_in_was_edited() -> None:
    left, right = "How do I lower my rent quickly?", "How do I reduce my rent quickly?"
    assert not both((left, TREATIES), (right, TREATIES))
    five = [f"How do I {verb} my rent quickly?" for verb in ("pay", "double", "halve")]
    assert not both((left, TREATIES), (right, TREATIES), five)
    assert both((left, TREATIES), (right, TREATIES), [*five, "How do I split my rent quickly?"])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Which treaties has Orland signed?", "Which treaties has Orland ever signed?"),
        ("Which treaties has Orland signed?", "Orland"),
        ("Which treaties has Orland signed?", "Which other treaties has Gorm ever signed?"),
        ("What", "Who"),
        ("", "Who"),
    ],
)
def test_other_differences_are_no_place_to_be_filled_in(left: str, right: str) -> None:
    assert not both((left, TREATIES), (right, TREATIES))


def test_rows_that_fill_it_otherwise_are_no_copies_of_each_other() -> None:
    prompts = pl.Series([*POOL, "Which treaties has  gorm signed?"])
    answers = pl.Series([f"{TREATIES}, and {n % 2 * 'some '}more, as of this and that year, by all accounts" for n in range(len(prompts))])  # fmt: skip
    pairs = pl.DataFrame({"left": [0, 4], "right": [2, len(POOL)]})
    assert same_said(pairs, PoolTexts(prompts, answers), Agreement()).tolist() == [False, True]


def test_many_lines_are_counted_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether lines are read one by one or by Polars, the same places are to be filled in."""
    random = np.random.default_rng(0)
    words = ["a", "é", "漢字", "bee", "𐍈", "moth", "ant"]
    spelled = [[str(word) for word in random.choice(words, random.integers(1, 6))] for _ in range(150)]
    places = random.integers(0, len(spelled), (6_000, 2)).tolist()
    told = []
    for most in (0, 10_000):
        monkeypatch.setattr(slots, "_FEW_LINES", most)
        pool = slots.PromptSlots(pl.Series(spelled))
        told.append([pool.differ_in_one(spelled[one], spelled[other]) for one, other in places])
    assert told[0] == told[1]
    assert 0 < sum(told[0]) < len(places)
