"""Prompts are of one kind where enough of them share a frame, and the longest such frame names it."""

import polars as pl

from quality.truncation.prompt_kinds import FEWEST, kind_names, prompt_frames, shared_frames


def kinds(*groups: list[str]) -> list[set[str]]:
    """Name the kinds of groups of prompts, all of one pool."""
    prompts = pl.Series([prompt for group in groups for prompt in group])
    shared = shared_frames(prompt_frames(prompts))
    names = kind_names(prompts, shared["place"])
    # A kind has one name and one number, and no other kind has either.
    both = pl.DataFrame({"name": names, "kind": shared["kind"]})
    assert both.n_unique() == both["name"].n_unique() == both["kind"].n_unique()
    assert both.filter((pl.col("name") == "") != (pl.col("kind") == 0)).is_empty()
    told = iter(names)
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


def test_the_frames_of_a_prompt_hang_on_no_other_prompt() -> None:
    prompts = pl.Series([*framed("What is {}?", 3), "", "Boats.", "船とは何ですか", "Sum 12 and 3"])
    alone = pl.concat([prompt_frames(prompts[at : at + 1]) for at in range(len(prompts))])
    assert prompt_frames(prompts).equals(alone)
