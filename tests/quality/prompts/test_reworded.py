"""A prompt reworded shares what is rare, and one of the two has a template's words beside it."""

from collections import Counter

import polars as pl
import pytest

from quality.prompts.reworded import Templates, Words, maybe_reworded
from quality.texts.slips import texts_holding

LANDS = [f"land{n}" for n in range(5)]


def words(text: str) -> Words:
    return Counter(text.split())


def pool(times: int, *frames: str, lands: list[str] = LANDS) -> list[str]:
    """Fill in each frame so many times for each land; the topic is another each time."""
    return [f"{frame} {land} topic{n}" for frame in frames for land in lands for n in range(times)]


def judged(one: str, other: str, prompts: list[str]) -> bool:
    held = texts_holding(pl.Series([*prompts, one, other]), {*words(one), *words(other)})
    found = {Templates(held).reworded(*sides) for sides in ((words(one), words(other)), (words(other), words(one)))}
    (told,) = found
    return told


MANY = pool(8, "tell me about", "explain")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("tell me about land0 bees", "explain land0 bees", True),
        ("tell me about northern land0 bees", "explain land0 bees", True),
        ("tell me about northern land0 bees", "explain southern land0 bees", False),
        ("tell me about land0 bees", "explain land1 bees", False),
        ("tell me about land0 topic1", "explain land0 topic2", False),
        ("tell me about orland bees", "explain land1 bees", False),
        ("tell me about land0 bees", "land0 bees", True),
    ],
)
def test_one_prompt_has_but_a_template_s_words_for_itself(one: str, other: str, *, expected: bool) -> None:
    assert judged(one, other, MANY) == expected


def test_words_that_are_usual_each_for_itself_are_no_template() -> None:
    """A land of many prompts, and a template of many: but few have both, and the other prompt names a land as well."""
    lands = pool(40, "tell me about", lands=["land0"]) + pool(40, "explain", lands=["land1"])
    assert not judged("explain orland bees", "tell me of land1 bees", [*lands, *pool(9, "tell me of")])


def test_a_template_stands_in_twenty_prompts_and_in_four_times_as_many_as_what_both_name() -> None:
    one, other = "tell bees", "explain bees"
    few = [f"tell topic{n}" for n in range(18)]
    assert not judged(one, other, few)
    assert judged(one, other, [*few, "tell topic18"])
    known = [f"bees topic{n}" for n in range(4)]  # with the two prompts themselves six, and four times six are 24
    assert not judged(one, other, [*known, *few, *(f"tell topic{n}" for n in range(18, 22))])
    assert judged(one, other, [*known, *few, *(f"tell topic{n}" for n in range(18, 23))])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("tell me about orland", "explain orland", True),
        ("describe orland", "explain orland", False),
        ("tell me about orland", "explain talia", False),
        ("orland explain", "explain orland", False),
        ("tell me about orland in 1950", "explain orland", False),
        ("tell me what orland has not", "explain orland", False),
    ],
)
def test_a_rewording_exchanges_three_words_and_no_number(one: str, other: str, *, expected: bool) -> None:
    assert maybe_reworded(words(one), words(other)) == expected
    assert maybe_reworded(words(other), words(one)) == expected
