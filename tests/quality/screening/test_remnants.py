"""Noise beside sentences is told by what remains without these; tables, programs and formulas beside them are not."""

import random
import string
from time import process_time

import polars as pl
import pytest

from quality.screening.remnants import remnants
from quality.screening.screen import Screen, screen

LEAST = Screen().most_symbols
SAID = (
    "The miller closed the sluice at dusk and walked home along the dyke. Nobody else was about, and the water "
    "behind him fell by the width of a hand before the moon came up."
)
DRAW = random.Random(5)
SIGNS = " ".join("".join(DRAW.choices(string.punctuation, k=9)) for _ in range(16))
KEYS = "\n".join("-".join("".join(DRAW.choices(string.ascii_uppercase + string.digits, k=5)) for _ in range(4)) for _ in range(9))  # fmt: skip
SYLLABLES = " ".join("".join(chr(DRAW.randrange(0xAC00, 0xD7A3)) for _ in range(4)) for _ in range(20))
BYTES = " ".join(f"{DRAW.randrange(256):02X}" for _ in range(110))
TABLE = (
    "\n| mill | wheels | since |\n| --- | --- | --- |\n| Upper | 2 | 1712 |\n| Lower | 3 | 1688 |\n| New | 1 | 1890 |\n"
)
PROGRAM = "\n\nimport mill\n\nfor wheel in mill.wheels(open=True):\n    wheel.brake(0.5)\n    print(f'{wheel.name}: {wheel.speed:.2f}')\n"
FORMULAS = "\n\nP = rho * g * Q * h\nQ = b * h * sqrt(2 * g * h)\nv = 2 * pi * r * n / 60\neta = P_out / P_in <= 0.85\n"
BOX = "\n\n┌──────┬────────┐\n│ mill │ wheels │\n├──────┼────────┤\n│ up   │ 2      │\n│ low  │ 3      │\n└──────┴────────┘\n"


def left(answer: str, prompt: str = "What did the miller do?") -> float:
    return remnants(pl.Series([prompt]), pl.Series([answer])).item()


@pytest.mark.parametrize("noise", [SIGNS, KEYS, SYLLABLES, BYTES])
def test_noise_is_told_before_behind_and_within_sentences(noise: str) -> None:
    first, second = SAID.split(". ")
    for answer in (f"{noise}\n{SAID}", f"{SAID}\n{noise}", f"{first}. {noise} {second}"):
        assert left(answer) > LEAST


@pytest.mark.parametrize("rest", ["", TABLE, PROGRAM, FORMULAS, BOX, "\n\n" + "=" * 60 + "\n" + "-" * 60])
def test_what_is_laid_out_beside_sentences_is_none(rest: str) -> None:
    assert left(f"{SAID}{rest}") <= LEAST
    assert left(f"{rest}{SAID}") <= LEAST


def test_what_was_asked_for_and_a_few_codes_are_none() -> None:
    assert left(f"{SAID}\n{BYTES}", "Show the packet's bytes.") <= LEAST
    assert left(f"{SAID} His key was {KEYS[:23]}.") <= LEAST


def test_what_is_said_over_and_over_is_a_loop_and_no_noise() -> None:
    for loop in ("x = x + 1; " * 30, "<-> " * 60, "-- ## " * 40):
        assert left(f"{SAID} {loop}") == 0


def test_a_list_of_holders_and_their_addresses_is_none() -> None:
    holders = [f"{1990 + place} {name.title()} Miller <{name}@mill{place}.org>" for place, name in enumerate(SAID.split()[:12])]  # fmt: skip
    assert left(" ".join(holders), "Who holds the rights?") <= LEAST
    assert left(f"{' '.join(holders)}\n{SIGNS}", "Who holds the rights?") > LEAST


def test_the_row_is_named_noise() -> None:
    found = screen(pl.Series(["What did the miller do?"] * 2), pl.Series([SAID, f"{SAID}\n{SIGNS}"]))
    assert found.select("row", "reason").rows() == [(1, "symbol_noise")]


@pytest.mark.parametrize("unit", ["word ", "A1 ", "a", "-", "Ab ", "x. ", "(", "12 ", "'a", "é"])
def test_long_texts_take_a_time_in_line_with_their_length(unit: str) -> None:
    answer = unit * (1_000_000 // len(unit))
    begun = process_time()
    left(answer)
    assert process_time() - begun < 5
