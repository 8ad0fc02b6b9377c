"""Copies that name their subject in another template go, siblings of a template stay. Curator and audit judge alike."""

import random
import re

import numpy as np
import polars as pl
import pytest

from quality.auditing.reworded import Compared
from quality.auditing.texts import Said, normal
from quality.meaning.asked_otherwise import one_subject
from quality.meaning.pair_signs import Agreement
from quality.meaning.pool_texts import PoolTexts
from quality.meaning.reworded_pairs import reworded_pairs
from quality.meaning.same_said import said_of_one_subject, same_said
from quality.meaning.semantic import Semantic, semantic_duplicates

Row = tuple[str, str]

TEMPLATES = ["What is {}?", "Define the word {}.", "{}: what is meant by this?", "A letter mentions {}. What is that?"]
AROUND = ["{}", "{}", "For a talk I need this: {}", "Help me with my notes: {}", "{} Keep it to the point."]
SOUNDS = ["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo"]
GENERAL = [
    "a",
    "of",
    "to",
    "in",
    "and",
    "that",
    "which",
    "part",
    "portion",
    "under",
    "beneath",
    "holds",
    "small",
    "large",
    "made",
]
DECLARED = ["not", "first", "last", "hours", "days", "Tolmar", "Vashti", "quantity", "amount"]


def name(chance: random.Random) -> str:
    return "".join(chance.choices(SOUNDS, k=4))


def said(chance: random.Random, words: int = 24) -> str:
    return " ".join(["the", *(chance.choice([*GENERAL, name(chance)]) for _ in range(words))])


def pool(rows: int = 400, seed: int = 0) -> list[Row]:
    chance = random.Random(seed)
    return [
        (chance.choice(AROUND).format(chance.choice(TEMPLATES).format(name(chance))), said(chance)) for _ in range(rows)
    ]


POOL = [*pool(), *((f"{word}?", f"{word} is a word, {n}") for n in range(4) for word in (*GENERAL, *DECLARED[:5]))]
SAID = (
    "the bird that nests in a hollow under the eaves of an old barn and feeds its young with what it finds in the fields "
    "of the part that nobody mows"
)
SHORT, LETTER = TEMPLATES[0].format("lapwing"), AROUND[2].format(TEMPLATES[3].format("Lapwing"))


def agree(one: Row, other: Row, rows: list[Row] = POOL) -> bool:
    """What the curator says in either direction, by either way; the audit must say the same."""
    order = [one, *rows, other]
    prompts, answers = (pl.Series([row[at] for row in order]) for at in (0, 1))
    ends = ([0], [len(order) - 1])
    told = set()
    for left, right in (ends, ends[::-1]):
        pairs = pl.DataFrame({"left": left, "right": right}).cast(pl.UInt32)
        told.add(bool(said_of_one_subject(pairs, PoolTexts(prompts, answers), Agreement())[0]))
        assert same_said(pairs, PoolTexts(prompts, answers), Agreement())[0] or not max(told)
    places, judged = (np.array([0]), np.array([len(order) - 1])), False
    for pair in reworded_pairs(prompts, answers, *places):
        judged = pair.may_name_one_subject() and bool(one_subject(PoolTexts(prompts, answers), *places)[0])
    compared = Compared([Said(normal(asked), normal(answer)) for asked, answer in order])
    left, right = (Said(normal(asked), normal(answer)) for asked, answer in (one, other))
    assert {judged} == {compared.one_subject(left, right), compared.one_subject(right, left)}
    (found,) = told
    return found


@pytest.mark.parametrize(
    "other",
    [
        SAID,
        SAID.replace("the bird", "bird"),
        SAID.replace("under", "beneath"),
        SAID.replace("fields", "feilds"),
        SAID.replace("finds", "finnds").replace("part", "portion"),
        f"Briefly put: {SAID}",
        f"{SAID}. Sources say so.",
    ],
)
def test_what_a_copyist_changes_below_another_template_makes_no_other_row(other: str) -> None:
    assert agree((SHORT, SAID), (LETTER, other))
    assert agree((LETTER, SAID), (SHORT, other))


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("template", TEMPLATES[1:])
def test_templates_may_be_put_into_templates(template: str, around: str) -> None:
    assert agree((SHORT, SAID), (around.format(template.format("lapwing")), SAID))


def test_a_subject_may_have_several_words_and_those_of_templates_among_them() -> None:
    one, other = ("the word for a small lapwing of the fields", "the word for a large lapwing of the fields")
    assert agree((TEMPLATES[0].format(one), SAID), (TEMPLATES[3].format(one), SAID))
    assert not agree((TEMPLATES[0].format(one), SAID), (TEMPLATES[3].format(other), SAID))


@pytest.mark.parametrize(
    "other",
    ["peewit", "lapwings", "spur lapwing", "lapwing chick", "lap wing", "small lapwing", "lapwing 2"],
)
def test_siblings_name_another_subject(other: str) -> None:
    for template in TEMPLATES[1:]:
        assert not agree((SHORT, SAID), (template.format(other), SAID))


def test_classes_of_one_method_are_subjects_of_their_own() -> None:
    one, other = ("Cache::getStats", "Cached::getStats")
    assert agree((TEMPLATES[0].format(one), SAID), (TEMPLATES[3].format(one), SAID))
    assert not agree((TEMPLATES[0].format(one), SAID), (TEMPLATES[3].format(other), SAID))


