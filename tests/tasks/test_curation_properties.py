"""Whatever a pool holds: its books balance, what is removed has its proof, and only the order among kin decides.

A pool is families of kin: a clean row, and what was made of it, copies and edits, rows that contradict it, leaks,
personal data. No two families have a word in common but for what all languages of the planter share.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import chain

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals.items import ITEMS
from quality.duplicates.asked_again import Pairing
from quality.leaks.decontaminate import Decontaminate
from quality.neardup import NearDup
from quality.personal import Personal
from quality.receipts import books, receipts
from quality.records import full_text
from quality.screening.screen import Screen
from tasks import store
from tasks.caching import plain
from tasks.compare_answers import compare_answers
from tasks.decontaminate import decontaminate
from tasks.dedupe import dedupe
from tasks.exams import SealedExam
from tasks.models import ModelFiles
from tasks.pool import Pool
from tasks.protect import protect
from tasks.screen import screen

Row = tuple[str, str]

BASE = ModelFiles(reference="none", folder="none", content="none")  # so small a pool has nothing read again
SYLLABLES = [first + last for first in "bdfgklmnprst" for last in ("a", "e", "i", "o", "an", "er", "il", "os")]
CANNED = "We are glad to help with this and wish everybody a pleasant day."
CHANGES: dict[str, Callable[[Row, random.Random], Row]] = {
    "copy": lambda row, _: row,
    "format": lambda row, _: (f"  {row[0].upper()}", row[1].replace(" ", "  ")),
    "edit": lambda row, rng: (row[0], changed(row[1], rng, 1)),
    "edits": lambda row, rng: (row[0], changed(row[1], rng, 6)),
    "both": lambda row, rng: (changed(row[0], rng, 1), changed(row[1], rng, 1)),
    "stump": lambda row, _: (row[0], " ".join(row[1].split()[:9])),
    "conflict": lambda row, rng: (row[0], prose(rng, 30)),
    "canned": lambda row, rng: (changed(row[0], rng, 4), CANNED),
    "empty": lambda row, _: (row[0], " "),
    "echo": lambda row, _: (row[0], row[0]),
    "loop": lambda row, _: (row[0], row[1] + " so it goes on and on." * 12),
    "personal": lambda row, _: (row[0], f"{row[1]} Write to ada.krull@firma-holm.de."),
    "markup": lambda row, _: (row[0], f"<div><script>go()</script><p>{row[1]}</p></div>"),
    "leak": lambda _, rng: (prose(rng, 6), f"{prose(rng, 5)} {EXAM[0][2]}"),
    "asked": lambda _, rng: (EXAM[1][1], prose(rng, 25)),
}
FAMILIES = st.lists(st.lists(st.sampled_from(sorted(CHANGES)), max_size=4), min_size=1, max_size=8)


def prose(rng: random.Random, words: int) -> str:
    said = ["".join(rng.choices(SYLLABLES, k=rng.randint(3, 5))) for _ in range(words)]
    return " ".join(said).capitalize() + "."


def changed(text: str, rng: random.Random, count: int) -> str:
    words = text.split()
    for place in rng.sample(range(len(words)), count):
        words[place] = "".join(rng.choices(SYLLABLES, k=4))
    return " ".join(words)


EXAM = [("own/1", prose(random.Random(1), 8), prose(random.Random(2), 40)),
        ("own/2", prose(random.Random(3), 9), prose(random.Random(4), 30))]  # fmt: skip


def planted(families: list[list[str]], seed: int) -> list[list[Row]]:
    """A clean row for each family, and what is made of it."""
    rng = random.Random(seed)
    made = []
    for changes in families:
        row = (prose(rng, 9), prose(rng, 40))
        made.append([row, *(CHANGES[change](row, rng) for change in changes)])
    return made


def shuffled(families: list[list[Row]], rng: random.Random) -> Iterator[tuple[int, Row]]:
    """All rows in another order in which each family keeps its own, with the places they had."""
    first = list(range(len(families)))
    queues = [list(enumerate(rows)) for rows in families]
    starts = [sum(map(len, families[:at])) for at in first]
    turns = list(chain.from_iterable([at] * len(rows) for at, rows in enumerate(families)))
    rng.shuffle(turns)
    for at in turns:
        place, row = queues[at].pop(0)
        yield starts[at] + place, row


@pytest.fixture
def curated(pool_of, home) -> Callable[[list[Row]], list[Pool]]:
    """The pool behind every stage that needs no model."""
    reserve = pl.DataFrame(EXAM, schema=["item", "question", "answer"], orient="row")
    items = reserve.select("item", suite=pl.lit("own")).match_to_schema(ITEMS, missing_columns="insert")
    exam = SealedExam(
        name="x",
        digest="x",
        items=store.write_table(items.cast(pl.Schema(ITEMS))),
        drawn=store.write_table(pl.DataFrame()),
        reserve=store.write_table(reserve),
        request="",
    )

    def run(rows: list[Row]) -> list[Pool]:
        pools = [pool_of(rows)]
        pools.append(plain(screen)(pools[-1], Screen(), BASE))
        pools.append(plain(protect)(pools[-1], Personal()))
        pools.append(plain(dedupe)(pools[-1], NearDup(), Pairing()))
        pools.append(plain(decontaminate)(pools[-1], exam, Decontaminate()))
        pools.append(plain(compare_answers)(pools[-1], Pairing()))
        return pools

    return run


ANY = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


def every(families: list[list[str]]) -> list[list[str]]:
    """Families with one that nothing was made of, so that no stage empties the pool."""
    return [*families, []]


@ANY
@given(families=FAMILIES, seed=st.integers(0, 2**16))
def test_books_balance_and_no_row_is_removed_without_its_proof(curated, families, seed) -> None:
    pools = curated(list(chain.from_iterable(planted(every(families), seed))))
    last, records = pools[-1], store.read_table(pools[-1].records)
    kept = last.left().select("row", reason=pl.lit("train"))
    told = receipts(records, store.read_table(last.quarantined), last.removed(), kept)
    counted = books(told)
    assert counted["in"] == records.height == counted["kept"] + counted["dropped"] + counted["quarantined"]
    assert told.height == records.height

    after = dict(zip(("screen", "protect", "dedupe", "decontaminate", "compare_answers"), pools[1:], strict=True))
    staying = set(after["dedupe"].left()["id"])
    removed = last.removed()
    assert set(removed.filter(stage="dedupe")["witness"]) <= staying
    assert set(removed.filter(stage="decontaminate")["witness"]) <= {item for item, _, _ in EXAM}
    assert set(removed.filter(stage="compare_answers")["witness"]) <= staying
    # What proves a duplicate may leave later, for a reason of its own, and never the other way round.
    for stage in ("screen", "protect"):
        assert removed.filter(stage=stage)["witness"].null_count() == removed.filter(stage=stage).height


@ANY
@given(families=FAMILIES, seed=st.integers(0, 2**16))
def test_only_the_order_within_a_family_decides(curated, families, seed) -> None:
    made = planted(every(families), seed)
    moved = list(shuffled(made, random.Random(seed)))
    before = curated(list(chain.from_iterable(made)))[-1]
    after = curated([row for _, row in moved])[-1]
    places = pl.DataFrame(
        {"row": range(len(moved)), "was": [place for place, _ in moved]}, schema_overrides={"row": pl.UInt32}
    )
    found = after.removed().join(places, on="row").select("was", "stage", "reason", "witness").sort("was")
    assert found.rows() == before.removed().select("row", "stage", "reason", "witness").sort("row").rows()
    assert set(full_text(after.left())) == set(full_text(before.left()))


@ANY
@given(families=FAMILIES, seed=st.integers(0, 2**16))
def test_what_was_kept_is_kept_again(curated, families, seed) -> None:
    once = curated(list(chain.from_iterable(planted(every(families), seed))))[-1].left()
    rows = [tuple(turn["content"] for turn in turns) for turns in once["messages"].to_list()]
    assert curated(rows)[-1].left()["id"].to_list() == once["id"].to_list()
