"""Answers in languages that were not asked for are told; nothing is looked at unless a recipe asks."""

import importlib.util
import sys

import polars as pl
import pytest

from quality.screening.language import UnknownLanguage
from quality.screening.measuring import measure
from quality.screening.screen import Screen, screen

ENGLISH = "The river flows past the old town and carries ships that stop near the harbour."
GERMAN = "Der Fluss fließt an der Altstadt vorbei und trägt Schiffe, die nahe am Hafen halten."
FRENCH = "Le fleuve passe devant la vieille ville et porte des bateaux qui s’arrêtent près du port."
CHINESE = "这条河流过老城区，船只停靠在港口附近，人们在岸边散步，孩子们在河边玩耍。"
needs = pytest.mark.skipif(importlib.util.find_spec("py3langid") is None, reason="py3langid is not installed")


def dropped(answers: list[str], **fields: object) -> list[tuple[int, str]]:
    found = screen(pl.Series(["q"] * len(answers)), pl.Series(answers), Screen.model_validate(fields))
    return found.select("row", "reason").rows()


@needs
def test_only_the_languages_asked_for_stay() -> None:
    rows = [ENGLISH, GERMAN, FRENCH, CHINESE]
    assert dropped(rows, languages=["en"]) == [(row, "other_language") for row in (1, 2, 3)]
    assert dropped(rows, languages=["en", "fr", "zh"]) == [(1, "other_language")]


def test_no_language_asked_for_means_no_row_looked_at() -> None:
    assert dropped([ENGLISH, GERMAN, CHINESE]) == []
    assert measure(pl.Series(["q"]), pl.Series([GERMAN]))["languages"].to_list() == [None]


@needs
def test_what_is_too_short_to_tell_and_what_is_code_stays() -> None:
    code = "```\nder die das und nicht ist ein eine\n```"
    assert (
        dropped(["Paris.", "42", "Ja, gut.", code, "Chad Granum <exodist@cpan.org>"], languages=["en"], least_words=1)
        == []
    )


@needs
@pytest.mark.parametrize("address", ["https://harbour.org/gulls", "gull@harbour.org"])
def test_an_address_in_a_sentence_without_blanks_hides_no_language(address: str) -> None:
    answer = CHINESE.replace("，", f"，见{address}，", 1)
    assert dropped([answer], languages=["en"]) == [(0, "other_language")]
    assert dropped([answer], languages=["zh"]) == []


@needs
def test_the_threshold_is_a_probability() -> None:
    scores = measure(pl.Series(["q", "q"]), pl.Series([ENGLISH, GERMAN]), Screen(languages=("en",)))["languages"]
    assert scores[0] > 0.9
    assert 0 <= scores[1] < 0.01
    assert dropped([GERMAN], languages=["en"], least_language=0) == []


@needs
def test_a_language_nobody_knows_is_named() -> None:
    with pytest.raises(UnknownLanguage, match="“english” is no language that can be told. Give ISO 639 codes"):
        dropped([ENGLISH], languages=["english"])


def test_a_missing_identifier_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from quality.screening import language

    language._identifier.cache_clear()
    monkeypatch.setitem(sys.modules, "py3langid", None)
    with pytest.raises(UnknownLanguage, match="pip install 'py3langid>="):
        dropped([ENGLISH], languages=["en"])
    language._identifier.cache_clear()