def test_siblings_of_a_grid_stay_though_many_prompts_name_either_side() -> None:
    """In a grid of lands and topics each prompt begins or ends with what many do."""
    lands, topics = ([name(random.Random(seed)) for seed in range(start, start + 30)] for start in (900, 950))
    grid = [
        ((f"What {topic} has {land}?", f"For a class: {land}, {topic}.")[(at + nth) % 2], said(random.Random(at * 99 + nth)))
        for at, land in enumerate(lands)
        for nth, topic in enumerate(topics)
    ]  # fmt: skip
    asked, other = f"What {topics[0]} has {lands[0]}?", f"For a class: {lands[0]}, {topics[1]}."
    assert not agree((asked, SAID), (other, SAID), grid)
    assert not agree((asked, SAID), (f"For a class: {lands[1]}, {topics[0]}.", SAID), grid)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("", "7"),
        ("3", "7"),
        ("", "not"),
        ("first", "last"),
        ("hours", "days"),
        ("Tolmar", "Vashti"),
        ("part part", "portion portion"),
    ],
)
def test_an_answer_that_says_otherwise_is_another(word: str, other: str) -> None:
    assert not agree((SHORT, f"{SAID} {word} {SAID}"), (LETTER, f"{SAID} {other} {SAID}"))
    assert agree((SHORT, f"{SAID} {word} {SAID}"), (LETTER, f"{SAID} {word} a {SAID}"))


def test_a_word_that_comes_in_the_prompt_and_in_the_answer_makes_another_row_unless_many_answers_hold_it() -> None:
    rows = [*POOL, *((f"Which letter has {name(random.Random(n))}?", said(random.Random(n))) for n in range(40))]
    letter, plain = (LETTER, f"{SAID} letter"), (SHORT, SAID)
    assert not agree(plain, letter, rows)
    assert agree(plain, (LETTER, SAID), rows)
    common = [*POOL, *((f"Is {name(random.Random(n))}?", f"a letter, {said(random.Random(n))}") for n in range(40))]
    assert agree(plain, letter, common)


def test_a_mistyped_not_is_a_slip_and_one_left_out_is_none() -> None:
    denied = f"{SAID} and cannot swim"
    rows = [*POOL, *((f"{n}?", "cannot") for n in "xyz")]
    assert agree((SHORT, denied), (LETTER, denied.replace("cannot", "canont")), rows)
    assert not agree((SHORT, denied), (LETTER, denied.replace("cannot ", "")), rows)


def test_short_answers_and_short_rows_prove_nothing() -> None:
    ten = " ".join(SAID.split()[:10])
    long = AROUND[4].format(LETTER)
    assert agree((AROUND[4].format(AROUND[3].format(SHORT)), ten), (long, ten))
    assert not agree((AROUND[4].format(AROUND[3].format(SHORT)), ten.rsplit(" ", 1)[0]), (long, ten.rsplit(" ", 1)[0]))
    assert not agree((SHORT, ten), (long, ten))


def test_a_passage_is_no_subject() -> None:
    passage = " ".join(name(random.Random(seed)) for seed in range(400, 421))
    for words, same in ((20, True), (21, False)):
        part = " ".join(passage.split()[:words])
        assert agree((TEMPLATES[0].format(part), SAID), (TEMPLATES[3].format(part), SAID)) == same


def test_a_small_pool_has_no_templates() -> None:
    assert not agree((SHORT, SAID), (LETTER, SAID), POOL[:60])


def test_curator_and_audit_judge_random_pairs_alike() -> None:
    chance, told = random.Random(5), []
    extra = [*DECLARED, "7", "lapwing", "letter", "feilds", "portion", "beneath", "hollw", "a", "the", ""]
    for _ in range(200):
        words, other = SAID.split(), SAID.split()
        for one in (words, other):
            for _ in range(chance.randrange(3)):
                one[chance.randrange(len(one))] = chance.choice(extra)
        subject = chance.choice(["lapwing", "lapwing", "lapwing", "peewit", "spur lapwing"])
        asked = chance.choice(AROUND).format(chance.choice(TEMPLATES).format(subject))
        told.append(agree((SHORT, " ".join(words)), (asked, " ".join(other))))
    assert 20 < sum(told) < 180


def test_answers_alone_bring_rows_together_that_name_one_subject_and_no_others() -> None:
    """Far apart in meaning and in 5-grams of the whole row: no other sign is enough there."""
    asked = AROUND[3].format(AROUND[4].format(TEMPLATES[3].format("lapwing")))
    short = " ".join(SAID.split()[:18])
    sibling = (re.sub("lapwing", "peewit", SHORT), short)
    rows = [*POOL, (SHORT, short), (asked, f"Briefly: {short}"), sibling]
    prompts, answers = (pl.Series([row[at] for row in rows]) for at in (0, 1))
    found = semantic_duplicates(PoolTexts(prompts, answers), np.eye(len(rows), dtype=np.float32), 0.9, Semantic())
    assert found.select("row", "witness").rows() == [(len(POOL) + 1, len(POOL))]
    assert found["jaccard"][0] == pytest.approx(14 / 15)
