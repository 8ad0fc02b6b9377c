"""Try, before any work, whether the exam can be drawn from the suites that a recipe names."""

from collections.abc import Sequence

from evals.suites import Suite
from tasks import cards, exams, runs, store
from tasks.exams import Exam
from tasks.long_answers import ensure_readable
from tasks.models import ModelFiles
from tasks.sealed_suites import PinnedSuite, choice_of
from tasks.suite_items import suite_items


def ensure_named_apart(suites: Sequence[Suite], exam: Exam) -> None:
    """Refuse two suites of one name, be one of them the multiple choice that is made of a domain suite's rows.

    Raises
    ------
    ValueError
        With the name, and what would be right.
    """
    names = [suite.name for suite in suites]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"exam: two suites are named “{twice[0]}”; their scores could not be told apart. Rename one of the files."
        )
    asked = [suite.name for suite in suites if suite.role == "domain" and suite.kind == "completion"]
    for name in asked if exam.choice_items else ():
        if choice_of(name) in names:
            raise ValueError(
                f"exam: a suite is named “{choice_of(name)}”, as the multiple choice that is made of “{name}” is; "
                "their scores could not be told apart. Rename its file, or set exam.choice_items: 0."
            )


def ensure_none_is_named(exam: str, suites: Sequence[Suite]) -> None:
    """Refuse a suite that has the name of the exam, as that which is drawn from the pool for the domain has.

    Raises
    ------
    ValueError
        With the name, and what would be right.
    """
    if taken := sorted({exam, choice_of(exam)} & {suite.name for suite in suites}):
        raise ValueError(
            f"exam.retention: a suite is named “{taken[0]}”, as that which is drawn from the pool for the domain is; "
            "their scores could not be told apart. Rename its file, or the recipe, or give exam.domain."
        )


def check_suites(suites: Sequence[PinnedSuite], exam: Exam, base: ModelFiles, taken: int = 0) -> None:
    """Refuse a suite that would be refused after all curation: without items, with too few for its shots, or too long.

    An exam that is sealed already is read instead, which tells whether it is still the one that the recipe names. What
    is costly is left for later: the texts of suites that show no examples, packages and hub datasets of the same,
    and tasks of lm-evaluation-harness. So is what is not known yet: rows that the exam will take from the pool.
    `taken` are the positions that an adapter's virtual tokens take.

    Raises
    ------
    SuiteError, EmptySuite, ValueError
        With the suite, and what would be right.
    ExamChanged
        When an exam of that name is sealed, from something else.
    """
    run = runs.current()
    name = exam.name or (run.name if run else None)
    if name and (sealed := exams.load(name, exam, tuple(suites))) is not None:
        ensure_readable(store.read_table(sealed.items), [one.suite for one in sealed.suites], base, taken)
        return
    if name and not any(pinned.suite.role == "domain" for pinned in suites):
        ensure_none_is_named(name, [pinned.suite for pinned in suites])
    for pinned in suites:
        suite = pinned.suite
        if suite.kind not in ("text", "lm-eval") and (suite.shots or "path" in suite.source):
            with cards.muted():  # the stage that seals the exam says it
                made = suite_items(suite, exam, pinned.copies)
            ensure_readable(made.items, [suite], base, taken)
