"""Stamps: dates, times of day and ids that a machine writes into a text, and which are no part of what it says.

“Today Date: 26 Jul 2024” stands in a system message as it stood on the day when the talk was logged. Of two texts that
are the same without their stamps, one is the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# Names of months, whole and cut, in nine languages; a number beside them makes them a date.
_MONTHS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr jun jul aug sep sept oct nov dec",
    "januar jänner februar märz mai juni juli oktober dezember mär mrz okt dez",
    "janvier février mars avril juin juillet août septembre octobre novembre décembre janv févr avr juil déc",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre ene abr ago dic",
    "gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre gen mag giu lug set ott",
    "janeiro fevereiro março maio junho julho setembro outubro novembro dezembro fev out",
    "januari februari maart mei augustus mrt",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
)
_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "poniedziałek wtorek środa czwartek piątek sobota niedziela",
    "понедельник вторник среда четверг пятница суббота воскресенье",
)
# Cut, these are words of their own: they are days before a date alone.
_CUT_DAYS = "mon tue tues wed thu thur thurs fri sat sun mo di mi do fr sa so lun mar mer jeu ven sam dim"


def _any(*lines: str) -> str:
    return "|".join(sorted({word for line in lines for word in line.split()}, key=lambda word: (-len(word), word)))


_MONTH = rf"(?:{_any(*_MONTHS)})\b\.?"
_DAY = rf"(?:{_any(*_DAYS)})"
_YEAR = r"(?:19|20)\d{2}"
_OF = r"(?: of| de| del| di| van)?"
_ZONE = r"(?: ?(?:z|utc|gmt|[cew]e?s?t|[mp][sd]t|edt|cdt|bst|ist|jst)\b)?(?: ?[+-]\d{2}(?::?\d{2})?\b)?"
_TIME = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?(?:z\b|\b(?: ?[ap]\.?m\b\.?| uhr\b)?{_ZONE})"
_DATES = (
    rf"{_YEAR}[-/.](?:0?[1-9]|1[0-2])[-/.](?:[0-2]?\d|3[01])(?:[t ]{_TIME}|\b)",
    rf"(?:[0-2]?\d|3[01])[-/.](?:[0-2]?\d|3[01])[-/.]{_YEAR}\b",
    rf"{_YEAR}-(?:0[1-9]|1[0-2])\b",
    rf"\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?{_OF} {_MONTH}(?:,?{_OF} {_YEAR}\b)?",
    # As C's asctime writes: fri jul 26 12:00:00 2024
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? (?:{_TIME} (?:[a-z]{{3,4}} )?)?{_YEAR}\b)?",
    rf"{_MONTH},?{_OF} {_YEAR}\b",
)
_WEEKDAY = rf"(?:(?:{_DAY}|{_any(_CUT_DAYS)})\.?,? (?:the |den |der |le |el )?)"
_OTHERS = (rf"(?:{_DAY})\b", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", _TIME, r"\d{1,2} ?[ap]\.?m\b\.?")
# Here words stand side by side, and no boundary before a number.
_UNSPACED = _YEAR + "[년年] ?(?:0?[1-9]|1[0-2])[월月](?: ?(?:[0-2]?[0-9]|3[01])[일日])?"
_STAMP = rf"\b{_WEEKDAY}?(?:{'|'.join(_DATES)})|\b(?:{'|'.join(_OTHERS)})|{_UNSPACED}"
_PUT = "[stamp]"


def without_stamps(texts: pl.Series) -> pl.Series:
    """Put one and the same mark for each date, time of day and UUID of texts that are `normalised`; nulls stay null.

    A bare number is none, nor is a year alone: either may be what a text is about.
    """
    return texts.str.replace_all(_STAMP, _PUT)
