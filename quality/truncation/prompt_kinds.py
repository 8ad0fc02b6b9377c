"""Which prompts are of one kind: those that begin alike, end alike or both, as “Define a lens” and “Define a list”.

A template that fills a word in leaves the words around it. The more of them two prompts share, the surer they come
from one template; so the longest frame counts that enough prompts of the pool share.
"""

from __future__ import annotations

import polars as pl

from quality.lsh.shingles import stable_hash

FEWEST = 30
"""Prompts that a frame has at least to be a kind."""
_BEGINNING = 400  # characters
_END = 200  # characters
# From the surest frame to the softest: the first four words, the first three (“What is another” gets other answers than
# “What is”), the first two and the last, the first two, the last two, the last letters of a script that writes no
# blanks, the first word and the sign at the end.
_FRAMES = (
    (r"^\W*(\w+\W+\w+\W+\w+\W+\w+)", None),
    (r"^\W*(\w+\W+\w+\W+\w+)", None),
    (r"^\W*(\w+\W+\w+)", r"(\S+)\s*\z"),
    (r"^\W*(\w+\W+\w+)", None),
    (None, r"(\S+\s+\S+)\s*\z"),
    (None, r"(\p{Lo}{2,4}\W*)\z"),
    (r"^\W*(\w+)", r"(\W?)\s*\z"),
)
FRAMES = tuple(f"frame {place}" for place in range(len(_FRAMES)))
_FIRST, _LAST = pl.col("first"), pl.col("last")


def prompt_frames(prompts: pl.Series) -> pl.DataFrame:
    """Hash what each frame leaves of each prompt, which hangs on no other prompt: a UInt64 by frame, 0 without one."""
    rows = _sides(prompts)
    framed = rows.select(**{name: _frame(place, *_FRAMES[place]) for place, name in enumerate(FRAMES)})
    hashed = {name: pl.Series(stable_hash(framed[name].fill_null("")), dtype=pl.UInt64) for name in FRAMES}
    return framed.select(
        **{name: pl.when(pl.col(name).is_not_null()).then(hashed[name]).otherwise(0) for name in FRAMES}
    )


def shared_frames(frames: pl.DataFrame) -> pl.DataFrame:
    """Choose the frame that tells each prompt's kind.

    Parameters
    ----------
    frames : pl.DataFrame
        What `prompt_frames` tells of all prompts of the pool.

    Returns
    -------
    pl.DataFrame
        In the order of the rows: `kind: UInt64`, a hash of what the frame leaves, the same for all prompts of a kind;
        `place: UInt8` of the frame. Both 0 and the number of frames where fewer than `FEWEST` prompts share one.
    """
    shared = [(pl.col(name) != 0) & (pl.len().over(name) >= FEWEST) for name in FRAMES]
    kind, place = pl.lit(0, dtype=pl.UInt64), pl.lit(len(FRAMES))
    for at, name in reversed([*enumerate(FRAMES)]):
        kind, place = (pl.when(shared[at]).then(told).otherwise(rest) for told, rest in ((name, kind), (at, place)))
    return frames.select(kind=kind, place=place.cast(pl.UInt8))


def kind_names(prompts: pl.Series, places: pl.Series) -> pl.Series:
    """Name the kinds of some prompts.

    Parameters
    ----------
    prompts : pl.Series of String
        Without nulls.
    places : pl.Series of UInt8
        Of the frames that `shared_frames` chose for them.

    Returns
    -------
    pl.Series of String
        Empty where there is no frame; one number is as good as another in it.
    """
    rows = _sides(prompts).with_columns(place=places)
    named = pl.lit("")
    for at, frame in enumerate(_FRAMES):
        # Each frame sees null in the others' rows, which costs nothing.
        own = (pl.when(pl.col("place") == at).then(side) for side in ("first", "last"))
        named = pl.when(pl.col("place") == at).then(_frame(at, *frame, *own)).otherwise(named)
    return rows.select(kind=named).to_series()


def _sides(prompts: pl.Series) -> pl.DataFrame:
    return prompts.to_frame("prompt").select(
        first=_plain(pl.col("prompt").str.head(_BEGINNING)), last=_plain(pl.col("prompt").str.tail(_END))
    )


def _plain(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"\p{N}+", "0")


def _frame(place: int, begins: str | None, ends: str | None, first: pl.Expr = _FIRST, last: pl.Expr = _LAST) -> pl.Expr:
    """Give what a frame leaves of a prompt; null where it does not fit."""
    sides = [side.str.extract(pattern) for side, pattern in ((first, begins), (last, ends)) if pattern]
    return pl.concat_str(pl.lit(f"{place} "), *sides, separator="\0")
