"""Prove the general rows of a training: they are learnt from as well, and must be as clean as the training set.

Each has a receipt of its own, gives no exam item away, holds no personal data and is none of the dataset, and a quarter
is held back; and where the pool's rest was asked for, the lot is drawn again among what the domain filter left out.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from quality.auditing.audit import Proof
from quality.reasons import OF_THE_DOMAIN
from tasks import run_files, run_settings, runs
from tasks.auditing.gaps import other_code
from tasks.auditing.steps import Rows, edits, leaks, named_by_content
from tasks.general import first_by_lot
from tasks.run_files import GENERAL, GENERAL_PARTS
from tasks.training.general_settings import BESIDE, General, held_back
from tasks.training.settings import Tune, general_for

_BOOKS = ("receipts", "removed", "edits")
_STAGES = ("protect", "dedupe", "decontaminate")  # that general rows go through


def prove_general(folder: Path, facts: Mapping[str, Any], rows: Rows) -> list[Proof]:
    """Check the general rows of a run that judged; one by other code, from before they were kept, has nothing to prove.

    Raises
    ------
    DamagedRun
        When a file of them, or the recipe, can't be read.
    """
    asked = general_for(run_settings.of_training(folder, "tune", Tune))
    there = {name for name in facts["files"] if name.startswith(f"{GENERAL}/")}
    told = {part: runs.digests(facts).get(name) for part, name in GENERAL_PARTS.items()}
    if asked is not None and not there and not any(told.values()) and other_code(facts):
        return []
    wanted = {f"{GENERAL}/{name}.parquet" for name in (*GENERAL_PARTS, *_BOOKS)} if asked is not None else set()
    other = [part for part, digest in told.items() if digest != facts["files"].get(f"{GENERAL}/{part}.parquet")]
    whole = Proof.of(
        "general rows are kept where the training needs them, and are those of the manifest's digests",
        max(1, len(wanted)),
        [*sorted(wanted ^ there), *other],
    )
    found = run_files.general(folder)
    if asked is None or found is None:
        return [whole]
    general = Rows(**found, memory=rows.memory)
    of_rows = [_books(general), _left_out(general), named_by_content(general.all)]
    proofs = [*of_rows, *leaks(folder, general), *edits(folder, general)]
    said = [
        replace(proof, claim=f"of general rows: {proof.claim.replace('no row of the dataset', 'no row')}")
        for proof in proofs
    ]
    return [
        whole,
        _parted(general),
        _asked_for(general, rows, asked),
        _apart(general, rows),
        *said,
        *([prove_lot(general, rows, asked)] if asked.rest else []),
    ]


def prove_lot(general: Rows, rows: Rows, asked: General) -> Proof:
    """Draw again: the pool's rest by the receipts, and among it and the rows of sources that were drawn."""
    beside = pl.col("origin").str.starts_with(BESIDE)
    masked = beside & pl.col("origin").is_in(general.edits["origin"].implode())  # drawn by what they said before
    drawn = general.all.select("id", "origin")
    outside = rows.receipts.filter(pl.col("stage").is_in(OF_THE_DOMAIN)).select("id", "origin")
    among = pl.concat([drawn.filter(beside & ~masked), first_by_lot(outside, asked)])
    places = asked.model_copy(update={"rows": max(0, asked.rows - drawn.filter(masked).height)})
    expected, named = first_by_lot(among, places).filter(~beside), drawn.filter(~beside)
    wrong = [
        one.join(other, on=["id", "origin"], how="anti", maintain_order="left")["origin"]
        for one, other in ((named, expected), (expected, named))
    ]
    claim = "the general rows of the pool are those that the lot draws of what the domain filter left out"
    return Proof.of(claim, named.height, pl.concat(wrong))


def _parted(general: Rows) -> Proof:
    """Count what is held back: no training starts without general rows in both parts."""
    kept = general.dataset.height
    wrong = [] if kept >= 2 and general.validation.height == held_back(kept) else [*GENERAL_PARTS]
    return Proof.of("a quarter of the general rows is held back, the others are there to learn from", kept, wrong)


def _asked_for(general: Rows, rows: Rows, asked: General) -> Proof:
    """Look whether rows are named as of the pool, or of none of it, where the recipe asks for such."""
    beside = pl.col("origin").str.starts_with(BESIDE)
    of_pool = pl.col("origin").is_in(rows.receipts["origin"].implode())
    right = (beside & (not asked.rest or bool(asked.sources))) | (of_pool & asked.rest)
    wrong = general.all.filter(~right)["origin"]
    return Proof.of("general rows are of the pool, or of none of it, as the recipe asks", general.all.height, wrong)


def _apart(general: Rows, rows: Rows) -> Proof:
    """Look for rows of the dataset: none may be replayed and validated on, or trained on and forgetting measured by."""
    wrong = general.dataset.filter(pl.col("id").is_in(rows.dataset["id"].implode()))["origin"]
    return Proof.of("no general row says what a row of the dataset says", general.dataset.height, wrong)


def _left_out(general: Rows) -> Proof:
    """Look at what is left out: by a stage that general rows go through, and a duplicate of what another row says."""
    gone = general.receipts.filter(pl.col("fate") != "kept")
    copy = pl.col("stage") == "dedupe"
    others = general.receipts.filter(~copy)["id"].implode()
    is_copy = (pl.col("reason") == "exact_duplicate") & (pl.col("witness") == pl.col("id")) & pl.col("id").is_in(others)
    right = (pl.col("fate") == "dropped") & pl.col("stage").is_in(_STAGES) & (~copy | is_copy)
    claim = "every row left out is so at a stage of theirs, and a duplicate says what another row says"
    return Proof.of(claim, gone.height, gone.filter(~right.fill_null(value=False))["origin"])


def _books(general: Rows) -> Proof:
    """Compare where rows lie with what their receipts say: each has one, and lies nowhere else."""
    parts = {"train": general.train, "validation": general.validation, "removed": general.removed}
    lie = pl.concat([part.select("id", "origin", lies=pl.lit(name)) for name, part in parts.items()])
    kept = pl.col("fate") == "kept"
    said = general.receipts.select("id", "origin", lies=pl.when(kept).then("reason").otherwise(pl.lit("removed")))
    wrong = pl.concat(
        [
            one.join(other, on=["id", "origin", "lies"], how="anti", maintain_order="left")["origin"]
            for one, other in ((lie, said), (said, lie))
        ]
        + [table.filter(pl.col("origin").is_duplicated())["origin"] for table in (lie, said)]
        + [lie.filter(pl.col("lies") != "removed").filter(pl.col("id").is_duplicated())["origin"]]
    )
    return Proof.of("every row has one receipt and lies where that says", said.height, wrong.unique())
