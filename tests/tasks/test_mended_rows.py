"""What was mended while rows were read is told in the card and the report, as it came and as it reads."""

from collections.abc import Callable

import polars as pl
import pytest

from quality.sources.mending import FIRST, MENDED, mend
from tasks import dataset_card, store
from tasks.mended_rows import account, mended_in
from tasks.pool import Pool
from tasks.reporting.mending import Mending

ANSWERS = [
    "Stir in &frac12; cup.",
    "Bake it.",
    "Add | &lt; and take it off when it is '''not''' yet done.",
    "Ask bob@acme.io for &frac14; of it.",
]


@pytest.fixture
def mended(pool_of: Callable[..., Pool]) -> Pool:
    """A pool of which rows were mended; the last was edited since."""
    pool = pool_of([("How is it made?", answer) for answer in ANSWERS])
    messages, told = mend(pool.read()["messages"])
    records = pool.read().with_columns(messages=messages)
    told = told.with_columns(row=records["row"]).filter(pl.any_horizontal(pl.col(*MENDED) > 0))
    pool = pool.model_copy(update={"records": store.write_table(records)}).with_fates(pool.removed(), mended=told)
    edits = records[3:].with_columns(stage=pl.lit("protect"), kinds=pl.lit(["email"]), replaced=pl.lit(1))
    return pool.with_edits(edits.with_columns(id=pl.lit("0" * 32)))


def test_rows_are_counted_by_what_was_mended_and_edited_ones_are_not_shown(mended: Pool) -> None:
    told = mended_in(mended)
    assert told == Mending(
        rows=3,
        kept=3,
        entities=(3, 3),
        marks=(1, 1),
        examples=(
            ("Stir in &frac12; cup.", "Stir in ½ cup."),
            ("Add | &lt; and take it off when it is not yet done…", "Add | < and take it off when it is not yet done…"),
        ),
    )
    assert told.sentence == (
        "3 rows were mended while the sources were read, of which 3 are kept: 3 characters read where entities stood in "
        "3 rows, 1 pair of a wiki's marks taken out in 1 row."
    )


def test_the_card_shows_them_as_they_are_spelled(mended: Pool) -> None:
    ledger = pl.DataFrame({"stage": ["split"], "fate": ["kept"], "reason": ["train"], "source": ["pool"]})
    card = dataset_card.write("x", "run", ledger, mended.records, mended.records, mended_in(mended))
    assert "## Mended rows\n\n3 rows were mended" in card
    assert "| `Stir in &frac12; cup.` | `Stir in ½ cup.` |" in card
    assert "| `Add   &lt; and take" in card
    assert "Mended" not in dataset_card.write("x", "run", ledger, mended.records, mended.records)


def test_runs_in_which_nothing_was_mended_or_from_before_it_was_told_have_no_examples(
    pool_of: Callable[..., Pool], mended: Pool
) -> None:
    assert mended_in(pool_of([("Why?", "So.")])) is None
    rows, told = mended.read(), mended.attribute("mended")
    assert told is not None
    old = account(rows.select("row", "id", "origin").join(told.drop(*FIRST), on="row"), rows, rows["origin"].clear())
    assert old is not None
    assert (old.rows, old.examples) == (3, ())
