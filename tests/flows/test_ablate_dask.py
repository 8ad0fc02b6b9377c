"""An ablation whose trainings run on Dask's workers comes to the numbers of one that trains here."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from tasks import cards

distributed = pytest.importorskip("distributed", reason="prefect-dask is not installed")
pytest.importorskip("prefect_dask", reason="prefect-dask is not installed")

PLANTS = ["rose", "fern", "moss", "oak", "reed", "lily", "pine", "sage", "mint", "dill"]


@pytest.fixture
def scheduler(home: Path) -> Iterator[str]:
    """Address of a scheduler with one worker, a process of its own that shares the test's home."""
    import dask

    waits = {f"distributed.comm.timeouts.{what}": "120s" for what in ("connect", "tcp")}  # cores may be busy with tests
    with (
        dask.config.set(waits),
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
    ):
        yield cluster.scheduler_address


def test_trainings_on_dasks_workers_come_to_the_same_numbers(
    scheduler: str, winnow: Callable[..., object], recipe: Callable[..., Path], tmp_path: Path, home: Path
) -> None:
    rows = [
        {"question": f"How should a {plant} be kept in month {n} of the year?", "answer": f"Water the {plant} {n + 2} times, then rest it {n * 7 + 3} days."}
        for n, plant in enumerate(PLANTS * 4)
    ]  # fmt: skip
    (tmp_path / "pool" / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    written = recipe(
        tune={"token_budget": 400, "batch_tokens": 200, "threads": 1},
        curate={"contract": {"min_rows": 5}},
        ablate={"arms": ["longest"], "seeds": [0, 1, 2]},
    )
    trained_here: list[str] = []
    with cards.listen(
        lambda event: (
            trained_here.append(event.step)
            if event.kind == "started" and event.step in ("fine_tune", "choose_scale")
            else None
        )
    ):
        winnow("ablate", written, "--set", f"ablate.dask={scheduler}")
        winnow("ablate", written)
    assert not trained_here
    one, two = sorted((home / "runs").iterdir())
    trainings = pl.read_parquet(one / "trainings.parquet")
    assert trainings.filter(pl.col("adapter") != "").height == 6
    for name in ("scores", "trainings", "differences"):
        assert pl.read_parquet(one / f"{name}.parquet").equals(pl.read_parquet(two / f"{name}.parquet"))
