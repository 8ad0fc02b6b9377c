"""Re-prove a run from its outputs alone, by plain Python that shares no code with what made them.

The curator works on hashes in numpy; the auditor works on the words themselves, with sets. A fault in one is
therefore not repeated by the other.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import polars as pl

from quality.auditing.compared import as_compared
from quality.auditing.texts import apart_in_facts, below_system, normal, said, sixteenths, text_of, words_of
from quality.reasons import before

EXACT = 1e-9
Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Proof:
    """One thing that was checked: what, how many cases, and the first cases that failed."""

    claim: str
    checked: int
    failed: int
    examples: tuple[str, ...] = ()

    @classmethod
    def of(cls, claim: str, checked: int, wrong: Iterable[object]) -> "Proof":
        """Make a proof from the cases that are wrong; the first three are its examples."""
        cases = [str(case) for case in wrong]
        return cls(claim, checked, len(cases), tuple(cases[:3]))


def prove(
    receipts: pl.DataFrame,
    dataset: pl.DataFrame,
    removed: pl.DataFrame,
    *,
    words: int,
    threshold: float = 0.0,
    progress: Callable[[int, int], None] | None = None,
) -> list[Proof]:
    """Check the books and every duplicate removal.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`; what should be measured and isn't is not a number.
    dataset : pl.DataFrame
        Training and validation rows together (`id, messages, origin`).
    removed : pl.DataFrame
        `removed.parquet`: the rows that were read and not kept (`id, messages, origin`).
    words : int
        Words in a shingle, as the recipe set them.
    threshold : float
        Least Jaccard similarity of near-duplicates, as the recipe set it, which every receipt names; 0 goes by what
        the receipts name.
    progress : callable, optional
        Called with (done, total) duplicate removals.
    """
    both = pl.concat([dataset, removed], how="diagonal")
    return [
        _one_receipt_each(receipts),
        _kept_is_dataset(receipts, dataset),
        _removed_is_the_rest(receipts, dataset, removed),
        _no_exact_twins(dataset),
        *_duplicates(receipts, as_compared(receipts, both), words, threshold, progress),
    ]


def _one_receipt_each(receipts: pl.DataFrame) -> Proof:
    twice = receipts.filter(pl.col("origin").is_duplicated())
    odd = receipts.filter(~pl.col("fate").is_in(["kept", "dropped", "quarantined"]))
    wrong = pl.concat([twice, odd])["origin"]
    return Proof.of("every ingested row has exactly one receipt and one fate", receipts.height, wrong)


def _kept_is_dataset(receipts: pl.DataFrame, dataset: pl.DataFrame) -> Proof:
    kept = receipts.filter(pl.col("fate") == "kept")
    lost = kept.join(dataset, on=["id", "origin"], how="anti")["origin"]
    extra = dataset.join(kept, on=["id", "origin"], how="anti")["origin"]
    return Proof.of(
        "the dataset holds the rows whose receipt says kept, and no other",
        kept.height,
        pl.concat([lost, extra, _twice(dataset)]),
    )


def _removed_is_the_rest(receipts: pl.DataFrame, dataset: pl.DataFrame, removed: pl.DataFrame) -> Proof:
    read = receipts.filter(pl.col("id").is_not_null())
    there = pl.concat([dataset.select("id", "origin"), removed.select("id", "origin")])
    lost = read.join(there, on=["id", "origin"], how="anti")["origin"]
    extra = there.join(read, on=["id", "origin"], how="anti")["origin"]
    return Proof.of(
        "rows in = kept + removed + unreadable, row by row", receipts.height, pl.concat([lost, extra, _twice(there)])
    )


def _twice(rows: pl.DataFrame) -> pl.Series:
    return rows.filter(pl.col("origin").is_duplicated())["origin"].unique(maintain_order=True)


def _no_exact_twins(dataset: pl.DataFrame) -> Proof:
    seen: dict[str, list[tuple[str, Messages]]] = {}
    wrong = []
    for origin, messages in dataset.select("origin", "messages").iter_rows():
        same = seen.setdefault(normal(text_of(messages)), [])
        # In other capitals a name of code is another name.
        copied = (first for first, other in same if first != origin and not apart_in_facts(said(messages), said(other)))
        wrong += [f"{origin} = {first}" for first in islice(copied, 1)]
        same.append((origin, messages))
    return Proof.of("no two rows of the dataset have the same text", dataset.height, wrong)


def _duplicates(
    receipts: pl.DataFrame,
    rows: pl.DataFrame,
    words: int,
    threshold: float,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Proof]:
    """Every duplicate has a witness that this stage kept, and the witness's text proves it."""
    claims = receipts.filter(pl.col("reason").is_in(["exact_duplicate", "near_duplicate"]))
    passed = set(receipts.filter(~pl.col("stage").is_in(before("skim")))["id"])
    by_origin = dict(rows.select("origin", "messages").iter_rows())
    by_id = dict(rows.select("id", "messages").iter_rows())
    led = {name: dict(rows.select(name, "led").iter_rows()) for name in ("origin", "id")}
    unkept, unequal, unlike, untold, apart = [], [], [], [], []

    def tick(done: int) -> None:
        if progress:
            progress(done, claims.height)

    for done, claim in enumerate(claims.iter_rows(named=True), 1):
        row, first = by_origin.get(claim["origin"]), by_id.get(claim["witness"])
        if row is None or first is None or claim["witness"] not in passed:
            unkept.append(claim["origin"])
            tick(done)
            continue
        text, witness = text_of(row), text_of(first)
        shared = {led["origin"][claim["origin"]], led["id"][claim["witness"]]} - {None}
        if len(shared) > 1 or apart_in_facts(said(row), said(first)):
            apart.append(claim["origin"])
        if claim["reason"] == "exact_duplicate":
            if normal(text) != normal(witness):
                unequal.append(claim["origin"])
            if not tells(claim, 1.0, 1.0):
                untold.append(claim["origin"])
        else:
            likeness = jaccard(text, witness, words)
            below = [below_system(messages) for messages in (row, first)]
            # Two that are alike by system messages of their own have to be alike in what stands below.
            if likeness < 1 and len(below[0]) < len(row) and len(below[1]) < len(first):
                one, other = (text_of(messages) for messages in below)
                same = normal(one) == normal(other)  # perhaps without a word
                likeness = likeness if same else min(likeness, jaccard(one, other, words))
            if not likeness >= max(claim["threshold"], threshold) - EXACT:
                unlike.append(claim["origin"])
            if normal(text) == normal(witness) or not tells(claim, likeness, threshold or claim["threshold"]):
                untold.append(claim["origin"])
        tick(done)
    exact = claims.filter(pl.col("reason") == "exact_duplicate").height
    yield Proof.of(
        "every duplicate's witness was itself not removed as a duplicate",
        claims.height,
        unkept,
    )
    yield Proof.of("every exact duplicate equals its witness", exact, unequal)
    yield Proof.of(
        "every near-duplicate has Jaccard ≥ its threshold with its witness",
        claims.height - exact,
        unlike,
    )
    yield Proof.of(
        "no duplicate tells a fact that its witness tells otherwise, names another thing of code, or is led by another "
        "of the system messages that many rows share",
        claims.height,
        apart,
    )
    yield Proof.of(
        "every duplicate's receipt tells this Jaccard as its score, and the threshold of the recipe",
        claims.height,
        untold,
    )


def tells(receipt: Mapping[str, Any], score: float, threshold: float) -> bool:
    """Tell whether a receipt holds a score and a threshold, as near as the same sum in another order comes to it."""
    return bool(abs(receipt["score"] - score) <= EXACT and abs(receipt["threshold"] - threshold) <= EXACT)


def jaccard(left: str, right: str, words: int) -> float:
    """Share of the n-grams of two texts that both hold (0 to 1); 0 where neither has any."""
    one, other = _shingles(left, words), _shingles(right, words)
    return len(one & other) / len(one | other) if one or other else 0.0


def _shingles(text: str, words: int) -> set[tuple[str, ...]]:
    found = words_of(normal(text))
    if len(found) < words:
        return {tuple(found)} if found else set()
    # A character of a script without spaces stands for itself and those behind it, until n of them say n words.
    reach = {16: 1, **{part: math.ceil(words * 16 / part) - words + 1 for part in (10, 5)}}
    told = [" ".join(found[at : at + reach[part]]) for at, part in enumerate(sixteenths(found))]
    return {tuple(told[at : at + words]) for at in range(len(told) - words + 1)}
