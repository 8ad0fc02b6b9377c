"""Find and pin everything a run needs, before any work: files, packages, models, exam suites."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from evals.guest import guest_content, resolved
from evals.guest_tasks import Guest
from evals.suites import Suite
from evals.verdict import Gate
from quality import sources as reading
from quality.domain.draws import MIN_SEEDS
from quality.domain.settings import Domain, Told
from quality.records import full_text
from quality.sources import Copy, Source
from quality.sources.addresses import is_address, public
from quality.sources.formats import ROWS, TEXTS, Kinds
from quality.sources.logins import refuse_clear
from quality.texts.normalise import normalised
from tasks import cards, models, runs, store
from tasks.caching import flow_digest, library_digest, step
from tasks.check_margins import ensure_margins
from tasks.check_suites import check_suites, ensure_named_apart
from tasks.exams import Exam, ExamChanged, SealedExam, load
from tasks.fetch import fetch
from tasks.general_sources import ensure_answered
from tasks.named_places import asked_by, domain_key, ensure_there, reads_plain_text
from tasks.named_suites import READ_AS, named_straight, suite_of
from tasks.places import common_folder, from_here, source_of
from tasks.reporting.text import counted
from tasks.sealed_suites import PinnedSuite
from tasks.text_rows import holds_rows, holds_texts_alone
from tasks.training.general_settings import General


class Pinned(BaseModel):
    """Sources, the folder that their origins are told from, and the digest of what they hold now.

    What lies elsewhere was fetched: its sources name the address, without login and query, and `copies` the files.
    """

    model_config = ConfigDict(frozen=True)

    sources: tuple[Source, ...]
    base: str
    content: str
    copies: tuple[Copy, ...] = ()


class PinnedDomain(BaseModel):
    """A domain as it is told: by examples, found and digested, or by a sentence."""

    model_config = ConfigDict(frozen=True)

    name: str
    seeds: Pinned | None
    negatives: Pinned | None
    description: str | None
    threshold: float | None = None


class Inputs(BaseModel):
    """Everything a run starts from, found and digested."""

    model_config = ConfigDict(frozen=True)

    pool: Pinned
    domains: tuple[PinnedDomain, ...]
    suites: tuple[PinnedSuite, ...]
    base: models.ModelFiles
    embedder: models.ModelFiles
    general: Pinned | None = None


@step(name="check", cached=False)
def check(
    sources: Sequence[Source],
    model: models.Models,
    domain: Domain,
    exam: Exam,
    gate: Gate | None = None,
    general: General = General(),  # noqa: B008 - frozen
    *,
    taken: int = 0,
) -> Inputs:
    """Return the run's inputs, or raise a sentence for each thing that is missing, with where it was asked for.

    `taken` are positions that an adapter's virtual tokens take of the model's context.
    """
    try:
        return _found(sources, model, domain, exam, gate, general, taken)
    except ValueError:
        ensure_there(sources, model, domain, exam, general)  # tells of all that is missing, where that was the reason
        raise


@step(name="check_exam", cached=False)
def check_exam(
    name: str, model: models.Models, exam: Exam, gate: Gate | None = None
) -> tuple[SealedExam, models.ModelFiles]:
    """Return the exam sealed under that name and the base model's files.

    Raises
    ------
    ExamChanged
        When no such exam is sealed in this home, or it was sealed for another request.
    ValueError
        When there is no such model, file or suite.
    """
    base, suites = models.base(model.base), _suites(exam)
    ensure_margins(gate, suites)
    sealed = load(exam.name or name, exam, suites)
    if sealed is None:
        raise ExamChanged(
            f"No exam “{exam.name or name}” is sealed in this home. `winnow run` or `winnow curate` with this recipe "
            "seals it."
        )
    runs.pin(base=base.content, code=library_digest())
    return sealed, base


def examples(reference: str, *, key: str) -> pl.DataFrame:
    """Read a file of seeds or negatives, as a recipe names it under `key`; rows that can't be read are left out."""
    return _read(_pin([source_of(reference)], [key])).records


