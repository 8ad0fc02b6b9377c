"""Who spells a row otherwise makes a copy of it: by other marks, blanks, entities or letters that look alike."""

import html
from collections.abc import Callable

import polars as pl
import pytest

from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import duplicates
from quality.duplicates.same_letters import respelled_copies
from quality.neardup import NearDup, near_duplicates
from quality.records import MESSAGE

ASK = "What is L-arginine's anti-parallel, six-stranded beta-sheet?"
ANSWER = "A non-covalent, side-by-side fold; it's well-known in alpha/beta-proteins (see X-ray work)."
BARE_ASK = "What is Larginines antiparallel sixstranded betasheet"
BARE_ANSWER = "A noncovalent sidebyside fold its wellknown in alphabetaproteins see Xray work"


def found(*pairs: tuple[str, str], proving: tuple[int, ...] = ()) -> list[tuple[int, int]]:
    asks, answers = (pl.Series(texts, dtype=pl.String) for texts in zip(*pairs, strict=True))
    proves = pl.Series([at in proving for at in range(len(pairs))])
    return respelled_copies(asks, answers, proves).select("row", "witness").rows()


@pytest.mark.parametrize("copy", [(BARE_ASK, BARE_ANSWER), (ASK, BARE_ANSWER), (BARE_ASK.upper(), ANSWER)])
def test_a_copy_without_punctuation_goes_wherever_it_stands(copy: tuple[str, str]) -> None:
    assert found((ASK, ANSWER), copy) == [(1, 0)]
    assert found(copy, (ASK, ANSWER)) == [(0, 1)]


def test_the_witness_is_the_row_with_most_marks_and_stays() -> None:
    assert found((BARE_ASK, BARE_ANSWER), (ASK, BARE_ANSWER), (ASK, ANSWER)) == [(0, 2), (1, 2)]


def test_what_proves_another_row_stays() -> None:
    assert found((BARE_ASK, BARE_ANSWER), (ASK, ANSWER), proving=(0,)) == []


@pytest.mark.parametrize(
    "respell",
    [
        lambda text: text.replace("-", ""),
        lambda text: text.replace("'", "").replace(",", ""),
        lambda text: text.replace(" ", ""),
        lambda text: text.replace(" ", "_"),
        lambda text: text.replace("a", "\N{CYRILLIC SMALL LETTER A}"),
    ],
)
def test_a_copy_in_another_spelling_goes_wherever_it_stands(respell: Callable[[str], str]) -> None:
    copy = (respell(ASK), respell(ANSWER))
    assert found((ASK, ANSWER), copy) == [(1, 0)]
    assert found(copy, (ASK, ANSWER)) == [(0, 1)] or respell("a") != "a"


def test_entities_of_html_hide_no_copy_and_the_first_stays() -> None:
    assert found((ASK, ANSWER), (html.escape(ASK), html.escape(ANSWER))) == [(1, 0)]


@pytest.mark.parametrize(
    "other",
    [(BARE_ASK, BARE_ANSWER.replace("fold", "bend")), ("What is Larginines anti parallel stranded sheet", BARE_ANSWER)],
)
def test_rows_that_differ_in_a_letter_stay(other: tuple[str, str]) -> None:
    assert found((ASK, ANSWER), other) == []


def test_short_rows_may_say_all_by_their_marks() -> None:
    assert found(("C++?", "A language."), ("C#?", "A language.")) == []
    assert found(("???", "It is so, and so it was before."), ("!", "It is so and so it was before.")) == []


def test_a_point_within_a_number_is_not_taken_for_punctuation_alone() -> None:
    assert found(("Convert 1.5 km to miles.", "0.93 miles."), ("Convert 15 km to miles", "093 miles")) == []
    long = "Take 1.5 mg, twice a day, with water; not with milk."
    assert found(("How?", long), ("How", "Take 15 mg twice a day with water not with milk")) == [(1, 0)]


def test_the_stage_finds_what_shares_too_few_ngrams() -> None:
    pairs = [(ASK, ANSWER), (BARE_ASK, BARE_ANSWER)]
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": answer}] for ask, answer in pairs]
    rows = pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))})
    told = duplicates(rows, near_duplicates, NearDup(), Pairing())
    assert told.select("row", "witness", "reason", "score").rows() == [(1, 0, "same_letters", 1.0)]


def test_a_row_spelled_in_thousands_of_ways_is_compared_with_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.duplicates.same_letters._MOST_WITNESSES", 3)
    ways = [f"{ANSWER[:at]}-{ANSWER[at:]}" for at in range(2, 60) if ANSWER[at - 1 : at + 1].isalpha()]
    assert found((ASK, ANSWER), *((ASK, way) for way in ways)) == [(row, 1) for row in range(len(ways) + 1) if row != 1]
    monkeypatch.undo()
    many = [(ASK, f"{'-' * (at % 97)} {ANSWER} {'-' * (at // 97)}") for at in range(20_000)]
    assert len(found(*many)) == len(many) - 1
