import pytest

from evals.faults import first_line


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("no such layer\nat line 3"), "no such layer"),
        (RuntimeError("\n  late\n"), "late"),
        (NotImplementedError(), "NotImplementedError"),
        (ValueError("x" * 500), "x" * 200),
    ],
)
def test_an_error_is_told_in_one_line(error, told):
    assert first_line(error) == told
