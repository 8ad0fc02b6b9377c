r"""What is left of an answer when its sentences are taken out: noise that stands behind, before or within them.

Every share of a whole answer is diluted by what somebody wrote beside the noise. A sentence is told by its words,
several in a row with nothing but blanks, stops and a number between them. What remains is judged as if it were an
answer: as long as it is a good part of the whole, and not all of it, which is judged already.
"""

from __future__ import annotations

import polars as pl

from quality.screening.noise import ASKED_FOR_BYTES, gives_secret, noise
from quality.screening.unreadable import unreadable
from quality.texts.characters import BLOCKS, letters, symbol_noise, visible
from quality.texts.patterns import holds

_TEXT, _REST = pl.col("text"), pl.col("rest")
# Texts that are nearly all small letters and blanks have nothing else in them.
_OTHER, _FEW_OTHER = r"[^a-z\s]", 0.3
# Letters of scripts that part words by blanks, by their blocks: classes of letters take sixteen times as long.
_LETTER = r"\x{C0}-\x{2AF}\x{370}-\x{1FFF}"
_PLAIN = rf"(?:[A-Z]?[a-z{_LETTER}]+|[A-Z]+)"
_WORD = rf"['\"(“‘]?{_PLAIN}(?:['’-]{_PLAIN})*[.,;:!?)'\"”’]*"
_SENTENCE = rf"(?:^|\s)(?:{_WORD}[ \n]+(?:[0-9][0-9.,]*[ \n]+)?){{2,}}"
_FEWEST, _GOOD_PART, _ALL = 80, 0.35, 0.85  # bytes, and shares of the visible characters
_LEAST_LETTERS = 0.3
_CALL, _FEWEST_CALLS = r"[A-Za-z_]\w*\(", 2  # what an example of a program has
_VARIOUS, _FEWEST_PIECES = 0.5, 12  # different pieces, of so many or more: fewer kinds are a loop
_RULE = r"-{3,}|={3,}|_{3,}|\.{3,}|\*{3,}|~{3,}|[\x{2500}-\x{257F}]+"  # of tables, headings and gaps


def remnants(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Measure how much of what remains of each answer is noise.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Float64
        Shares (0 to 1) of the visible characters that remain, in the order of the rows; 0 where hardly any do.
    """
    rows = pl.DataFrame({"prompt": prompts, "text": answers}).with_row_index("row")
    signed = rows.filter(_TEXT.str.count_matches(_OTHER) > _FEW_OTHER * _TEXT.str.len_chars())
    bare = signed.with_columns(rest=_TEXT.str.replace_all(BLOCKS, " ").str.replace_all(_SENTENCE, "\n"))
    bare = bare.with_columns(left=visible(_REST), whole=visible(_TEXT))
    left = pl.col("left")
    parts = bare.filter(
        left.is_between(_GOOD_PART * pl.col("whole"), _ALL * pl.col("whole")) & (_REST.str.len_bytes() >= _FEWEST)
    )
    parts = parts.filter(~holds(pl.col("prompt"), ASKED_FOR_BYTES), _REST.str.count_matches(_CALL) < _FEWEST_CALLS)
    pieces = _REST.str.extract_all(r"\S+").list
    parts = parts.filter((pieces.n_unique() >= _VARIOUS * pieces.len()) | (pieces.len() < _FEWEST_PIECES))
    if parts.is_empty():  # nor are patterns compiled
        return rows.select(share=pl.lit(0.0))["share"]
    prompt, rest = parts["prompt"], parts["rest"].alias("answer")
    wordless = letters(_REST.str.replace_all(_RULE, " "), left) < _LEAST_LETTERS
    told = parts.select(
        "row",
        share=pl.max_horizontal(
            noise(prompt, rest),
            symbol_noise(rest),
            unreadable(prompt, rest).cast(pl.Float64),
            wordless.cast(pl.Float64),
        ),
    )
    told = told.filter(pl.col("share") > 0)
    told = told.filter(~gives_secret(told, rows.select("row", written="text")))
    found = rows.select("row").join(told, on="row", how="left", maintain_order="left")
    return found["share"].fill_null(0.0)
