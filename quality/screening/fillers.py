"""Answers of the Latin that fills a page until there is a text: “Lorem ipsum dolor sit amet”."""

from __future__ import annotations

import polars as pl

from quality.texts.patterns import holds

# The Latin that fills a page until there is a text, and Cicero's that it was made of. Words of other Latin aside.
_FILLER = (
    r"(?i)\b(?:lorem|ipsum|dolor|amet|consectetur|adipiscing|elit|eiusmod|tempor|incididunt|labore|dolore|magna|aliqua|"
    r"enim|minim|veniam|quis|nostrud|exercitation|ullamco|laboris|nisi|aliquip|commodo|consequat|duis|aute|irure|"
    r"reprehenderit|voluptate|velit|cillum|fugiat|nulla|pariatur|excepteur|sint|occaecat|cupidatat|proident|culpa|"
    r"officia|deserunt|mollit|anim|laborum|perspiciatis|omnis|iste|natus|voluptatem|accusantium|doloremque|"
    r"laudantium|totam|aperiam|eaque|inventore|veritatis|architecto|beatae|explicabo)\b"
)
_TELLING = (
    "lorem ipsum", "consectetur", "adipiscing", "eiusmod", "incididunt", "ullamco", "aliquip", "occaecat", "cupidatat",
    "perspiciatis", "doloremque",
)  # fmt: skip
_FILLED = 0.5  # of an answer's words
_ASKS_FOR_FILLER = r"(?i)\b(?:lorem|ipsum|placeholders?|dummy|fillers?|mock\w*|sample|typeset\w*|html|latin|cicero)\b"


def fills_page(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell answers most of whose words fill a page that has no text yet, where the prompt did not ask for such.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    places = answers.str.contains_any([*_TELLING], ascii_case_insensitive=True).arg_true()
    rows = pl.DataFrame({"row": places, "prompt": prompts.gather(places), "answer": answers.gather(places)})
    if rows.is_empty():  # nor are patterns compiled
        return answers.is_null()
    answer = pl.col("answer")
    full = answer.str.count_matches(_FILLER) >= _FILLED * answer.str.count_matches(r"\w+")
    found = rows.filter(full & ~holds(pl.col("prompt"), _ASKS_FOR_FILLER))["row"]
    return pl.int_range(len(answers), dtype=pl.UInt32, eager=True).is_in(found.implode())
