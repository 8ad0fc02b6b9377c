"""Short lines and signs of code are a layout; prose has neither, wrapped or not."""

import polars as pl
import pytest

from quality.texts.layout import laid_out

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
