"""What a probe leaves in the run's folder, and what the report shows of it."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from evals.divergence import summaries
from evals.recall import flips, recalls
from quality.records import answer_text, prompt_text
from tasks import store
from tasks.reporting import probe as shown
from tasks.runs import Run
from tasks.split import Data
from tasks.trace import Traced, said

FILES = ("probe/divergence.parquet", "probe/nearest.parquet", "probe/probe.json", "probe/recalled.parquet")


def summary(moved: pl.DataFrame, again: pl.DataFrame, missing: Sequence[str], alpha: float) -> dict[str, Any]:
    """Sum up a probe's tables: what `probe.json` holds, and what the audit computes again."""
    return {
        "alpha": alpha,
        "divergence": [one.model_dump(mode="json") for one in summaries(moved, alpha)],
        "recall": [one.model_dump(mode="json") for one in recalls(again, alpha)],
        "missing": list(missing),
    }


def write(run: Run, traced: Traced, alpha: float) -> dict[str, Any]:
    """Write `probe/`, and return what `probe.json` holds."""
    probed, folder = traced.probed, run.folder / "probe"
    moved, again = store.read_table(probed.divergence), store.read_table(probed.recalled)
    with store.writing(folder):
        folder.mkdir()
    for name, table in (("divergence", probed.divergence), ("recalled", probed.recalled), ("nearest", traced.nearest)):
        store.copy_table(table, folder / f"{name}.parquet")
    told = summary(moved, again, probed.missing, alpha)
    store.write_json(folder / "probe.json", told)
    return told


def show(traced: Traced, data: Data, told: dict[str, Any]) -> shown.Probe:
    """Return what the report shows of a probe; `told` is what `write` returned."""
    lost = flips(store.read_table(traced.probed.recalled))
    near = store.read_table(traced.nearest)
    train = store.read_table(data.train)
    texts = train.select("origin", prompt=prompt_text(train), answer=answer_text(train)).unique("origin")
    rows = near.join(texts, on="origin", how="left", maintain_order="left")
    sides = zip(*(said(lost, side) for side in ("answer", "base", "candidate")), strict=True)
    return shown.Probe(
        divergence=told["divergence"],
        recall=told["recall"],
        missing=told["missing"],
        flips=[
            shown.Flip(
                suite=suite,
                question=prompt[-1]["content"],
                right=right,
                base=base,
                candidate=candidate,
                nearest=[shown.Near(**row) for row in rows.filter(item=item).drop("item", "rank").to_dicts()],
            )
            for (suite, item, prompt), (right, base, candidate) in zip(
                lost.select("suite", "item", "prompt").iter_rows(), sides, strict=True
            )
        ],
    )
