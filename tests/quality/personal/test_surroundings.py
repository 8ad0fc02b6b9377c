"""What stands around a value, emphasis, brackets, tags or the commas of a table, hides it not and stays whole."""

from __future__ import annotations

import polars as pl
import pytest

from quality.personal import Personal, edits, entities, found_in
from quality.records import MESSAGE, record_ids

VALUES = [
    ("phone", "+49 30 901820"),
    ("phone", "(212) 867-5309"),
    ("phone", "212-867-5309"),
    ("card", "4539 5787 6362 1486"),
    ("national_id", "536-22-1847"),
    ("ip_address", "85.214.132.117"),
    ("email", "maria.keller@posteo.de"),
    ("iban", "DE75 5121 0800 1245 1261 99"),
]
WORDS = "Her phone, card and social security number are"


def _records(text: str) -> pl.DataFrame:
    said = pl.Series("messages", [[{"role": "user", "content": text}]], dtype=pl.List(MESSAGE))
    return pl.DataFrame({"row": [0], "id": record_ids(said), "messages": said})


def _masked(text: str) -> str:
    rows = _records(text)
    said: str = edits(rows, found_in(rows, Personal()), stage="protect")["messages"][0][0]["content"]
    return said


@pytest.mark.parametrize("sign", ["*", "**", "***", "_", "__", "~~"])
@pytest.mark.parametrize(("kind", "value"), VALUES)
def test_emphasis_hides_no_value(kind: str, value: str, sign: str) -> None:
    assert _masked(f"{WORDS} {sign}{value}{sign}, she says.") == f"{WORDS} {sign}[{kind.upper()}]{sign}, she says."


def test_emphasis_around_words_hides_no_number_that_ends_them() -> None:
    assert _masked("Her social security number: __it is 536-22-1847__.") == (
        "Her social security number: __it is [NATIONAL_ID]__."
    )


@pytest.mark.parametrize(
    "value", ["+49 30 901820", "+4930901820", "+49 (0)30 901820", "+1 (212) 867-5309", "212-867-5309"]
)
def test_a_bracket_around_a_phone_stays_whole(value: str) -> None:
    assert _masked(f"Call me ({value}) or write.") == "Call me ([PHONE]) or write."
    assert _masked(f"Call me ({value}, weekdays).") == "Call me ([PHONE], weekdays)."


def test_a_bracket_of_a_phone_goes_with_it() -> None:
    assert _masked("Call me: (212) 867-5309 or (+49) 30 901820.") == "Call me: [PHONE] or [PHONE]."


@pytest.mark.parametrize(("kind", "value"), VALUES)
def test_the_commas_of_a_table_hide_no_value(kind: str, value: str) -> None:
    table = "name,phone card or social security,city\nAnna,{},Bonn"
    assert _masked(table.format(value)) == table.format(f"[{kind.upper()}]")


@pytest.mark.parametrize(("kind", "value"), VALUES)
@pytest.mark.parametrize(
    "table",
    [
        "id,phone card or social security\n17,{}",
        "id,phone card or social security,city\n17,{},10115\n",
        "The rows:\r\n17,{},12.50\r\n18,,9.99\r\nThat is all, 17 of them.",
        'id,phone card or social security,amount\n"Doe, Jane, 17",{},12\n17,{},12',
    ],
)
def test_numbers_beside_a_value_in_a_table_hide_it_not(kind: str, value: str, table: str) -> None:
    assert _masked(table.format(value, value)) == table.format(*[f"[{kind.upper()}]"] * 2)


@pytest.mark.parametrize(
    "text",
    [
        "0,4539148803436467\n0,4532015112830366",
        "x;y\n0,4539148803436467;0,4532015112830366\n0,4532015112830366;0,4539148803436467",
        "a|b\n1,536|221847,536-22-1847\n1,536|221847,536-22-1847",
        "Costs, 2024\n12,536-22-1847",
        "17,536-22-1847,12\nA line of fields alone is no table.",
        "1,536-22-1847 units, 2,536-22-1847 units, 3 more\n1,536-22-1847 units, 2,536-22-1847 units, 3 more",
    ],
)
def test_commas_of_numbers_and_sentences_part_no_fields(text: str) -> None:
    assert entities(text, Personal()) == []


@pytest.mark.parametrize("before", ["<td>", "<b>", '<a href="#">', "->", "=>"])
def test_an_address_behind_a_tag_or_an_arrow_is_no_version(before: str) -> None:
    assert [one.kind for one in entities(f"It is {before}85.214.132.117", Personal())] == ["ip_address"]


@pytest.mark.parametrize(
    "text",
    [
        "It needs lib >= 85.214.132.117 or lib<85.214.132.117.",
        "A phone costs 1,212-867-5309 and 12,536-22-1847 and 1,4539578763621486 units.",
        "The class has __init__ and *args, and 2**10 ** 2128675309 is large.",
        "The phone **2019-2020** edition, and *call 12*.",
        "5.2 Hosts\n5.2.3 Addresses of hosts\n5.2.3.1 Which address a host is given",
        "3.4.21.74 venombin A (a peptidase)\n2.7.1.107 diacylglycerol kinase",
    ],
)
def test_versions_thousands_and_code_are_no_values(text: str) -> None:
    assert entities(text, Personal()) == []
