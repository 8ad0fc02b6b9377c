"""Ornaments strewn into words are noise, however short the answer; bars, footnotes and signs that are asked for are not."""

import polars as pl
import pytest

from quality.screening.ornaments import strewn_ornaments


@pytest.mark.parametrize(
    ("prompt", "answer", "noise"),
    [
        ("What does HMD mean?", "he‡d m■@o*un□t†d", True),
        ("Who won it?", "Ma}r□ie [C‡u<ri▲e", True),
        ("What does SCD mean?", "Some {◊~‡[ words ▲>¶|† and }■‡[| others", True),
        ("How far is it?", "Loading [■■■□□] 60%", False),
        ("Who wrote it?", "Smith†‡ and Jones†, Oxford", False),
        ("Who wrote it?", "Smith[†], and (‡) the translator of the whole book into English", False),
        ("Which symbols mark a note?", "*, †, ‡, §, ‖, ¶ and *†‡§, as printers have them", False),
        ("What is it?", "△ABC is similar to △DEF", False),
        ("What is it?", "", False),
    ],
)
def test_ornaments_within_words_are_noise(prompt: str, answer: str, noise: bool) -> None:
    found = strewn_ornaments(pl.Series([prompt, "Why?"]), pl.Series([answer, "Because it rains."]))
    assert (found > 0.15).to_list() == [noise, False]
