"""Things that got each other's numbers or units, whatever fillers stand between; and texts that only moved words."""

import pytest

from quality.texts.measures_exchanged import measures_exchanged


def exchanged(text: str, other: str) -> bool:
    found = measures_exchanged(text.split(), other.split())
    assert measures_exchanged(other.split(), text.split()) == found
    return found


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("take 2 eggs and 3 apples", "take 3 eggs and 2 apples"),
        ("take 2 eggs and 3 apples", "take 3 really eggs and 2 apples"),
        ("take 2 eggs and 3 apples", "take 3 eggs here and 2 fine apples"),
        ("eggs 2 apples 3", "eggs 3 well apples 2"),
        ("take two eggs and 3 apples", "take three eggs and 2 apples"),
        ("10 grams salt 5 millilitres oil", "10 millilitres salt 5 grams oil"),
        ("10 grams salt 5 millilitres oil", "5 grams salt 10 also millilitres oil"),
        ("3 million cats 2 billion dogs", "3 billion cats 2 million dogs"),
    ],
)
def test_things_that_got_each_others_measures_are_told(text: str, other: str) -> None:
    assert exchanged(text, other)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("take 2 eggs and 3 apples", "take 2 really eggs and 3 apples"),
        ("take 2 eggs and 3 apples", "2 take eggs and apples 3"),
        ("take 5 millilitres lemon juice 3 grams salt", "take 5 lemon millilitres juice 3 grams salt"),
        ("10 grams of salt 5 grams of oil", "10 of grams salt 5 grams oil here"),
        ("2 eggs and 3 apples", "3 apples and 2 eggs"),
        ("2 eggs and 3 apples", "3 apples and 2 really eggs"),
        ("the sum of 3 and 5 is even", "the sum of 5 and 3 is even"),
        ("take 2 eggs", "take 3 eggs"),  # another number is none of these
        ("take 2 eggs", "take 2 eggs"),
    ],
)
def test_words_that_moved_or_came_beside_numbers_exchange_nothing(text: str, other: str) -> None:
    assert not exchanged(text, other)
