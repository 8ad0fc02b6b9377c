"""Prompts are of one kind where enough of them share a frame, and the longest such frame names it."""

import polars as pl

from quality.truncation.prompt_kinds import FEWEST, prompt_kinds


def kinds(*groups: list[str]) -> list[set[str]]:
    """Name the kinds of groups of prompts, all of one pool."""
    told = iter(prompt_kinds(pl.Series([prompt for group in groups for prompt in group])))
    return [{next(told) for _ in group} for group in groups]


def framed(frame: str, count: int = FEWEST) -> list[str]:
    return [frame.format(f"{'abcdefghij'[one % 10]}{'klmnopqrst'[one // 10]}") for one in range(count)]


def test_what_is_another_is_of_another_kind_than_what_is() -> None:
    another, plain = kinds(framed("What is another name of {}?"), framed("What is {}?"))
    assert len(another) == len(plain) == 1
    assert another != plain


def test_too_few_of_a_longer_frame_share_the_shorter_one() -> None:
    another, plain = kinds(framed("What is another name of {}?", FEWEST - 1), framed("What is {}?"))
    assert another == plain


def test_what_shares_no_frame_is_of_no_kind() -> None:
    alone, _ = kinds(["Boats."], framed("What is {}?"))
    assert alone == {""}
