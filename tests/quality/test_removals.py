"""What the stages of duplicates and of incompatible answers remove, told as one table in the order of the rows."""

import random

import polars as pl

from quality.asked_again import Pairing
from quality.neardup import NearDup, near_duplicates
from quality.records import MESSAGE, full_text
from quality.removals import REMOVED, duplicates


def rows(*pairs: tuple[str, str]) -> pl.DataFrame:
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": answer}] for ask, answer in pairs]
    return pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))})


def test_duplicates_stumps_and_copied_answers_are_told_in_the_order_of_the_rows() -> None:
    rng = random.Random(4)
    words = lambda count: [f"w{rng.randrange(10**6)}" for _ in range(count)]  # noqa: E731
    asked, whole, other = " ".join(words(8)), words(20), words(20)
    copied = ["changed" if at in (6, 13) else word for at, word in enumerate(whole)]
    pool = rows(
        (f"{asked}?", f"{' '.join(whole)}."),
        (f"{asked}?", f"{' '.join(copied)}."),
        (f"{asked}?", " ".join(whole[:9])),
        ("Who?", " ".join(other)),
        ("WHO?", " ".join(other)),
    )
    found = duplicates(pool, near_duplicates(full_text(pool)), NearDup(), Pairing())
    assert found.schema == REMOVED
    assert found.select("row", "witness", "reason").rows() == [
        (1, 0, "same_prompt_alike_answer"),
        (2, 0, "unfinished_answer"),
        (4, 3, "exact_duplicate"),
    ]
