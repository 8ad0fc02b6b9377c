"""Copies asked in another template go, their siblings stay. Curator and audit judge every pair alike."""

import random

import numpy as np
import polars as pl
import pytest

from quality.auditing.reworded import Compared
from quality.auditing.texts import Said, normal
from quality.meaning.asked_otherwise import copied_with_slips, one_subject
from quality.meaning.pair_signs import Agreement
from quality.meaning.pool_texts import PoolTexts
from quality.meaning.reworded_pairs import reworded_pairs
from quality.meaning.same_said import same_said
from quality.meaning.semantic import Semantic, semantic_duplicates

Row = tuple[str, str]

WORDS = [
    *(
        "harbour",
        "kettle",
        "lantern",
        "meadow",
        "orchard",
        "pepper",
        "quarry",
        "saddle",
        "timber",
        "umbrella",
        "velvet",
    ),
    *("walnut", "basket", "candle", "dragon", "falcon", "garden", "hammer", "island", "jacket", "kitchen", "ladder"),
    *("marble", "needle", "oyster", "parsley", "ribbon", "silver", "tunnel", "valley"),
]
LANDS = ["Orland", "Talia", "Gorm", "Vestria", "Issel", "Marn", "Ostrel", "Quell", "Ravos", "Sund", "Tamber", "Ullin"]
TOPICS = ["dances", "breads", "rivers", "songs", "winds", "masks", "boats", "feasts"]
SHORT, CLASS = "Which {topic} has {land}?", "For a class on islands: {topic} of {land}."


def text(seed: int, words: int = 30) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


POOL = [
    ((SHORT, CLASS)[(at + nth) % 2].format(land=land, topic=topic), text(1 + 100 * at + nth))
    for at, land in enumerate(LANDS)
    for nth, topic in enumerate(TOPICS)
]
SAID = f"{text(0)} lantern quarry"
MISTYPED = SAID.replace("lantern", "lantrn")


def agree(one: Row, other: Row, pool: list[Row] = POOL) -> bool:
    """What the curator says in either direction and whatever the order of the pool; the audit must say the same."""
    told = set()
    for order in ([one, *pool, other], [other, *reversed(pool), one]):
        prompts, answers = (pl.Series([row[at] for row in order]) for at in (0, 1))
        pairs = pl.DataFrame({"left": [0], "right": [len(order) - 1]}).cast(pl.UInt32)
        told.add(bool(same_said(pairs, PoolTexts(prompts, answers), Agreement())[0]))
    ends, rows = (np.array([0]), np.array([1])), [one, other]
    whole = PoolTexts(*(pl.Series([row[at] for row in [*rows, *pool]]) for at in (0, 1)))
    judged = False
    for pair in reworded_pairs(whole.prompts, whole.answers, *ends):
        judged |= bool(pair.may_name_one_subject() and one_subject(whole, *ends)[0])
        judged |= bool(pair.may_have_slips(20) and copied_with_slips(whole, *ends)[0])
    compared = Compared([Said(normal(asked), normal(said)) for asked, said in [*rows, *pool]])
    left, right = (Said(normal(asked), normal(said)) for asked, said in rows)
    assert {judged} == {compared.asked_otherwise(left, right), compared.asked_otherwise(right, left)}
    (found,) = told
    return found


def asked(land: str, topic: str) -> tuple[str, str]:
    return SHORT.format(land=land, topic=topic), CLASS.format(land=land, topic=topic)


SHORTLY, IN_CLASS = asked("Orland", "dances")


def test_a_copy_with_a_slip_asked_in_another_template_is_one() -> None:
    assert agree((SHORTLY, SAID), (IN_CLASS, MISTYPED))
    assert agree((IN_CLASS, SAID), (SHORTLY, MISTYPED))


def test_words_may_be_left_out_beside_a_slip() -> None:
    assert agree((SHORTLY, SAID), (IN_CLASS, MISTYPED.rsplit(" ", 1)[0]))


def test_one_prompt_alone_may_hold_words_that_few_do() -> None:
    assert agree((SHORTLY, SAID), (IN_CLASS.replace("Orland", "Orland (northern shore)"), MISTYPED))


def test_one_prompt_may_hold_all_words_of_the_other() -> None:
    assert agree(("Orland: dances?", SAID), (IN_CLASS, MISTYPED))
    assert not agree(("Orland: dances?", SAID), (IN_CLASS, SAID.replace("lantern", "kettle")))


def test_siblings_name_another_land_or_topic() -> None:
    assert not agree((SHORTLY, SAID), (asked("Talia", "dances")[1], MISTYPED))
    assert not agree((SHORTLY, SAID), (asked("Orland", "breads")[1], MISTYPED))


def test_equal_answers_and_those_that_lack_words_are_siblings() -> None:
    """Siblings of a grid have them; see the docstring of the module."""
    assert not agree((SHORTLY, SAID), (IN_CLASS, SAID))
    assert not agree((SHORTLY, SAID), (IN_CLASS, SAID.rsplit(" ", 1)[0]))


