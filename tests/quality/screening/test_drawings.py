"""Who asks for a drawing gets one made of strokes; the same strokes below another prompt, and noise, are no drawings."""

import polars as pl
import pytest

from quality.screening.drawings import drawings
from quality.screening.screen import screen

LINE = "<--|---|---|---|---|---|---|-->\n  -3  -2  -1   0   1   2   3"
BOARD = "X | O |  \n---------\nO | X |  \n---------\n  |   | X"
DOMINO = "+-------+\n| o   o |\n|   o   |\n| o   o |\n+-------+"
WAVE = "  /\\    /\\\n /  \\  /  \\\n/    \\/    \\"
MEN = "r n b q k b n r\np p p p p p p p\n. . . . . . . .\n. . . . . . . .\nP P P P P P P P\nR N B Q K B N R"
DRAWN = [
    ("Draw a number line from -3 to 3.", LINE),
    ("Make a board of noughts and crosses on which X has won.", BOARD),
    ("Represent a domino of five in ASCII.", DOMINO),
    ("What does a triangle wave look like? Plot it.", WAVE),
    ("Show a grid of three by three dots.", "...\n...\n..."),
    ("Draw a chess board in its starting position.", MEN),
    ("Draw a heart.", " ** **\n*******\n *****\n  ***\n   *"),
    ("Add 3 and 4 on a number line.", "+--+--+--+--+--+--+--+\n0  1  2  3  4  5  6  7"),
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


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Draw a diagram of the water cycle.", "----------\n----------\n----------"),
        ("Draw a chart of what was sold.", ".......... ..........\n.........."),
        ("Write an essay about how trees grow.", "..........\n..........\n.........."),
        ("Give a summary of the meeting: boards decide.", "()()()()()()\n()()()()"),
        ("Make a case for the arts: which art lasts?", "-=-=-=-=-=-=-=-=-\n-=-=-=-=-"),
    ],
)
def test_strokes_that_show_nothing_of_what_was_asked_go(prompt: str, answer: str) -> None:
    assert fates([(prompt, answer)]) != ["kept"]
