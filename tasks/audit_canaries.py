"""Plant canaries in a shadow of the pool and run the same stages on it: how much of what they should catch, they do.

Nothing of it goes into the run but the counts and a list of the canaries: the shadow lies in memory, its stages have no
card and no clock, and the pool that is returned is the pool that came, with two attributes more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import polars as pl

from quality import canaries
from quality.domain.settings import Domain
from quality.duplicates.asked_again import Pairing
from quality.leaks.decontaminate import Decontaminate
from quality.meaning.semantic import Semantic
from quality.neardup import NearDup
from quality.personal import Personal
from quality.records import full_text
from quality.screening.screen import Screen
from tasks import cards, store
from tasks.caching import plain, step
from tasks.check import PinnedDomain
from tasks.compare_answers import compare_answers
from tasks.decontaminate import decontaminate
from tasks.dedupe import dedupe
from tasks.dedupe_meaning import dedupe_meaning
from tasks.exams import SealedExam
from tasks.keep_domain import keep_domain
from tasks.models import ModelFiles
from tasks.pool import Pool
from tasks.protect import protect
from tasks.screen import screen
from tasks.shadow_pool import ShadowPool, shadow_of
from tasks.skim import skim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# From this share of the shadow pool on, canaries may change what stages learn from the pool itself.
_CROWDED = 0.05


class Stages(Protocol):
    """The settings of the stages that canaries go through, and how many of these there are."""

    @property
    def canaries(self) -> int: ...  # noqa: D102
    @property
    def screen(self) -> Screen: ...  # noqa: D102
    @property
    def personal(self) -> Personal: ...  # noqa: D102
    @property
    def dedupe(self) -> NearDup: ...  # noqa: D102
    @property
    def pairing(self) -> Pairing: ...  # noqa: D102
    @property
    def meaning(self) -> Semantic: ...  # noqa: D102
    @property
    def domain(self) -> Domain: ...  # noqa: D102
    @property
    def decontaminate(self) -> Decontaminate: ...  # noqa: D102


@step(name="audit_canaries")
def audit_canaries(
    pool: Pool,
    exam: SealedExam,
    settings: Stages,
    domains: Sequence[PinnedDomain],
    embedder: ModelFiles,
    base: ModelFiles,
) -> Pool:
    """Return the pool with what became of the canaries, or as it was when none are asked for.

    The attribute `canaries` counts them (schema `quality.canaries.RECALL`), `canary_rows` lists them: `kind, stage, id,
    messages, witness, removed, own, caught_by, reason`.
    """
    if not settings.canaries:
        cards.say("no canaries asked for (curate.canaries)")
        return pool
    planted = _plant(pool, exam, settings.canaries, with_domain=bool(domains))
    if planted.is_empty():
        cards.say("no canaries planted: the pool keeps too few rows to make them of")
        return pool
    shadow = shadow_of(pool, planted)
    share = planted.height / shadow.records.rows
    curated = _curate(shadow, exam, settings, domains, embedder, base)
    read = planted.select("row").join(curated.read(), on="row", how="left", maintain_order="left")
    judged = canaries.judge(planted, curated.removed(), full_text(read))
    table = canaries.recall(judged)
    _tell(table, asked=settings.canaries, share=share)
    listed = judged.select("kind", "stage", "id", "messages", "witness", "removed", "own", "caught_by", "reason")
    return pool.with_fates(pool.removed().clear(), canaries=table, canary_rows=listed)


def _plant(pool: Pool, exam: SealedExam, count: int, *, with_domain: bool) -> pl.DataFrame:
    """Make canaries of kept rows that no other row's removal rests on, and of the exam's reserve."""
    removed, kept = pool.removed(), pool.left()
    kept = kept.filter(~pl.col("id").is_in(removed["witness"].drop_nulls().implode()))
    planted = canaries.plant(kept, _leakable(exam, with_domain=with_domain), count)
    rows = store.read_table(pool.records)["row"]
    first = int(rows.max() or 0) + 1  # type: ignore[arg-type]
    return planted.with_columns(row=pl.int_range(first, first + planted.height, dtype=pl.UInt32, eager=True))


def _leakable(exam: SealedExam, *, with_domain: bool) -> pl.DataFrame:
    """Return the exam's reserve; before a domain filter, of domain suites alone, as it stops leaks of the others."""
    reserve = store.read_table(exam.reserve)
    if not with_domain:
        return reserve
    suites = store.read_table(exam.items).filter(role="domain")["suite"].unique()
    of_domain = [pl.col("item").str.starts_with(f"{suite}/") for suite in suites]
    return reserve.filter(pl.any_horizontal(*of_domain)) if of_domain else reserve.clear()


def _curate(
    pool: ShadowPool,
    exam: SealedExam,
    settings: Stages,
    domains: Sequence[PinnedDomain],
    embedder: ModelFiles,
    base: ModelFiles,
) -> Pool:
    """Run the stages behind ingest, the draw of the exam left out: it is sealed."""
    stages: list[Callable[[Pool], Pool]] = [
        lambda pool: plain(screen)(pool, settings.screen, base),
        lambda pool: plain(protect)(pool, settings.personal),
        lambda pool: plain(dedupe)(pool, settings.dedupe, settings.pairing),
        lambda pool: plain(skim)(pool, settings.domain, domains),
        lambda pool: plain(dedupe_meaning)(pool, settings.meaning, embedder),
        lambda pool: plain(keep_domain)(pool, settings.domain, domains, embedder),
        lambda pool: plain(decontaminate)(pool, exam, settings.decontaminate, embedder),
        lambda pool: plain(compare_answers)(pool, settings.pairing),
    ]
    left: Pool = pool
    with cards.progress("Stages on the shadow pool") as tick:
        for done, stage in enumerate(stages):
            tick(done, len(stages))
            with cards.muted():
                left = stage(left)
        tick(len(stages), len(stages))
    return left


def _tell(table: pl.DataFrame, *, asked: int, share: float) -> None:
    cards.say("; ".join(_sentences(table, asked=asked, share=share)))
    shown = table.with_columns(pl.col("kind").str.replace_all("_", " "), pl.col("low", "high").round(3))
    cards.table("canaries", shown.to_dicts(), "Canaries caught, by kind and stage; bounds of the share (95%)")


def _sentences(table: pl.DataFrame, *, asked: int, share: float) -> Iterator[str]:
    total, worst = table.row(-1, named=True), canaries.weakest(table)
    planted = total["planted"]
    yield f"{total['removed']:,} of {planted:,} canaries caught, at least {total['low']:.0%}"
    if worst is not None:
        kind = str(worst["kind"]).replace("_", " ")
        yield f"weakest: {kind} {worst['removed']} of {worst['planted']}, at least {worst['low']:.0%}"
    if planted < asked:
        yield f"{asked:,} asked for, and the rows kept and the exam give no more"
    stages = dict.fromkeys(kind.stage for kind in canaries.KINDS if kind.stage not in table["stage"])
    if stages:
        yield f"none fits the stage {', '.join(stages)}, of which nothing is told"
    if share > _CROWDED:
        yield f"they are {share:.0%} of the shadow pool, which may sway stages that learn from it"
