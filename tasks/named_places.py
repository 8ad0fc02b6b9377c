"""Whether what a recipe names is there: looked at before anything is read, and told of all at once."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from evals.suites import Suite, SuiteError
from quality import sources as reading
from quality.domain.settings import FIRST, Domain
from quality.sources import Source, SourceError
from quality.sources.addresses import is_address
from tasks import models
from tasks.check_packages import ensure_installed
from tasks.exams import Exam
from tasks.models import Models
from tasks.named_suites import suite_of
from tasks.places import common_folder, from_here, source_of
from tasks.text_rows import holds_rows
from tasks.training.general_settings import General


class NotThere(ValueError):
    """A recipe names what isn't there, or can't be read; the message tells each on a line of its own, by its key."""


def ensure_there(
    sources: Sequence[Source],
    model: Models,
    domain: Domain,
    exam: Exam,
    general: General = General(),  # noqa: B008 - frozen
) -> None:
    """Refuse a recipe of which something is not on this machine that should be; nothing is fetched or digested.

    Raises
    ------
    NotThere
        With a sentence for each, which begins with its key.
    NotInstalled
        Several packages are missing, which may be why.
    """
    ensure_installed([*sources, *general.sources], model, exam, domain)
    told = [
        *_models_not_there(model),
        *rows_not_there(named_rows(sources, general)),
        *rows_not_there(_examples(domain)),
        *_suites_not_there(exam),
    ]
    if told:
        raise NotThere("\n".join(told))


def named_rows(sources: Sequence[Source], general: General) -> Iterator[tuple[str, Source]]:
    """Yield what rows of the pool and of general text are read from, with its key."""
    for key, named in (("sources", sources), ("tune.general.sources", general.sources)):
        for place, source in enumerate(named):
            yield f"{key}.{place}", source


def rows_not_there(named: Iterator[tuple[str, Source]]) -> Iterator[str]:
    """Say which sources can't be read, or hold nothing; what would have to be fetched is not looked at."""
    for key, source in named:
        try:
            with asked_by(key):
                _look(source)
        except ValueError as error:
            yield str(error)


def domain_key(name: str) -> str:
    """Return the recipe's key of a domain, by the name that `Domain.all_told` gives it."""
    return "curate.domain" if name == FIRST else f"curate.domain.also.{name}"


@contextlib.contextmanager
def asked_by(key: str, *, group: str = "group") -> Iterator[None]:
    """Put the recipe's key before a sentence about what it names; `group` is what that key is called there."""
    try:
        yield
    except (SourceError, SuiteError) as error:
        told = str(error).removeprefix("path: ")
        told = f"{group}{told.removeprefix('group')}" if told.startswith("group: ") else told
        raise ValueError(f"{key}: {told}") from error


def reads_plain_text(suite: Suite) -> bool:
    """Tell whether a suite is read from files of plain text, and not from rows."""
    source = Source.model_validate(suite.source)
    return suite.kind == "text" and source.path is not None and not holds_rows(source)


def _models_not_there(model: Models) -> Iterator[str]:
    # What is not fetched yet a run fetches.
    return (str(fault) for fault in models.not_here(model) if not isinstance(fault, models.NotFetched))


def _examples(domain: Domain) -> Iterator[tuple[str, Source]]:
    """Yield what seeds and negatives are read from, with its key."""
    for name, told in domain.all_told.items():
        key = domain_key(name)
        for what in ("seeds", "negatives"):
            if (file := getattr(told, what)) is not None:
                yield f"{key}.{what}", source_of(file)


def _suites_not_there(exam: Exam) -> Iterator[str]:
    for role, references in (("domain", exam.domain), ("retention", exam.retention)):
        for place, reference in enumerate(references):
            try:
                with asked_by(f"exam.{role}.{place}"):
                    suite = suite_of(reference, role)
                    if suite.kind != "lm-eval":
                        _look(Source.model_validate(suite.source), text=reads_plain_text(suite))
            except ValueError as error:
                yield str(error)


def _look(source: Source, *, text: bool = False) -> None:
    """Open what a source names, up to its first bytes.

    Raises
    ------
    SourceError
        It is missing, can't be read, or holds nothing.
    """
    here = from_here(source)
    elsewhere = here.path is not None and is_address(here.path)
    if elsewhere or (here.hub is not None and not Path(here.hub).is_dir()):
        return
    try:
        if text:
            reading.check_texts(here, common_folder([here]))
        else:
            reading.check([here], base=common_folder([here]), shapes=False)
    except OSError as error:  # a folder that may not be looked into, or a name that no disk takes
        raise SourceError(f"{here.place} can't be read: {error.strerror or error}") from error
