"""The first look lets through what the recogniser of addresses takes."""

from itertools import product

import polars as pl
import pytest

from quality.personal.addresses import emails
from quality.personal.prefilter import suspicious

SPELLED = list(product(("@", "%40", "&#64;", "\\u0040", " [at] ", "(at)", "[@]"), (".", "[dot]", " (dot) ", "{ DOT }")))


@pytest.mark.parametrize(("at", "dot"), SPELLED)
def test_an_address_is_looked_at_however_its_signs_are_spelled(at: str, dot: str) -> None:
    text = f"Mail to jane.berg{at}gmail{dot}com."
    assert [found.kind for found in emails(text)] == ["email"]
    assert suspicious(pl.Series([text]))["email"].item()
