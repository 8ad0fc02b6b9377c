r"""Drawings made of strokes, which prompts ask for: number lines, boards, grids, circuits, trees.

By their shares of signs they look like noise, and by their lines like a loop. But who draws uses a few kinds of strokes
again and again, none of the signs that only noise has beside them, and letters and figures to name the parts.
"""

from __future__ import annotations

import polars as pl

from quality.screening.shown_code import PROSE
from quality.texts.patterns import holds

# What is drawn with one kind of stroke; a row of dashes is no diagram.
_OF_ONE_STROKE = (
    r"ascii|text art|characters|number lines?|boards?|grids?|triangles?|squares?|rectangles?|pyramids?|diamonds?|"
    r"trees?|patterns?|stars|asterisks?|dots|dashes|shapes?|histograms?|hearts?|mazes?"
)
_THINGS = (
    rf"(?:{_OF_ONE_STROKE}|diagrams?|charts?|graphs?|plots?|circuits?|circles?|box(?:es)?|maps?|pictures?|drawings?|art|"
    r"dominoe?s?|dice|die|waves?|curves?|arrays?|ladders?|arrows?|faces?)"
)
_ASKED = (
    rf"(?i)\b(?:draw\w*|sketch\w*|plot|print|illustrate|represent|depict|render)\b[^\n]{{0,200}}\b{_THINGS}\b|"
    r"\b(?:draw|sketch|plot) (?:it|them|this)\b|\bon (?:an?|the) (?:number line|grid|board|graph|chart)\b"
)
# What is made or written is often of something else, or about it: "Write an essay about trees".
_MADE = rf"(?i)\b(?:make|create|give|show|write|design)\b[^\n]{{0,200}}\b{_THINGS}\b"
_ABOUT = r"(?i)\b(?:of|about|how|why|on|that|which|who|whose|for|from|by|to)\b[^\n.?!]*"
_STROKE = r"[-+|/\\_.=<>*#()\[\]{}^:'`,\x{2190}-\x{21FF}\x{2500}-\x{25FF}•·×○●]"
_BESIDE = r"(?:[-+|/\\_.=*#()\[\]\x{2500}-\x{25FF}] ?){2}"
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
    prompt, drawn = pl.col("prompt"), pl.col("drawn")
    may = rows.filter(drawn.str.len_bytes() <= _LONGEST, holds(drawn, _BESIDE))
    may = may.filter(holds(prompt, _ASKED) | holds(prompt.str.replace_all(_ABOUT, ""), _MADE))
    if may.is_empty():  # nor are patterns compiled
        return rows["row"] < 0
    # Men on a board are letters, one behind the other.
    words = drawn.str.replace_all(r"\b\p{L}\b", "-")
    formed = may.filter(holds(drawn, _FORM) & ~holds(words, PROSE))
    strokes = drawn.str.extract_all(_STROKE).list
    count, kinds, seen = strokes.len(), strokes.n_unique(), drawn.str.count_matches(r"\S")
    in_lines = drawn.str.contains(r"\S[ \t]*\n\s*\S") & (count >= _FEWEST)
    in_one = (count >= _FEWEST_IN_A_LINE) & (kinds > 1)
    enough = (kinds > 1) | holds(prompt, rf"(?i)\b(?:{_OF_ONE_STROKE})\b")
    few = enough & (kinds <= _MOST_KINDS) & (count >= _OFTEN * kinds) & (count >= _LEAST * seen)
    return rows["row"].is_in(formed.filter(few & (in_lines | in_one))["row"].implode())
