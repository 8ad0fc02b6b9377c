"""What a person reads while a step works."""

from tasks.reporting.text import counted


def test_one_is_one_and_all_else_are_many() -> None:
    told = [counted(number, "row") for number in (0, 1, 2, 1_000)]
    assert told == ["0 rows", "1 row", "2 rows", "1,000 rows"]
