"""Who asks for a drawing gets one made of strokes; the same strokes below another prompt, and noise, are no drawings."""

import polars as pl
import pytest

from quality.screening.drawings import drawings
from quality.screening.screen import screen

LINE = "<--|---|---|---|---|---|---|-->\n  -3  -2  -1   0   1   2   3"
BOARD = "X | O |  \n---------\nO | X |  \n---------\n  |   | X"
DOMINO = "+-------+\n| o   o |\n|   o   |\n| o   o |\n+-------+"
WAVE = "  /\\    /\\\n /  \\  /  \\\n/    \\/    \\"
DRAWN = [
    ("Draw a number line from -3 to 3.", LINE),
    ("Make a board of noughts and crosses on which X has won.", BOARD),
    ("Represent a domino of five in ASCII.", DOMINO),
    ("What does a triangle wave look like? Plot it.", WAVE),
    ("Show a grid of three by three dots.", "...\n...\n..."),
    ("Draw the circuit of a battery and a lamp.", "+---[ - + ]---+\n|             |\n+----( X )----+"),
]


def fates(rows: list[tuple[str, str]]) -> list[str]:
    found = screen(*(pl.Series(part) for part in zip(*rows, strict=True)))
    reasons = dict(found.select("row", "reason").rows())
    return [reasons.get(row, "kept") for row in range(len(rows))]


@pytest.mark.parametrize(("prompt", "answer"), DRAWN)
def test_a_drawing_that_is_asked_for_stays(prompt: str, answer: str) -> None:
    assert fates([(prompt, answer)]) == ["kept"]


@pytest.mark.parametrize("answer", [LINE, BOARD, DOMINO])
def test_a_drawing_that_nobody_asked_for_goes(answer: str) -> None:
    assert fates([("Which bird nests on the ground?", answer)]) == ["mostly_non_letters"]


@pytest.mark.parametrize("answer", ["@@@### $$$ %%% ^^^ &&& *** @@@### $$$ %%%", "---", "...", "....\n", "_____"])
def test_noise_and_blanks_to_fill_in_are_no_drawings(answer: str) -> None:
    assert not drawings(pl.Series(["Draw a diagram of a linked list."]), pl.Series([answer])).any()
