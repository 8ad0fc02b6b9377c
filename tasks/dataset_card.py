"""The dataset card: what the training set holds, where it came from, and what was left out."""

import re

import polars as pl

from quality.receipts import books
from tasks.reporting.markdown import escape
from tasks.reporting.mending import Mending
from tasks.reporting.text import one_line
from tasks.store import Table

_CARD = """---
configs:
- config_name: {config}
  data_files:
  - split: train
    path: train.parquet
  - split: validation
    path: validation.parquet
tags: [winnow, instruction-tuning]
---

# {name}

Curated by winnow in run `{run}`: {kept:,} of {total:,} rows were kept
({dropped:,} dropped, {quarantined:,} quarantined). Every row's receipt is in `../receipts.parquet`.

| part | rows | digest |
|---|---:|---|
| train | {train:,} | `{train_digest}` |
| validation | {validation:,} | `{validation_digest}` |

Columns: `id` (hash of the messages), `messages` (list of role and content), `source`, `origin` (file and line).

## Sources

| source | rows in | kept |
|---|---:|---:|
{sources}

The rows keep the licence of the source they came from.
{mending}
## Removed rows

| stage | reason | rows |
|---|---|---:|
{reasons}

Load it: `datasets.load_dataset("PATH/OF/THIS/FOLDER")`.
"""


def write(
    name: str, run: str, receipts: pl.DataFrame, train: Table, validation: Table, mending: Mending | None = None
) -> str:
    """Return the card's markdown; `mending` is what was mended while the rows were read, if anything was.

    The configuration is named for the run: `datasets` caches by it and by the folder's last name, so that of two runs
    with one configuration the second would load as the first.
    """
    counted = books(receipts)
    kept = (pl.col("fate") == "kept").sum()
    sources = receipts.group_by("source", maintain_order=True).agg(rows=pl.len(), kept=kept)
    reasons = (
        receipts.filter(pl.col("fate") != "kept").group_by("stage", "reason", maintain_order=True).agg(rows=pl.len())
    )
    return _CARD.format(
        name=name,
        run=run,
        config=re.sub(r"[^A-Za-z0-9.-]", "-", run),
        total=counted["in"],
        kept=counted["kept"],
        dropped=counted["dropped"],
        quarantined=counted["quarantined"],
        train=train.rows,
        train_digest=train.digest,
        validation=validation.rows,
        validation_digest=validation.digest,
        mending=_mending(mending),
        sources="\n".join(f"| {escape(source)} | {rows:,} | {left:,} |" for source, rows, left in sources.iter_rows()),
        reasons="\n".join(f"| {stage} | {_cell(reason)} | {rows:,} |" for stage, reason, rows in reasons.iter_rows()),
    )


def _mending(mending: Mending | None) -> str:
    """Tell what was mended; texts stand between backticks, so that entities are shown as they are spelled."""
    if mending is None:
        return ""
    lines = ["", "## Mended rows", "", f"{mending.sentence} What they say is as it was."]
    if mending.examples:
        lines += ["", "| as it came | as it reads |", "|---|---|"]
        lines += [f"| {' | '.join(f'`{_cell(one_line(text))}`' for text in pair)} |" for pair in mending.examples]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    """Make a reason, or a text between backticks, safe inside a markdown table."""
    return "".join(" " if letter in "|\n\r`<>" else letter for letter in text)
