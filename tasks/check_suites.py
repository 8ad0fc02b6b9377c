"""Try, before any work, whether the exam can be drawn from the suites that a recipe names."""

from collections.abc import Sequence

from tasks import cards, exams, runs
from tasks.exams import Exam
from tasks.sealed_suites import PinnedSuite
from tasks.suite_items import suite_items


def check_suites(suites: Sequence[PinnedSuite], exam: Exam) -> None:
    """Refuse a suite that `seal_exam` would refuse after all curation: without an item, or with too few for its shots.

    An exam that is sealed already is read instead, which tells whether it is still the one that the recipe names. What
    is costly is left for later: the texts of suites that show no examples, packages and hub datasets of the same,
    and tasks of lm-evaluation-harness.

    Raises
    ------
    SuiteError, EmptySuite
        With the suite, and what would be right.
    ExamChanged
        When an exam of that name is sealed, from something else.
    """
    run = runs.current()
    name = exam.name or (run.name if run else None)
    if name and exams.load(name, exam, tuple(suites)) is not None:
        return
    for pinned in suites:
        suite = pinned.suite
        if suite.kind not in ("text", "lm-eval") and (suite.shots or "path" in suite.source):
            with cards.muted():  # the stage that seals the exam says it
                suite_items(suite, exam, pinned.copies)