def _found(
    sources: Sequence[Source],
    model: models.Models,
    domain: Domain,
    exam: Exam,
    gate: Gate | None,
    general: General,
    taken: int,
) -> Inputs:
    base, embedder, suites = models.base(model.base), models.embedder(model.embedder), _suites(exam)
    ensure_margins(gate, suites)
    _ensure_told(domain, general)
    check_suites(suites, exam, base, taken)
    runs.pin(base=base.content, embedder=embedder.content, code=library_digest(), **flow_digest())
    return Inputs(
        pool=_pin(sources, [f"sources.{place}" for place in range(len(sources))]),
        domains=tuple(_pin_domain(name, told) for name, told in domain.all_told.items()),
        suites=suites,
        base=base,
        embedder=embedder,
        general=_pin_general(general.sources),
    )


def _suites(exam: Exam) -> tuple[PinnedSuite, ...]:
    asked: dict[str, tuple[Suite, bool]] = {}
    for role, references in (("domain", exam.domain), ("retention", exam.retention)):
        for place, reference in enumerate(references):
            with asked_by(f"exam.{role}.{place}"):
                asked[f"exam.{role}.{place}"] = suite_of(reference, role), named_straight(reference)
    ensure_named_apart([suite for suite, _ in asked.values()], exam)
    return tuple(_pin_suite(suite, key, straight) for key, (suite, straight) in asked.items())


def _ensure_told(domain: Domain, general: General) -> None:
    """Refuse what only a domain makes sense of. A recipe alone is refused, not the setting."""
    if domain.threshold is not None and not domain.is_told:
        raise ValueError(
            "curate.domain.threshold: no domain is told, so that no row has a score to hold against it. Give "
            "curate.domain.seeds or curate.domain.description beside it, or remove it."
        )
    if general.rest and not domain.is_told:
        raise ValueError(
            "tune.general.rest: no domain is told, so that no row of the pool is outside of it. Give "
            "curate.domain.seeds or curate.domain.description, or name tune.general.sources instead."
        )


def _pin_general(sources: Sequence[Source]) -> Pinned | None:
    if not sources:
        return None
    pinned = _pin(sources, [f"tune.general.sources.{place}" for place in range(len(sources))])
    with asked_by("tune.general.sources"):
        ensure_answered(pinned.sources, Path(pinned.base), pinned.copies)
    return pinned


def _pin_domain(name: str, told: Told) -> PinnedDomain:
    key = domain_key(name)

    def pinned(what: str) -> Pinned | None:
        file = getattr(told, what)
        return None if file is None else _pin([source_of(file)], [f"{key}.{what}"])

    seeds, negatives = pinned("seeds"), pinned("negatives")
    if seeds is not None:
        _ensure_enough(seeds, f"{key}.seeds")
        if negatives is not None:
            _ensure_apart(seeds, negatives, f"{key}.negatives")
    own = {"description": told.description, "threshold": told.threshold}
    return PinnedDomain(name=name, seeds=seeds, negatives=negatives, **own)


def _ensure_enough(seeds: Pinned, key: str) -> None:
    """Count the seeds now; the domain filter would miss them after all that comes before it."""
    given = _read(seeds)
    distinct = normalised(full_text(given.records)).n_unique()
    if distinct < MIN_SEEDS:
        unread = f" ({counted(len(given.quarantined), 'row')} can't be read)" if len(given.quarantined) else ""
        raise ValueError(
            f"{key}: it holds {counted(distinct, 'distinct example')}{unread}, and a domain is learnt from "
            f"{MIN_SEEDS} or more. Add examples that differ, or describe the domain in a sentence instead of seeds."
        )


def _ensure_apart(seeds: Pinned, negatives: Pinned, key: str) -> None:
    """Refuse examples that are said to be of the domain and not of it."""
    wanted, unwanted = (normalised(full_text(_read(one).records)).unique() for one in (seeds, negatives))
    both = int(unwanted.is_in(wanted.implode()).sum())
    if both:
        raise ValueError(
            f"{key}: {counted(both, 'example')} of it {'is' if both == 1 else 'are'} among the seeds as well. "
            "Say of each whether it is of the domain, and take it out of the other file."
        )


