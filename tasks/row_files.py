"""Write what became of the rows into a run's directory, and the exam that they were kept clear of.

So does a run that publishes a training set, and so does one that its contract stopped.
"""

import polars as pl

from quality.receipts import edit_receipts
from tasks import store
from tasks.exams import SealedExam
from tasks.pool import Pool
from tasks.runs import Run


def write_rows(run: Run, ledger: pl.DataFrame, pool: Pool, removed: pl.DataFrame) -> None:
    """Write `receipts.parquet`, `removed.parquet` (the rows that `removed` names), `edits.parquet`, `attributes/`."""
    store.write_parquet(run.folder / "receipts.parquet", ledger)
    rows = pool.read().join(removed, on="row", how="semi", maintain_order="left")
    store.write_parquet(run.folder / "removed.parquet", rows.select("id", "messages", "source", "origin"))
    store.write_parquet(run.folder / "edits.parquet", edit_receipts(pool.read(), pool.edited()))
    _write_attributes(run, pool)


def write_exam(run: Run, exam: SealedExam) -> None:
    """Write `exam.parquet`, `reserve.parquet`, and how its suites are asked, `suites.json`."""
    store.write_parquet(run.folder / "exam.parquet", store.read_table(exam.items))
    store.write_parquet(run.folder / "reserve.parquet", store.read_table(exam.reserve))
    store.write_json(run.folder / "suites.json", [one.model_dump(mode="json") for one in exam.suites])


def _write_attributes(run: Run, pool: Pool) -> None:
    """Write what stages measured as `attributes/<name>.parquet`; tables of rows get the rows' `id` and `origin`.

    Where rows name the document they come from, `documents` tells which: the split can't be proved without.
    """
    folder = run.folder / "attributes"
    with store.writing(folder):
        folder.mkdir()
    records = pool.read()
    rows, documents = records.select("row", "id", "origin"), records.select("id", "origin", "group").drop_nulls()
    if not documents.is_empty():
        store.write_parquet(folder / "documents.parquet", documents)
    for name, table in pool.attributes.items():
        found = store.read_table(table)
        if "row" in found.columns:
            found = rows.join(found, on="row", how="inner", maintain_order="left").drop("row")
        store.write_parquet(folder / f"{name}.parquet", found)
