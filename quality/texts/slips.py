"""Slips of the hand: a word with one letter too many, too few, exchanged, or before its neighbour.

That is what most misspelt words are: in Damerau's collection four of five. A slip leaves a word that a pool does not
know beside one that it knows, which no sibling does: “largest” and “smallest”, “row” and “column” are words both.

References
----------
Damerau (1964), A technique for computer detection and correction of spelling errors, Communications of the ACM 7(3).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.texts.normalise import fold
from quality.texts.words import WORD, apart

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

# Shorter words are too near to others that are words as well; so are those that begin otherwise (`import`, `export`).
_SHORTEST = 4
# A slip is made once, and its row copied once; a word of more texts is none, and only such a word is mistyped.
FEWEST_KNOWN = 3
# What turns a sentence into its opposite, in English, German, French and Spanish, whatever else it says.
DENYING = frozenset(
    (
        *("no", "not", "never", "none", "nor", "neither", "nothing", "nobody", "without", "cannot", "t", "non"),
        *("kein", "keine", "keinen", "nicht", "nie", "ohne"),
        *("pas", "sans", "jamais", "aucun", "aucune", "ni", "sin", "nunca", "ningún", "ninguna"),
    )
)
_DIGIT = re.compile(r"\d")
# Texts folded at a time: bounds memory.
_CHUNK_TEXTS = 1 << 16


def says_otherwise(words: Collection[str]) -> bool:
    """Tell whether one of some words may not come or go without saying something else: a number, or “not”."""
    return any(word in DENYING or _DIGIT.search(word) for word in words)


def mistyped(word: str, other: str) -> bool:
    """Tell whether one of two words becomes the other by one letter, or by two neighbours that change places."""
    short, long = sorted((word, other), key=len)
    if len(short) < _SHORTEST or len(long) - len(short) > 1 or short == long or short[0] != long[0]:
        return False
    at = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    turned = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return turned or short[at + 1 :] == long[at + 1 :]


def slips(words: Collection[str], of: Collection[str]) -> dict[str, set[str]]:
    """List for each word those that it may be a slip of; nothing at all if one of them can be none."""
    found = {word: {right for right in of if mistyped(word, right)} for word in words}
    return found if all(found.values()) else {}


def are_slips(found: Mapping[str, set[str]], held: Mapping[str, NDArray[np.uint32]]) -> bool:
    """Tell whether the pool knows none of the words, and of each one that it is a slip of.

    Parameters
    ----------
    found : mapping of str to set of str
        From `slips`.
    held : mapping of str to (n,) uint32
        Which texts of the pool hold each of these words, as from `texts_holding`.
    """
    return bool(found) and all(
        len(held[word]) < FEWEST_KNOWN and any(len(held[right]) >= FEWEST_KNOWN for right in rights)
        for word, rights in found.items()
    )


def texts_holding(texts: pl.Series, words: Collection[str]) -> dict[str, NDArray[np.uint32]]:
    """List the texts that hold each of some words, folded: their places, ascending, (n,) uint32."""
    sought, text, found = sorted(words), pl.col("text"), [pl.DataFrame(schema={"word": pl.String, "row": pl.UInt32})]
    numbered = texts.cast(pl.String).to_frame("text").with_row_index("row")
    for part in numbered.iter_slices(_CHUNK_TEXTS) if sought else ():
        # Few texts hold any of the letters of rare words, and only these are taken apart.
        near = part.select("row", fold(text.fill_null(""))).filter(text.str.contains_any(sought))
        lists = near.select("row", word=apart(text).str.extract_all(WORD).list.unique())
        held = lists.explode("word", empty_as_null=False).filter(pl.col("word").is_in(sought))
        found.append(held.select("word", "row"))
    return _places(sought, pl.concat(found))


def rows_holding(spelled: pl.Series, words: Collection[str]) -> dict[str, NDArray[np.uint32]]:
    """List the texts that hold each of some words, as `texts_holding`, where the words of each are known: lists."""
    lists = pl.DataFrame({"word": spelled.list.unique()}).with_row_index("row")
    held = lists.explode("word", empty_as_null=False).filter(pl.col("word").is_in(list(words)))
    return _places(words, held.select("word", "row"))


def _places(words: Collection[str], held: pl.DataFrame) -> dict[str, NDArray[np.uint32]]:
    places = dict.fromkeys(words, np.empty(0, np.uint32))
    for (word,), rows in held.partition_by("word", as_dict=True).items():
        places[word] = rows["row"].to_numpy()
    return places
