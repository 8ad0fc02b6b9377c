"""Worked examples of a suite: items that are shown with their answers, and of whose documents nothing is asked."""

import polars as pl

from evals.asking import Example, Turn
from evals.items import ITEMS
from evals.suites import Suite, SuiteError


def draw_examples(every: pl.DataFrame, asked: pl.DataFrame, *, suite: Suite) -> tuple[Example, ...]:
    """Draw the examples that stand before every item of a suite: one of a document, none of a document that is asked.

    Parameters
    ----------
    every
        Schema `evals.items.ITEMS`: whatever could be asked, in the order of the draw.
    asked
        The same schema: what is asked, of this suite and of others that are made of the same rows.
    suite
        Says how many.

    Raises
    ------
    SuiteError
        If fewer documents are left over.
    """
    if not suite.shots:
        return ()
    left = every.filter(~pl.col("cluster").is_in(asked["cluster"].implode()))
    left = left.unique("cluster", keep="first", maintain_order=True)
    if left.height < suite.shots:
        documents = "1 document" if left.height == 1 else f"{left.height} documents"
        raise SuiteError(
            f"the suite “{suite.name}” asks for {suite.shots} examples (shots), and beside its {asked.height} items "
            f"the source has {documents}: ask fewer items (limit), show fewer examples, or give more rows"
        )
    return tuple(
        Example(
            item=row["item"],
            cluster=row["cluster"],
            prompt=tuple(Turn.model_validate(turn) for turn in row["prompt"]),
            target=row["target"],
        )
        for row in left.head(suite.shots).iter_rows(named=True)
    )


def example_rows(examples: tuple[Example, ...], *, suite: Suite) -> pl.DataFrame:
    """Return examples as items (schema `evals.items.ITEMS`), for the reserve that no training row may give away."""
    rows = [
        {
            "suite": suite.name,
            "role": suite.role,
            "kind": suite.kind,
            "item": one.item,
            "cluster": one.cluster,
            "prompt": [turn.model_dump() for turn in one.prompt],
            "target": one.target,
            "options": [],
            "answer": 0,
        }
        for one in examples
    ]
    return pl.DataFrame(rows, schema=ITEMS)
