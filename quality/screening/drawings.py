r"""Drawings made of strokes, which prompts ask for: number lines, boards, grids, circuits, trees.

By their shares of signs they look like noise, and by their lines like a loop. But who draws uses a few kinds of strokes
again and again, none of the signs that only noise has beside them, and letters and figures to name the parts.
"""

from __future__ import annotations

import polars as pl

from quality.screening.shown_code import PROSE

_ASKED = (
    r"(?i)\b(?:draw\w*|sketch\w*|plot|print|show|make|create|illustrate|represent|depict|render|give|write|design)\b"
    r"[^\n]{0,200}\b(?:ascii|text art|characters|number lines?|boards?|grids?|diagrams?|charts?|graphs?|histograms?|"
    r"plots?|circuits?|triangles?|squares?|rectangles?|circles?|pyramids?|diamonds?|trees?|box(?:es)?|maps?|mazes?|"
    r"patterns?|stars|asterisks?|dots|dashes|shapes?|pictures?|drawings?|art|dominoe?s?|dice|die|waves?|curves?|"
    r"arrays?|ladders?|arrows?|faces?)\b|\b(?:draw|sketch|plot) (?:it|them|this)\b"
)
_STROKE = r"[-+|/\\_.=<>*#()\[\]{}^:'`,\x{2190}-\x{21FF}\x{2500}-\x{25FF}•·×○●]"
_FORM = rf"\A(?:\s|{_STROKE}|[\p{{L}}\p{{N}}]{{1,12}})+\z"
_LONGEST = 4_000  # bytes
_MOST_KINDS, _OFTEN, _LEAST = 9, 2, 0.3  # kinds of strokes; each, on average; share of what is visible
_FEWEST, _FEWEST_IN_A_LINE = 4, 8  # strokes


def drawings(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell answers that are drawn with strokes, where the prompt asks for a drawing.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    rows = pl.DataFrame({"prompt": prompts, "drawn": answers}).with_row_index("row")
    drawn = pl.col("drawn")
    may = rows.filter(drawn.str.len_bytes() <= _LONGEST, drawn.str.contains(r"[-+|/\\_.=*#()\[\]\x{2500}-\x{25FF}]{2}"))
    may = may.filter(pl.col("prompt").str.contains(_ASKED))
    if may.is_empty():  # nor are patterns compiled
        return rows["row"] < 0
    formed = may.filter(drawn.str.contains(_FORM) & ~drawn.str.contains(PROSE))
    strokes = drawn.str.extract_all(_STROKE).list
    count, kinds, seen = strokes.len(), strokes.n_unique(), drawn.str.count_matches(r"\S")
    in_lines = drawn.str.contains(r"\S[ \t]*\n\s*\S") & (count >= _FEWEST)
    in_one = (count >= _FEWEST_IN_A_LINE) & (kinds > 1)
    few = (kinds <= _MOST_KINDS) & (count >= _OFTEN * kinds) & (count >= _LEAST * seen)
    return rows["row"].is_in(formed.filter(few & (in_lines | in_one))["row"].implode())
