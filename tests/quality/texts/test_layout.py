"""Short lines and signs of code are a layout, keys and values data; prose has none of them, wrapped or not."""

import polars as pl
import pytest

from quality.texts.layout import is_data, laid_out

PROSE = "The boats that left the harbour at dawn were back before the bell of the old church was rung for noon."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PROSE, False),
        ("\n\n".join([PROSE] * 6), False),
        ('He said: "So it is" (and was right), though nobody had asked him, or anybody else in the room.', False),
        ("\n".join(["One if by land,", "and two if by sea,"] * 3), True),
        ("One if by land,\nand two if by sea", False),
        ("SELECT a.id FROM ports AS a WHERE (a.depth > 3) AND (a.name = 'Ost');", True),
        ('{"kind": "berth", "depth": [9, 12], "free": true}', True),
        ("", False),
        (None, False),
    ],
)
def test_texts_in_short_lines_or_full_of_signs_are_laid_out(text: str | None, found: bool) -> None:
    assert laid_out(pl.Series([text], dtype=pl.String)).to_list() == [found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PROSE, False),
        ('{\n  "berths": [\n    "a7.east",\n    "a7.west"\n  ]\n}', True),
        ("harbour:\n  depth: 9\n  berths: [east, west]", True),
        ('Section."Berths" {\n\tName "East"\n\tDepth "9"\n}', True),
        ("depth = 9\nname = East", False),  # two lines say little
        (f"depth = 9\n{PROSE}\n{PROSE}\nname = East\nfree = no", False),
        ("00000000: 4a6f 68c3\n00000010: a4ff 10a0\n00000020: 9f3c 22ab\n00000030: 77de 0193", False),  # a dump
        ("q3$ x%9\n#k2 ^v7\n!m4 &z1\n~p8 *w5", False),
        ("", False),
    ],
)
def test_keys_with_values_strings_and_brackets_are_data(text: str, found: bool) -> None:
    assert pl.DataFrame({"text": [text]}).select(is_data(pl.col("text"))).item() is found
