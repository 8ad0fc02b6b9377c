"""Bring the scores of what came before: the champion's, and the original base's where the recipe's base is another."""

import polars as pl

from evals.champion import Earlier, Predecessor
from evals.items import SCORES
from tasks import cards, champions, models, run_files, runs, store
from tasks.caching import step
from tasks.champions import Entry
from tasks.examine import Misfit, OtherBase, Scores, examine
from tasks.exams import SealedExam
from tasks.models import ModelFiles

_ADVICE = "Restore it, or give the recipe a new name, which begins a ledger of its own"
_ELSEWHERE = "it was trained elsewhere, so that nobody knows whether its rows were kept clear of the exam"
_UNCHECKED = (
    "its scores are those of its own run, since its base model is not here any more: nobody checked that this machine "
    "scores as that one did"
)
_LEAKY = (
    "it was trained before this exam was sealed, so its rows were not kept clear of the exam and its scores may be too "
    "good"
)


class Examined(Predecessor):
    """A model that came before, with its item-level scores; none where it could not be examined.

    `adapter` is the digest of its adapter, where it is one of this run's base.
    """

    scores: store.Table | None = None
    adapter: str = ""

    @property
    def known(self) -> Predecessor:
        """What a verdict says of it."""
        return Predecessor(**self.model_dump(exclude={"scores", "adapter"}))


@step(name="examine_champion", cached=False)
def examine_champion(
    ledger: tuple[Entry, ...],
    exam: SealedExam,
    base: ModelFiles,
    before: Scores,
    candidate: store.Folder,
    threads: int | None = None,
) -> tuple[Examined, ...]:
    """Return the scores of the champion and, where `base` is another model, of the original base.

    Scores of the run that was promoted serve where it sat the same exam, and its base scored then as it does now; else
    the model is examined anew, which is cached by content as every examination. Of another base nobody knows how it
    scores now, so that its own run's scores serve only where it can't be examined any more. A candidate that is the
    champion itself is not compared with it.

    Parameters
    ----------
    ledger
        As `check_champion` returns it; of an empty one there is nothing to examine.
    before
        Scores of `base`.
    candidate
        The adapter that is judged.
    """
    if not ledger:
        cards.say("no champion to examine")
        return ()
    found, champion, first = [], ledger[-1], ledger[0]
    if (champion.adapter, champion.base_content) == (candidate.digest, base.content):
        cards.say(f"the candidate is the champion itself ({champion.run})")
    else:
        found.append(_examined("champion", champion, exam, base, before, threads))
    if first.base_content != base.content:
        found.append(_examined("original", first, exam, base, before, threads))
    for one in found:
        how = "taken from its run" if one.taken else f"none, because {one.missing}" if one.missing else "examined anew"
        cards.say(f"scores of the {'champion' if one.model == 'champion' else 'original base'} ({one.run}): {how}")
    return tuple(found)


def _examined(
    model: Earlier, entry: Entry, exam: SealedExam, base: ModelFiles, before: Scores, threads: int | None
) -> Examined:
    asked = store.read_table(before.scores)
    taken = _taken(model, entry, exam, base, asked)
    same = entry.base_content == base.content
    notes = [
        "" if model == "original" else _LEAKY if entry.exam != exam.digest else _ELSEWHERE if _alone(entry) else ""
    ]
    rows = taken if same and taken is not None else _anew(model, entry, exam, base, threads)
    if isinstance(rows, str) and taken is not None:
        rows, notes = taken, [*notes, _UNCHECKED]
    one = Examined(
        model=model,
        run=entry.run,
        taken=rows is taken,
        note="; ".join(filter(None, notes)),
        adapter=entry.adapter if model == "champion" and same else "",
    )
    if isinstance(rows, str):
        return one.model_copy(update={"missing": rows, "note": ""})
    if not _same_items(rows, asked):
        missing = "its chat template refuses items that the base was asked, or takes others"
        return one.model_copy(update={"missing": missing, "note": ""})
    named = rows.with_columns(model=pl.lit(model)).select(SCORES.keys())
    return one.model_copy(update={"scores": store.write_table(named)})


def _alone(entry: Entry) -> bool:
    """Tell whether the promoted run examined an adapter that was trained elsewhere; of a run that is gone, no."""
    try:
        return "receipts.parquet" not in runs.manifest(store.home() / "runs" / entry.run)["files"]
    except runs.DamagedRun:
        return False


def _taken(
    model: Earlier, entry: Entry, exam: SealedExam, base: ModelFiles, asked: pl.DataFrame
) -> pl.DataFrame | None:
    """Return the scores that the promoted run found, or None where they could not be those of today."""
    folder = store.home() / "runs" / entry.run
    try:
        facts = runs.manifest(folder)
        if store.file_digest(folder / "scores.parquet") != facts["files"].get("scores.parquet"):
            return None
        scores = run_files.scores(folder)
    except (runs.DamagedRun, OSError):
        return None
    digests = runs.digests(facts)
    if (digests.get("exam"), digests.get("asked")) != (exam.digest, exam.asked):
        return None
    if digests.get("base") != entry.base_content:
        return None
    if entry.base_content == base.content and not _same_items(scores.filter(model="base"), asked, "score"):
        return None  # the base is the same and scores otherwise: it was other code, or another machine
    found = scores.filter(model="candidate" if model == "champion" else "base")
    return found if found.height == asked.height else None  # a champion need not have been asked the whole exam


def _anew(model: Earlier, entry: Entry, exam: SealedExam, base: ModelFiles, threads: int | None) -> pl.DataFrame | str:
    """Examine a model anew; where that can't be, return why."""
    files = _base_of(entry, base)
    if files is None:
        return f"its base model {entry.base} is not here any more as it was. {_ADVICE}"
    if model == "original":
        return store.read_table(examine(exam, files, threads=threads).scores)
    if fault := champions.altered(entry):
        return f"{fault}. {_ADVICE}"
    try:
        return store.read_table(examine(exam, files, _stored(entry), threads=threads).scores)
    except (OtherBase, Misfit) as error:
        return f"its adapter can't be loaded ({str(error).rstrip('.')}). {_ADVICE}"


def _base_of(entry: Entry, base: ModelFiles) -> ModelFiles | None:
    if entry.base_content == base.content:
        return base
    try:
        found = models.base(entry.base)
    except models.ModelNotFound:
        return None
    return found if found.content == entry.base_content else None


def _stored(entry: Entry) -> store.Folder:
    """Return the adapter's copy in the store, which it was examined from as a candidate, else that of its run."""
    kept = entry.folder.model_copy(update={"path": f"store/adapters/{entry.adapter}"})
    return kept if store.locate(kept).is_dir() else entry.folder


def _same_items(one: pl.DataFrame, other: pl.DataFrame, *more: str) -> bool:
    keys = ["suite", "role", "item", "cluster", *more]
    return one.select(keys).sort(keys).equals(other.select(keys).sort(keys))
