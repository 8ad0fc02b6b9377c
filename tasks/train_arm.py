"""Train one arm with one seed, and examine it."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from evals.finite import BrokenWeights
from tasks.attempt import attempt
from tasks.caching import step
from tasks.examine import Scores, examine
from tasks.exams import SealedExam
from tasks.general import GeneralText
from tasks.models import ModelFiles
from tasks.spare_items import Spare
from tasks.split import Data
from tasks.training.settings import Tune


class Sat(BaseModel):
    """What came of a training: its adapter's facts and digest, and its scores; or why there are none."""

    model_config = ConfigDict(frozen=True)

    facts: dict[str, Any] = {}
    adapter: str = ""
    scores: Scores | None = None
    diverged: str = ""


@step(name="train_arm", cached=False)
def train_arm(
    settings: Tune,
    data: Data,
    general: GeneralText | None,
    base: ModelFiles,
    judged: ModelFiles,
    exam: SealedExam,
    spare: Spare | None = None,
) -> Sat:
    """Train by the steps of a run, and ask the whole exam; each of these steps is cached by itself.

    Parameters
    ----------
    base, judged
        The base to train, and as it is scored beside an adapter (`tasks.examine.base_beside`).
    spare
        As a run takes them to choose a scale by (`tasks.choose_scale`).
    """
    try:
        trained = attempt(settings, data, general, base, spare)
        if isinstance(trained, str):
            return Sat(diverged=trained)
        scores = examine(exam, judged, trained.adapter, threads=settings.threads)
    except BrokenWeights as error:  # sound on validation rows, and not on the suites': the other arms can be told
        return Sat(diverged=str(error).partition(":")[0])
    return Sat(facts=trained.facts, adapter=trained.adapter.digest, scores=scores)
