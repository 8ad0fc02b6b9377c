"""Two neighbours of a template that were turned round are a slip. Curator and audit judge every pair alike."""

import numpy as np
import polars as pl
import pytest

from quality.auditing import prompts as audit_prompts
from quality.auditing.texts import Said, normal
from quality.meaning.pair_signs import Agreement
from quality.meaning.pool_texts import PoolTexts
from quality.meaning.same_said import same_said
from quality.prompts.turned import words_turned

POOL = [
    *(f"Say a few words on the isle of i{n}." for n in range(40)),
    *(f"How is the left right fold of f{n} told from its right left fold?" for n in range(30)),
    *(f"How is a signed to unsigned cast number {n} done?" for n in range(30)),
    *(f"Who sails from Elba to p{n}?" for n in range(30)),
]
SAID = "The isle lies in a warm sea a day from the coast, and its few people live by salt, by sheep and by the sale of wool"


def judged(one: str, other: str, pool: list[str] = POOL) -> bool:
    """What the curator says; the audit must say the same, and both the same in the other direction."""
    rows, usual = [Said(normal(one), SAID), Said(normal(other), SAID)], audit_prompts.usual_pairs(map(normal, pool))
    found = {audit_prompts.turned(*rows, usual), audit_prompts.turned(*rows[::-1], usual)}
    found |= set(words_turned(pl.Series([one, other]), np.array([0, 1]), np.array([1, 0]), pl.Series(pool)).tolist())
    (told,) = found
    return told


@pytest.mark.parametrize(
    "slip",
    [
        "Say a few on words the isle of Capri.",
        "say few a words on the isle of Capri",
        "Say a few words on isle the of Capri.",
        "Say a few words the on isle of Capri.",
    ],
)
def test_neighbours_in_an_order_that_no_template_has_are_a_slip(slip: str) -> None:
    assert judged("Say a few words on the isle of Capri.", slip)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How is the left right fold of oak told?", "How is the right left fold of oak told?"),  # each is a template's
        ("How is a signed to unsigned cast done?", "How is a unsigned to signed cast done?"),  # no neighbours
        ("Who sails from Elba to Capri?", "Who sails from Capri to Elba?"),
        ("Who sails from Elba to Capri?", "Who sails to Elba from Capri?"),
        ("Name 3 cats and 5 dogs of the isle.", "Name 5 cats and 3 dogs of the isle."),
        (
            "Say a few words on the isle of green Capri.",
            "Say a few words on the isle of Capri green.",
        ),  # in no template
        ("Say a few words on the isle of Capri.", "Say few a on words the isle of Capri."),  # twice
        ("Say a few words on the isle of Capri.", "Say a few words on the isle of Capri."),
        ("Say a few words on the isle of Capri.", "Say a few words on the isle of."),
        ("Say a few words on the isle of Capri.", "Say a few on words the isle of Malta."),
    ],
)
def test_what_means_something_else_or_is_no_template_s_is_none(one: str, other: str) -> None:
    assert not judged(one, other)


def test_in_a_small_pool_nothing_is_a_template_s() -> None:
    assert not judged("Say a few words on the isle of Capri.", "Say a few on words the isle of Capri.", POOL[:10])


def test_a_row_below_such_a_prompt_is_a_copy_unless_its_answer_denies_the_other() -> None:
    prompts = pl.Series([*POOL, "Say a few words on the isle of Capri.", "Say a few on words the isle of Capri."])
    pairs = pl.DataFrame({"left": [len(POOL)], "right": [len(POOL) + 1]})
    for said, copy in ((SAID.replace("warm", "mild"), True), (SAID.replace("lies in", "lies not in"), False)):
        answers = pl.Series([*(f"{n} is told of." for n in range(len(POOL))), SAID, said])
        assert same_said(pairs, PoolTexts(prompts, answers), Agreement()).tolist() == [copy]