@pytest.mark.parametrize("other", ["saddle", "lantrn saddle", "velvet lantern", "lanterns so"])
def test_answers_of_siblings_exchange_words_that_are_known(other: str) -> None:
    said = " ".join(word for word in text(0).split() if word not in ("saddle", "velvet"))
    said = f"{said} timber basket harbour oyster"
    assert not agree((SHORTLY, f"{said} lantern"), (IN_CLASS, f"{said} {other} lantern".replace(" lantern", "", 1)))


def test_a_slip_that_many_made_is_a_word() -> None:
    pool = [*POOL, *((f"What is {n}?", f"lantrn {n}") for n in range(2))]
    assert not agree((SHORTLY, SAID), (IN_CLASS, MISTYPED), pool)
    assert agree((SHORTLY, SAID), (IN_CLASS, MISTYPED), pool[:-1])


def test_a_slip_of_a_word_that_few_know_is_a_name() -> None:
    assert not agree((SHORTLY, f"{SAID} Hansen"), (IN_CLASS, f"{SAID} Hanson"))


def test_numbers_and_negations_make_siblings() -> None:
    assert not agree((SHORTLY, f"{SAID} never"), (IN_CLASS, MISTYPED))
    assert not agree((SHORTLY, f"{SAID} 5"), (IN_CLASS, MISTYPED))
    assert not agree((f"{SHORTLY} In 1950?", SAID), (IN_CLASS, MISTYPED))


def test_what_changes_in_prompt_and_answer_both_makes_siblings() -> None:
    assert agree((SHORTLY, SAID), (f"{IN_CLASS} Formerly?", MISTYPED))
    assert agree((SHORTLY, f"{SAID} formerly"), (f"{IN_CLASS} Formerly?", MISTYPED))
    formerly = [*POOL, *((f"What is {n}?", "formerli") for n in range(3))]
    assert not agree((SHORTLY, f"{SAID} formerli"), (f"{IN_CLASS} Formerly?", f"{MISTYPED} formerly"), formerly)


def test_a_word_or_two_exchanged_in_the_prompt_are_no_template() -> None:
    pool = [*POOL, *((f"Greatest {n}?", "") for n in range(60)), *((f"Smallest {n}?", "") for n in range(60))]
    assert not agree(("Greatest boats, by length of keel", SAID), ("Smallest boats, by keel", MISTYPED), pool[:-60])
    assert not agree(("Greatest boats", SAID), ("Smallest boats", MISTYPED), pool)


def test_answers_of_few_words_or_of_other_words_agree_with_none() -> None:
    short = " ".join(SAID.split()[-20:])
    slip = short.replace("quarry", "quary")
    assert agree((SHORTLY, short), (IN_CLASS, slip))
    assert not agree((SHORTLY, short.split(" ", 1)[1]), (IN_CLASS, slip.split(" ", 1)[1]))
    assert not agree((SHORTLY, SAID), (IN_CLASS, " ".join(MISTYPED.split()[6:])))


def test_a_pool_without_templates_has_none() -> None:
    assert not agree((SHORTLY, SAID), (IN_CLASS, MISTYPED), POOL[:34])


def test_curator_and_audit_judge_random_pairs_alike() -> None:
    chance, told = random.Random(11), []
    extra = ["never", "7", "lantrn", "quary", "saddle", "class", "islands", "dances", "Talia", "timbre", "velvett"]
    for _ in range(250):
        said, other = SAID.split(), MISTYPED.split()
        prompt = chance.choice([SHORTLY, IN_CLASS, *asked("Talia", "dances")])
        for words in (said, other):
            if chance.random() < 0.5:
                words[chance.randrange(len(words))] = chance.choice([*extra, ""])
        prompt = f"{prompt} {chance.choice(extra)}" if chance.random() < 0.4 else prompt
        told.append(agree((SHORTLY, " ".join(said)), (prompt, " ".join(other))))
    assert 20 < sum(told) < 200


def test_a_reworded_copy_goes_by_its_meaning_and_by_its_5_grams_whatever_the_order() -> None:
    rows = [*POOL, (SHORTLY, SAID), (IN_CLASS, MISTYPED), (asked("Talia", "dances")[1], MISTYPED.replace("quarry", ""))]
    for near in (True, False):
        for order in (range(len(rows)), range(len(rows) - 1, -1, -1)):
            vectors = np.eye(len(rows), dtype=np.float32)
            if near:
                vectors[-3:] = vectors[-1]
            prompts, answers = (pl.Series([rows[row][at] for row in order]) for at in (0, 1))
            found = semantic_duplicates(PoolTexts(prompts, answers), vectors[list(order)], 0.9, Semantic(likeness=0.5))
            gone = {
                (rows[order[row]][0], rows[order[other]][0]) for row, other in found.select("row", "witness").rows()
            }
            assert gone in ({(SHORTLY, IN_CLASS)}, {(IN_CLASS, SHORTLY)})
            assert found["jaccard"].is_null().all() == near
