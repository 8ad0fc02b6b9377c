"""Prove of an ablation's general rows that they were drawn as asked, and that no arm holds those held back."""

from collections.abc import Iterator

import polars as pl

from quality.auditing.audit import Proof
from quality.reasons import OF_THE_DOMAIN
from tasks import runs
from tasks.auditing.arm_settings import Asked
from tasks.auditing.gaps import other_code
from tasks.auditing.home import stored
from tasks.auditing.kept import kept
from tasks.general import first_by_lot
from tasks.pool import Pool
from tasks.training.general_settings import BESIDE
from tasks.training.settings import general_for

HELD = "no arm holds a row on which forgetting is measured"
DRAWN = "general rows of the pool are those drawn among what the domain filter left out"


def prove_general_rows(asked: Asked) -> list[Proof]:
    """Look for held back rows in every arm, and draw the pool's rest again, where this home has what that takes."""
    proofs = (_named(asked), _held(asked), _drawn(asked))
    return [proof for proof in proofs if proof is not None]


def _named(asked: Asked) -> Proof | None:
    """Look whether the manifest names general rows of the pool where the recipe asks for them."""
    settings = general_for(asked.told.tune)
    due, named = settings is not None and settings.rest, "rest" in runs.digests(asked.told.facts)
    if due and not named and other_code(asked.told.facts):  # perhaps one from before they were named
        return None
    wrong = [] if due == named else ["rest"]
    return Proof.of("general rows of the pool are named where the recipe asks for them", 1, wrong)


def _held(asked: Asked) -> Proof | None:
    held = None if asked.general is None else stored(asked.told.folder, asked.general.held.digest)
    if held is None or not asked.told.rows:
        return None
    arms = dict(asked.told.trainings.select("data", "arm").unique("data", maintain_order=True).iter_rows())
    watched = held["id"].implode()
    wrong = [
        f"{row} ({arms[data]})"
        for data, rows in asked.told.rows.items()
        for row in rows.filter(pl.col("id").is_in(watched))["id"]
    ]
    return Proof.of(HELD, sum(rows.height for rows in asked.told.rows.values()), wrong)


def _drawn(asked: Asked) -> Proof | None:
    """Draw the rest anew from the pools that this home keeps, one of which gives it; general rows hold none beside."""
    settings = general_for(asked.told.tune)
    rest = stored(asked.told.folder, runs.digests(asked.told.facts).get("rest", ""))
    pools = [] if rest is None else [one.value for one in kept("keep_domain", Pool)]
    if settings is None or rest is None or not pools:
        return None
    wrong = [] if any(first_by_lot(_left_out(pool), settings).equals(rest) for pool in pools) else ["none gives them"]
    wrong += list(_strange(asked, rest))
    return Proof.of(DRAWN, rest.height, wrong)


def _left_out(pool: Pool) -> pl.DataFrame:
    return pool.read().join(pool.removed().filter(pl.col("stage").is_in(OF_THE_DOMAIN)), on="row", how="semi")


def _strange(asked: Asked, rest: pl.DataFrame) -> Iterator[str]:
    """Name general rows of the pool that are none of its rest, where it is known which general rows there were."""
    records = None if asked.general is None else stored(asked.told.folder, asked.general.pool.records.digest)
    if records is not None:
        own = records.filter(~pl.col("origin").str.starts_with(BESIDE))
        yield from own.join(rest, on=["id", "origin"], how="anti", maintain_order="left")["origin"]
