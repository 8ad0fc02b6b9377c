"""Forms of one word, and words that only look alike."""

import pytest

from quality.texts.inflected import inflected


@pytest.mark.parametrize(
    "forms",
    [
        "boil boils boiled boiling",
        "produce produces produced producing",
        "stop stops stopped stopping",
        "city cities",
        "study studies studied",
        "fall falls fell fallen",
        "win won",
        "use uses used using",
    ],
)
def test_every_form_is_one_of_the_word(forms: str) -> None:
    word, *others = forms.split()
    assert all(inflected(word, other) and inflected(other, word) for other in (word, *others))


@pytest.mark.parametrize(
    "pair", ["Paris Parish", "sink sand", "be bed", "as ass", "fell felt", "bee beer", "write rise"]
)
def test_other_words_are_no_forms(pair: str) -> None:
    one, other = pair.lower().split()
    assert not inflected(one, other)
    assert not inflected(other, one)