def _read(pinned: Pinned) -> reading.Pool:
    return reading.read(pinned.sources, base=Path(pinned.base), copies=pinned.copies)


@cards.warnings_of("quality.sources")  # here, since steps are not cached by what lies beside the files they read
def _pin(sources: Sequence[Source], keys: Sequence[str]) -> Pinned:
    if not sources:
        raise ValueError("sources: name at least one path, package or hub data set.")
    _tell_apart(sources, keys)
    found, copies = [], []
    for source, key in zip(sources, keys, strict=True):
        with asked_by(key):
            here, fetched = _brought(from_here(source))
        found.append(here)
        copies += fetched
    base = common_folder(found)
    for source, key in zip(found, keys, strict=True):
        with asked_by(key):
            reading.check([source], base=base, copies=copies)
    content = reading.fingerprint(found, base=base, copies=copies)
    return Pinned(sources=tuple(found), base=str(base), content=content, copies=tuple(dict.fromkeys(copies)))


def _brought(source: Source, kinds: Kinds = ROWS) -> tuple[Source, list[Copy]]:
    """Fetch what a source's address names; return the source without login and query, and the copies."""
    if source.path is None or not is_address(source.path):
        return source, []
    refuse_clear(source.path)  # the command line has done so before there was a run; a form in the Prefect UI has not
    return source.model_copy(update={"path": public(source.path)}), fetch(source.path, kinds)


def _tell_apart(sources: Sequence[Source], keys: Sequence[str]) -> None:
    """Refuse addresses that differ in nothing that receipts may hold."""
    met: dict[str, tuple[str, str]] = {}
    for source, key in zip(sources, keys, strict=True):
        if source.path is None or not is_address(source.path):
            continue
        first, whole = met.setdefault(public(source.path), (key, source.path))
        if whole != source.path:
            raise ValueError(
                f"{key}: {public(source.path)} differs from {first} in login or query alone, which receipts leave out; "
                "their rows could not be told apart. Name one of them, or copy the objects to names of their own."
            )


@cards.warnings_of("quality.sources")
def _pin_suite(suite: Suite, key: str, straight: bool = False) -> PinnedSuite:
    """Find and digest what a suite is read from; of rows named straight it tells whether they are texts."""
    if suite.kind == "lm-eval":
        with asked_by(key):
            guest = resolved(Guest.of(suite))
            told = suite.model_copy(update={"source": guest.model_dump(exclude_none=True)})
            return PinnedSuite(suite=told, content=guest_content(guest))
    source = Source.model_validate(suite.source)
    text = reads_plain_text(suite)
    with asked_by(key, group="group" if suite.cluster is None else "cluster"):
        source, copies = _brought(source, TEXTS if text else ROWS)
        if straight and not text and holds_texts_alone(source, copies):
            suite = suite.model_copy(update={"kind": "text"})
        if straight:
            cards.say(f"{suite.name}: {READ_AS[suite.kind]}")
        base = common_folder([source])
        if text:
            files = reading.check_texts(source, base, copies)
        else:
            # Rows with options, and those with a text alone, have no shape of the pool's.
            shapes = suite.kind != "choice" and (suite.kind != "text" or not holds_rows(source))
            reading.check([source], base=base, copies=copies, shapes=shapes)
            files = reading.source_files([source], base=base, copies=copies)
    digests = [store.file_digest(path) for path in files]
    if text:
        content = digests[0] if len(digests) == 1 else store.value_digest(digests)
    else:
        content = store.value_digest([source.model_dump(exclude={"path"}), digests])
    pinned = suite.model_copy(update={"source": source.model_dump(exclude_none=True)})
    return PinnedSuite(suite=pinned, content=content, copies=tuple(copies))
