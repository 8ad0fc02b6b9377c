"""Suites as a recipe names them: from files of one's own, and how many items of each are asked."""

from pathlib import Path

from pydantic import ValidationError

from evals.guest_tasks import Guest
from evals.suite_files import is_suite_file, load_suite_file
from evals.suites import Suite, SuiteError, load_suite
from quality.sources import Source
from quality.sources.addresses import is_address, public
from quality.sources.formats import ROWS, TEXTS
from tasks.exams import Exam
from tasks.places import from_here, guest_of, source_of
from tasks.text_rows import holds_rows

READ_AS = {
    "completion": "the answers of its rows are scored (completion)",
    "text": "its texts are scored whole (text)",
}
"""What is made of rows or texts that a recipe names straight, by the kind that they make."""


def named_straight(reference: str) -> bool:
    """Tell whether an entry of `exam.domain` or `exam.retention` names rows or texts, which say by themselves what."""
    return not reference.startswith(("suite:", "lm-eval:")) and not is_suite_file(reference)


def suite_of(reference: str, role: str) -> Suite:
    """Read the suite that a recipe names.

    Plain text makes a suite of kind text, and rows one of kind completion; whether these are texts themselves tells
    when they are at hand (`tasks.check`).

    Raises
    ------
    SuiteError
        With what would be right.
    """
    if reference.startswith("suite:"):
        return load_suite(suite_name(reference, role)).model_copy(update={"role": role})
    if reference.startswith("lm-eval:"):
        guest = guest_of(reference)
        return Suite(name=suite_name(reference, role), role=role, kind="lm-eval", source=guest.model_dump())
    if is_suite_file(reference):
        return suite_of_file(reference, role)
    place = public(reference)
    name = Path(place.rpartition(":")[2]).name
    text = TEXTS.reads(Path(name))
    if not text and Path(reference).is_file() and not ROWS.reads(Path(name)):
        raise SuiteError(f"{reference} is of an unknown kind: a suite is read from {TEXTS.told}, or {ROWS.told}.")
    source = from_here(source_of(reference))
    return Suite.model_validate(
        {
            "name": suite_name(reference, role),
            "version": 1,
            "role": role,
            "kind": "text" if text else "completion",
            "source": source.model_dump(exclude_none=True),
        }
    )


def suite_of_file(reference: str, role: str) -> Suite:
    """Read the suite that a recipe names by its file.

    Raises
    ------
    SuiteError
        With file and key, and what would be right.
    """
    if is_address(reference):
        raise SuiteError(
            f"{public(reference)}: a suite file is read from this machine alone; its source may be elsewhere."
        )
    suite = load_suite_file(Path(reference).expanduser(), role=role)
    if suite.kind == "lm-eval":
        return suite.model_copy(update={"source": Guest.of(suite).model_dump(exclude_none=True)})
    try:
        source = Source.model_validate(suite.source | ({} if suite.cluster is None else {"group": suite.cluster}))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, ("source", *first["loc"])))
        raise SuiteError(f"{reference}: {key}: {str(first['msg']).removeprefix('Value error, ')}.") from error
    if suite.kind == "choice" and (source.path is None or source.columns is not None):
        raise SuiteError(
            f"{reference}: source: a suite of kind choice reads files (path) of rows with the fields question, "
            "options and answer; package, hub and columns are not read."
        )
    if suite.kind == "text" and source.path and suite.cluster and not holds_rows(source):
        raise SuiteError(f"{reference}: cluster: a file of plain text has no fields: leave cluster out, or give rows.")
    return suite.model_copy(update={"source": from_here(source).model_dump(exclude_defaults=True)})


def most_items(suite: Suite, settings: Exam) -> int:
    """Return how many items of a suite are asked, at the most: its own limit, else the recipe's for its kind."""
    if suite.role == "retention" or suite.kind == "text":
        return suite.limit or settings.retention_items
    return suite.limit or (settings.choice_items if suite.kind == "choice" else settings.domain_items)


def suite_name(reference: str, role: str) -> str:
    """Name the suite that an entry of `exam.domain` or `exam.retention` asks for."""
    if reference.startswith("suite:"):
        return reference.removeprefix("suite:")
    if reference.startswith("lm-eval:") and not reference.endswith((".yaml", ".yml")):
        return reference.removeprefix("lm-eval:").replace("/", "-")
    if is_suite_file(reference) and not reference.startswith("lm-eval:"):
        return Path(reference).stem
    return Path(public(reference).rpartition(":")[2]).name.split(".")[0] or role
