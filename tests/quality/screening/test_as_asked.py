"""Answers of one line in the form of what was asked for."""

import polars as pl
import pytest

from quality.screening.as_asked import as_asked
from quality.screening.drawn_scripts import drawn_scripts


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Write a regular expression for years.", r"^(19|20)\d{2}$"),
        ("Which shell command shows the last lines of a log?", "tail -n 20 app.log"),
        ("Give the SMILES of acetic acid.", "CC(=O)O"),
        ("What is the formula of the energy of a photon?", "E = hν"),
        ("Answer with an emoji: rain", "🌧️"),
        ("Good evening", "Good evening!"),
        ("Which operator shifts bits to the left?", "<<"),
        ("What is the past of 'can't'?", "couldn't"),
        ("Give the plural of goose.", "geese"),
    ],
)
def test_what_has_the_form_of_the_thing_asked_for_is_spared(prompt: str, answer: str) -> None:
    assert as_asked(pl.Series([prompt]), pl.Series([answer]))["brief"].item()


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Write a regular expression for years.", "The"),
        ("Write a regular expression for years.", "}](|*{[^&$)"),
        ("Which shell command shows the last lines of a log?", "You can use the"),
        ("Give the SMILES of acetic acid.", "It is a"),
        ("Answer with an emoji: rain", "Here is the"),
        ("Good evening", "I th"),
        ("Who wrote Faust?", "<<"),
        ("What is the past of Rome?", "couldn't"),
        ("Give the plural of goose.", "th"),
        ("Give the plural of goose.", "The"),
    ],
)
def test_stumps_and_noise_are_not(prompt: str, answer: str) -> None:
    assert not as_asked(pl.Series([prompt]), pl.Series([answer]))["brief"].item()


def test_characters_drawn_from_unicode_are_told_from_writing() -> None:
    written = [
        "我们今天去公园散步，天气非常好，大家都很高兴。",
        "한국어로 쓴 짧은 문장입니다 아주 좋아요",
        "Der Winkel α und das Б",
    ]
    drawn = ["紵襁缮釯鐁桵棵饣濽嶂玃洜呦鲔铌檯劐顅纥佘蟕堀峨饝", "ΥքƒǖӃ ʚԪǒȅҏϵҎ ҤФġҘ ρԥǯΨĪӸƗ"]
    assert drawn_scripts(pl.Series(written + drawn)).to_list() == [False] * 3 + [True] * 2
