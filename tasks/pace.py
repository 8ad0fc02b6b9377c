"""How long a base model takes for a suite, remembered to tell what an exam that ended early saved."""

import json
from pathlib import Path

from evals.sitting import Course, Sitting
from evals.verdict import Verdict
from tasks import store
from tasks.exams import SealedExam


def remember(base: str, suite: str, items: int, seconds: float) -> None:
    """Remember how long a model took for all items of a suite; both are named by their digests."""
    file = _file(base, suite)
    with store.writing(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
    store.write_json(file, {"items": items, "seconds": seconds})


def course(exam: SealedExam, base: str, verdict: Verdict) -> Course:
    """Return how far a candidate of a base (named by its digest) was asked, by its verdict."""
    items = store.read_table(exam.items)
    left = Sitting.of(verdict).left(items)
    digests = {one.suite.name: one.digest for one in exam.suites}
    took = [_per_item(base, digests[suite]) for suite in left]
    known = [each for each in took if each is not None]
    saved = sum(each * count for each, count in zip(known, left.values(), strict=True)) if known == took else None
    return Course(asked=items.height - sum(left.values()), items=items.height, left=left, saved=saved if left else None)


def _per_item(base: str, suite: str) -> float | None:
    try:
        told = json.loads((file := _file(base, suite)).read_bytes())
        store.note_asked(file)
        return float(told["seconds"]) / int(told["items"])
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None  # never measured here, or a file that nobody needs was damaged


def _file(base: str, suite: str) -> Path:
    return store.home() / "store" / "pace" / f"{base}-{suite}.json"
