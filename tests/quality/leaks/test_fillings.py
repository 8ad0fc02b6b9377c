"""How rows fill in a text: words that many put others in the place of are its own, whoever copies it and however often."""

import random

import polars as pl

from quality.leaks.fillings import Fillings

TEXT = "the seat of the ruler of fennmark is zale by the sea"
ITEMS = pl.DataFrame({"place": [0], "question": ["where?"], "answer": [TEXT]}, schema_overrides={"place": pl.UInt32})
FIELD = pl.DataFrame({"place": [0], "field": ["answer"]}, schema_overrides={"place": pl.UInt32})


def filled(answers: list[str]) -> Fillings:
    rows = pl.DataFrame({"row": range(len(answers))}, schema={"row": pl.UInt32})
    suspects = rows.with_columns(place=pl.lit(0, pl.UInt32), field=pl.lit("answer"))
    return Fillings(pl.concat([suspects, suspects]), pl.Series(["?"] * len(answers)), pl.Series(answers), ITEMS)


def own(answers: list[str]) -> set[str]:
    (blanks,) = filled(answers).of(FIELD)
    return set(blanks.own)


def test_words_are_the_texts_own_where_three_rows_hold_something_else_each() -> None:
    rows = [TEXT.replace("fennmark", land).replace("zale", town) for land, town in ("aB", "cD", "eF")]
    assert own(rows) == {"fennmark", "zale"}
    assert own(rows[:2]) == set()
    assert own([*rows[:2], rows[1], rows[1]]) == set()


def test_copies_edited_at_random_have_no_blanks_and_hide_none() -> None:
    rng = random.Random(1)
    copies = []
    for number in range(60):
        words = TEXT.split()
        words[rng.randrange(len(words))] = f"edit{number}"
        copies.append(" ".join(words))
    assert own(copies) == set()
    lands = [TEXT.replace("fennmark", f"land{number}") for number in range(60)]
    assert own([*copies, *lands]) == {"fennmark"}


def test_texts_that_lack_most_hold_all_or_put_nothing_in_fill_nothing() -> None:
    (blanks,) = filled(
        [TEXT, f"{TEXT} and more", "the seat of the ruler", "the zale is another thing by far, says everybody"]
    ).of(FIELD)
    assert not blanks.fillings


def test_ways_to_fill_the_same_blanks_are_counted_without_ones_own() -> None:
    rows = [TEXT.replace("fennmark", "aldor"), TEXT.replace("fennmark", "corin"), TEXT.replace("zale", "mirna")]
    rows.append(TEXT.replace("fennmark", "eskar").replace("zale", "tusk"))
    (blanks,) = filled(rows).of(FIELD)
    for put_in, lacking, at_most, ways in (
        ({"aldor"}, {"fennmark"}, True, 1),
        ({"aldor"}, {"fennmark"}, False, 2),
        ({"drosia"}, {"fennmark", "zale"}, True, 4),
    ):
        assert blanks.filled_besides(put_in, lacking, ways=ways, at_most=at_most)
        assert not blanks.filled_besides(put_in, lacking, ways=ways + 1, at_most=at_most)


def test_of_a_field_that_nobody_holds_nothing_is_told() -> None:
    (blanks,) = filled([]).of(FIELD)
    assert (blanks.own, blanks.fillings) == (frozenset(), frozenset())


def test_rows_that_have_a_long_block_in_common_with_a_longer_text_fill_in_the_rest() -> None:
    block = " ".join(f"setting{number}" for number in range(24))
    items = ITEMS.with_columns(answer=pl.lit(f"{block} {' '.join(f'step{number}' for number in range(40))}"))
    suspects = pl.DataFrame({"row": range(3)}, schema={"row": pl.UInt32}).join(FIELD, how="cross")
    for held, fills in ((block, True), (block.removeprefix("setting0 "), False)):
        answers = pl.Series([f"{held} {name}" for name in ("mill", "boat", "shed")])
        (blanks,) = Fillings(suspects, pl.Series(["?"] * 3), answers, items).of(FIELD)
        assert ("step7" in blanks.own, bool(blanks.fillings)) == (fills, fills)
