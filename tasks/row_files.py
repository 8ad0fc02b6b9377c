"""Write what became of the rows into a run's directory, and the exam that they were kept clear of.

So does a run that publishes a training set, and so does one that its contract stopped.
"""

from pathlib import Path

import polars as pl

from quality.receipts import edit_receipts, receipts
from tasks import store
from tasks.exams import SealedExam
from tasks.general import GeneralText
from tasks.pool import Pool
from tasks.run_files import GENERAL, GENERAL_PARTS
from tasks.runs import Run


def write_rows(run: Run, ledger: pl.DataFrame, pool: Pool, removed: pl.DataFrame) -> None:
    """Write `receipts.parquet`, `removed.parquet` (the rows that `removed` names), `edits.parquet`, `attributes/`."""
    _write_books(run.folder, ledger, pool, removed)
    _write_attributes(run, pool)


def write_general(run: Run, general: GeneralText | None) -> dict[str, str]:
    """Write the general rows of a training, with receipts of all that were drawn, as `general/`; return digests.

    Rows of the pool's rest have a second receipt here: they are trained on though the pool's say they were left out.
    """
    if general is None:
        return {}
    folder, pool = run.folder / GENERAL, general.pool
    with store.writing(folder):
        folder.mkdir()
    tables = dict(zip(GENERAL_PARTS, (general.train, general.held), strict=True))
    for part, table in tables.items():
        store.copy_table(table, folder / f"{part}.parquet")
    said = pl.concat([store.read_table(table).select("id", reason=pl.lit(part)) for part, table in tables.items()])
    kept = pool.left().select("row", "id").join(said, on="id", how="left", maintain_order="left")
    ledger = receipts(pool.read(), store.read_table(pool.quarantined), pool.removed(), kept.select("row", "reason"))
    _write_books(folder, ledger, pool, pool.removed())
    return {name: tables[part].digest for part, name in GENERAL_PARTS.items()}


def write_exam(run: Run, exam: SealedExam) -> None:
    """Write `exam.parquet`, `reserve.parquet`, and how its suites are asked, `suites.json`."""
    store.write_parquet(run.folder / "exam.parquet", store.read_table(exam.items))
    store.write_parquet(run.folder / "reserve.parquet", store.read_table(exam.reserve))
    store.write_json(run.folder / "suites.json", [one.model_dump(mode="json") for one in exam.suites])


def _write_books(folder: Path, ledger: pl.DataFrame, pool: Pool, removed: pl.DataFrame) -> None:
    store.write_parquet(folder / "receipts.parquet", ledger)
    rows = pool.read().join(removed, on="row", how="semi", maintain_order="left")
    store.write_parquet(folder / "removed.parquet", rows.select("id", "messages", "source", "origin"))
    store.write_parquet(folder / "edits.parquet", edit_receipts(pool.read(), pool.edited()))


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
