"""Tell of all packages at once that a recipe asks for and nobody installed, before anything else is looked for."""

import contextlib
from collections.abc import Iterator, Sequence

from evals.suites import SuiteError, load_suite
from quality.domain.settings import Domain
from quality.sources import Source
from quality.sources.installed import installing, lacking
from tasks.exams import Exam
from tasks.models import Models
from tasks.named_suites import suite_name

_PACKAGE = "package:"


class NotInstalled(ValueError):
    """Several packages are missing; the message says by which command they are installed."""


def ensure_installed(sources: Sequence[Source], model: Models, exam: Exam, domain: Domain) -> None:
    """Refuse a recipe that asks for several packages that winnow knows and nobody installed.

    A single one is told where it is asked for, and so is what winnow does not know.

    Raises
    ------
    NotInstalled
        With one command that installs all.
    """
    missing = lacking(place.partition("/")[0] for place in _asked(sources, model, exam, domain))
    if len(missing) > 1:
        raise NotInstalled(
            f"This recipe needs {len(missing)} packages that are not installed: {', '.join(missing)}. Install them "
            f"with `{installing(missing)}`."
        )


def _asked(sources: Sequence[Source], model: Models, exam: Exam, domain: Domain) -> Iterator[str]:
    """Yield what is asked for of packages, as `NAME` or `NAME/FILE`."""
    for source in sources:
        yield source.package or ""
    examples = (file for told in domain.all_told.values() for file in (told.seeds, told.negatives) if file)
    for reference in (model.base, model.embedder, *exam.domain, *exam.retention, *examples):
        if reference.startswith("suite:"):
            with contextlib.suppress(SuiteError):  # told with its key where it is looked for
                yield str(load_suite(suite_name(reference, "")).source.get("package", ""))
        elif reference.startswith(_PACKAGE):
            yield reference.removeprefix(_PACKAGE)
