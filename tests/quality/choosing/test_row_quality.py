"""Scores become one rank from 0.5 to 1, whatever their scales."""

import polars as pl

from quality.choosing.row_quality import row_quality

ROWS = pl.DataFrame({"row": [3, 5, 8, 9]}, schema={"row": pl.UInt32})


def scored(**columns) -> pl.DataFrame:
    return pl.DataFrame(columns).cast({"row": pl.UInt32})


def test_without_scores_there_is_no_quality() -> None:
    assert row_quality(ROWS, None, None) is None
    assert row_quality(ROWS, scored(row=[3], ifd=[None]).cast({"ifd": pl.Float64}), None) is None


def test_a_prompt_that_leaves_more_to_the_answer_ranks_higher_up_to_one() -> None:
    found = row_quality(ROWS, scored(row=[9, 8, 5, 3], ifd=[0.2, 0.9, 1.4, 0.5]), None)
    assert found is not None
    assert found.round(4).to_list() == [0.8333, 0.5, 1.0, 0.6667]


def test_scores_are_averaged_and_a_missing_one_is_in_the_middle() -> None:
    domain = scored(row=[3, 5, 8, 9, 1], score=[5.0, 6.0, 4.0, 9.0, 0.0], threshold=[2.0, 2.0, 2.0, 7.0, 2.0])
    found = row_quality(ROWS, scored(row=[3, 5, 8], ifd=[0.3, 0.6, 0.9]), domain)
    assert found is not None
    # Ranks by IFD 0, ½, 1 and none; by distance from the line 3, 4, 2, 2: 2/3, 1, 1/6, 1/6.
    assert found.round(4).to_list() == [0.6667, 0.875, 0.7917, 0.6667]


def test_equal_scores_rank_alike() -> None:
    found = row_quality(ROWS, scored(row=[3, 5, 8, 9], ifd=[0.5] * 4), None)
    assert found is not None
    assert found.to_list() == [0.75] * 4
