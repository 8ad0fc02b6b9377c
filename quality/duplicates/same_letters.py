r"""Copies in another spelling: “in vitro alpha,beta-L-arginine” became “in vitro alphabetaLarginine”.

Near-duplicates are told by words, marks left out. Where a mark or a blank stood inside a word and was taken, or was put
in, words differ, and few n-grams are shared. What tells is that letters and digits are the same, one after the other,
as a reader sees them (`quality.texts.legible`): so entities of HTML and letters that look alike hide no copy either.

Of such rows the one with most marks says most, then the one with most words, then one written as it is read, wherever
they stand; else the first.

Marks and blanks tell numbers apart: “convert 1.5 km” is no copy of “convert 15 km”, nor -5 of 5. Where digits
have come together, the row must have lost all marks, and more of them than a sentence without commas has.
"""

from __future__ import annotations

import polars as pl

from quality.lsh.star import REMOVALS
from quality.texts.legible import disguised, legible
from quality.texts.normalise import normalised
from quality.texts.spellings import MINUS, in_one_spelling

# Shorter texts have no n-gram of words, and marks may be all that they say: C++ and C#.
_FEWEST_WORDS = 5
# Punctuation of ASCII (Unicode's category P) without the underscore.
_MARK = r"[!\"#%&'()*,\-./:;?@\[\\\]{}]"
_AFTER_DIGIT = rf"\d{_MARK}+"
# Powers and fractions are letters here: a² is not a³.
_NO_LETTER = r"[_\W&&[^\p{No}]]+"
_NUMBER = rf"(?:{MINUS} )?\d+"
# Other marks that the witness has at least where numbers differ: two sentences end with two.
_FEWEST_MARKS = 3
# Rows of the same letters that others are compared with: those that say most.
_MOST_WITNESSES = 32
_FIELDS = ("prompt", "answer")
_ORDER = ("marks", "words", "plain")


def respelled_copies(prompts: pl.Series, answers: pl.Series, proving: pl.Series) -> pl.DataFrame:
    """Find rows whose prompt and answer have another row's letters and digits.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        The rows.
    proving : pl.Series of Boolean
        Rows that are witnesses already: they stay.

    Returns
    -------
    pl.DataFrame
        `row, witness, jaccard` (schema `quality.lsh.star.REMOVALS`), ascending by row. The witness is the row that says
        most; it stays. `jaccard` is 1: of letters and digits none differ.
    """
    seen = {field: normalised(legible(texts)) for field, texts in zip(_FIELDS, (prompts, answers), strict=True)}
    plain = ~(disguised(prompts) | disguised(answers))
    rows = pl.DataFrame(seen | {"proving": proving, "plain": plain}).with_row_index("row")
    letters = [pl.col(field).str.replace_all(_NO_LETTER, "").alias(f"letters_of_{field}") for field in _FIELDS]
    told = rows.select("row", *letters).filter(pl.all_horizontal(pl.col(f"letters_of_{of}") != "" for of in _FIELDS))
    key = pl.struct(f"letters_of_{field}" for field in _FIELDS).hash(0)
    told = told.with_columns(key=key).filter(pl.col("key").is_duplicated())
    told = told.join(rows, on="row", maintain_order="left").with_columns(_measures())
    most = told.sort(*_ORDER, "row", descending=[True, True, True, False]).group_by("key").head(_MOST_WITNESSES)
    pairs = told.join(most, on="key", suffix="_of_witness").filter(
        _says_more(), ~pl.col("proving"), pl.col("words_of_witness") >= _FEWEST_WORDS, _same_letters(), _numbers_kept()
    )
    best = ["row", *(f"{name}_of_witness" for name in _ORDER), "row_of_witness"]
    found = pairs.sort(best, descending=[False, True, True, True, False]).unique(
        "row", keep="first", maintain_order=True
    )
    stays = ~pl.col("row_of_witness").is_in(found["row"].implode())
    return found.filter(stays).select("row", witness="row_of_witness", jaccard=pl.lit(1.0)).cast(REMOVALS)


def _measures() -> list[pl.Expr]:
    """Measure each field's marks, those behind no digit, and numbers, and the words and marks of both together."""
    marks = {field: pl.col(field).str.count_matches(_MARK) for field in _FIELDS}
    others = [pl.col(field).str.replace_all(_AFTER_DIGIT, "").str.count_matches(_MARK) for field in _FIELDS]
    return [
        *(count.alias(f"marks_of_{field}") for field, count in marks.items()),
        *(
            pl.col(field)
            .map_batches(in_one_spelling, return_dtype=pl.String)
            .str.extract_all(_NUMBER)
            .alias(f"numbers_of_{field}")
            for field in _FIELDS
        ),
        pl.sum_horizontal(marks.values()).alias("marks"),
        pl.sum_horizontal(others).alias("other_marks"),
        pl.sum_horizontal(pl.col(field).str.count_matches(r"\w+") for field in _FIELDS).alias("words"),
    ]


def _says_more() -> pl.Expr:
    more: pl.Expr = pl.col("row_of_witness") < pl.col("row")
    for name in reversed(_ORDER):
        of_witness, own = pl.col(f"{name}_of_witness"), pl.col(name)
        more = (of_witness > own) | ((of_witness == own) & more)
    return more


def _same_letters() -> pl.Expr:
    """Whether letters are the same, and not only their hash."""
    return pl.all_horizontal(pl.col(f"letters_of_{of}") == pl.col(f"letters_of_{of}_of_witness") for of in _FIELDS)


def _numbers_kept() -> pl.Expr:
    same, bare = [], []
    for field in _FIELDS:
        same.append(pl.col(f"numbers_of_{field}") == pl.col(f"numbers_of_{field}_of_witness"))
        bare.append((pl.col(f"marks_of_{field}") == 0) | (pl.col(field) == pl.col(f"{field}_of_witness")))
    return pl.all_horizontal(same) | (pl.all_horizontal(bare) & (pl.col("other_marks_of_witness") >= _FEWEST_MARKS))
