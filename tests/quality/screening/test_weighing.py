"""What the base model's scores cost a row: nothing at a threshold, its place beyond it, and one reason for each row."""

import polars as pl

from quality.screening.weighing import Weigh, beyond

ASKED = Weigh(most_perplexity=50.0, least_ifd=0.2, most_ifd=0.9)


def found(*scores: tuple[float | None, float | None]) -> list[tuple]:
    frame = pl.DataFrame(list(scores), schema={"perplexity": pl.Float64, "ifd": pl.Float64}, orient="row")
    return beyond(frame, ASKED).rows()


def test_a_row_at_a_threshold_stays() -> None:
    assert found((50.0, 0.2), (50.0, 0.9), (None, None)) == []


def test_rows_beyond_are_told_in_their_order_with_the_threshold_they_passed() -> None:
    assert found((9.0, 0.95), (9.0, 0.1), (9.0, 0.5), (51.0, 0.5)) == [
        (0, "high_difficulty", 0.95, 0.9),
        (1, "low_difficulty", 0.1, 0.2),
        (3, "high_perplexity", 51.0, 50.0),
    ]


def test_a_row_beyond_two_is_told_once_and_by_the_first() -> None:
    assert found((51.0, 0.95), (51.0, 0.1)) == [(0, "high_perplexity", 51.0, 50.0), (1, "high_perplexity", 51.0, 50.0)]


def test_one_threshold_may_stand_at_another() -> None:
    assert Weigh(least_ifd=0.5, most_ifd=0.5).asked
