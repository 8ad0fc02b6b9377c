"""Pools for single steps, whose `.fn` is the plain function behind the Prefect task."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from quality.records import FATES, MESSAGE, QUARANTINED, RECORDS, record_ids
from tasks import store
from tasks.pool import Pool


@pytest.fixture
def pool_of(home: Path) -> Callable[..., Pool]:
    """A maker of pools from prompts and answers, with the document and source of each row, and row numbers removed."""

    def make(
        rows: Sequence[tuple[str, str]],
        groups: Sequence[str | None] | None = None,
        sources: Sequence[str] | None = None,
        removed: Sequence[int] = (),
        unread: int = 0,
    ) -> Pool:
        messages = [
            [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}] for prompt, answer in rows
        ]
        said = pl.Series("messages", messages, dtype=pl.List(MESSAGE))
        count = len(rows)
        records = pl.DataFrame(
            {
                "row": range(count),
                "id": record_ids(said),
                "messages": said,
                "source": sources or ["pool"] * count,
                "origin": [f"rows.jsonl:{row + 1}" for row in range(count)],
                "group": groups or [None] * count,
            },
            schema=RECORDS,
        )
        broken = [("pool", f"rows.jsonl:{count + 1 + n}", "broken_json", "") for n in range(unread)]
        fates = pl.DataFrame(
            [(row, "screen", "dropped", "short_answer", None, 1.0, 2.0) for row in removed], schema=FATES, orient="row"
        )
        pool = Pool(
            records=store.write_table(records),
            quarantined=store.write_table(pl.DataFrame(broken, schema=QUARANTINED, orient="row")),
        )
        return pool.with_fates(fates)

    return make


@pytest.fixture
def noise() -> Callable[[int], str]:
    """A maker of texts of so many words, no two alike."""
    rng = random.Random(0)
    return lambda words: " ".join(f"n{rng.randrange(10**6)}" for _ in range(words))
