"""Two prompts may name a second thing beside their subject, if it is the same. Curator and audit judge alike."""

import random

import pytest

from tests.quality.meaning.test_one_subject import SAID, name, said
from tests.quality.meaning.test_one_subject import agree as agree_in

Row = tuple[str, str]

LANDS = [name(random.Random(7000 + seed)) for seed in range(12)]
TEMPLATES = [
    "Which harm comes to {land} growers from {plant}?",
    "In markets of {land} they speak of {plant}.",
    "{land} herbal: what is written there about the plant {plant} by monks?",
    "Advise our {land} garden on {plant}, that much is known there.",
    "{plant} grows by the houses of {land} folk, but why?",
]
AROUND = ["{}", "{}", "For a talk I need this: {}", "{} Keep it to the point."]


def ask(template: int, plant: str, land: str) -> str:
    return TEMPLATES[template].format(plant=plant, land=land)


def pool(rows: int = 600) -> list[Row]:
    chance = random.Random(1)
    asked = (ask(chance.randrange(5), name(chance), chance.choice(LANDS)) for _ in range(rows))
    return [(chance.choice(AROUND).format(prompt), said(chance)) for prompt in asked]


POOL = pool()


def agree(one: str, other: str, rows: list[Row] = POOL) -> bool:
    return agree_in((one, SAID), (other, SAID.replace("the bird", "bird")), rows)


@pytest.mark.parametrize("other", [1, 2, 3])
def test_templates_that_name_one_land_are_around_one_subject(other: int) -> None:
    assert agree(ask(0, "moss wort", LANDS[0]), ask(other, "moss wort", LANDS[0]))
    assert agree(ask(0, "moss wort", "Hither Orland"), ask(other, "moss wort", "Hither Orland"))


@pytest.mark.parametrize("around", AROUND[2:])
def test_such_a_template_may_be_put_into_another(around: str) -> None:
    assert agree(around.format(ask(0, "moss wort", LANDS[0])), ask(3, "moss wort", LANDS[0]))


@pytest.mark.parametrize("other", [1, 2, 3])
def test_siblings_name_another_land_or_plant(other: int) -> None:
    assert not agree(ask(0, "moss wort", LANDS[0]), ask(other, "moss wort", LANDS[1]))
    assert not agree(ask(0, "moss wort", LANDS[0]), ask(other, "moss fern", LANDS[0]))
    assert not agree(ask(0, "moss wort", LANDS[0]), ask(other, "moss wort", f"Hither {LANDS[0]}"))


def test_what_one_prompt_names_before_the_subject_and_the_other_behind_may_have_changed_places_with_it() -> None:
    assert not agree(ask(0, "moss wort", LANDS[0]), ask(4, "moss wort", LANDS[0]))


@pytest.mark.parametrize(
    "asked",
    [
        ("As {third} monks say: {plant} thrives in {land} soil.", "Our {third} kitchen keeps {plant} from the {land} hills."),
        ("Advice for {land} on {third} and {plant}?", "Teach the {land} guild how {third} and {plant} go together."),
    ],
)  # fmt: skip
def test_what_fills_a_place_of_its_own_is_no_template_s_however_often_it_stands_there(asked: tuple[str, str]) -> None:
    """Ten names, each in some 60 prompts of a template: few of all who ask in it have the name that these two have."""
    lands = [name(random.Random(9000 + seed)) for seed in range(60)]
    chance, thirds = random.Random(2), [name(random.Random(8000 + seed)) for seed in range(10)]
    filled = [
        {"third": chance.choice(thirds), "land": chance.choice(lands), "plant": name(chance)} for _ in range(1200)
    ]
    own = {"land": lands[0], "plant": "moss wort"}

    def rows(**same: str) -> list[Row]:
        return [(asked[at % 2].format(**(each | same)), said(random.Random(at))) for at, each in enumerate(filled)]

    one, other = (template.format(third=third, **own) for template, third in zip(asked, thirds, strict=False))
    assert not agree(one, other, rows())
    one, other = (template.format(third="old", **own) for template in asked)
    assert agree(one, other, rows(third="old"))


def test_curator_and_audit_judge_random_pairs_alike() -> None:
    chance, told = random.Random(3), []
    for _ in range(120):
        one, other = (
            chance.choice(AROUND).format(
                ask(chance.randrange(5), chance.choice(["moss wort", "moss wort", "fern"]), chance.choice(LANDS[:2]))
            )
            for _ in range(2)
        )
        told.append(agree(one, other) if one != other else False)
    assert 10 < sum(told) < 110
