"""Find and pin everything a run needs, before any work: files, packages, models, exam suites."""

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evals.suites import Suite, SuiteError, load_suite
from quality import sources as reading
from quality.domain import Domain
from quality.sources import Source
from tasks import models, store
from tasks.caching import step
from tasks.exams import Exam, ExamChanged, PinnedSuite, SealedExam, load


class Pinned(BaseModel):
    """Sources, the folder that their origins are told from, and the digest of what they hold now."""

    model_config = ConfigDict(frozen=True)

    sources: tuple[Source, ...]
    base: str
    content: str


class Inputs(BaseModel):
    """Everything a run starts from, found and digested."""

    model_config = ConfigDict(frozen=True)

    pool: Pinned
    seeds: Pinned | None
    suites: tuple[PinnedSuite, ...]
    base: models.ModelFiles
    embedder: models.ModelFiles


@step(name="check", cached=False)
def check(sources: Sequence[Source], model: models.Models, domain: Domain, exam: Exam) -> Inputs:
    """Return the run's inputs, or raise one sentence that names what is missing and where it was asked for."""
    return Inputs(
        pool=_pin(sources, [f"sources.{place}" for place in range(len(sources))]),
        seeds=None if domain.seeds is None else _pin([source_of(domain.seeds)], ["curate.domain.seeds"]),
        suites=_suites(exam),
        base=models.locate(model.base, key="model.base"),
        embedder=models.locate(model.embedder, key="model.embedder"),
    )


@step(name="check_exam", cached=False)
def check_exam(name: str, model: models.Models, exam: Exam) -> tuple[SealedExam, models.ModelFiles]:
    """Return the exam sealed under that name and the base model's files.

    Raises
    ------
    ExamChanged
        When no such exam is sealed in this home, or it was sealed for another request.
    """
    sealed = load(exam.name or name, exam, _suites(exam))
    if sealed is None:
        raise ExamChanged(
            f"No exam “{exam.name or name}” is sealed in this home. `winnow run` or `winnow curate` with this recipe "
            "seals it."
        )
    return sealed, models.locate(model.base, key="model.base")


def source_of(reference: str) -> Source:
    """Read a source from one word: `package:NAME`, `hub:NAME`, else a path."""
    kind, _, rest = reference.partition(":")
    if kind in ("package", "hub") and rest:
        return Source.model_validate({kind: rest})
    return Source(path=reference)


def _suites(exam: Exam) -> tuple[PinnedSuite, ...]:
    asked: dict[str, Suite] = {}
    for role, references in (("domain", exam.domain), ("retention", exam.retention)):
        for place, reference in enumerate(references):
            with _asked_by(f"exam.{role}.{place}"):
                asked[f"exam.{role}.{place}"] = _suite_of(reference, role)
    names = [suite.name for suite in asked.values()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"exam: two suites are named “{twice[0]}”; their scores could not be told apart. Rename one of the files."
        )
    return tuple(_pin_suite(suite, key) for key, suite in asked.items())


def _suite_of(reference: str, role: str) -> Suite:
    if reference.startswith("suite:"):
        suite = load_suite(reference.removeprefix("suite:"))
        return suite.model_copy(update={"role": role})
    name = reference.rpartition(":")[2].rpartition("/")[2]
    return Suite.model_validate(
        {
            "name": Path(name).name.split(".")[0] or role,
            "version": 1,
            "role": role,
            "kind": "text" if reference.endswith(".txt") else "completion",
            "source": _from_here(source_of(reference)).model_dump(exclude_none=True),
        }
    )


def _pin(sources: Sequence[Source], keys: Sequence[str]) -> Pinned:
    if not sources:
        raise ValueError("sources: name at least one path, package or hub data set.")
    sources = [_from_here(source) for source in sources]
    base = _common_folder(sources)
    for source, key in zip(sources, keys, strict=True):
        with _asked_by(key):
            reading.check([source], base=base)
    return Pinned(sources=tuple(sources), base=str(base), content=reading.fingerprint(sources, base=base))


def _from_here(source: Source) -> Source:
    """Make a relative path absolute: a recipe's paths are already, those of a form in the Prefect UI may not be."""
    if source.path is not None:
        return source.model_copy(update={"path": os.path.abspath(Path(source.path).expanduser())})  # noqa: PTH100 - keeps links
    if source.hub is not None and Path(source.hub).is_dir():
        return source.model_copy(update={"hub": os.path.abspath(source.hub)})  # noqa: PTH100
    return source


@contextlib.contextmanager
def _asked_by(key: str) -> Iterator[None]:
    """Put the recipe's key before a sentence about what it names."""
    try:
        yield
    except (reading.SourceError, SuiteError) as error:
        raise ValueError(f"{key}: {str(error).removeprefix('path: ')}") from error


def _common_folder(sources: Sequence[Source]) -> Path:
    """Find the deepest folder that holds all files, so that origins read `rows.jsonl:12`, wherever that folder is."""
    plain = [Path(re.split(r"[*?\[]", source.path)[0]).absolute() for source in sources if source.path]
    if not plain:
        return Path.cwd()
    common = Path(os.path.commonpath(plain))
    return common if common.is_dir() else common.parent


def _pin_suite(suite: Suite, key: str) -> PinnedSuite:
    if suite.kind == "text" and "path" in suite.source:
        path = Path(str(suite.source["path"]))
        if not path.is_file():
            raise ValueError(f"{key}: there is no file {path}.")
        return PinnedSuite(suite=suite, content=store.file_digest(path))
    source = Source.model_validate(suite.source)
    with _asked_by(key):
        reading.check([source], base=_common_folder([source]))
    files = [store.file_digest(path) for path in reading.source_files([source], base=Path.cwd())]
    return PinnedSuite(suite=suite, content=store.value_digest([source.model_dump(exclude={"path"}), files]))
