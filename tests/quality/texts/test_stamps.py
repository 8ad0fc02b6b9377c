"""What a machine writes into a text as it logs it is put aside; numbers that a text is about stay."""

import polars as pl
import pytest

from quality.texts.normalise import normalised
from quality.texts.stamps import without_stamps


def read(*texts: str | None) -> list[str | None]:
    return without_stamps(normalised(pl.Series(texts, dtype=pl.String))).to_list()


@pytest.mark.parametrize(
    "stamp",
    [
        *("26 Jul 2024", "26th of July, 2024", "July 26, 2024", "Jul. 26", "1 May", "December 2023", "sept. 2023"),
        *("2024-05-03", "2024/5/3", "2023-10", "03.05.2024", "3/5/2024", "Friday, May 03, 2024", "Fri Jul 26 2024"),
        *("2024-05-03T12:30:00.123Z", "2024-05-03 12:30+02:00", "2024-05-03T12:30:00-0700", "14:05", "14:05:59"),
        *("3 pm", "3 p.m.", "12:30 PM EST", "08:15 UTC", "Fri Jul 26 12:00:00 2024", "Fri Jul 26 12:00:00 UTC 2024"),
        *("Freitag, den 3. März 2024", "14:05 Uhr", "14 juillet 2024", "1er août", "5 de mayo de 2024", "3 мая 2024"),
        *("2024年5月3日", "2024년 5월 3일", "Saturday", "lundi", "123E4567-e89b-12d3-a456-426614174000"),
    ],
)
def test_dates_times_and_ids_are_one_mark(stamp: str) -> None:
    assert read(f"Of {stamp}, nothing.", f"It's {stamp}") == ["of [stamp], nothing.", "it's [stamp]"]
    assert without_stamps(pl.Series(read(stamp))).to_list() == ["[stamp]"]


@pytest.mark.parametrize(
    "told",
    [
        *("the year 2024", "in 1987", "python 3.11.12", "10.1.0.12", "room 14", "you may go", "march on", "we sat"),
        *("session 20240503", "day 77", "16:9", "1:2:3", "mondays", "the sun", "jan and may", "12345678-abcd"),
        *("3 marches", "13-45", "2024-13", "2024-05x"),
    ],
)
def test_what_a_text_may_be_about_stays(told: str) -> None:
    assert read(f"Of {told} nothing.") == [f"of {told} nothing."]


def test_no_text_stays_none() -> None:
    assert read(None, "", "no 3 pm") == [None, "", "no [stamp]"]
