"""Texts of a recipe that say something: a key with a blank one is a slip, and no way to leave it out."""

from typing import Annotated

from pydantic import AfterValidator


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("it is blank: write something, or leave the key out")
    return text


Written = Annotated[str, AfterValidator(_not_blank)]
"""A string that is not empty and not of blanks alone."""
