"""Regular expressions, several at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable


def any_of(patterns: Iterable[str], text: pl.Expr) -> pl.Expr:
    """Tell texts that hold any of the patterns; null holds none."""
    return pl.any_horizontal(text.str.contains(pattern) for pattern in patterns).fill_null(value=False)
