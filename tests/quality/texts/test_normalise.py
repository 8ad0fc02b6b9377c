import sys
import unicodedata

import polars as pl
import pytest

from quality.texts.normalise import fold, folded, normalise, normalised, plain


def ignorable(character: str) -> bool:
    """Whether Unicode says that a character is ignored in comparisons: fillers that stand for a letter aside."""
    return unicodedata.category(character) in ("Cf", "Mn") and (
        character in "\u00ad\u034f\u061c\ufeff"
        or "\u180b" <= character <= "\u180f"
        or "\u200b" <= character <= "\u200f"
        or "\u202a" <= character <= "\u202e"
        or "\u2060" <= character <= "\u206f"
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0001" <= character <= "\U000e01ef"
    )


def python_fold(text: str) -> str:
    seen = "".join(plain(c) for c in text if not ignorable(c))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", seen).casefold())


def test_every_character_folds_as_python_folds_it() -> None:
    # Characters younger than this Python's Unicode tables are skipped.
    characters = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cs", "Cn")]
    told = pl.DataFrame({"text": characters}).select(fold(pl.col("text"))).to_series().to_list()
    wrong = [
        hex(ord(c)) for c, f in zip(characters, told, strict=True) if unicodedata.normalize("NFC", f) != python_fold(c)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ ΟΔΟΣ", "οδος οδοσ"),
        ("Cafe\u0301", "CAFÉ"),
        ("ﬁne", "Fine"),
        ("a\t b\n\nc ", " a b c"),
        ("a\u00a0b", "a b"),
        ("soft\u00adhyphen", "softhyphen"),
        ("z\u200be\u200cr\u200do\u2060 \ufeffwidth\u202e", "zero width"),
        ("e\u200d\u0301", "é"),
        ("ok\ufe0f", "ok"),
        ("Ｗｉｄｅ，　１２！", "wide, 12!"),
        ("𝐁𝐨𝐥𝐝 𝒾𝓉 𝚒𝚜", "bold it is"),
        ("ﾊﾞｽ", "バス"),
        ("ﻻ", "لا"),
    ],
)
def test_spellings_of_one_text_are_equal(one: str, other: str) -> None:
    both = normalised(pl.Series([one, other]))
    assert both[0] == both[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [("a b", "ab"), ("C++", "C#"), ("resume", "résumé"), ("!", "?"), ("x²", "x2"), ("①", "1"), ("½", "1⁄2")],
)
def test_different_texts_stay_different(one: str, other: str) -> None:
    both = normalised(pl.Series([one, other]))
    assert both[0] != both[1]


@pytest.mark.parametrize(
    "texts", [["One  Text", None, ""], ["One", "Straße", None], ["ﬁne"], [None], [], ["[A\x00Z]\x7f", "İ\u00ad"]]
)
def test_a_series_is_folded_as_an_expression_is_whether_it_is_ascii_or_not(texts: list[str | None]) -> None:
    series = pl.Series("said", texts, dtype=pl.String)
    assert folded(series).equals(series.to_frame("said").select(fold(pl.col("said"))).to_series(), check_dtypes=True)
    by_rows = series.to_frame("said").select(normalise(pl.col("said"))).to_series()
    assert normalised(series).equals(by_rows, check_dtypes=True)


def test_null_stays_null_and_empty_stays_empty() -> None:
    frame = pl.DataFrame({"text": [None, "", " \n "]}, schema={"text": pl.String})
    assert frame.select(normalise(pl.col("text"))).to_series().to_list() == [None, "", ""]
